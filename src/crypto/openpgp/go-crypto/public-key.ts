import { createHash } from "node:crypto";
import { isUncompressedPoint } from "../../curves.ts";
import {
  publicKeyAlgorithms as algorithms,
  type Curve,
  ecdsaCurve,
  ed25519OidHex,
  otherCurveOids,
} from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { concat, hex, keyHashInput, laterKeyHashInput, uint, withoutLeadingZeros } from "../octets.ts";
import { FieldReader } from "./fields.ts";
import { type Fault, isFault, readExactly, type Source } from "./source.ts";

/** A public or secret key or subkey packet as go-crypto reads it. */
export interface GoKey {
  readonly packet: "key";
  readonly isSubkey: boolean;
  readonly isSecret: boolean;
  readonly version: 4 | 6;
  readonly createdAtSeconds: number;
  readonly algorithm: number;
  readonly material: KeyMaterial;
  /** Of a key that cannot sign: what its secret half is compared with. */
  readonly encryption: GoEncryptionKey | undefined;
  /** What signatures over this key hash for it. */
  readonly hashInput: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  /** Upper-case hex, 16 digits. */
  readonly keyId: string;
}

export type GoEncryptionKey =
  | { readonly kind: "elgamal"; readonly p: Uint8Array; readonly g: Uint8Array; readonly y: Uint8Array }
  | { readonly kind: "ecdh"; readonly curve: Curve; readonly point: Uint8Array }
  /** `isPlain`: as in RFC 9580, not as a multiprecision integer. */
  | { readonly kind: "x25519" | "x448"; readonly point: Uint8Array; readonly isPlain: boolean };

/** Reads the body of a key packet. go-crypto: packet/public_key.go PublicKey.parse. */
export function readPublicKey(source: Source, tag: { isSubkey: boolean; isSecret: boolean }): GoKey | Fault {
  const head = readExactly(source, 6);
  if (isFault(head)) return head;
  const [version, , , , , algorithm = 0] = head;
  // Version 5 needs a build tag that the reference does not set.
  if (version !== 4 && version !== 6) return "unsupported";
  // What version 6 says of the length of the fields is not used.
  const length = version === 6 ? readExactly(source, 4) : undefined;
  if (isFault(length)) return length;
  const reader = new FieldReader(source);
  const fields = readFields(reader, algorithm, version);
  if (isFault(fields)) return fields;
  const hashInput =
    version === 6 ? keyHashInput6(head, reader.consumed()) : keyHashInput(concat(head, reader.consumed()));
  const fingerprint = hex(
    createHash(version === 6 ? "sha256" : "sha1")
      .update(hashInput)
      .digest(),
  );
  return {
    packet: "key",
    ...tag,
    version,
    createdAtSeconds: uint(head, 1, 4),
    algorithm,
    ...fields,
    hashInput,
    fingerprint,
    keyId: version === 6 ? fingerprint.slice(0, 16) : fingerprint.slice(-16),
  };
}

function keyHashInput6(head: Uint8Array, fields: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(fields.length);
  return laterKeyHashInput(6, concat(head, length, fields));
}

type Fields = Pick<GoKey, "material" | "encryption">;

const none: KeyMaterial = { kind: "none" };
const forSigning = (material: KeyMaterial): Fields => ({ material, encryption: undefined });
const forEncryption = (encryption: GoEncryptionKey | undefined): Fields => ({ material: none, encryption });

function readFields(reader: FieldReader, algorithm: number, version: 4 | 6): Fields | Fault {
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaEncryptOnly:
    case algorithms.rsaSignOnly: {
      const [n, e] = [reader.mpi(), reader.mpi()];
      if (reader.fault !== undefined) return reader.fault;
      if (e.length > 3) return "unsupported";
      return forSigning({ kind: "rsa", n: withoutLeadingZeros(n), e: withoutLeadingZeros(e) });
    }
    case algorithms.dsa: {
      const [p, q, g, y] = [reader.mpi(), reader.mpi(), reader.mpi(), reader.mpi()].map(withoutLeadingZeros);
      if (reader.fault !== undefined || !p || !q || !g || !y) return reader.fault ?? "cut";
      return forSigning({ kind: "dsa", p, q, g, y });
    }
    case algorithms.elgamal: {
      const [p, g, y] = [reader.mpi(), reader.mpi(), reader.mpi()];
      return reader.fault ?? forEncryption({ kind: "elgamal", p, g, y });
    }
    case algorithms.ecdsa:
      return readEcdsa(reader);
    case algorithms.ecdh:
      return readEcdh(reader, version);
    case algorithms.eddsa:
      return version === 6 ? "structural" : readEdDsa(reader);
    case algorithms.x25519: {
      const point = reader.plain(32);
      return reader.fault ?? forEncryption({ kind: "x25519", point, isPlain: true });
    }
    case algorithms.x448: {
      const point = reader.plain(56);
      return reader.fault ?? forEncryption({ kind: "x448", point, isPlain: true });
    }
    case algorithms.ed25519: {
      const point = reader.plain(32);
      return reader.fault ?? forSigning({ kind: "ed25519", point });
    }
    case algorithms.ed448: {
      const point = reader.plain(57);
      return reader.fault ?? forSigning({ kind: "ed448", point });
    }
    default:
      return readPostQuantum(reader, algorithm, version);
  }
}

/** Curves that go-crypto knows, though not for ECDSA. packet/../internal/ecc/curve_info.go. */
const otherCurves: readonly string[] = [ed25519OidHex, ...Object.values(otherCurveOids)];

function readEcdsa(reader: FieldReader): Fields | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  const curve = ecdsaCurve(oid);
  if (curve === undefined && !otherCurves.includes(oid)) return "unsupported";
  const point = reader.mpi();
  if (reader.fault !== undefined) return reader.fault;
  if (curve === undefined) return "unsupported";
  return isUncompressedPoint(curve, point) ? forSigning({ kind: "ecdsa", curve, point }) : "fatal";
}

/** Octets of the hash and of the cipher's key: go-crypto wants the first to be no fewer. */
const kdfHashes: ReadonlyMap<number, number> = new Map([
  [8, 32],
  [9, 48],
  [10, 64],
  [11, 28],
  [12, 32],
  [14, 64],
]);
const kdfCiphers: ReadonlyMap<number, number> = new Map([
  [2, 24],
  [3, 16],
  [7, 16],
  [8, 24],
  [9, 32],
]);

function readEcdh(reader: FieldReader, version: 4 | 6): Fields | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  const curve = ecdsaCurve(oid);
  if (curve === undefined && !otherCurves.includes(oid)) return "unsupported";
  if (version === 6 && (oid === otherCurveOids.curve25519 || oid === ed25519OidHex)) return "structural";
  const point = reader.mpi();
  const [reserved = 0, hash = 0, cipher = 0] = reader.oid();
  if (reader.fault !== undefined) return reader.fault;
  if (oid === ed25519OidHex || oid === otherCurveOids.ed448 || reserved !== 1) return "unsupported";
  const hashOctets = kdfHashes.get(hash);
  const keyOctets = kdfCiphers.get(cipher);
  if (hashOctets === undefined || keyOctets === undefined) return "unsupported";
  if (hashOctets < keyOctets) return "structural";
  if (curve !== undefined) return forEncryption({ kind: "ecdh", curve, point });
  const kind = oid === otherCurveOids.curve25519 ? "x25519" : "x448";
  if (point.length !== (kind === "x25519" ? 33 : 57)) return "fatal";
  return forEncryption({ kind, point: point.subarray(1), isPlain: false });
}

function readEdDsa(reader: FieldReader): Fields | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  if (oid !== ed25519OidHex && oid !== otherCurveOids.ed448) return "unsupported";
  const point = reader.mpi();
  if (reader.fault !== undefined) return reader.fault;
  if (point.length === 0) return "structural";
  if (point[0] !== 0x40) return "unsupported";
  const kind = oid === ed25519OidHex ? "ed25519" : "ed448";
  if (point.length !== (kind === "ed25519" ? 33 : 58)) return "fatal";
  return forSigning({ kind, point: point.subarray(1) });
}

/** Octets of the two halves of these keys, RFC 9980. */
const postQuantumSizes: ReadonlyMap<number, readonly number[]> = new Map([
  [algorithms.mlDsa65Ed25519, [32, 1952]],
  [algorithms.mlDsa87Ed448, [57, 2592]],
  [algorithms.slhDsaShake128s, [32]],
  [algorithms.slhDsaShake128f, [32]],
  [algorithms.slhDsaShake256s, [64]],
  [algorithms.mlKem768X25519, [32, 1184]],
  [algorithms.mlKem1024X448, [56, 1568]],
]);

function readPostQuantum(reader: FieldReader, algorithm: number, version: 4 | 6): Fields | Fault {
  const sizes = postQuantumSizes.get(algorithm);
  if (sizes === undefined) return "unsupported";
  if (version === 4 && algorithm !== algorithms.mlKem768X25519) return "fatal";
  const halves = sizes.map((size) => reader.plain(size));
  if (reader.fault !== undefined) return reader.fault;
  const isKem = algorithm === algorithms.mlKem768X25519 || algorithm === algorithms.mlKem1024X448;
  return isKem && !isReduced(halves[1] ?? new Uint8Array(0)) ? "fatal" : forEncryption(undefined);
}

/** FIPS 203 section 7.2: each coefficient of an ML-KEM key (12 bits; the last 32 octets are no coefficients) is below 3329. */
function isReduced(key: Uint8Array): boolean {
  for (let at = 0; at + 3 <= key.length - 32; at += 3) {
    const [low = 0, middle = 0, high = 0] = key.subarray(at, at + 3);
    if ((low | ((middle & 0xf) << 8)) >= 3329 || ((middle >> 4) | (high << 4)) >= 3329) return false;
  }
  return true;
}
