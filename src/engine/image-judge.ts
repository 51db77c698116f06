import { type PolicyEnvironment, readDefaultPolicy, readPolicyFile } from "../config/policy-file.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { Warn } from "../host/file-warning.ts";
import { hostPathResolver } from "../host/path-resolver.ts";
import { readTrustFile } from "../host/trust-file.ts";
import { parseIdentity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxPreparedPolicies, maxPreparedPolicyBytes } from "../limits.ts";
import { parsePolicy } from "../policy/parse-policy.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import { readDirectory } from "../source/dir/dir-source.ts";
import { parseSource } from "../source/source-name.ts";
import type { ErrorProblem, Verdict } from "../verdict/verdict.ts";
import type { Step } from "./step.ts";
import { errorVerdict, prepareVerifier, type Verifier, type VerifierHost } from "./verify.ts";

/** The environment variables that decide which policy is the default, and what relative paths are relative to. */
export interface EngineEnvironment extends PolicyEnvironment {
  readonly PWD?: string | undefined;
}

/** One image to judge, and by what. */
export interface ImageRequest {
  readonly identity: string;
  /** Where it is, its bytes, or what reads them once the policy is known to be usable. */
  readonly image:
    | { readonly source: string }
    | ImageBytes
    | { readonly read: () => Promise<Result<ImageBytes, ImageProblem>> };
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
}

export interface ImageBytes {
  readonly manifest: Uint8Array;
  readonly signatures: Result<readonly Uint8Array[], ImageProblem>;
  readonly findInstances?: FindInstances;
}

/** Which policy: the system's, that in a file, or the text itself. */
export type PolicyChoice =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string };

/** A verdict with the manifest bytes that it is about; `undefined` if there were none to judge. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly manifest: Uint8Array | undefined;
}

interface Prepared {
  /** Or why this policy cannot be judged by. */
  readonly verifier: Result<Verifier, Unusable>;
  readonly sizeBytes: number;
}

interface Unusable {
  readonly problem: ErrorProblem;
  readonly policyPath: string | undefined;
}

/**
 * Judges images on this machine. A policy is read and prepared once and kept, with the keys that it names, for all images
 * judged by it, whatever happens to the file meanwhile; of many policies those used last are kept.
 */
export class ImageJudge {
  readonly #environment: EngineEnvironment;
  readonly #host: VerifierHost;
  readonly #trace: (step: Step) => void;
  readonly #warn: Warn;
  readonly #openPgp: readonly OpenPgpBackEnd[];
  /** The one used last is last. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(settings: {
    readonly environment: EngineEnvironment;
    readonly now: () => number;
    readonly trace: (step: Step) => void;
    readonly warn: Warn;
    /** The back ends that have to accept an OpenPGP signature. */
    readonly openPgp: readonly OpenPgpBackEnd[];
  }) {
    this.#environment = settings.environment;
    this.#trace = settings.trace;
    this.#warn = settings.warn;
    this.#openPgp = settings.openPgp;
    this.#host = {
      readFile: (path) => {
        const bytes = readTrustFile(path, this.#warn);
        this.#trace({ step: "trust", path, sizeBytes: bytes.length });
        return bytes;
      },
      now: settings.now,
      paths: hostPathResolver(settings.environment.PWD),
    };
  }

  /** What makes no sense is found before anything is read; the policy comes before the image. */
  async judge(request: ImageRequest): Promise<Judgement> {
    const identity = parseIdentity(request.identity, this.#host.paths);
    if (!identity.ok) return withoutImage(errorVerdict(identity.problem));
    this.#trace({ step: "identity", identity: identity.value });
    const failed = (problem: ErrorProblem, policyPath?: string): Judgement =>
      withoutImage({ ...errorVerdict(problem, { policyPath }), identity: identity.value });

    const source = "source" in request.image ? parseSource(request.image.source) : ok(undefined);
    if (!source.ok) return failed(source.problem);
    const { verifier } = this.#prepare(request.policy);
    if (!verifier.ok) return failed(verifier.problem.problem, verifier.problem.policyPath);
    const image = await readImage(request.image, source.value ?? "");
    if (!image.ok) return failed(image.problem);
    const { manifest, signatures, findInstances } = image.value;
    this.#trace({ step: "image", path: source.value, manifest, signatures });

    const verdict = await verifier.value.verify({
      identity: identity.value,
      manifest,
      signatures,
      requireSigned: request.requireSigned,
      ...(findInstances === undefined ? {} : { findInstances }),
    });
    this.#trace({ step: "verdict", verdict });
    return { verdict, manifest };
  }

  #prepare(choice: PolicyChoice): Prepared {
    const key = keyOf(choice);
    const prepared = this.#prepared.get(key) ?? this.#read(choice);
    this.#prepared.delete(key);
    this.#prepared.set(key, prepared);
    this.#forgetOldest();
    return prepared;
  }

  #forgetOldest(): void {
    let bytes = 0;
    for (const { sizeBytes } of this.#prepared.values()) bytes += sizeBytes;
    for (const [key, { sizeBytes }] of this.#prepared) {
      if (this.#prepared.size <= maxPreparedPolicies && bytes <= maxPreparedPolicyBytes) return;
      if (this.#prepared.size === 1) return;
      this.#prepared.delete(key);
      bytes -= sizeBytes;
    }
  }

  #read(choice: PolicyChoice): Prepared {
    if (choice.kind === "text") return this.#parse(Buffer.from(choice.text), undefined);
    const file =
      choice.kind === "file"
        ? readPolicyFile(choice.path, this.#warn)
        : readDefaultPolicy(this.#environment, this.#warn);
    if (file.ok) return this.#parse(file.value.bytes, file.value.path);
    const policyPath = "path" in file.problem ? file.problem.path : undefined;
    return { verifier: fail({ problem: file.problem, policyPath }), sizeBytes: 0 };
  }

  #parse(bytes: Uint8Array, path: string | undefined): Prepared {
    const sizeBytes = bytes.length;
    this.#trace({ step: "policy", path, sizeBytes });
    const policy = parsePolicy(bytes, path === undefined ? {} : { path });
    if (policy.ok)
      return { verifier: ok(prepareVerifier(policy.value, this.#host, { openPgp: this.#openPgp })), sizeBytes };
    const [first] = policy.problem;
    const problem: ErrorProblem =
      first === undefined
        ? { code: "internal.error", detail: "a policy was refused without a reason" }
        : { code: first.code, problems: policy.problem };
    return { verifier: fail({ problem, policyPath: path }), sizeBytes };
  }
}

function readImage(
  image: ImageRequest["image"],
  path: string,
): Result<ImageBytes, ImageProblem> | Promise<Result<ImageBytes, ImageProblem>> {
  if ("source" in image) return readDirectory(path);
  return "read" in image ? image.read() : ok(image);
}

function withoutImage(verdict: Verdict): Judgement {
  return { verdict, manifest: undefined };
}

function keyOf(choice: PolicyChoice): string {
  switch (choice.kind) {
    case "default":
      return "default";
    case "file":
      return `file:${choice.path}`;
    case "text":
      return `text:${sha256Hex(Buffer.from(choice.text))}`;
  }
}
