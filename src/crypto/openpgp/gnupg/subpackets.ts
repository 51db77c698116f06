import { uint } from "../octets.ts";

/** Subpacket types, RFC 4880 section 5.2.3.1 and GnuPG: common/openpgpdefs.h. */
export const subpacketTypes = {
  created: 2,
  expires: 3,
  exportable: 4,
  trust: 5,
  regularExpression: 6,
  revocable: 7,
  keyExpires: 9,
  preferredCiphers: 11,
  revocationKey: 12,
  issuer: 16,
  notation: 20,
  preferredHashes: 21,
  preferredCompressions: 22,
  preferredKeyserver: 24,
  primaryUserId: 25,
  policy: 26,
  keyFlags: 27,
  revocationReason: 29,
  features: 30,
  signature: 32,
  issuerFingerprint: 33,
  keyBlock: 38,
} as const;

/** One subpacket as GnuPG steps over it: `body` is `undefined` where its walk ends because the rest does not fit. */
interface Step {
  readonly type: number;
  readonly critical: boolean;
  readonly body: Uint8Array | undefined;
}

/** Steps through an area of subpackets; the last step has no body if the area is malformed. GnuPG: parse-packet.c enum_sig_subpkt. */
function* steps(area: Uint8Array): Generator<Step> {
  const broken: Step = { type: -1, critical: false, body: undefined };
  let at = 0;
  while (at < area.length) {
    const first = area[at] ?? 0;
    at++;
    let length = first;
    if (first === 255) {
      if (area.length - at < 4) return yield broken;
      length = uint(area, at, 4);
      at += 4;
    } else if (first >= 192) {
      if (area.length - at < 2) return yield broken;
      length = (first - 192) * 256 + uint(area, at, 1) + 192;
      at += 1;
    }
    const type = area[at];
    if (area.length - at < length || type === undefined) return yield broken;
    // An empty one is stepped over with the type that follows it; only a look inside finds it broken.
    yield {
      type: type & 0x7f,
      critical: type >= 0x80,
      body: length === 0 ? undefined : area.subarray(at + 1, at + length),
    };
    at += length;
  }
}

/** Every usable subpacket of this type, up to the first that is not. */
export function* subpackets(area: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const { type, body } of steps(area)) {
    if (type === -1) return;
    if (type !== wanted) continue;
    if (body === undefined || !isUsable(wanted, body)) return;
    yield body;
  }
}

/** The first subpacket of this type, or `undefined` if there is none or it is too short. GnuPG: parse_sig_subpkt. */
export function subpacket(area: Uint8Array, wanted: number): Uint8Array | undefined {
  const first = subpackets(area, wanted).next();
  return first.done === true ? undefined : first.value;
}

/** Whether the area is malformed, or has a critical subpacket that GnuPG does not know. GnuPG: SIGSUBPKT_TEST_CRITICAL. */
export function hasUnknownCritical(area: Uint8Array): boolean {
  for (const { type, critical, body } of steps(area)) {
    if (type === -1) return true;
    if (critical && (body === undefined || !isKnownCritical(type, body))) return true;
  }
  return false;
}

const minimalLengths: Readonly<Record<number, number>> = {
  [subpacketTypes.revocationKey]: 22,
  [subpacketTypes.created]: 4,
  [subpacketTypes.expires]: 4,
  [subpacketTypes.keyExpires]: 4,
  [subpacketTypes.signature]: 1,
  [subpacketTypes.exportable]: 1,
  [subpacketTypes.revocable]: 1,
  [subpacketTypes.revocationReason]: 1,
  [subpacketTypes.issuer]: 8,
  [subpacketTypes.issuerFingerprint]: 21,
  [subpacketTypes.notation]: 8,
};

/** GnuPG: parse-packet.c parse_one_sig_subpkt. */
function isUsable(type: number, body: Uint8Array): boolean {
  if (body.length < (minimalLengths[type] ?? 0)) return false;
  if (type === subpacketTypes.notation) return body.length === 8 + uint(body, 4, 2) + uint(body, 6, 2);
  if (type === subpacketTypes.primaryUserId) return body.length === 1;
  return type !== subpacketTypes.trust || body.length === 2;
}

const knownCritical: readonly number[] = [
  subpacketTypes.signature,
  subpacketTypes.created,
  subpacketTypes.expires,
  subpacketTypes.keyExpires,
  subpacketTypes.exportable,
  subpacketTypes.revocable,
  subpacketTypes.revocationKey,
  subpacketTypes.issuer,
  subpacketTypes.issuerFingerprint,
  subpacketTypes.preferredCiphers,
  subpacketTypes.preferredHashes,
  subpacketTypes.preferredCompressions,
  subpacketTypes.keyFlags,
  subpacketTypes.primaryUserId,
  subpacketTypes.features,
  subpacketTypes.trust,
  subpacketTypes.regularExpression,
  subpacketTypes.policy,
  subpacketTypes.preferredKeyserver,
  subpacketTypes.revocationReason,
];

/** GnuPG: parse-packet.c register_known_notation. */
const knownNotations: readonly string[] = ["preferred-email-encoding@pgp.com", "pka-address@gnupg.org"];

/** GnuPG: parse-packet.c can_handle_critical. */
function isKnownCritical(type: number, body: Uint8Array): boolean {
  if (type === subpacketTypes.notation) {
    const nameLength = uint(body, 4, 2);
    if (body.length < 8 + nameLength) return false;
    return knownNotations.includes(Buffer.from(body.subarray(8, 8 + nameLength)).toString("latin1"));
  }
  if (type === subpacketTypes.keyBlock) return body.length > 0 && body[0] === 0;
  return knownCritical.includes(type);
}
