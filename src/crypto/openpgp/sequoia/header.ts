import { cost, type WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { uint } from "../octets.ts";

/** How long a packet says it is (RFC 9580 section 4.2). */
type BodyLength = { readonly kind: "full" | "partial"; readonly octets: number } | { readonly kind: "indeterminate" };

export interface Header {
  readonly tag: number;
  readonly length: BodyLength;
  /** Where the header begins, and where the body does. */
  readonly at: number;
  readonly start: number;
}

/** The packet header at `at`; `undefined` if there is none, or only a part of one. sequoia-openpgp: parse.rs Header::parse. */
export function readHeader(octets: Uint8Array, at: number): Header | undefined {
  const first = octets[at] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) !== 0) {
    const length = readNewLength(octets, at + 1);
    return length && { tag: first & 0x3f, length: length.length, at, start: length.end };
  }
  const tag = (first >> 2) & 0xf;
  if ((first & 3) === 3) return { tag, length: { kind: "indeterminate" }, at, start: at + 1 };
  const size = 1 << (first & 3);
  if (at + 1 + size > octets.length) return undefined;
  return { tag, length: { kind: "full", octets: uint(octets, at + 1, size) }, at, start: at + 1 + size };
}

/** The length octets at `at` in the new format, and where they end. */
function readNewLength(
  octets: Uint8Array,
  at: number,
): { readonly length: Extract<BodyLength, { octets: number }>; readonly end: number } | undefined {
  const first = octets[at];
  if (first === undefined) return undefined;
  if (first < 192) return { length: { kind: "full", octets: first }, end: at + 1 };
  if (first < 224) {
    const second = octets[at + 1];
    if (second === undefined) return undefined;
    return { length: { kind: "full", octets: (first - 192) * 256 + second + 192 }, end: at + 2 };
  }
  if (first < 255) return { length: { kind: "partial", octets: 2 ** (first & 0x1f) }, end: at + 1 };
  if (at + 5 > octets.length) return undefined;
  return { length: { kind: "full", octets: uint(octets, at + 1, 4) }, end: at + 5 };
}

const containers: readonly number[] = [
  tags.literal,
  tags.compressed,
  tags.encrypted,
  tags.encryptedIntegrity,
  tags.encryptedAead,
];

/** The least octets of a packet that may come in parts. */
const containerMinimum: Readonly<Record<number, number>> = {
  [tags.encrypted]: 16,
  [tags.encryptedIntegrity]: 38,
  [tags.compressed]: 1,
  [tags.literal]: 6,
};

/** sequoia-openpgp: parse.rs DEFAULT_MAX_PACKET_SIZE; not for those that may come in parts. */
const maxPacket = 1 << 20;

/**
 * Whether a packet of this type can have this length; of another, nothing is read but its type. sequoia-openpgp:
 * packet/header/mod.rs Header::valid.
 *
 * @param isFirst strictly, as when it is decided whether the input is armoured: unknown types will not do either
 */
export function isPlausible({ tag, length }: Header, isFirst = false): boolean {
  if (tag === tags.reserved) return false;
  if (isFirst && !isKnownTag(tag)) return false;
  if (containers.includes(tag)) {
    if (length.kind === "indeterminate") return true;
    return length.octets >= (length.kind === "partial" ? 512 : (containerMinimum[tag] ?? 0));
  }
  if (length.kind !== "full") return false;
  const { octets } = length;
  if (!isFirst && octets > maxPacket) return false;
  switch (tag) {
    case tags.signature:
      return octets >= 10 && octets < 10 + 3 * 65_536;
    case tags.symmetricKeyEncryptedSessionKey:
      return octets >= 3 && octets < 10_240;
    case tags.publicKeyEncryptedSessionKey:
      return octets >= 5 && octets < 10_240;
    case tags.onePassSignature:
      return isFirst ? octets === 13 || (octets >= 38 && octets < 294) : octets < 1024;
    case tags.publicKey:
    case tags.publicSubkey:
    case tags.secretKey:
    case tags.secretSubkey:
      return octets > 6 && octets < 1024 * 1024;
    case tags.userId:
      return octets < 32_768;
    case tags.userAttribute:
      return octets >= 2;
    case tags.modificationDetection:
      return octets === 20;
    case tags.marker:
      return octets === 3;
    default:
      return true;
  }
}

/** sequoia-openpgp: packet/tag.rs Tag::from, all that are not `Unknown` or `Private`. */
function isKnownTag(tag: number): boolean {
  return tag <= 14 || (tag >= 17 && tag <= 21);
}

/** The body of a packet, and where the next one begins. */
export interface Framed {
  readonly body: Uint8Array;
  readonly end: number;
  /** The input ends before the packet does. */
  readonly isCut: boolean;
}

/** Takes the body out of its parts. sequoia-openpgp: parse/partial_body.rs. */
export function frame(octets: Uint8Array, { length, start }: Header, budget: WorkBudget): Framed {
  if (length.kind === "indeterminate") {
    return { body: octets.subarray(start), end: octets.length, isCut: false };
  }
  if (length.kind === "full") {
    const end = Math.min(octets.length, start + length.octets);
    return { body: octets.subarray(start, end), end, isCut: end < start + length.octets };
  }
  const parts: Uint8Array[] = [];
  let part: { readonly length: Extract<BodyLength, { octets: number }>; readonly end: number } = { length, end: start };
  for (;;) {
    const end = Math.min(octets.length, part.end + part.length.octets);
    parts.push(octets.subarray(part.end, end));
    const isShort = end < part.end + part.length.octets;
    budget.spend(cost.part + cost.octets(end - part.end));
    const next = part.length.kind === "full" || isShort ? "none" : readNewLength(octets, end);
    if (budget.isSpent) return { body: new Uint8Array(0), end, isCut: true };
    if (next === "none" || next === undefined) {
      return { body: Buffer.concat(parts), end, isCut: isShort || next === undefined };
    }
    part = next;
  }
}
