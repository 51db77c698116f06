import { cost, type WorkBudget } from "../budget.ts";
import { tags } from "./algorithms.ts";
import { uint } from "./octets.ts";

/** A packet of a file that is looked at for words: the back ends read packets their own ways. */
export interface Frame {
  readonly tag: number;
  /** What of the body is there. */
  readonly body: Uint8Array;
  /** The length that the header gives; at the end of the input it may be more than `body` has. */
  readonly length: number;
  /** Where the next packet begins. */
  readonly end: number;
}

const streamable: readonly number[] = [
  tags.literal,
  tags.compressed,
  tags.encrypted,
  tags.encryptedIntegrity,
  tags.encryptedAead,
];

/**
 * Frames the packet at `at`; `undefined` if the header is invalid, or the budget spent. The caller sees to the end of the input.
 * GnuPG: g10/parse-packet.c parse, and the block filter of common/iobuf.c for bodies in parts.
 */
export function frameAt(input: Uint8Array, at: number, budget: WorkBudget): Frame | undefined {
  if (!budget.spend(cost.packet)) return undefined;
  const first = input[at] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) === 0) return frameOldFormat(input, at, first);
  const tag = first & 0x3f;
  const header = lengthAt(input, at + 1);
  if (header === undefined) return undefined;
  if (!header.partial) return definite(input, tag, header.start, header.length);
  return streamable.includes(tag) ? inParts(input, tag, header, budget) : undefined;
}

function frameOldFormat(input: Uint8Array, at: number, first: number): Frame | undefined {
  const tag = (first >> 2) & 0xf;
  const lengthType = first & 3;
  if (lengthType === 3) {
    if (!streamable.includes(tag)) return undefined;
    const body = input.subarray(at + 1);
    return { tag, body, length: body.length, end: input.length };
  }
  const size = 1 << lengthType;
  if (at + 1 + size > input.length) return undefined;
  return definite(input, tag, at + 1 + size, uint(input, at + 1, size));
}

function definite(input: Uint8Array, tag: number, start: number, length: number): Frame {
  const end = Math.min(input.length, start + length);
  return { tag, body: input.subarray(start, end), length, end };
}

function inParts(input: Uint8Array, tag: number, first: Part, budget: WorkBudget): Frame | undefined {
  const parts: Uint8Array[] = [];
  let part = first;
  while (budget.spend(cost.part)) {
    const end = part.start + part.length;
    // GnuPG would stop with an error in mid-packet: whatever follows is lost, and with it the signature.
    if (end > input.length) return undefined;
    parts.push(input.subarray(part.start, end));
    if (!part.partial) {
      // Not as arguments: there may be more parts than a call can take.
      const body = Buffer.concat(parts);
      return { tag, body, length: body.length, end };
    }
    const next = lengthAt(input, end);
    if (next === undefined) return undefined;
    part = next;
  }
  return undefined;
}

/** A length, and whether more parts follow. */
interface Part {
  readonly start: number;
  readonly length: number;
  readonly partial: boolean;
}

/** The length octets at `at`, new format (RFC 4880 section 4.2.2). */
function lengthAt(input: Uint8Array, at: number): Part | undefined {
  const first = input[at];
  if (first === undefined) return undefined;
  if (first < 192) return { start: at + 1, length: first, partial: false };
  if (first < 224) {
    const second = input[at + 1];
    return second === undefined
      ? undefined
      : { start: at + 2, length: (first - 192) * 256 + second + 192, partial: false };
  }
  if (first < 255) return { start: at + 1, length: 2 ** (first & 0x1f), partial: true };
  return at + 5 > input.length ? undefined : { start: at + 5, length: uint(input, at + 1, 4), partial: false };
}
