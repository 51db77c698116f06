import { verifyEcdsaAsn1 } from "../crypto/ecdsa-check.ts";
import type { EcdsaPublicKey } from "../crypto/public-key.ts";
import { decodePemBlock } from "../encoding/pem.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Bytes } from "../runtime/sha256.ts";
import { parseRekorPayload, parseRekorSet } from "../signature/rekor-set.ts";
import type { SignatureRejection } from "./signature-outcome.ts";

/**
 * Whether Rekor, by one of its keys, promises that it logged this very signature: made by this key or certificate, over
 * this payload (signature/internal/rekor_set.go VerifyRekorSET). Only the entry as it was signed is parsed, never the
 * form in which it was delivered.
 *
 * @param logged.keyOrCertificate the DER inside the PEM block; its type and headers do not matter in the entry
 * @returns when it was logged, in Unix seconds
 */
export function verifyRekorSet(
  untrustedSet: string,
  rekorKeys: readonly EcdsaPublicKey[],
  logged: { readonly keyOrCertificate: Uint8Array; readonly signature: Uint8Array; readonly payload: Uint8Array },
): Result<number, SignatureRejection> {
  const set = parseRekorSet(untrustedSet);
  if (!set.ok) return set;
  const { untrustedCanonicalPayload, untrustedSignedEntryTimestamp } = set.value;
  const signed = { message: untrustedCanonicalPayload, signature: untrustedSignedEntryTimestamp };
  if (!rekorKeys.some((key) => verifyEcdsaAsn1(key, "sha256", signed))) {
    return fail({ code: "signature.rekor.untrusted", detail: "no Rekor key of the policy made its timestamp" });
  }
  const entry = parseRekorPayload(untrustedCanonicalPayload);
  if (!entry.ok) return entry;
  const { publicKey, signature, payloadSha256, integratedTimeSeconds } = entry.value;
  const block = decodePemBlock(publicKey);
  if (block === undefined || block.rest.length > 0) {
    return fail({ code: "signature.rekor.malformed", detail: "the key in the entry is not exactly one PEM block" });
  }
  if (!isSame(block.bytes, logged.keyOrCertificate)) return mismatch("it is for another key or certificate");
  if (!isSame(signature, logged.signature)) return mismatch("it is for another signature");
  if (!isSame(payloadSha256, sha256Bytes(logged.payload))) return mismatch("it is for another payload");
  return ok(integratedTimeSeconds);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function mismatch(detail: string): { readonly ok: false; readonly problem: SignatureRejection } {
  return fail({ code: "signature.rekor.mismatch", detail });
}
