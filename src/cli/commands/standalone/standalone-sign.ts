import { exitCodeOf } from "../../../codes.ts";
import { type GpgProblem, signMessage } from "../../../host/gpg.ts";
import { readOperandFile } from "../../../host/operand-file.ts";
import { writeNamedFile } from "../../../host/output-file.ts";
import { parseNormalizedNamed } from "../../../identity/docker-reference.ts";
import { readManifest } from "../../../image/manifest.ts";
import { maxPassphraseFileBytes } from "../../../limits.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { simpleSigningPayload } from "../../../signature/payload.ts";
import type { CommandProblem, SigningFlaw } from "../../../words/command-words.ts";
import { operandProblemText, unmatchableReferenceText } from "../../../words/standalone-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { version } from "../../version.ts";
import { parseFingerprint } from "./fingerprint.ts";
import { readManifestOperand } from "./standalone-operands.ts";

/** What others may read: a signature is published. */
const signatureMode = 0o644;

/**
 * Signs a manifest as a reference with a key of the user's GnuPG keyring (containers-signature(5)), and writes the signature.
 *
 * @returns the exit code.
 */
export async function standaloneSign(options: Options, operands: readonly string[], io: Io): Promise<number> {
  const [manifestPath = "", dockerReference = "", named = ""] = operands;
  // gpg finds keys by other names too, which are left as they are.
  const keyId = parseFingerprint(named) ?? named;
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, "standalone-sign", "text", io);
  const manifest = await readManifestOperand(manifestPath, io);
  const digest = manifest.ok ? readManifest(manifest.value).comparableDigest : manifest;
  if (!digest.ok) {
    await io.stderr.write(`sealcheck: ${operandProblemText(digest.problem)}\n`);
    return exitCodeOf(digest.problem.code);
  }
  const passphrase = readPassphrase(options["passphrase-file"]);
  if (!passphrase.ok) return refuse({ code: "usage.signing.failed", why: passphrase.problem });
  if (!parseNormalizedNamed(dockerReference).ok) {
    await io.stderr.write(`sealcheck: ${unmatchableReferenceText(dockerReference)}\n`);
  }

  const payload = simpleSigningPayload({
    dockerManifestDigest: digest.value,
    dockerReference,
    creator: `sealcheck ${version}`,
    timestampSeconds: Math.floor(io.now()),
  });
  const signature = signMessage({ content: Buffer.from(payload), keyId, passphrase: passphrase.value });
  if (!signature.ok) return refuse({ code: "usage.signing.failed", why: flawOf(signature.problem, keyId) });
  const written = writeNamedFile({ path: options.output ?? "", content: signature.value, mode: signatureMode });
  if (!written.ok) return refuse({ code: "usage.signing.failed", why: { kind: "unwritable", ...written.problem } });
  return 0;
}

function flawOf(problem: GpgProblem, keyId: string): SigningFlaw {
  switch (problem.kind) {
    case "no-key":
      return { kind: "no-key", keyId };
    case "too-large":
      return { kind: "gpg", reason: "gpg printed too much" };
    case "failed":
      return { kind: "gpg", reason: problem.reason };
  }
}

/** The first line of the file; an empty one is no passphrase, as in the reference (pkg/cli/passphrase.go). */
function readPassphrase(path: string | undefined): Result<string | undefined, SigningFlaw> {
  if (path === undefined) return ok(undefined);
  const read = readOperandFile(path, maxPassphraseFileBytes);
  if (!read.ok) {
    const reason = read.problem.kind === "too-large" ? "it is too large" : read.problem.reason;
    return fail({ kind: "passphrase", path, reason });
  }
  const [line = ""] = Buffer.from(read.value).toString("utf8").split("\n", 1);
  return ok(line === "" ? undefined : line);
}
