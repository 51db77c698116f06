/** Public keys out of SubjectPublicKeyInfo, and back: the judgement of Go's `x509.parsePublicKey`. */

import type { AlgorithmIdentifier } from "../encoding/asn1.ts";
import { type BitString, DerReader, derTag, rightAligned } from "../encoding/der.ts";
import { encodeDer, encodeDerInteger, encodeDerOid } from "../encoding/der-writer.ts";
import { fail, ok, type Result } from "../result.ts";
import { type CurveName, curves, curveWithOid, isUncompressedPoint } from "./curves.ts";

interface KeyDer {
  /** The DER that Go's `x509.MarshalPKIXPublicKey` writes, whatever the encoding was that the key came in. */
  readonly spki: Uint8Array;
}

export interface EcdsaPublicKey extends KeyDer {
  readonly kind: "ecdsa";
  readonly curve: CurveName;
}

export interface RsaPublicKey extends KeyDer {
  readonly kind: "rsa";
  readonly modulus: bigint;
  readonly exponent: bigint;
}

export interface Ed25519PublicKey extends KeyDer {
  readonly kind: "ed25519";
}

/** A key that can be read, and that no signature is ever verified with. */
interface UnsupportedPublicKey extends KeyDer {
  readonly kind: "unsupported";
  /** A name, or the dotted OID. */
  readonly algorithm: string;
}

/** A key that signatures can be verified with. */
export type SigningPublicKey = EcdsaPublicKey | RsaPublicKey | Ed25519PublicKey;
export type PublicKey = SigningPublicKey | UnsupportedPublicKey;

export const keyOid = {
  rsa: "1.2.840.113549.1.1.1",
  dsa: "1.2.840.10040.4.1",
  ecdsa: "1.2.840.10045.2.1",
  x25519: "1.3.101.110",
  ed25519: "1.3.101.112",
} as const;

/** The parts of a SubjectPublicKeyInfo. */
export interface KeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  readonly bits: BitString;
}

const derNull = Uint8Array.of(0x05, 0x00);

/** Why it is refused is said in English, as a detail. */
export function parseKeyInfo(info: KeyInfo): Result<PublicKey, string> {
  const { oid, parameters } = info.algorithm;
  const data = rightAligned(info.bits);
  switch (oid) {
    case keyOid.rsa:
      // RFC 3279, section 2.3.1: NULL, not absent.
      if (Buffer.compare(parameters, derNull) !== 0) return fail("an RSA key must have NULL parameters");
      return parseRsa(data);
    case keyOid.ecdsa:
      return parseEcdsa(parameters, data);
    case keyOid.ed25519:
    case keyOid.x25519:
      // RFC 8410, section 3: the parameters must be absent.
      if (parameters.length !== 0) return fail("the key has parameters where none are allowed");
      if (data.length !== 32) return fail("the key is not of 32 bytes");
      return ok(oid === keyOid.ed25519 ? ed25519Key(data) : unsupportedKey("X25519", info));
    case keyOid.dsa:
      return isDsa(parameters, data) ? ok(unsupportedKey("DSA", info)) : fail("the DSA key is malformed");
    default:
      return fail(`keys of algorithm ${oid} are not known`);
  }
}

function parseRsa(data: Uint8Array): Result<PublicKey, string> {
  // What follows the two numbers, inside or outside of the SEQUENCE, is not looked at.
  const sequence = new DerReader(data).enter(derTag.sequence);
  const modulus = sequence?.readInteger();
  const exponent = sequence?.readInt64();
  if (modulus === undefined || exponent === undefined) return fail("the RSA key is malformed");
  if (modulus <= 0n || exponent <= 0n) return fail("a number of the RSA key is not positive");
  return ok(rsaKey({ modulus, exponent }));
}

function parseEcdsa(parameters: Uint8Array, data: Uint8Array): Result<PublicKey, string> {
  const oid = new DerReader(parameters).readOid();
  const curve = oid === undefined ? undefined : curveWithOid(oid);
  if (curve === undefined) return fail("the elliptic curve is missing or not supported");
  if (!isUncompressedPoint(curves[curve], data)) return fail(`the key is not an uncompressed point on ${curve}`);
  const parameterDer = encodeDerOid(curves[curve].oid);
  return ok({ kind: "ecdsa", curve, spki: spkiOf([encodeDerOid(keyOid.ecdsa), parameterDer], data) });
}

function ed25519Key(data: Uint8Array): Ed25519PublicKey {
  return { kind: "ed25519", spki: spkiOf([encodeDerOid(keyOid.ed25519)], data) };
}

export function rsaKey({ modulus, exponent }: { readonly modulus: bigint; readonly exponent: bigint }): RsaPublicKey {
  const numbers = encodeDer(derTag.sequence, [encodeDerInteger(modulus), encodeDerInteger(exponent)]);
  return { kind: "rsa", modulus, exponent, spki: spkiOf([encodeDerOid(keyOid.rsa), derNull], numbers) };
}

function unsupportedKey(algorithm: string, info: KeyInfo): UnsupportedPublicKey {
  return { kind: "unsupported", algorithm, spki: info.bits.bytes };
}

function isDsa(parameters: Uint8Array, data: Uint8Array): boolean {
  const y = new DerReader(data).readInteger();
  const sequence = new DerReader(parameters).enter(derTag.sequence);
  const numbers = [y, sequence?.readInteger(), sequence?.readInteger(), sequence?.readInteger()];
  return numbers.every((number) => number !== undefined && number > 0n);
}

function spkiOf(algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array {
  const bits = encodeDer(derTag.bitString, [Uint8Array.of(0), key]);
  return encodeDer(derTag.sequence, [encodeDer(derTag.sequence, algorithm), bits]);
}
