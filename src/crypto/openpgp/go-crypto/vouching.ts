import { createHash } from "node:crypto";
import { bigIntOf } from "../../curves.ts";
import { publicKeyAlgorithms as algorithms, hashAlgorithm } from "../algorithms.ts";
import { concat, equal } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import type { GoKey } from "./public-key.ts";
import { canSign } from "./signature.ts";
import type { GoSignature } from "./signature-fields.ts";

/**
 * Whether `signer` made this signature of what is hashed, which its trailer ends. go-crypto: packet/public_key.go VerifySignature.
 *
 * @param hash what it is hashed with: a message says that before its content
 */
export async function goVouches(
  checker: SignatureChecker,
  signer: GoKey,
  signature: GoSignature,
  signed: Uint8Array,
  hash = signature.hash,
): Promise<boolean> {
  const hashing = hashAlgorithm(hash);
  const named = hashAlgorithm(signature.hash);
  if (hashing === undefined || named === undefined) return false;
  if (!canSign(signer.algorithm) || signer.algorithm !== signature.algorithm) return false;
  const hashed = concat(signed, signature.trailer);
  // Of version 4 it does not compare this: https://github.com/ProtonMail/go-crypto/issues/107.
  if (signature.version === 6) {
    const digest = createHash(hashing.name).update(hashed).digest();
    if (!equal(digest.subarray(0, 2), signature.hashPrefix)) return false;
  }
  const values = signatureValues(signer, signature);
  return values !== undefined && checker.vouches(signer.material, hashing, hashed, values, named);
}

/** Whether `signer` made this signature of a key or of something that belongs to one. */
export function goVouchesFor(
  checker: SignatureChecker,
  signer: GoKey,
  signature: GoSignature,
  ...signed: readonly Uint8Array[]
): Promise<boolean> {
  return goVouches(checker, signer, signature, concat(signature.salt, ...signed));
}

/** The numbers of the signature, `undefined` if they are longer than go-crypto takes, leading zeros included. */
function signatureValues({ material, algorithm }: GoKey, { values }: GoSignature): readonly Uint8Array[] | undefined {
  const [first = new Uint8Array(0)] = values;
  const isPlain = algorithm === algorithms.ed25519 || algorithm === algorithms.ed448;
  switch (material.kind) {
    case "rsa":
      return first.length <= material.n.length ? values : undefined;
    case "ed25519":
      if (!isCanonicalPoint(material.point)) return undefined;
      if (isPlain) return [first.subarray(0, 32), first.subarray(32)];
      return values.every((value) => value.length <= 32) ? values : undefined;
    case "ed448": {
      // As algorithm 22 it has all of it in the first number, behind a prefix (internal/ecc/ed448.go UnmarshalSignature).
      const plain = isPlain ? first : first.subarray(1);
      return plain.length === 114 ? [plain.subarray(0, 57), plain.subarray(57)] : undefined;
    }
    case "dsa":
    case "ecdsa":
      return values;
    case "none":
      return undefined;
  }
}

/**
 * Whether the point is spelled as RFC 8032 section 5.1.3 has it: y below the prime, and no sign for x = 0. OpenSSL does not
 * look; go-crypto does. circl: sign/ed25519/point.go FromBytes.
 */
function isCanonicalPoint(point: Uint8Array): boolean {
  const last = point[31] ?? 0;
  const y = bigIntOf(Uint8Array.from([...point.subarray(0, 31), last & 0x7f]).reverse());
  const prime = 2n ** 255n - 19n;
  return y < prime && (last < 0x80 || (y !== 1n && y !== prime - 1n));
}
