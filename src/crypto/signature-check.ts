/**
 * Signature checks with the verdict of Go's crypto packages, on `node:crypto`. Node.js (OpenSSL) and Bun (BoringSSL)
 * disagree about odd keys and encodings, so everything they might see differently is decided here, before they are asked.
 */
import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { DerReader, derTag } from "../encoding/der.ts";
import { bytesOf, curves } from "./curves.ts";
import type { EcdsaPublicKey, Ed25519PublicKey, RsaPublicKey, SigningPublicKey } from "./spki.ts";

export type HashName = "sha256" | "sha384" | "sha512";

export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** `ecdsa.VerifyASN1` on the digest of the message. */
export function verifyEcdsaAsn1(key: EcdsaPublicKey, hash: HashName, signed: Signed): boolean {
  const numbers = readEcdsaNumbers(signed.signature);
  // Strict DER of numbers in range: OpenSSL and BoringSSL read it alike.
  return (
    numbers !== undefined && areInRange(key, numbers) && verify(hash, signed.message, keyObject(key), signed.signature)
  );
}

export interface EcdsaNumbers {
  readonly r: bigint;
  readonly s: bigint;
}

/** An ECDSA signature in strict DER. */
function readEcdsaNumbers(signature: Uint8Array): EcdsaNumbers | undefined {
  const outer = new DerReader(signature);
  const sequence = outer.enter(derTag.sequence);
  const r = sequence?.readInteger();
  const s = sequence?.readInteger();
  if (r === undefined || s === undefined || !outer.isEmpty || sequence?.isEmpty !== true) return undefined;
  return { r, s };
}

function areInRange(key: EcdsaPublicKey, { r, s }: EcdsaNumbers): boolean {
  const { order } = curves[key.curve];
  return r > 0n && r < order && s > 0n && s < order;
}

/** `ecdsa.Verify` on the digest of the message. */
export function verifyEcdsaNumbers(
  key: EcdsaPublicKey,
  hash: HashName,
  { message, r, s }: EcdsaNumbers & { readonly message: Uint8Array },
): boolean {
  if (!areInRange(key, { r, s })) return false;
  const { size } = curves[key.curve];
  const signature = Buffer.concat([bytesOf(r, size), bytesOf(s, size)]);
  return verify(hash, message, { key: keyObject(key), dsaEncoding: "ieee-p1363" }, signature);
}

/** `rsa.VerifyPKCS1v15` on the digest of the message. */
export function verifyRsaPkcs1(key: RsaPublicKey, hash: HashName, signed: Signed): boolean {
  if (!mayVerify(key, signed.signature)) return false;
  const padding = constants.RSA_PKCS1_PADDING;
  return verify(hash, signed.message, { key: keyObject(key), padding }, signed.signature);
}

/** `rsa.VerifyPSS` on the digest of the message, with a salt as long as the hash. */
export function verifyRsaPss(key: RsaPublicKey, hash: HashName, signed: Signed): boolean {
  if (!mayVerify(key, signed.signature)) return false;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return verify(hash, signed.message, { key: keyObject(key), padding, saltLength }, signed.signature);
}

/** `ed25519.Verify`: the message itself is signed, not its digest. */
export function verifyEd25519(key: Ed25519PublicKey, { message, signature }: Signed): boolean {
  return signature.length === 64 && verify(null, message, keyObject(key), signature);
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

const keyObjects = new WeakMap<SigningPublicKey, KeyObject>();

/** Made on first use: most keys, as those of a chain's unused candidates, never verify anything. */
function keyObject(key: SigningPublicKey): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
  keyObjects.set(key, made);
  return made;
}
