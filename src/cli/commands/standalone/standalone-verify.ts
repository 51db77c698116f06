import { untrustedMessageInfo } from "../../../crypto/openpgp/message.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import type { Judgement } from "../../../engine/judgement.ts";
import type { OpenedImage } from "../../../engine/request.ts";
import { exportPublicKeys, gnupgHome } from "../../../host/gpg.ts";
import { type DockerReference, parseNormalizedNamed } from "../../../identity/docker-reference.ts";
import { parseManifestDigest } from "../../../image/manifest.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { acceptedFingerprint, judgeStandalone } from "../../../judge/standalone.ts";
import { fail, ok, type Result, type Untrusted, untrusted } from "../../../result.ts";
import { openDir } from "../../../source/dir/dir-source.ts";
import type { ReadTrustFile } from "../../../trust/trust-content.ts";
import { TrustStore } from "../../../trust/trust-store.ts";
import type { ErrorProblem } from "../../../verdict/verdict.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { verifiedText } from "../../../words/standalone-words.ts";
import { formatOf } from "../../arguments/format-option.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { tellers } from "../command-engine.ts";
import { deliver, type JudgingCommand, judgeOne } from "../judge-one.ts";
import { parseFingerprint } from "./fingerprint.ts";
import { readKeysOperand, readManifestOperand, readSignatureOperand } from "./standalone-operands.ts";

/**
 * Judges a manifest in a file: by a signature in another and fingerprints, as skopeo does, or by policy.json and all the
 * signatures of a directory.
 *
 * @returns the exit code, as our other commands have them.
 */
export async function standaloneVerify(options: Options, operands: readonly string[], io: Io): Promise<number> {
  const called: JudgingCommand = { command: "standalone-verify", options, io };
  const flaw = combinationFlaw(options);
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, called.command, formatOf(options), io);
  if (flaw !== undefined) return refuse(flaw);
  const [manifestPath = "", reference = "", fingerprintList = "", signaturePath = ""] = operands;

  const directory = options["load-signatures-from"];
  if (directory !== undefined) {
    if (operands.length > 2) return refuse({ code: "usage.argument.unexpected", argument: fingerprintList });
    if (parseManifestDigest(manifestPath) !== undefined && options["manifest-out"] !== undefined) {
      const why = { kind: "not-with-digest" } as const;
      return refuse({ code: "usage.option.combination", option: "manifest-out", why });
    }
    const open = () => openOperands(manifestPath, directory, io);
    return judgeOne({ identity: reference, image: { kind: "open", open } }, called);
  }

  if (fingerprintList === "") return refuse({ code: "usage.argument.missing", argument: "KEY-FINGERPRINTS" });
  if (signaturePath === "") return refuse({ code: "usage.argument.missing", argument: "SIGNATURE" });
  const fingerprints = parseFingerprints(fingerprintList, options["public-key-file"] !== undefined);
  if (!fingerprints.ok) return refuse(fingerprints.problem);
  const dockerReference = parseNormalizedNamed(reference);
  return deliver(called, async () => {
    if (!dockerReference.ok) {
      const problem = { code: "identity.reference.invalid", flaw: dockerReference.problem } as const;
      return failed({ ...problem, transport: "docker", reference });
    }
    return judgeOperands(
      { manifestPath, dockerReference: dockerReference.value, fingerprints: fingerprints.value, signaturePath },
      called,
    );
  });
}

/** MANIFEST may be the digest of one, from a caller who has compared it. */
async function openOperands(
  manifestPath: string,
  directoryPath: string,
  io: Io,
): Promise<Result<OpenedImage, ImageProblem>> {
  const manifestDigest = parseManifestDigest(manifestPath);
  const manifest = manifestDigest === undefined ? await readManifestOperand(manifestPath, io) : undefined;
  if (manifest?.ok === false) return manifest;
  const directory = openDir(directoryPath);
  if (!directory.ok) return directory;
  const { value: signed } = directory;
  return ok({
    image: { manifest: () => manifest ?? signed.manifest(), signatures: () => signed.signatures() },
    manifestDigest,
    signaturesFrom: { kind: "directory", path: directoryPath },
    close: () => signed.close(),
  });
}

function combinationFlaw(options: Options): CommandProblem | undefined {
  const needs = (option: string, other: string): CommandProblem => ({
    code: "usage.option.combination",
    option,
    why: { kind: "needs", other },
  });
  const directory = options["load-signatures-from"];
  if (options["system-signature-policy"] !== true) {
    return directory === undefined ? undefined : needs("load-signatures-from", "system-signature-policy");
  }
  if (directory === undefined) return needs("system-signature-policy", "load-signatures-from");
  if (options["public-key-file"] !== undefined) {
    const why = { kind: "not-with", other: "system-signature-policy" } as const;
    return { code: "usage.option.combination", option: "public-key-file", why };
  }
  if (options["insecure-policy"] !== undefined) {
    return { code: "usage.option.value", option: "insecure-policy", why: { kind: "no-policy" } };
  }
  return undefined;
}

/** As in skopeo, `any` is a word of its own only when it stands alone; what cannot match anything is an error only if nothing can. */
function parseFingerprints(
  list: string,
  hasKeyFile: boolean,
): Result<readonly string[] | "any", Extract<CommandProblem, { code: "usage.argument.value" }>> {
  const argument = "KEY-FINGERPRINTS";
  if (list === "any") {
    return hasKeyFile ? ok(list) : fail({ code: "usage.argument.value", argument, why: { kind: "any-without-keys" } });
  }
  const fingerprints = list.split(",").flatMap((text) => parseFingerprint(text) ?? []);
  if (fingerprints.length > 0) return ok(fingerprints);
  return fail({ code: "usage.argument.value", argument, why: { kind: "no-fingerprint", value: list } });
}

async function judgeOperands(
  operands: {
    readonly manifestPath: string;
    readonly dockerReference: DockerReference;
    readonly fingerprints: readonly string[] | "any";
    readonly signaturePath: string;
  },
  called: JudgingCommand,
): Promise<Judgement & { readonly acceptedText?: string }> {
  const { dockerReference, fingerprints } = operands;
  const { options, io } = called;
  const { trace } = tellers(called);
  const manifest = await readManifestOperand(operands.manifestPath, io);
  if (!manifest.ok) return failed(manifest.problem);
  const signatureBytes = readSignatureOperand(operands.signaturePath);
  if (!signatureBytes.ok) return failed(signatureBytes.problem);
  trace({ step: "image", path: undefined, manifest: manifest.value });
  trace({ step: "signatures", signatures: ok([signatureBytes.value]) });

  const signature = untrusted(signatureBytes.value);
  const readKeys = keyReader(signature, fingerprints, called);
  const trust = new TrustStore(async (path) => {
    const keys = await readKeys(path);
    if (keys.ok) trace({ step: "trust", path, sizeBytes: keys.value.length });
    return keys;
  }, openPgpOf(options));
  const keyring = options["public-key-file"] ?? gnupgHome(io.environment);
  const verdict = await judgeStandalone(
    { manifest: manifest.value, signature, dockerReference, fingerprints, keyring },
    { trust, nowSeconds: io.now() },
  );
  trace({ step: "verdict", verdict });
  const fingerprint = acceptedFingerprint(verdict, fingerprints);
  const said = verdict.outcome === "accepted" ? verifiedText(verdict, fingerprint ?? "") : "";
  return { verdict, manifest: manifest.value, acceptedText: said };
}

function keyReader(
  signature: Untrusted<Uint8Array>,
  fingerprints: readonly string[] | "any",
  called: JudgingCommand,
): ReadTrustFile {
  const { warn } = tellers(called);
  if (called.options["public-key-file"] !== undefined || fingerprints === "any") {
    return (path) => readKeysOperand(path, warn);
  }
  // With the keys that the signature claims to be of: a subkey that another key has as well is refused (judge/standalone.ts).
  const claimed = untrustedMessageInfo(signature)?.untrustedKeyId ?? "";
  const ids = [...fingerprints, ...(/^[0-9A-F]{16}$/.test(claimed) ? [claimed] : [])];
  return () => {
    const keys = exportPublicKeys(ids);
    if (keys.ok) return keys;
    switch (keys.problem.kind) {
      case "no-key":
        return fail({ kind: "empty" });
      case "too-large":
        return fail({ kind: "too-large" });
      case "failed":
        return fail({ kind: "unreadable", reason: keys.problem.reason });
    }
  };
}

function failed(problem: ErrorProblem): Judgement & { readonly acceptedText: string } {
  return { verdict: errorVerdict(problem), manifest: undefined, acceptedText: "" };
}
