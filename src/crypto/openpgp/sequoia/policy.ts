import { isUtf8 } from "node:buffer";
import {
  publicKeyAlgorithms as algorithms,
  ecdsaCurve,
  ed25519OidHex,
  hashAlgorithm,
  signatureTypes,
} from "../algorithms.ts";
import type { SequoiaKey } from "./key.ts";
import type { SequoiaSignature } from "./signature.ts";

/**
 * What Sequoia's standard policy accepts, by the time of the verification. sequoia-openpgp: policy.rs StandardPolicy. A host's
 * crypto-policies can change it; Fedora ships one that does (docs/openpgp-back-ends.md).
 */

/** What a forger of a signature would have to break: of most things a collision, of short texts and keys more than that. */
export type HashSecurity = "collision" | "second-preimage";

/** 1 February of some years, in Unix seconds. */
const february = { 2013: 1_359_676_800, 2023: 1_675_209_600, 2030: 1_896_134_400 } as const;

/** Revocations count for so much longer. sequoia-openpgp: policy.rs hash_revocation_tolerance. */
const revocationToleranceSeconds = (7 * 365 + 2) * 86_400;

const sha1 = 2;
export const revocationTypes: readonly number[] = [
  signatureTypes.keyRevocation,
  signatureTypes.subkeyRevocation,
  signatureTypes.certificationRevocation,
];

/** Critical subpackets that are understood. sequoia-openpgp: policy.rs SubpacketTagCutoffList. */
const understood: readonly number[] = [
  2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 35, 37, 39,
];

/** Why the policy refuses a signature, `undefined` if it does not. */
export function signatureFlaw(
  { hash, type, hashed }: SequoiaSignature,
  security: HashSecurity,
  nowSeconds: number,
): { readonly isWeakHash: boolean; readonly detail: string } | undefined {
  const cutoff =
    (security === "collision" ? february[2013] : february[2023]) +
    (revocationTypes.includes(type) ? revocationToleranceSeconds : 0);
  const name = hash === 1 ? "md5" : hashAlgorithm(hash)?.name;
  if (name === undefined || name === "md5" || name === "ripemd160" || (hash === sha1 && nowSeconds >= cutoff)) {
    return { isWeakHash: name !== undefined, detail: name === "sha1" ? "SHA-1" : (name ?? `hash algorithm ${hash}`) };
  }
  const unknown = hashed.critical.find((subpacket) => !understood.includes(subpacket));
  if (unknown !== undefined) return { isWeakHash: false, detail: "it has a critical part that is not understood" };
  return hashed.hasCriticalNotation ? { isWeakHash: false, detail: "it has a critical notation" } : undefined;
}

const elliptic: readonly number[] = [algorithms.ed25519, algorithms.ed448, 30, 31, 32, 33, 34];

/** Why the policy refuses a key for signatures, `undefined` if it does not. sequoia-openpgp: policy.rs StandardPolicy::key. */
export function keyFlaw({ algorithm, bits, curveOidHex }: SequoiaKey, nowSeconds: number): string | undefined {
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaEncryptOnly:
    case algorithms.rsaSignOnly:
      return bits < 2048 ? `RSA of ${bits} bits` : undefined;
    case algorithms.dsa:
      if (bits < 2048) return `DSA of ${bits} bits`;
      return nowSeconds >= february[2030] ? "DSA" : undefined;
    case algorithms.ecdsa:
    case algorithms.eddsa: {
      if (curveOidHex === ed25519OidHex) return undefined;
      const curve = ecdsaCurve(curveOidHex)?.name;
      return curve === undefined || curve === "secp256k1" ? `the curve ${curve ?? "of an unknown name"}` : undefined;
    }
    default:
      return elliptic.includes(algorithm) ? undefined : `public-key algorithm ${algorithm}`;
  }
}

/** sequoia-openpgp: packet/userid.rs determine_hash_algo_security. Keys, being hard to choose, are always as a short text. */
export function userIdSecurity(octets: Uint8Array): HashSecurity {
  if (octets.length > 96 || !isUtf8(octets)) return "collision";
  return /\p{Cc}/u.test(Buffer.from(octets).toString("utf8")) ? "collision" : "second-preimage";
}
