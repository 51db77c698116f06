import { cost } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, isCertification, signatureTypes } from "../algorithms.ts";
import { concat, hex, signatureTrailer, uint, withoutLeadingZeros } from "../octets.ts";
import { maxMpiBits, PacketBody } from "./body.ts";
import { GpgStream } from "./stream.ts";
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

/** GnuPG: parse-packet.c parse_signature, the areas of subpackets. */
const maxArea = 10_000;

/** GnuPG: parse-packet.c parse_signature, what it keeps of a signature by an algorithm that it does not know. */
const maxUnknownValues = (5 * maxMpiBits) / 8;

/** `ends`: GnuPG takes it for the end of the input. */
export type GpgSignatureFault = "invalid" | "ends";

/** Reads the body of a signature packet. GnuPG: parse-packet.c parse_signature. */
export function readGpgSignature(body: PacketBody): GpgSignature | GpgSignatureFault {
  const signature = readFields(body);
  body.skip();
  return signature;
}

/** What it costs to read its subpackets. */
export function costOfAreas({ hashedArea, unhashedArea }: GpgSignature): number {
  return cost.subpackets(hashedArea.length + unhashedArea.length);
}

/** A signature in a subpacket. */
export function readEmbeddedSignature(octets: Uint8Array): GpgSignature | undefined {
  const signature = readGpgSignature(new PacketBody(new GpgStream(octets), octets.length));
  return typeof signature === "string" ? undefined : signature;
}

function readFields(body: PacketBody): GpgSignature | GpgSignatureFault {
  if (body.left < 16) return blankSignature; // GnuPG means to refuse it, and forgets to
  const version = body.octet();
  if (version === 4) return readVersion4(body);
  return version === 2 || version === 3 ? readVersion3(body, version) : "invalid";
}

function readVersion4(body: PacketBody): GpgSignature | GpgSignatureFault {
  const [type, algorithm, hash] = [body.octet(), body.octet(), body.octet()];
  const hashedArea = readArea(body);
  if (typeof hashedArea === "string") return hashedArea;
  const unhashedArea = readArea(body);
  if (typeof unhashedArea === "string") return unhashedArea;
  if (body.left < 2) return "invalid";
  body.uint(2); // the left 16 bits of the hash
  const values = readValues(algorithm, body);
  if (values === undefined) return "invalid";
  const find = (wanted: number) => subpacket(hashedArea, wanted);
  const number = (octets: Uint8Array | undefined) => (octets === undefined ? 0 : uint(octets, 0, 4));
  const createdAtSeconds = number(find(subpacketTypes.created));
  const lifetime = number(find(subpacketTypes.expires));
  const issuer = find(subpacketTypes.issuer) ?? subpacket(unhashedArea, subpacketTypes.issuer);
  const fingerprint = find(subpacketTypes.issuerFingerprint);
  const exportable = find(subpacketTypes.exportable) ?? subpacket(unhashedArea, subpacketTypes.exportable);
  const head = Uint8Array.of(4, type, algorithm, hash, hashedArea.length >> 8, hashedArea.length & 0xff);
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
    trailer: signatureTrailer(4, concat(head, hashedArea)),
    values,
  };
}

function readArea(body: PacketBody): Uint8Array | GpgSignatureFault {
  if (body.left < 2) return "invalid";
  const length = body.uint(2);
  if (length > body.left || length > maxArea) return "invalid";
  return body.read(length) ?? "ends";
}

function readVersion3(body: PacketBody, version: number): GpgSignature | GpgSignatureFault {
  body.octet(); // the length of what is hashed
  const type = body.octet();
  if (body.left < 12) return "invalid";
  const created = body.take(4);
  const keyId = hex(body.take(8));
  if (body.left < 2) return "invalid";
  const [algorithm, hash] = [body.octet(), body.octet()];
  if (body.left < 2) return "invalid";
  body.uint(2);
  const values = readValues(algorithm, body);
  if (values === undefined) return "invalid";
  return {
    ...blankSignature,
    version,
    type,
    createdAtSeconds: uint(created, 0, 4),
    keyId,
    algorithm,
    hash,
    exportable: true,
    trailer: concat(Uint8Array.of(type), created),
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

function readValues(algorithm: number, body: PacketBody): readonly Uint8Array[] | undefined {
  const count = valueCounts[algorithm];
  if (count === undefined) {
    if (body.left > maxUnknownValues) return undefined;
    body.rest();
    return [];
  }
  const values: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const value = body.mpi();
    if (value !== undefined) values.push(withoutLeadingZeros(value));
  }
  return values.length === count ? values : undefined;
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
