import { createHash } from "node:crypto";
import {
  publicKeyAlgorithms as algorithms,
  ecdsaCurve,
  ed25519OidHex,
  hashAlgorithm,
  isOnCurve,
} from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { bitLength, concat, hex, keyHashInput, uint, withoutLeadingZeros } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import { type GpgSignature, readGpgMpi } from "./signature.ts";

/** A public key or subkey packet as GnuPG reads it. */
export interface GpgKey {
  readonly isSubkey: boolean;
  readonly createdAtSeconds: number;
  readonly algorithm: number;
  readonly material: KeyMaterial;
  readonly hashInput: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly keyId: string;
  /** Whether GnuPG's key database has an entry for it: not for unknown algorithms. */
  readonly isIndexed: boolean;
}

/** `legacy` and `unknown-version`: GnuPG steps over the key; `invalid`: it stops reading. */
export type GpgKeyFault = "invalid" | "legacy" | "unknown-version";

const commentKey: GpgKey = {
  isSubkey: true,
  createdAtSeconds: 0,
  algorithm: 0,
  material: { kind: "none" },
  hashInput: new Uint8Array(0),
  fingerprint: "",
  keyId: "",
  isIndexed: false,
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
export function readGpgKey(body: Uint8Array, length: number, isSubkey: boolean): GpgKey | GpgKeyFault {
  const version = body[0];
  if (version === 2 || version === 3) return "legacy";
  if (version === 0x23 && isSubkey) return commentKey; // a comment packet of old
  if (version !== 4) return version === undefined ? "invalid" : "unknown-version";
  if (length < 12 || length > maxKeyPacket || body.length < 6) return "invalid";
  const algorithm = body[5] ?? 0;
  const kinds = fieldsOf[algorithm];
  const fields = kinds === undefined ? [] : readFields(body.subarray(6), kinds);
  if (fields === undefined) return "invalid";
  const material = kinds === undefined ? ({ kind: "none" } as const) : toMaterial(algorithm, fields);
  const encoded = kinds === undefined ? [body.subarray(6)] : fields.map((field, index) => encode(field, kinds[index]));
  const hashInput = keyHashInput(concat(body.subarray(0, 6), ...encoded));
  const fingerprint = hex(createHash("sha1").update(hashInput).digest());
  return {
    isSubkey,
    createdAtSeconds: uint(body, 1, 4),
    algorithm,
    material,
    hashInput,
    fingerprint,
    keyId: fingerprint.slice(-16),
    isIndexed: kinds !== undefined,
  };
}

function readFields(octets: Uint8Array, kinds: readonly ("mpi" | "oid")[]): readonly Uint8Array[] | undefined {
  const fields: Uint8Array[] = [];
  let at = 0;
  for (const kind of kinds) {
    const field = kind === "mpi" ? readGpgMpi(octets, at) : readOid(octets, at);
    if (field === undefined) return undefined;
    fields.push(kind === "mpi" ? withoutLeadingZeros(field.octets) : field.octets);
    at = field.end;
  }
  return fields;
}

/** GnuPG: common/openpgp-oid.c or misc.c read_size_body: 2 to 254 octets behind one octet of length. */
function readOid(octets: Uint8Array, at: number): { octets: Uint8Array; end: number } | undefined {
  const length = octets[at] ?? 0;
  const end = at + 1 + length;
  return length < 2 || length > 254 || end > octets.length ? undefined : { octets: octets.subarray(at + 1, end), end };
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
      return { kind: "rsa", n: first, e: second };
    case algorithms.dsa:
      if (third === undefined || fourth === undefined) return { kind: "none" };
      return { kind: "dsa", p: first, q: second, g: third, y: fourth };
    case algorithms.ecdsa: {
      const curve = ecdsaCurve(hex(first).toLowerCase());
      return curve !== undefined && isOnCurve(curve, second)
        ? { kind: "ecdsa", curve, point: second }
        : { kind: "none" };
    }
    case algorithms.eddsa: {
      const usable = hex(first).toLowerCase() === ed25519OidHex && second.length === 33 && second[0] === 0x40;
      return usable ? { kind: "ed25519", point: second.subarray(1) } : { kind: "none" };
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
  return key.kind === "ecdsa" ? Math.min(key.curve.sizeBytes * 8, 512) : 0;
}
