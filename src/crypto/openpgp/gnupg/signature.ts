import { cost, type WorkBudget } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, isCertification, signatureTypes } from "../algorithms.ts";
import { concat, hex, uint, withoutLeadingZeros } from "../octets.ts";
import { hasUnknownCritical, subpacket, subpackets, subpacketTypes } from "./subpackets.ts";

/** A signature packet as GnuPG reads it. */
export interface GpgSignature {
  readonly version: number;
  readonly type: number;
  readonly createdAtSeconds: number;
  /** When it expires, or 0: 32 bits, as GnuPG adds them up. */
  readonly expiresAtSeconds: number;
  /** Upper-case hex, 16 digits; zeros if it does not say. */
  readonly keyId: string;
  /** Upper-case hex, from the hashed area. */
  readonly issuerFingerprint: string | undefined;
  readonly algorithm: number;
  readonly hash: number;
  readonly hashedArea: Uint8Array;
  readonly unhashedArea: Uint8Array;
  readonly unknownCritical: boolean;
  readonly exportable: boolean;
  /** Fingerprints of the keys that may revoke, from direct-key signatures. */
  readonly revocationKeys: readonly string[];
  /** What is hashed after the signed data. */
  readonly trailer: Uint8Array;
  /** Without leading zeros; empty for algorithms that GnuPG does not know. */
  readonly values: readonly Uint8Array[];
}

const nothing = new Uint8Array(0);

const blankSignature: GpgSignature = {
  version: 0,
  type: 0,
  createdAtSeconds: 0,
  expiresAtSeconds: 0,
  keyId: "0".repeat(16),
  issuerFingerprint: undefined,
  algorithm: 0,
  hash: 0,
  hashedArea: nothing,
  unhashedArea: nothing,
  unknownCritical: false,
  exportable: false,
  revocationKeys: [],
  trailer: nothing,
  values: [],
};

/** GnuPG: g10/packet.h, the areas of subpackets. */
const maxArea = 10_000;

/**
 * Reads the body of a signature packet, or `undefined` if it is invalid. `length` is what the packet header gives: a body that
 * ends early does not matter once all fields are there. It is invalid too if the budget is spent. GnuPG: parse-packet.c
 * parse_signature.
 */
export function readGpgSignature(body: Uint8Array, length: number, budget: WorkBudget): GpgSignature | undefined {
  if (length < 16) return blankSignature; // GnuPG means to refuse it, and forgets to
  const version = body[0] ?? 0;
  if (version === 4) return readVersion4(body, length, budget);
  return version === 2 || version === 3 ? readVersion3(body, length, version) : undefined;
}

function readVersion4(body: Uint8Array, length: number, budget: WorkBudget): GpgSignature | undefined {
  const [type = 0, algorithm = 0, hash = 0] = body.subarray(1);
  const hashedLength = uint(body, 4, 2);
  const hashedEnd = 6 + hashedLength;
  const unhashedLength = uint(body, hashedEnd, 2);
  const unhashedEnd = hashedEnd + 2 + unhashedLength;
  if (hashedLength > maxArea || unhashedLength > maxArea) return undefined;
  if (unhashedEnd + 2 > length || unhashedEnd + 2 > body.length) return undefined;
  if (!budget.spend(cost.subpackets(hashedLength + unhashedLength))) return undefined;
  const hashedArea = body.subarray(6, hashedEnd);
  const unhashedArea = body.subarray(hashedEnd + 2, unhashedEnd);
  const values = readValues(algorithm, body.subarray(unhashedEnd + 2, length));
  if (values === undefined) return undefined;
  const find = (wanted: number) => subpacket(hashedArea, wanted);
  const number = (octets: Uint8Array | undefined) => (octets === undefined ? 0 : uint(octets, 0, 4));
  const createdAtSeconds = number(find(subpacketTypes.created));
  const lifetime = number(find(subpacketTypes.expires));
  const issuer = find(subpacketTypes.issuer) ?? subpacket(unhashedArea, subpacketTypes.issuer);
  const fingerprint = find(subpacketTypes.issuerFingerprint);
  const exportable = find(subpacketTypes.exportable) ?? subpacket(unhashedArea, subpacketTypes.exportable);
  const trailerLength = Buffer.alloc(4);
  trailerLength.writeUInt32BE(hashedEnd);
  return {
    version: 4,
    type,
    createdAtSeconds,
    expiresAtSeconds: lifetime === 0 ? 0 : (createdAtSeconds + lifetime) >>> 0,
    keyId: issuer === undefined ? "0".repeat(16) : hex(issuer.subarray(0, 8)),
    issuerFingerprint: fingerprint?.length === 21 && fingerprint[0] === 4 ? hex(fingerprint.subarray(1)) : undefined,
    algorithm,
    hash,
    hashedArea,
    unhashedArea,
    unknownCritical: hasUnknownCritical(hashedArea) || hasUnknownCritical(unhashedArea),
    exportable: exportable?.[0] !== 0,
    revocationKeys: type === signatureTypes.directKey ? readRevocationKeys(hashedArea) : [],
    trailer: concat(body.subarray(0, hashedEnd), Uint8Array.of(4, 0xff), trailerLength),
    values,
  };
}

function readVersion3(body: Uint8Array, length: number, version: number): GpgSignature | undefined {
  if (length < 19 || body.length < 19) return undefined;
  const [algorithm = 0, hash = 0] = body.subarray(15);
  const values = readValues(algorithm, body.subarray(19, length));
  if (values === undefined) return undefined;
  return {
    ...blankSignature,
    version,
    type: body[2] ?? 0,
    createdAtSeconds: uint(body, 3, 4),
    keyId: hex(body.subarray(7, 15)),
    algorithm,
    hash,
    exportable: true,
    trailer: body.subarray(2, 7),
    values,
  };
}

/** GnuPG: parse-packet.c parse_revkeys. */
function readRevocationKeys(hashedArea: Uint8Array): readonly string[] {
  const keys: string[] = [];
  for (const body of subpackets(hashedArea, subpacketTypes.revocationKey)) {
    if (body.length === 22 && (body[0] ?? 0) >= 0x80) keys.push(hex(body.subarray(2)));
  }
  return keys;
}

const valueCounts: Readonly<Record<number, number>> = {
  [algorithms.rsa]: 1,
  [algorithms.rsaEncryptOnly]: 1,
  [algorithms.rsaSignOnly]: 1,
  [algorithms.dsa]: 2,
  [algorithms.ecdsa]: 2,
  [algorithms.elgamalBoth]: 2,
  [algorithms.eddsa]: 2,
};

function readValues(algorithm: number, octets: Uint8Array): readonly Uint8Array[] | undefined {
  const values: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; index < (valueCounts[algorithm] ?? 0); index++) {
    const value = readGpgMpi(octets, at);
    if (value === undefined) return undefined;
    values.push(withoutLeadingZeros(value.octets));
    at = value.end;
  }
  return values;
}

/** GnuPG: parse-packet.c MAX_EXTERN_MPI_BITS. */
const maxMpiBits = 16_384;

/** The multiprecision integer at `at`, or `undefined` if it is too long or cut. GnuPG: parse-packet.c mpi_read. */
export function readGpgMpi(
  octets: Uint8Array,
  at: number,
): { readonly octets: Uint8Array; readonly end: number } | undefined {
  if (at + 2 > octets.length) return undefined;
  const bits = uint(octets, at, 2);
  const end = at + 2 + Math.ceil(bits / 8);
  return bits > maxMpiBits || end > octets.length ? undefined : { octets: octets.subarray(at + 2, end), end };
}

/** GnuPG: g10/keydb.h IS_CERT: a signature over a key or a user id, not over data. */
export function isKeySignature(type: number): boolean {
  return isCertification(type) || keySignatureTypes.includes(type);
}

const keySignatureTypes: readonly number[] = [
  signatureTypes.directKey,
  signatureTypes.subkeyBinding,
  signatureTypes.keyRevocation,
  signatureTypes.certificationRevocation,
  signatureTypes.subkeyRevocation,
];
