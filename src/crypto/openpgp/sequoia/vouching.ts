import { publicKeyAlgorithms as algorithms } from "../algorithms.ts";
import type { SignatureChecker } from "../vouches.ts";
import type { SequoiaKey } from "./key.ts";
import { type SequoiaSignature, sequoiaHash, signedOctets } from "./signature.ts";

/** Octets of salt in a version 6 signature, by hash (RFC 9580 section 9.5). */
const saltSizes: Readonly<Record<number, number>> = { 8: 16, 9: 24, 10: 32, 11: 16, 12: 16, 14: 32 };

const rsa: readonly number[] = [algorithms.rsa, algorithms.rsaEncryptOnly, algorithms.rsaSignOnly];

/**
 * Whether the key made this signature of `content`, no policy asked. sequoia-openpgp: packet/signature.rs
 * verify_digest_internal, crypto/asymmetric.rs Key::verify.
 */
export async function sequoiaVouches(
  checker: SignatureChecker,
  key: SequoiaKey,
  signature: SequoiaSignature,
  content: readonly Uint8Array[],
): Promise<boolean> {
  const { version, hash: hashId, salt, hashed, algorithm, values } = signature;
  const hash = sequoiaHash(hashId);
  if (hash === undefined || hashed.hasUnknownFingerprint) return false;
  if ((version === 6) !== (key.version === 6)) return false;
  if (version === 6 && (saltSizes[hashId] !== salt.length || algorithm === algorithms.dsa)) return false;
  if (hashed.createdAtSeconds === undefined || hashed.createdAtSeconds < key.createdAtSeconds) return false;
  const isSameKind = rsa.includes(algorithm) ? rsa.includes(key.algorithm) : algorithm === key.algorithm;
  if (!isSameKind) return false;
  const [first] = values;
  const half = { [algorithms.ed25519]: 32, [algorithms.ed448]: 57 }[algorithm];
  const numbers = half !== undefined && first !== undefined ? [first.subarray(0, half), first.subarray(half)] : values;
  return checker.vouches(key.material, hash, signedOctets(signature, content), numbers);
}
