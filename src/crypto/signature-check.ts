/**
 * RSA and Ed25519 with the verdict of Go's crypto packages, on `node:crypto`. Node.js (OpenSSL) and Bun (BoringSSL)
 * disagree about odd keys and encodings, so everything they might see differently is decided here, before they are asked.
 */
import { nodeCrypto } from "../runtime/built-in.ts";
import { keyObject } from "./key-object.ts";
import type { Ed25519PublicKey, RsaPublicKey } from "./spki.ts";

export type HashName = "sha256" | "sha384" | "sha512";

export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** `rsa.VerifyPKCS1v15` on the digest of the message. */
export function verifyRsaPkcs1(key: RsaPublicKey, hash: HashName, signed: Signed): boolean {
  if (!mayVerify(key, signed.signature)) return false;
  const { constants, verify } = nodeCrypto();
  const padding = constants.RSA_PKCS1_PADDING;
  return verify(hash, signed.message, { key: keyObject(key), padding }, signed.signature);
}

/** `rsa.VerifyPSS` on the digest of the message, with a salt as long as the hash. */
export function verifyRsaPss(key: RsaPublicKey, hash: HashName, signed: Signed): boolean {
  if (!mayVerify(key, signed.signature)) return false;
  const { constants, verify } = nodeCrypto();
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return verify(hash, signed.message, { key: keyObject(key), padding, saltLength }, signed.signature);
}

/** `ed25519.Verify`: the message itself is signed, not its digest. */
export function verifyEd25519(key: Ed25519PublicKey, { message, signature }: Signed): boolean {
  return signature.length === 64 && nodeCrypto().verify(null, message, keyObject(key), signature);
}

/** OpenSSL and BoringSSL both stop here; Go does not, and would compute for as long as a key makes it. */
const maxModulusBits = 16384;

/** go: crypto/internal/fips140/rsa checkPublicKey, crypto/rsa checkKeySize, and the length of the signature. */
function mayVerify({ modulus, exponent }: RsaPublicKey, signature: Uint8Array): boolean {
  const hex = modulus.toString(16);
  const bits = 4 * hex.length - Math.clz32(Number.parseInt(hex.slice(0, 1), 16)) + 28;
  if (bits < 1024 || bits > maxModulusBits || modulus % 2n === 0n) return false;
  if (exponent < 3n || exponent > 2n ** 31n - 1n || exponent % 2n === 0n) return false;
  return signature.length === Math.ceil(bits / 8);
}
