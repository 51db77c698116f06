import { createHash } from "node:crypto";
import type { WorkBudget } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, type HashAlgorithm, hashAlgorithm } from "../algorithms.ts";
import { concat, hex, signatureTrailer } from "../octets.ts";
import { Cursor } from "./cursor.ts";
import { type KeyHandle, readSubpackets, type SubpacketArea } from "./subpackets.ts";

/** A signature packet as Sequoia reads it. */
export interface SequoiaSignature {
  readonly version: 3 | 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  readonly hashed: SubpacketArea<SequoiaSignature>;
  readonly unhashed: SubpacketArea<SequoiaSignature>;
  /** The first two octets of the digest, as the signature claims them. */
  readonly prefix: Uint8Array;
  readonly salt: Uint8Array;
  /** Of the fixed-length algorithms one value. */
  readonly values: readonly Uint8Array[];
  /** What is hashed behind the signed content. */
  readonly trailer: Uint8Array;
}

/** Algorithms that only encrypt: no signature is of them. */
const encryption: readonly number[] = [
  algorithms.rsaEncryptOnly,
  algorithms.elgamal,
  algorithms.ecdh,
  algorithms.x25519,
  algorithms.x448,
  algorithms.mlKem768X25519,
  algorithms.mlKem1024X448,
];

/** sequoia-openpgp: types/public_key_algorithm.rs for_signing. */
export function canSign(algorithm: number): boolean {
  return !encryption.includes(algorithm);
}

/** The hashes that OpenSSL has for Sequoia; of the others there is no digest. */
export function sequoiaHash(id: number): HashAlgorithm | undefined {
  const hash = hashAlgorithm(id);
  return hash?.name === "ripemd160" ? undefined : hash;
}

/** How many numbers a signature has, or how many octets: ML-DSA and SLH-DSA as in RFC 9980. */
const numbers: Readonly<Record<number, number>> = { 1: 1, 3: 1, 17: 2, 19: 2, 20: 2, 22: 2 };
const fixed: Readonly<Record<number, number>> = {
  [algorithms.ed25519]: 64,
  [algorithms.ed448]: 114,
  30: 64 + 3309,
  31: 114 + 4627,
  32: 7856,
  33: 17_088,
  34: 29_792,
};

/**
 * Reads the body of a signature packet; what follows it in the body is not looked at. `undefined` if it is malformed or of
 * an unknown version: then it is no signature to Sequoia. sequoia-openpgp: parse.rs Signature::parse_internal.
 */
export function readSignature(
  body: Uint8Array,
  { isEmbedded, budget }: { readonly isEmbedded: boolean; readonly budget: WorkBudget },
): { readonly signature: SequoiaSignature; readonly end: number } | undefined {
  const cursor = new Cursor(body);
  const version = cursor.number(1);
  if (version === 3) return readVersion3(cursor);
  if (version !== 4 && version !== 6) return undefined;
  const [type, algorithm, hash] = [cursor.number(1), cursor.number(1), cursor.number(1)];
  const lengthSize = version === 4 ? 2 : 4;
  const inner = (octets: Uint8Array) => readEmbedded(octets, budget);
  const context = { hash, readEmbedded: isEmbedded ? undefined : inner, isWritable, budget };
  const hashed = readSubpackets(cursor, cursor.number(lengthSize), context);
  const headEnd = cursor.at;
  const unhashed = readSubpackets(cursor, cursor.number(lengthSize), context);
  const prefix = cursor.bytes(2);
  const salt = version === 6 ? cursor.bytes(cursor.number(1)) : new Uint8Array(0);
  const values = readValues(cursor, algorithm);
  if (cursor.failed) return undefined;
  const trailer = signatureTrailer(version, body.subarray(0, headEnd));
  const signature = { version, type, algorithm, hash, hashed, unhashed, prefix, salt, values, trailer } as const;
  return { signature, end: cursor.at };
}

/** A signature inside another: nothing may follow it, and none be inside it. */
function readEmbedded(octets: Uint8Array, budget: WorkBudget): SequoiaSignature | undefined {
  const read = readSignature(octets, { isEmbedded: true, budget });
  return read?.end === octets.length ? read.signature : undefined;
}

/** sequoia-openpgp: parse.rs Signature3::parse. */
function readVersion3(cursor: Cursor): { readonly signature: SequoiaSignature; readonly end: number } | undefined {
  if (cursor.number(1) !== 5) return undefined;
  const trailer = cursor.bytes(5);
  const issuer = hex(cursor.bytes(8));
  const [algorithm, hash] = [cursor.number(1), cursor.number(1)];
  const prefix = cursor.bytes(2);
  const values = readValues(cursor, algorithm);
  if (cursor.failed) return undefined;
  const none = {
    octets: new Uint8Array(0),
    issuers: [],
    embedded: [],
    critical: [],
    hasCriticalNotation: false,
    hasUnknownFingerprint: false,
  };
  return {
    signature: {
      version: 3,
      type: trailer[0] ?? 0,
      algorithm,
      hash,
      // As if it had them. The time is critical, and known.
      hashed: { ...none, octets: trailer, createdAtSeconds: Buffer.from(trailer).readUInt32BE(1) },
      unhashed: { ...none, issuers: [issuer] },
      prefix,
      salt: new Uint8Array(0),
      values,
      trailer,
    },
    end: cursor.at,
  };
}

function readValues(cursor: Cursor, algorithm: number): readonly Uint8Array[] {
  if (encryption.includes(algorithm)) cursor.fail();
  const octets = fixed[algorithm];
  if (octets !== undefined) return [cursor.bytes(octets)];
  const count = numbers[algorithm];
  if (count !== undefined) return Array.from({ length: count }, () => cursor.mpi());
  // Of an unknown algorithm; nobody can check it.
  cursor.rest();
  return [];
}

/** sequoia-openpgp: serialize.rs, for fingerprints. */
function isWritable({ hashed, unhashed }: SequoiaSignature): boolean {
  return !hashed.hasUnknownFingerprint && !unhashed.hasUnknownFingerprint;
}

/** Who made it, as it claims itself: fingerprints first. sequoia-openpgp: packet/signature.rs get_issuers. */
export function issuersOf({ hashed, unhashed }: SequoiaSignature): readonly KeyHandle[] {
  return [...hashed.issuers, ...unhashed.issuers].toSorted((a, b) => Number(b.length > 16) - Number(a.length > 16));
}

/** Signatures inside it, of both areas. */
export function embeddedIn({ hashed, unhashed }: SequoiaSignature): readonly SequoiaSignature[] {
  return [...hashed.embedded, ...unhashed.embedded];
}

/** What the digest of a signature over `content` is of. */
export function signedOctets({ salt, trailer }: SequoiaSignature, content: readonly Uint8Array[]): Uint8Array {
  return concat(salt, ...content, trailer);
}

/** Whether the digest begins as the signature claims; what does not was made for something else. */
export function hasPrefix(signature: SequoiaSignature, signed: Uint8Array): boolean {
  const hash = sequoiaHash(signature.hash);
  if (hash === undefined || signature.hashed.hasUnknownFingerprint) return false;
  const digest = createHash(hash.name).update(signed).digest();
  return digest[0] === signature.prefix[0] && digest[1] === signature.prefix[1];
}

/**
 * Whether the signature is in force at a time. sequoia-openpgp: packet/signature/subpacket.rs signature_alive.
 *
 * @param toleranceSeconds how far clocks may differ
 */
export function isAlive({ hashed }: SequoiaSignature, atSeconds: number, toleranceSeconds = 0): boolean {
  const { createdAtSeconds: created, lifetimeSeconds: lifetime = 0 } = hashed;
  if (created === undefined) return false;
  if (lifetime > 0 && created + lifetime <= atSeconds) return false;
  return Math.max(created, toleranceSeconds) - toleranceSeconds <= atSeconds;
}
