import { signatureTypes } from "../algorithms.ts";
import { hex, uint } from "../octets.ts";
import type { GoSignature, Subpackets } from "./signature-fields.ts";
import { type Fault, isFault } from "./source.ts";

type Fields = { -readonly [Name in keyof Subpackets]: Subpackets[Name] };

const types = {
  created: 2,
  expires: 3,
  exportable: 4,
  trust: 5,
  regularExpression: 6,
  keyExpires: 9,
  issuer: 16,
  notation: 20,
  primaryUserId: 25,
  keyFlags: 27,
  revocationReason: 29,
  embeddedSignature: 32,
  issuerFingerprint: 33,
  intendedRecipient: 35,
  preferredCipherSuites: 39,
} as const;

/** Known types of which nothing is checked and nothing is used here. */
const ignored: readonly number[] = [11, 21, 22, 23, 24, 26, 28, 30];

const trustedUnhashed: readonly number[] = [types.issuer, types.issuerFingerprint, types.embeddedSignature];

/** The signature that the subpackets belong to, and what reads one that is embedded in it. */
interface AboutSignature {
  readonly version: 4 | 6;
  readonly type: number;
  readonly readEmbedded: (body: Uint8Array) => GoSignature | Fault;
}

/**
 * Reads one area of subpackets: the hashed one, or, given what that said, the unhashed one.
 * go-crypto: packet/signature.go parseSignatureSubpackets.
 */
export function readSubpackets(area: Uint8Array, signature: AboutSignature, hashed?: Subpackets): Subpackets | Fault {
  const fields: Partial<Fields> = { ...hashed };
  let at = 0;
  while (at < area.length) {
    const span = subpacketSpan(area, at);
    if (span === undefined) return "structural";
    at = span.end;
    const first = area[span.start] ?? 0;
    const type = first & 0x7f;
    if (hashed !== undefined && !trustedUnhashed.includes(type)) continue;
    const subpacket = { type, isCritical: first >= 0x80, body: area.subarray(span.start + 1, span.end) };
    const fault = readSubpacket(fields, subpacket, { ...signature, isHashed: hashed === undefined });
    if (fault !== undefined) return fault;
  }
  const { createdAtSeconds } = fields;
  return createdAtSeconds === undefined ? "structural" : { ...fields, createdAtSeconds };
}

/** Where the subpacket at `at` has its type octet and its end; `undefined` if it is empty or does not fit. */
export function subpacketSpan(area: Uint8Array, at: number): { start: number; end: number } | undefined {
  const first = area[at] ?? 0;
  const lengthOctets = first < 192 ? 1 : first < 255 ? 2 : 5;
  const start = at + lengthOctets;
  if (start > area.length) return undefined;
  const length =
    lengthOctets === 1
      ? first
      : lengthOctets === 2
        ? (first - 192) * 256 + uint(area, at + 1, 1) + 192
        : uint(area, at + 1, 4);
  const end = start + length;
  return length === 0 || end > area.length ? undefined : { start, end };
}

/** Takes one subpacket into `fields`. go-crypto: packet/signature.go parseSignatureSubpacket. */
function readSubpacket(
  fields: Partial<Fields>,
  { type, isCritical, body }: { readonly type: number; readonly isCritical: boolean; readonly body: Uint8Array },
  signature: AboutSignature & { readonly isHashed: boolean },
): Fault | undefined {
  const number = body.length === 4 ? uint(body, 0, 4) : undefined;
  switch (type) {
    case types.created:
      if (number === undefined) return "structural";
      fields.createdAtSeconds = number;
      return undefined;
    case types.expires:
      if (number === undefined) return "structural";
      fields.lifetimeSeconds = number;
      return undefined;
    case types.keyExpires:
      if (number === undefined) return "structural";
      fields.keyLifetimeSeconds = number;
      return undefined;
    case types.exportable:
      return body.length === 0 ? "structural" : body[0] === 0 ? "unsupported" : undefined;
    case types.trust:
      return body.length === 2 ? undefined : "structural";
    case types.regularExpression:
      return body.at(-1) === 0 ? undefined : "structural";
    case types.issuer:
      if (body.length !== 8 || (signature.version === 6 && signature.isHashed)) return "structural";
      if (signature.version === 4) fields.issuerKeyId = hex(body);
      return undefined;
    case types.notation:
      if (body.length < 8 || body.length !== 8 + uint(body, 4, 2) + uint(body, 6, 2)) return "structural";
      if (isCritical) fields.hasCriticalNotation = true;
      return undefined;
    case types.primaryUserId:
      if (body.length !== 1) return "structural";
      fields.isPrimaryUserId = body[0] !== 0;
      return undefined;
    case types.keyFlags:
      // Flags of several such subpackets add up.
      fields.keyFlags = (fields.keyFlags ?? 0) | (body[0] ?? 0);
      return undefined;
    case types.revocationReason:
      if (body.length === 0) return "structural";
      fields.revocationReason = body[0] ?? 0;
      return undefined;
    case types.embeddedSignature: {
      if (fields.embedded !== undefined || signature.type === signatureTypes.primaryKeyBinding) return "structural";
      const embedded = signature.readEmbedded(body);
      if (isFault(embedded)) return embedded;
      fields.embedded = embedded;
      return undefined;
    }
    case types.issuerFingerprint:
      return readIssuerFingerprint(fields, body);
    case types.intendedRecipient:
      return fingerprintLengthFits(body) ? undefined : "structural";
    case types.preferredCipherSuites:
      return body.length % 2 === 0 ? undefined : "structural";
    default:
      return isCritical && !ignored.includes(type) ? "unsupported" : undefined;
  }
}

function readIssuerFingerprint(fields: Partial<Fields>, body: Uint8Array): Fault | undefined {
  if (!fingerprintLengthFits(body)) return "structural";
  fields.issuer = { version: body[0] ?? 0, fingerprint: body.subarray(1) };
  fields.issuerKeyId = hex((body[0] ?? 0) >= 5 ? body.subarray(1, 9) : body.subarray(13, 21));
  return undefined;
}

/** One octet of key version, then a fingerprint of that version's length. */
function fingerprintLengthFits(body: Uint8Array): boolean {
  return body.length === ((body[0] ?? 0) >= 5 ? 33 : 21);
}
