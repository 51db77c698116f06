import { isUtf8 } from "node:buffer";
import { cost, type WorkBudget } from "../../budget.ts";
import { hashAlgorithm } from "../algorithms.ts";
import { hex } from "../octets.ts";
import { Cursor } from "./cursor.ts";

/** Subpacket types that are looked at (RFC 9580 section 5.2.3.7). */
const types = {
  created: 2,
  expires: 3,
  exportable: 4,
  trust: 5,
  regularExpression: 6,
  revocable: 7,
  keyExpires: 9,
  revocationKey: 12,
  issuer: 16,
  notation: 20,
  primaryUserId: 25,
  keyFlags: 27,
  revocationReason: 29,
  signatureTarget: 31,
  embeddedSignature: 32,
  issuerFingerprint: 33,
  intendedRecipient: 35,
  approvedCertifications: 37,
  preferredCipherSuites: 39,
} as const;

/** Key IDs and fingerprints, in upper-case hex: of 16 digits, or longer. */
export type KeyHandle = string;

/** What one area of subpackets says. Of several subpackets of a type the last one counts. */
export interface SubpacketArea<Signature> {
  readonly octets: Uint8Array;
  readonly createdAtSeconds?: number;
  readonly lifetimeSeconds?: number;
  readonly keyLifetimeSeconds?: number;
  readonly isPrimaryUserId?: boolean;
  /** The first octet; 0 if there is none. */
  readonly keyFlags?: number;
  readonly revocationReason?: number;
  readonly issuers: readonly KeyHandle[];
  readonly embedded: readonly Signature[];
  /** Types of critical subpackets; of notations, `hasCriticalNotation` tells. */
  readonly critical: readonly number[];
  readonly hasCriticalNotation: boolean;
  /** A fingerprint of an unknown version is in it: Sequoia reads that, but cannot write it, and so hashes nothing with it. */
  readonly hasUnknownFingerprint: boolean;
}

type Fields<Signature> = { -readonly [Name in keyof SubpacketArea<Signature>]: SubpacketArea<Signature>[Name] } & {
  issuers: KeyHandle[];
  embedded: Signature[];
  critical: number[];
};

interface AreaContext<Signature> {
  /** The hash algorithm of the signature. */
  readonly hash: number;
  /** Reads a signature inside the signature, all of it; absent inside one. */
  readonly readEmbedded: ((octets: Uint8Array) => Signature | undefined) | undefined;
  /** Whether such a signature can be written again. */
  readonly isWritable: (embedded: Signature) => boolean;
  readonly budget: WorkBudget;
}

/**
 * Reads an area of subpackets; the cursor fails if one is malformed. sequoia-openpgp: parse.rs SubpacketArea::parse,
 * Subpacket::parse.
 */
export function readSubpackets<Signature>(
  cursor: Cursor,
  length: number,
  context: AreaContext<Signature>,
): SubpacketArea<Signature> {
  const octets = cursor.bytes(length);
  const fields: Fields<Signature> = {
    octets,
    issuers: [],
    embedded: [],
    critical: [],
    hasCriticalNotation: false,
    hasUnknownFingerprint: false,
  };
  const area = new Cursor(octets);
  while (!area.isAtEnd && !area.failed) {
    const body = new Cursor(area.bytes(readLength(area)));
    const first = body.number(1);
    readSubpacket(fields, first & 0x7f, body, context);
    if ((first & 0x80) !== 0) {
      fields.critical.push(first & 0x7f);
      if ((first & 0x7f) === types.notation) fields.hasCriticalNotation = true;
    }
    if (body.failed || !body.isAtEnd || !context.budget.spend(cost.step)) area.fail();
  }
  if (area.failed) cursor.fail();
  return fields;
}

function readLength(area: Cursor): number {
  const first = area.number(1);
  if (first < 192) return first;
  return first < 255 ? (first - 192) * 256 + area.number(1) + 192 : area.number(4);
}

function readSubpacket<Signature>(
  fields: Fields<Signature>,
  type: number,
  body: Cursor,
  { hash, readEmbedded, isWritable }: AreaContext<Signature>,
): void {
  const length = body.octets.length - 1;
  switch (type) {
    case types.created:
      fields.createdAtSeconds = body.number(4);
      return;
    case types.expires:
      fields.lifetimeSeconds = body.number(4);
      return;
    case types.keyExpires:
      fields.keyLifetimeSeconds = body.number(4);
      return;
    case types.exportable:
    case types.revocable:
      body.boolean();
      return;
    case types.primaryUserId:
      fields.isPrimaryUserId = body.boolean();
      return;
    case types.trust:
      body.bytes(2);
      return;
    case types.regularExpression:
      if (body.rest().at(-1) !== 0) body.fail();
      return;
    case types.revocationKey:
      // Of any length above: other than that of an issuer, a fingerprint of no known version can be written again.
      if (length < 22 || (body.number(1) & 0x80) === 0) body.fail();
      body.rest();
      return;
    case types.issuer:
      fields.issuers.push(hex(body.bytes(8)));
      return;
    case types.notation:
      readNotation(body);
      return;
    case types.keyFlags:
      fields.keyFlags = body.rest()[0] ?? 0;
      return;
    case types.revocationReason:
      fields.revocationReason = body.number(1);
      body.rest();
      return;
    case types.signatureTarget:
      body.bytes(2);
      body.rest();
      return;
    case types.embeddedSignature: {
      const embedded = readEmbedded?.(body.rest());
      if (embedded === undefined) {
        body.fail();
        return;
      }
      fields.embedded.push(embedded);
      if (!isWritable(embedded)) fields.hasUnknownFingerprint = true;
      return;
    }
    case types.issuerFingerprint:
      fields.issuers.push(readFingerprint(fields, body));
      return;
    case types.intendedRecipient:
      readFingerprint(fields, body);
      return;
    case types.approvedCertifications: {
      const size = digestSize(hash) ?? Math.max(1, length);
      if (length % size !== 0) body.fail();
      body.rest();
      return;
    }
    case types.preferredCipherSuites:
      if (length % 2 !== 0) body.fail();
      body.rest();
      return;
    default:
      body.rest();
  }
}

/** Of the hashes that OpenSSL has for Sequoia: MD5, but not RIPEMD-160. */
function digestSize(hash: number): number | undefined {
  if (hash === 1) return 16;
  return hash === 3 ? undefined : hashAlgorithm(hash)?.sizeBytes;
}

function readNotation(body: Cursor): void {
  body.bytes(4);
  const [nameLength, valueLength] = [body.number(2), body.number(2)];
  const name = body.bytes(nameLength);
  body.bytes(valueLength);
  if (!isUtf8(name)) body.fail();
}

function readFingerprint(fields: { hasUnknownFingerprint: boolean }, body: Cursor): KeyHandle {
  const version = body.number(1);
  const fingerprint = body.rest();
  if ((version === 4 && fingerprint.length !== 20) || (version === 6 && fingerprint.length !== 32)) body.fail();
  if (version === 4 || version === 6) return hex(fingerprint);
  // It is the fingerprint of no key.
  fields.hasUnknownFingerprint = true;
  return `version ${version}: ${hex(fingerprint)}`;
}
