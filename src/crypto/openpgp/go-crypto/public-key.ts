import { createHash } from "node:crypto";
import {
  publicKeyAlgorithms as algorithms,
  ecdsaCurve,
  ed25519OidHex,
  isOnCurve,
  otherCurveOids,
} from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { concat, hex, keyHashInput, uint, withoutLeadingZeros } from "../octets.ts";
import { type Fault, isFault, readExactly, readFull, type Source } from "./source.ts";

/** A public key or subkey packet as go-crypto reads it. */
export interface GoKey {
  readonly packet: "key";
  readonly isSubkey: boolean;
  readonly version: 4 | 6;
  readonly createdAtSeconds: number;
  readonly algorithm: number;
  readonly material: KeyMaterial;
  /** What signatures over this key hash for it. */
  readonly hashInput: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  /** Upper-case hex, 16 digits. */
  readonly keyId: string;
  /** The whole packet body, if this is a secret key that is not encrypted: its halves have to fit. */
  readonly secretBody?: Uint8Array;
}

/** Reads the body of a key packet. go-crypto: packet/public_key.go PublicKey.parse. */
export function readPublicKey(source: Source, isSubkey: boolean): GoKey | Fault {
  const head = readExactly(source, 6);
  if (isFault(head)) return head;
  const version = head[0];
  // Version 5 needs a build tag that the reference does not set.
  if (version !== 4 && version !== 6) return "unsupported";
  const reader = new FieldReader(source, [head]);
  if (version === 6) reader.octets(4);
  const algorithm = head[5] ?? 0;
  const material = readMaterial(reader, algorithm, version);
  if (isFault(material)) return material;
  const hashInput = keyHashInput(reader.consumed());
  // Version 6 fingerprints are SHA-256; such a key is never used here, since GnuPG refuses it, so any value serves.
  const fingerprint = hex(createHash("sha1").update(hashInput).digest());
  return {
    packet: "key",
    isSubkey,
    version,
    createdAtSeconds: uint(head, 1, 4),
    algorithm,
    material,
    hashInput,
    fingerprint,
    keyId: fingerprint.slice(-16),
  };
}

/** Reads fields one after the other and keeps the octets for the fingerprint; after a fault, reads nothing more. */
class FieldReader {
  readonly #source: Source;
  readonly #parts: Uint8Array[];
  fault: Fault | undefined;

  constructor(source: Source, parts: Uint8Array[]) {
    this.#source = source;
    this.#parts = parts;
  }

  octets(count: number, how = readExactly): Uint8Array {
    if (this.fault !== undefined) return new Uint8Array(0);
    const octets = how(this.#source, count);
    if (isFault(octets)) {
      this.fault = octets;
      return new Uint8Array(0);
    }
    this.#parts.push(octets);
    return octets;
  }

  /** A multiprecision integer (RFC 4880 section 3.2), as many octets as its bit count asks for. */
  mpi(): Uint8Array {
    return this.octets(Math.ceil(uint(this.octets(2), 0, 2) / 8));
  }

  /** A field with one octet of length, of which 0 and 255 are reserved. */
  oid(): Uint8Array {
    const [length = 0] = this.octets(1);
    if (this.fault === undefined && (length === 0 || length === 255)) this.fault = "unsupported";
    return this.octets(length);
  }

  consumed(): Uint8Array {
    return concat(...this.#parts);
  }
}

function readMaterial(reader: FieldReader, algorithm: number, version: 4 | 6): KeyMaterial | Fault {
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaEncryptOnly:
    case algorithms.rsaSignOnly: {
      const [n, e] = [reader.mpi(), reader.mpi()];
      if (reader.fault !== undefined) return reader.fault;
      return e.length > 3 ? "unsupported" : { kind: "rsa", n: withoutLeadingZeros(n), e: withoutLeadingZeros(e) };
    }
    case algorithms.dsa: {
      const [p, q, g, y] = [reader.mpi(), reader.mpi(), reader.mpi(), reader.mpi()].map(withoutLeadingZeros);
      if (reader.fault !== undefined || !p || !q || !g || !y) return reader.fault ?? "cut";
      return { kind: "dsa", p, q, g, y };
    }
    case algorithms.elgamal:
      for (let index = 0; index < 3; index++) reader.mpi();
      return reader.fault ?? { kind: "none" };
    case algorithms.ecdsa:
      return readEcdsa(reader);
    case algorithms.ecdh:
      return readEcdh(reader);
    case algorithms.eddsa:
      return version === 6 ? "structural" : readEdDsa(reader);
    case algorithms.x25519:
      return readRaw(reader, 32);
    case algorithms.ed25519:
      return readRaw(reader, 32, "ed25519");
    case algorithms.x448:
      return readRaw(reader, 56);
    case algorithms.ed448:
      return readRaw(reader, 57);
    default:
      return "unsupported";
  }
}

function readEcdsa(reader: FieldReader): KeyMaterial | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  const curve = ecdsaCurve(oid);
  if (curve === undefined) {
    // Known for other uses, it has its point read before it is refused; the packet is skipped either way.
    return "unsupported";
  }
  const point = reader.mpi();
  if (reader.fault !== undefined) return reader.fault;
  return isOnCurve(curve, point) ? { kind: "ecdsa", curve, point } : "fatal";
}

const ecdhOids: readonly string[] = [otherCurveOids.curve25519, otherCurveOids.x448];
const kdfHashes: readonly number[] = [8, 9, 10, 11, 12, 14];
const kdfCiphers: readonly number[] = [2, 3, 7, 8, 9];

function readEcdh(reader: FieldReader): KeyMaterial | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  const usable = ecdsaCurve(oid) !== undefined || ecdhOids.includes(oid);
  if (!usable) return "unsupported";
  const point = reader.mpi();
  const [reserved = 0, hash = 0, cipher = 0] = reader.oid();
  if (reader.fault !== undefined) return reader.fault;
  if (reserved !== 1 || !kdfHashes.includes(hash) || !kdfCiphers.includes(cipher)) return "unsupported";
  if (oid === otherCurveOids.curve25519 && point.length !== 33) return "fatal";
  if (oid === otherCurveOids.x448 && point.length !== 57) return "fatal";
  return { kind: "none" };
}

function readEdDsa(reader: FieldReader): KeyMaterial | Fault {
  const oid = hex(reader.oid()).toLowerCase();
  if (reader.fault !== undefined) return reader.fault;
  if (oid !== ed25519OidHex && oid !== otherCurveOids.ed448) return "unsupported";
  const point = reader.mpi();
  if (reader.fault !== undefined) return reader.fault;
  if (point.length === 0) return "structural";
  if (point[0] !== 0x40) return "unsupported";
  if (oid === otherCurveOids.ed448) return point.length === 58 ? { kind: "none" } : "fatal";
  return point.length === 33 ? { kind: "ed25519", point: point.subarray(1) } : "fatal";
}

/** Algorithms 25 to 28 of RFC 9580: GnuPG 2.2 knows none of them, so nothing they sign is accepted. */
function readRaw(reader: FieldReader, size: number, kind: "ed25519" | "none" = "none"): KeyMaterial | Fault {
  const point = reader.octets(size, readFull);
  return reader.fault ?? (kind === "ed25519" ? { kind, point } : { kind });
}
