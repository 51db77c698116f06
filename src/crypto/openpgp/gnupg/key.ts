import { createHash } from "node:crypto";
import { isUncompressedPoint } from "../../curves.ts";
import {
  publicKeyAlgorithms as algorithms,
  ecdsaCurve,
  ed25519OidHex,
  hashAlgorithm,
  nistP224,
  otherCurveOids,
  tags,
} from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { bitLength, concat, hex, keyHashInput, uint, withoutLeadingZeros } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import type { PacketBody } from "./body.ts";
import type { GpgSignature } from "./signature.ts";

/** A key or subkey packet as GnuPG reads it. */
export interface GpgKey {
  readonly isSubkey: boolean;
  /** Its secret half, if it came with one that GnuPG understands. */
  readonly secret: SecretHalf | undefined;
  readonly createdAtSeconds: number;
  readonly algorithm: number;
  readonly material: KeyMaterial;
  readonly hashInput: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly keyId: string;
  /** Whether GnuPG's key database has an entry for it: not for unknown algorithms. */
  readonly isIndexed: boolean;
  /** Whether the database takes it at all: not on a curve that Libgcrypt does not know. */
  readonly isStorable: boolean;
}

interface SecretHalf {
  /** The number of the cipher that protects it, 0 for none. */
  readonly cipher: number;
  /** What GnuPG's agent does with it: `stub`, it is elsewhere and never asked for; `refused`: a number of the key is zero. */
  readonly fate: "kept" | "stub" | "refused";
}

/** `legacy` and `unknown-version`: GnuPG steps over the key; `invalid`: it stops reading. */
export type GpgKeyFault = "invalid" | "legacy" | "unknown-version";

const commentKey: GpgKey = {
  isSubkey: true,
  secret: undefined,
  createdAtSeconds: 0,
  algorithm: 0,
  material: { kind: "none" },
  hashInput: new Uint8Array(0),
  fingerprint: "",
  keyId: "",
  isIndexed: false,
  isStorable: true,
};

/** GnuPG: parse-packet.c MAX_KEY_PACKET_LENGTH. */
const maxKeyPacket = 256 * 1024;

/** The fields of a key, `oid` for those that are no number. */
const fieldsOf: Readonly<Record<number, readonly ("mpi" | "oid")[]>> = {
  [algorithms.rsa]: ["mpi", "mpi"],
  [algorithms.rsaEncryptOnly]: ["mpi", "mpi"],
  [algorithms.rsaSignOnly]: ["mpi", "mpi"],
  [algorithms.elgamal]: ["mpi", "mpi", "mpi"],
  [algorithms.elgamalBoth]: ["mpi", "mpi", "mpi"],
  [algorithms.dsa]: ["mpi", "mpi", "mpi", "mpi"],
  [algorithms.ecdh]: ["oid", "mpi", "oid"],
  [algorithms.ecdsa]: ["oid", "mpi"],
  [algorithms.eddsa]: ["oid", "mpi"],
};

/** Reads the body of a key packet. GnuPG: parse-packet.c parse_key, keyid.c hash_public_key. */
export function readGpgKey(body: PacketBody, tag: number): GpgKey | GpgKeyFault {
  const version = body.octet();
  // An empty packet has no end for GnuPG.
  if (body.left < 0) body.left = Number.MAX_SAFE_INTEGER;
  const key = readVersion(body, tag, version);
  body.skip();
  return key;
}

function readVersion(body: PacketBody, tag: number, version: number): GpgKey | GpgKeyFault {
  if (version === 0x23 && tag === tags.publicSubkey) return commentKey; // a comment packet of old
  if (version === 2 || version === 3) return "legacy";
  if (version !== 4) return "unknown-version";
  if (body.left < 11 || body.left > maxKeyPacket) return "invalid";
  const created = body.take(4);
  const algorithm = body.octet();
  const kinds = fieldsOf[algorithm];
  const fields = kinds === undefined ? [body.rest() ?? new Uint8Array(0)] : readFields(body, kinds);
  if (fields === undefined) return "invalid";
  const isSecret = tag === tags.secretKey || tag === tags.secretSubkey;
  const half = isSecret && kinds !== undefined ? readSecretHalf(body, algorithm) : undefined;
  if (half === "invalid") return "invalid";
  // "Zero prefix in S-expression"
  const hasZero = fields.some((field) => field.length === 0);
  const secret = half !== undefined && half.fate === "kept" && hasZero ? { ...half, fate: "refused" as const } : half;
  const material = kinds === undefined ? ({ kind: "none" } as const) : toMaterial(algorithm, fields);
  const encoded = kinds === undefined ? fields : fields.map((field, index) => encode(field, kinds[index]));
  const hashInput = keyHashInput(concat(Uint8Array.of(4), created, Uint8Array.of(algorithm), ...encoded));
  const fingerprint = hex(createHash("sha1").update(hashInput).digest());
  return {
    isSubkey: tag === tags.publicSubkey || tag === tags.secretSubkey,
    secret,
    createdAtSeconds: uint(created, 0, 4),
    algorithm,
    material,
    hashInput,
    fingerprint,
    keyId: fingerprint.slice(-16),
    isIndexed: kinds !== undefined,
    isStorable: kinds?.[0] !== "oid" || knownCurves.includes(hex(fields[0] ?? new Uint8Array(0)).toLowerCase()),
  };
}

function readFields(body: PacketBody, kinds: readonly ("mpi" | "oid")[]): readonly Uint8Array[] | undefined {
  const fields: Uint8Array[] = [];
  for (const kind of kinds) {
    const field = kind === "mpi" ? body.mpi() : body.sized();
    if (field === undefined) return undefined;
    fields.push(kind === "mpi" ? withoutLeadingZeros(field) : field);
  }
  return fields;
}

/** The curves of Libgcrypt by their object identifiers. Libgcrypt: cipher/ecc-curves.c curve_aliases. */
const knownCurves: readonly string[] = [
  ed25519OidHex,
  "2b6570", // Ed25519
  ...Object.values(otherCurveOids),
  "2b656e", // X25519
  "2a8648ce3d030101", // P-192
  nistP224.oidHex,
  "2a8648ce3d030107",
  "2b81040022",
  "2b81040023",
  ...[1, 3, 5, 7, 9, 0xb, 0xd].map((last) => `2b240303020801010${last.toString(16)}`), // Brainpool
  ...[0, 1, 2, 3].map((last) => `2a85030202230${last}`), // GOST
  ...[0, 1].map((last) => `2a85030202240${last}`),
  ...[1, 2, 3, 4].map((last) => `2a850307010201010${last}`),
  ...[0, 1, 2, 3].map((last) => `2a850307010201020${last}`),
  "2b8104000a", // secp256k1
  "2a811ccf5501822d", // SM2
];

/** How many numbers the secret half has. GnuPG: misc.c pubkey_get_nskey. */
const secretCounts: Readonly<Record<number, number>> = {
  [algorithms.rsa]: 4,
  [algorithms.rsaEncryptOnly]: 4,
  [algorithms.rsaSignOnly]: 4,
};

/** Ways to make a key of a passphrase (RFC 4880 section 3.7.1), and GnuPG's own for keys that are elsewhere. */
const s2k = { simple: 0, salted: 1, iterated: 3, gnu: 101, gnuDummy: 1001, gnuCard: 1002 } as const;

/** Ciphers with blocks of 16 octets: AES, Twofish, Camellia. GnuPG: misc.c openpgp_cipher_blocklen. */
const wideCiphers: readonly number[] = [7, 8, 9, 10, 11, 12, 13];

/** Goes over the secret half. GnuPG: the second half of parse-packet.c parse_key. */
function readSecretHalf(body: PacketBody, algorithm: number): SecretHalf | "invalid" {
  if (body.left < 1) return "invalid";
  const usage = body.octet();
  if (usage === 0) return readPlainSecret(body, algorithm);
  let cipher = usage;
  let mode: number = s2k.simple;
  let serialLength = 0;
  if (usage === 254 || usage === 255) {
    if (body.left < 3) return "invalid";
    cipher = body.octet();
    mode = body.octet();
    body.octet(); // the hash
    if (mode === s2k.gnu) {
      if (body.left < 4) return "invalid";
      const mark = body.take(4);
      if (Buffer.from(mark.subarray(0, 3)).toString("latin1") !== "GNU") return "invalid";
      mode = 1000 + (mark[3] ?? 0);
    }
    if (mode === s2k.salted || mode === s2k.iterated) {
      if (body.left < 8) return "invalid";
      body.take(8);
    }
    if (!([s2k.simple, s2k.salted, s2k.iterated, s2k.gnuDummy, s2k.gnuCard] as number[]).includes(mode))
      return "invalid";
    if (mode === s2k.iterated || mode === s2k.gnuCard) {
      if (body.left < 1) return "invalid";
      serialLength = body.octet();
      if (mode === s2k.gnuCard && body.left < serialLength) return "invalid";
    }
  }
  let initialLength = wideCiphers.includes(cipher) ? 16 : 8;
  if (mode === s2k.gnuDummy) initialLength = 0;
  if (mode === s2k.gnuCard) initialLength = Math.min(serialLength, 16);
  if (body.left < initialLength) return "invalid";
  body.take(initialLength);
  if (mode === s2k.gnuDummy || mode === s2k.gnuCard) {
    body.left = 0; // GnuPG does not pass over what is left
    return { cipher, fate: "stub" };
  }
  if (body.left < 2) return "invalid";
  body.rest();
  return { cipher, fate: "kept" };
}

function readPlainSecret(body: PacketBody, algorithm: number): SecretHalf | "invalid" {
  let fate: SecretHalf["fate"] | "invalid" = "kept";
  for (let count = secretCounts[algorithm] ?? 1; count > 0; count--) {
    if (body.left < 2) return "invalid";
    const number = body.mpi();
    if (number === undefined) fate = "invalid";
    else if (fate === "kept" && withoutLeadingZeros(number).length === 0) fate = "refused";
  }
  if (fate === "invalid" || body.left < 2) return "invalid";
  body.uint(2); // the checksum
  return { cipher: 0, fate };
}

/** GnuPG hashes numbers as it would write them, not as they were in the packet. */
function encode(field: Uint8Array, kind: "mpi" | "oid" | undefined): Uint8Array {
  if (kind === "oid") return concat(Uint8Array.of(field.length), field);
  const bits = bitLength(field);
  return concat(Uint8Array.of(bits >> 8, bits & 0xff), field);
}

function toMaterial(algorithm: number, fields: readonly Uint8Array[]): KeyMaterial {
  const [first, second, third, fourth] = fields;
  if (first === undefined || second === undefined) return { kind: "none" };
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaSignOnly:
      return { kind: "rsa", n: first, e: second, anyNumbers: true };
    case algorithms.dsa:
      if (third === undefined || fourth === undefined) return { kind: "none" };
      return { kind: "dsa", p: first, q: second, g: third, y: fourth };
    case algorithms.ecdsa: {
      const oid = hex(first).toLowerCase();
      const curve = oid === nistP224.oidHex ? nistP224 : ecdsaCurve(oid);
      return curve !== undefined && isUncompressedPoint(curve, second)
        ? { kind: "ecdsa", curve, point: second }
        : { kind: "none" };
    }
    case algorithms.eddsa: {
      if (hex(first).toLowerCase() !== ed25519OidHex) return { kind: "none" };
      // Without the prefix it has to be a number of 32 octets that has no sign. Libgcrypt: _gcry_ecc_eddsa_decodepoint.
      const isBare = second.length === 32 && (second[0] ?? 0) < 0x80;
      const point = second.length === 33 && second[0] === 0x40 ? second.subarray(1) : isBare ? second : undefined;
      return point === undefined ? { kind: "none" } : { kind: "ed25519", point, anyNumbers: true };
    }
    default:
      return { kind: "none" };
  }
}

/** What GnuPG 2.2 hashes with; it knows MD5 too, and refuses it. */
const gpgHashes: readonly number[] = [2, 3, 8, 9, 10, 11];

/**
 * Whether `signer` made this signature of `signed`. GnuPG: sig-check.c check_signature_end_simple, seskey.c encode_md_value.
 * `weak-hash`: it will not even look, the digest being shorter than the order of the key's group.
 */
export async function gpgVouches(
  checker: SignatureChecker,
  signer: GpgKey,
  signature: GpgSignature,
  signed: Uint8Array,
): Promise<boolean | "weak-hash"> {
  const hash = gpgHashes.includes(signature.hash) ? hashAlgorithm(signature.hash) : undefined;
  if (hash === undefined) return false;
  const needed = neededDigestBits(signer.material);
  if (needed === undefined) return false;
  if (hash.sizeBytes * 8 < needed) return "weak-hash";
  if (signature.unknownCritical) return false;
  return checker.vouches(signer.material, hash, concat(signed, signature.trailer), signature.values);
}

function neededDigestBits(key: KeyMaterial): number | undefined {
  if (key.kind === "dsa") {
    const bits = bitLength(key.q);
    return bits % 8 !== 0 || bits < 160 ? undefined : bits;
  }
  return key.kind === "ecdsa" ? Math.min(key.curve.size * 8, 512) : 0;
}
