import { cost, type WorkBudget } from "../crypto/budget.ts";
import { verifyEcdsaAsn1 } from "../crypto/ecdsa-check.ts";
import type { EcdsaPublicKey } from "../crypto/public-key.ts";
import { decodePemBlock } from "../encoding/pem.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Bytes } from "../runtime/sha256.ts";
import { parseRekorPayload, parseRekorSet } from "../signature/rekor-set.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";

/** What Rekor, by one of its keys, promises to have logged. */
export interface LoggedEntry {
  /** The DER inside the PEM block; its type and headers do not matter in the entry. */
  readonly keyOrCertificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly payloadSha256: Uint8Array;
  /** When it was logged, in Unix seconds. */
  readonly integratedTimeSeconds: number;
}

/**
 * The entry that Rekor's signed timestamp is about (signature/internal/rekor_set.go VerifyRekorSET). Only the entry as it was
 * signed is parsed, never the form in which it was delivered.
 */
export function openRekorSet(
  untrustedSet: string,
  rekorKeys: readonly EcdsaPublicKey[],
  budget: WorkBudget,
): Result<LoggedEntry, SignatureRejection> {
  // It is read, put into canonical form, and read again; every character of it may be an escape.
  if (!budget.spend(5 * cost.json(untrustedSet.length))) return fail({ code: "signature.too-costly" });
  const set = parseRekorSet(untrustedSet);
  if (!set.ok) return set;
  const { untrustedCanonicalPayload, untrustedSignedEntryTimestamp } = set.value;
  const signed = { message: untrustedCanonicalPayload, signature: untrustedSignedEntryTimestamp };
  const price = cost.curve + cost.octets(untrustedCanonicalPayload.length);
  if (!rekorKeys.some((key) => budget.spend(price) && verifyEcdsaAsn1(key, "sha256", signed))) {
    return fail({ code: "signature.rekor.untrusted", detail: "no Rekor key of the policy made its timestamp" });
  }
  const entry = parseRekorPayload(untrustedCanonicalPayload);
  if (!entry.ok) return entry;
  const { publicKey, ...logged } = entry.value;
  const block = decodePemBlock(publicKey);
  if (block === undefined || block.rest.length > 0) {
    return fail({ code: "signature.rekor.malformed", detail: "the key in the entry is not exactly one PEM block" });
  }
  return ok({ ...logged, keyOrCertificate: block.bytes });
}

/** Why the entry is about something else than this very signature: made by this key or certificate, over this payload. */
export function rekorMismatch(
  entry: LoggedEntry,
  found: { readonly keyOrCertificate: Uint8Array; readonly signature: Uint8Array; readonly payload: Uint8Array },
): SignatureRejection | undefined {
  if (!isSame(entry.keyOrCertificate, found.keyOrCertificate)) return mismatch("it is for another key or certificate");
  if (!isSame(entry.signature, found.signature)) return mismatch("it is for another signature");
  if (!isSame(entry.payloadSha256, sha256Bytes(found.payload))) return mismatch("it is for another payload");
  return undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function mismatch(detail: string): SignatureRejection {
  return { code: "signature.rekor.mismatch", detail };
}
