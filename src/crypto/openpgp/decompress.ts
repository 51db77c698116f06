import { constants, inflateRawSync, inflateSync } from "node:zlib";
import { cost, type WorkBudget } from "../budget.ts";
import { bunzip2 } from "./bunzip2.ts";

export interface Decompressed {
  readonly output: Uint8Array;
  /** Octets of input that the compressed stream takes up. */
  readonly consumed: number;
}

/** `unsupported`: no such algorithm; `too-large`: more than was allowed, or a bomb. */
export type DecompressFault = "unsupported" | "corrupt" | "too-large";

/**
 * What may come out of one message, all its layers together. A signature file of this program is at most 4 MiB, and what is
 * signed is a small JSON text.
 */
export const maxDecompressedOctets = 8 * 1024 * 1024;

/**
 * Decompresses the stream at the start of `input` (RFC 4880 section 9.3); octets after it are left alone. With a budget that
 * is spent it is `too-large`. A stream without its end is `corrupt`.
 */
export function decompress(
  algorithm: number,
  input: Uint8Array,
  maxOctets: number,
  budget: WorkBudget,
): Decompressed | DecompressFault {
  if (!budget.spend(cost.stream)) return "too-large";
  switch (algorithm) {
    case 1:
      return inflate(inflateRawSync, input, maxOctets, budget);
    case 2:
      return inflate(inflateSync, input, maxOctets, budget);
    case 3:
      return bunzip2(input, maxOctets, budget);
    default:
      return "unsupported";
  }
}

function inflate(
  how: typeof inflateSync,
  input: Uint8Array,
  maxOctets: number,
  budget: WorkBudget,
): Decompressed | DecompressFault {
  const result = unzip(how, input, maxOctets, constants.Z_FINISH);
  if (typeof result === "string") {
    // It does not say how far it came; no octet yields more than 1032 (RFC 1951: a length of 258 in two bits).
    budget.spend(cost.octets(Math.min(maxOctets, 1032 * input.length)));
    return result;
  }
  budget.spend(cost.octets(result.consumed + result.output.length));
  return budget.isSpent ? "too-large" : result;
}

/** What the library makes of a stream that begins the input, paid for by the caller. */
export function unzip(
  how: typeof inflateSync,
  input: Uint8Array,
  maxOctets: number,
  finishFlush: number,
): Decompressed | "corrupt" | "too-large" {
  try {
    // With `info`, what the types do not say: the buffer and the engine, which knows how much it took.
    const result: unknown = how(input, { info: true, maxOutputLength: Math.max(1, maxOctets), finishFlush });
    const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
    return { output: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return isTooLarge ? "too-large" : "corrupt";
  }
}
