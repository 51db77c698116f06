/** ECDSA with the verdict of Go's crypto/ecdsa: what the runtimes might see differently is decided before they are asked. */
import { DerReader, derTag } from "../encoding/der.ts";
import { bun, nodeCrypto } from "../runtime/built-in.ts";
import { bytesOf, type CurveName, curves } from "./curves.ts";
import { keyObject } from "./key-object.ts";
import type { HashName, Signed } from "./signature-check.ts";
import type { EcdsaPublicKey } from "./spki.ts";

export interface EcdsaNumbers {
  readonly r: bigint;
  readonly s: bigint;
}

/** An ECDSA signature in strict DER. */
export function readEcdsaNumbers(signature: Uint8Array): EcdsaNumbers | undefined {
  const outer = new DerReader(signature);
  const sequence = outer.enter(derTag.sequence);
  const r = sequence?.readInteger();
  const s = sequence?.readInteger();
  if (r === undefined || s === undefined || !outer.isEmpty || sequence?.isEmpty !== true) return undefined;
  return { r, s };
}

/** `ecdsa.VerifyASN1` on the digest of the message. */
export function verifyEcdsaAsn1(key: EcdsaPublicKey, hash: HashName, { message, signature }: Signed): boolean {
  const numbers = readEcdsaNumbers(signature);
  if (numbers === undefined || !areInRange(key, numbers)) return false;
  // Strict DER of numbers in range: OpenSSL and BoringSSL read it alike.
  return nodeCrypto().verify(hash, message, keyObject(key), signature);
}

/** Checks r and s in halves (IEEE P1363), both in range, over the SHA-256 of the message. */
export type EcdsaCheck = (
  key: EcdsaPublicKey,
  signed: { readonly message: Uint8Array; readonly halves: Uint8Array },
) => boolean | Promise<boolean>;

/** `ecdsa.Verify` on the SHA-256 of the message. */
export async function verifyEcdsaNumbers(
  key: EcdsaPublicKey,
  { message, r, s }: EcdsaNumbers & { readonly message: Uint8Array },
  check: EcdsaCheck = quickestCheck(key.curve),
): Promise<boolean> {
  if (!areInRange(key, { r, s })) return false;
  const { size } = curves[key.curve];
  return check(key, { message, halves: Buffer.concat([bytesOf(r, size), bytesOf(s, size)]) });
}

function areInRange(key: EcdsaPublicKey, { r, s }: EcdsaNumbers): boolean {
  const { order } = curves[key.curve];
  return r > 0n && r < order && s > 0n && s < order;
}

/** A check by Web Cryptography takes 50 µs longer; loading node:crypto takes Bun 2 ms, and Node next to nothing. */
const checksWithoutNodeCrypto = 40;
let checks = 0;

function quickestCheck(curve: CurveName): EcdsaCheck {
  checks += 1;
  const loadsForLittle = bun !== undefined && checks <= checksWithoutNodeCrypto;
  return loadsForLittle && curve !== "P-224" ? checkByWebCrypto : checkByNodeCrypto;
}

export const checkByNodeCrypto: EcdsaCheck = (key, { message, halves }) =>
  nodeCrypto().verify("sha256", message, { key: keyObject(key), dsaEncoding: "ieee-p1363" }, halves);

/** Knows no P-224. Copies first: the caller may change what it gave while the key is imported. */
export const checkByWebCrypto: EcdsaCheck = async ({ curve, spki }, signed) => {
  const [message, halves] = [Uint8Array.from(signed.message), Uint8Array.from(signed.halves)];
  const { subtle } = globalThis.crypto;
  const algorithm = { name: "ECDSA", namedCurve: curve };
  const key = await subtle.importKey("spki", Uint8Array.from(spki), algorithm, false, ["verify"]);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, halves, message);
};
