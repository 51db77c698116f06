import type { PolicyEnvironment } from "../config/policy-file.ts";
import type { StorageEnvironment } from "../config/storage-conf-files.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { Warn } from "../host/file-warning.ts";
import { hostPathResolver } from "../host/path-resolver.ts";
import { type Identity, parseIdentity } from "../identity/identity.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import type { ImageProblem } from "../image/problem.ts";
import { type Eventually, fail, ok, type Result } from "../result.ts";
import { openSource } from "../source/open-source.ts";
import { parsePlace } from "../source/place.ts";
import { withSignaturesFrom } from "../source/signature-directory.ts";
import type { ReadTrustFile } from "../trust/trust-content.ts";
import type { SourceProblem, Verdict } from "../verdict/verdict.ts";
import { errorVerdict } from "./error-verdict.ts";
import type { ScopeExplanation } from "./explain-scope.ts";
import { judgeImage } from "./judge-image.ts";
import type { Judgement } from "./judgement.ts";
import { Policies, type PolicySnapshot } from "./policies.ts";
import type { NoPolicy, PolicyChoice } from "./read-policy.ts";
import type { ImageChoice, JudgeRequest, OpenedImage } from "./request.ts";
import type { Step } from "./step.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** The environment variables that decide which policy is the default, and what relative paths are relative to. */
export interface EngineEnvironment extends PolicyEnvironment, StorageEnvironment {
  readonly PWD?: string | undefined;
}

export interface EngineSettings {
  readonly environment: EngineEnvironment;
  /** The current time in Unix seconds. */
  readonly now: () => number;
  /** Reads a key or certificate file that a policy names. */
  readonly readFile: ReadTrustFile;
  /** How identities that are paths are resolved; as this machine does unless it is given. */
  readonly paths?: PathResolver;
  readonly warn: Warn;
  readonly trace: (step: Step) => void;
  /** The back ends that have to accept an OpenPGP signature; all unless it is given. */
  readonly openPgp: readonly OpenPgpBackEnd[] | undefined;
  /** Policies and keys are read once for all images, instead of whenever their files change. */
  readonly isPinned: boolean;
  readonly isForOneImage?: boolean;
  /** What another thread of this run has read already. */
  readonly known?: PolicySnapshot | undefined;
}

/** Judges images on this machine: from a request to a verdict. */
export class Engine {
  readonly #policies: Policies;
  readonly #paths: PathResolver;
  readonly #trace: (step: Step) => void;
  readonly #environment: EngineEnvironment;

  constructor(settings: EngineSettings) {
    const { readFile, trace } = settings;
    this.#trace = trace;
    this.#environment = settings.environment;
    this.#paths = settings.paths ?? hostPathResolver(settings.environment.PWD);
    this.#policies = new Policies({
      ...settings,
      readFile: async (path) => {
        const content = await readFile(path);
        if (content.ok) trace({ step: "trust", path, sizeBytes: content.value.length });
        return content;
      },
    });
  }

  /**
   * What makes no sense is found before anything is read; the policy comes before the image.
   *
   * @throws the signal's reason once it is aborted, whatever is waited for then; the image is closed once that is there.
   */
  judge(request: JudgeRequest, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Judgement> {
    return unlessAborted(signal, () => this.#judge(request, signal));
  }

  async #judge(request: JudgeRequest, signal: AbortSignal | undefined): Promise<Judgement> {
    const identity = this.#identityOf(request.identity);
    if (!identity.ok) return withoutImage(errorVerdict(identity.problem));
    this.#trace({ step: "identity", identity: identity.value });
    const known = { identity: identity.value };

    const opener = openerOf(request.image, this.#environment);
    if (!opener.ok) return withoutImage(errorVerdict(opener.problem, known));
    const { open, transport } = opener.value;
    const policy = await this.#policies.prepare(request.policy);
    if (!policy.ok) return withoutImage(errorVerdict(policy.problem.problem, { ...known, ...policy.problem }));
    signal?.throwIfAborted();
    const image = await open();
    if (!image.ok) return withoutImage({ ...errorVerdict(image.problem, known), transport });
    try {
      const { verdict, manifest } = await judgeImage(image.value, {
        identity: identity.value,
        policy: policy.value,
        requireSigned: request.requireSigned,
        platform: request.platform,
        isForCopy: request.isForCopy === true,
        blobs: request.blobs ?? "none",
        blobMemo: request.blobMemo,
        trace: this.#trace,
        signal,
      });
      this.#trace({ step: "verdict", verdict });
      return { verdict: { ...verdict, transport }, manifest };
    } finally {
      await image.value.close?.();
    }
  }

  /** Whether there is a policy to judge by now, and which: as the next image would find it. */
  async checkPolicy(
    choice: PolicyChoice,
  ): Promise<Result<{ readonly path: string | undefined; readonly readAtSeconds: number }, NoPolicy>> {
    const { policy, readAtSeconds } = await this.#policies.current(choice);
    return policy.ok ? ok({ path: policy.value.path, readAtSeconds }) : policy;
  }

  /** Which scope of the policy decides about an identity, and what it asks for. */
  async explain(
    given: string | Identity,
    choice: PolicyChoice,
  ): Promise<Result<ScopeExplanation & { readonly policyPath: string | undefined }, NoPolicy>> {
    const identity = this.#identityOf(given);
    if (!identity.ok) return fail({ problem: identity.problem, policyPath: undefined });
    const prepared = await this.#policies.prepare(choice);
    if (!prepared.ok) return prepared;
    return ok({ ...prepared.value.explain(identity.value), policyPath: prepared.value.path });
  }

  /** The policies and keys that were read, and those of `choice`, for other threads of the same run. */
  snapshot(choice: PolicyChoice): Promise<PolicySnapshot> {
    return this.#policies.snapshot(choice);
  }

  #identityOf(given: string | Identity): ReturnType<typeof parseIdentity> {
    return typeof given === "string" ? parseIdentity(given, this.#paths) : ok(given);
  }
}

interface Opener {
  open(): Eventually<Result<OpenedImage, ImageProblem>>;
  /** Of the source, if there is one. */
  readonly transport?: string;
}

/** What opens the image, once that is due; what makes no sense as the name of a source is told before. */
function openerOf(choice: ImageChoice, environment: EngineEnvironment): Result<Opener, SourceProblem> {
  if (choice.kind === "bytes") return ok({ open: () => ok(bytesOf(choice)) });
  if (choice.kind === "open") return ok(choice);
  const { source, manifestDigest, useAttachments, signaturesFrom } = choice;
  const place = parsePlace(source);
  if (!place.ok) return place;
  const open = async (): Promise<Result<OpenedImage, ImageProblem>> => {
    const opened = await openSource(place.value, {
      environment,
      useAttachments: useAttachments === true,
      isManifestUnneeded: manifestDigest !== undefined,
    });
    if (!opened.ok) return opened;
    const image = signaturesFrom === undefined ? opened.value : withSignaturesFrom(opened.value, signaturesFrom);
    return ok({ image, source: image, path: source, manifestDigest, close: () => image.close() });
  };
  return ok({ open, transport: place.value.transport });
}

function bytesOf({ manifest, signatures, findInstances }: Extract<ImageChoice, { kind: "bytes" }>): OpenedImage {
  if ("digest" in manifest) {
    // Nobody asks for the manifest of which the digest is given.
    const none = { code: "image.manifest.missing", path: "" } as const;
    return { image: { manifest: () => fail(none), signatures: () => signatures }, manifestDigest: manifest.digest };
  }
  return { image: { manifest: () => ok(manifest), signatures: () => signatures }, findInstances };
}

function withoutImage(verdict: Verdict): Judgement {
  return { verdict, manifest: undefined };
}
