import { exitCodeOf } from "../../codes.ts";
import { untrustedMessageInfo } from "../../crypto/openpgp/message.ts";
import { digestText } from "../../encoding/digest.ts";
import { printableJson } from "../../report/document.ts";
import { fail, ok, type Result, untrusted } from "../../result.ts";
import { parseSignatureBlob } from "../../signature/blob.ts";
import { mistakenFile } from "../../signature/mistaken-file.ts";
import { parseSignedPayload, type SignedPayload } from "../../signature/payload.ts";
import { mistakenText } from "../../words/mistaken-words.ts";
import { operandProblemText, undecodableText, unverifiedText } from "../../words/standalone-words.ts";
import { type Io, printText } from "../io.ts";
import { readSignatureOperand } from "./standalone/standalone-operands.ts";

/**
 * Prints what a signature says of itself, as skopeo does, with a warning: nothing of it is verified.
 *
 * @returns the exit code.
 */
export async function signatureDump(path: string, io: Io): Promise<number> {
  const bytes = readSignatureOperand(path);
  if (!bytes.ok) {
    await io.stderr.write(`sealcheck: ${operandProblemText(bytes.problem)}\n`);
    return exitCodeOf(bytes.problem.code);
  }
  const untrustedClaims = readUntrustedClaims(bytes.value, path);
  if (!untrustedClaims.ok) {
    await io.stderr.write(`sealcheck: ${undecodableText(path, untrustedClaims.problem)}\n`);
    return exitCodeOf("image.signature.malformed");
  }
  await io.stderr.write(`sealcheck: ${unverifiedText(path)}\n`);
  // Go escapes < > & too; the values stay the same, and so does what scripts compare.
  const json = JSON.stringify(untrustedClaims.value, null, 4).replaceAll(
    /[<>&]/g,
    (found) => `\\u00${found.charCodeAt(0).toString(16)}`,
  );
  return printText(printableJson(json), io);
}

/** With the names that skopeo's output has; null where the signature does not say. */
interface UntrustedClaims {
  readonly UntrustedDockerManifestDigest: string;
  readonly UntrustedDockerReference: string;
  readonly UntrustedCreatorID: string | null;
  readonly UntrustedTimestamp: string | null;
  /** Simple signing only. */
  readonly UntrustedShortKeyIdentifier?: string;
  /** sigstore only. */
  readonly UntrustedMIMEType?: string;
  readonly UntrustedAnnotations?: Readonly<Record<string, string>>;
}

/** skopeo takes bare OpenPGP messages only; signature files of any format are read here. */
function readUntrustedClaims(bytes: Uint8Array, path: string): Result<UntrustedClaims, string> {
  const blob = bytes[0] === 0 ? parseSignatureBlob(bytes, path) : undefined;
  if (blob?.ok === false) {
    return fail("detail" in blob.problem ? blob.problem.detail : "it is empty");
  }
  if (blob?.value.format === "sigstore") {
    const { untrustedMimeType, untrustedPayload, untrustedAnnotations } = blob.value.envelope;
    const claims = readPayload(untrustedPayload, "sigstore");
    if (!claims.ok) return claims;
    return ok({
      ...claims.value,
      UntrustedMIMEType: untrustedMimeType,
      UntrustedAnnotations: Object.fromEntries(untrustedAnnotations),
    });
  }
  const info = untrustedMessageInfo(blob?.value.openpgpMessage ?? untrusted(bytes));
  if (info === undefined) {
    const mistaken = mistakenFile(bytes);
    return fail(mistaken === undefined ? "it is not a signed OpenPGP message" : `it is ${mistakenText(mistaken)}`);
  }
  const claims = readPayload(info.untrustedContent, "simple-signing");
  return claims.ok ? ok({ ...claims.value, UntrustedShortKeyIdentifier: info.untrustedKeyId }) : claims;
}

function readPayload(bytes: Uint8Array, kind: "simple-signing" | "sigstore"): Result<UntrustedClaims, string> {
  const payload = parseSignedPayload(bytes, kind);
  if (!payload.ok) return payload;
  const { dockerManifestDigest, dockerReference, creator, timestampSeconds }: SignedPayload = payload.value;
  const time = timestampSeconds === undefined ? null : localTime(timestampSeconds);
  if (time === undefined) return fail("the year of its timestamp does not have four digits");
  return ok({
    UntrustedDockerManifestDigest: digestText(dockerManifestDigest),
    UntrustedDockerReference: dockerReference,
    UntrustedCreatorID: creator ?? null,
    UntrustedTimestamp: time,
  });
}

/** As Go's time.Time in JSON: RFC 3339 in the local time zone; `undefined` for years beyond four digits. */
function localTime(unixSeconds: number): string | undefined {
  const date = new Date(unixSeconds * 1000);
  const offsetMinutes = -date.getTimezoneOffset();
  const local = new Date(unixSeconds * 1000 + offsetMinutes * 60_000);
  const year = local.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) return undefined;
  const two = (value: number) => String(value).padStart(2, "0");
  const distance = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
  return `${local.toISOString().slice(0, 19)}${offsetMinutes === 0 ? "Z" : zone}`;
}
