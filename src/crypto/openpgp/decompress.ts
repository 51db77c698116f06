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
 * is spent it is `too-large`.
 *
 * @param options.isAlone a second stream of bzip2 behind the first does not matter
 * @param options.mustEnd a stream without its end is `corrupt`, not what there is of it
 */
export function decompress(
  algorithm: number,
  input: Uint8Array,
  maxOctets: number,
  budget: WorkBudget,
  { mustEnd = false, isAlone = false }: { readonly mustEnd?: boolean; readonly isAlone?: boolean } = {},
): Decompressed | DecompressFault {
  if (!budget.spend(cost.stream)) return "too-large";
  const room = { maxOctets, budget, finishFlush: mustEnd ? constants.Z_FINISH : constants.Z_SYNC_FLUSH };
  switch (algorithm) {
    case 1:
      return inflate(inflateRawSync, input, room);
    case 2:
      return inflate(inflateSync, input, room);
    case 3: {
      const result = bunzip2(input, maxOctets, budget);
      if (typeof result === "string") return result;
      const rest = input.subarray(result.consumed);
      // Go would read a second stream, GnuPG would not: not worth a special case that nobody writes.
      return !isAlone && rest[0] === 0x42 && rest[1] === 0x5a ? "corrupt" : result;
    }
    default:
      return "unsupported";
  }
}

function inflate(
  how: typeof inflateSync,
  input: Uint8Array,
  { maxOctets, budget, finishFlush }: { maxOctets: number; budget: WorkBudget; finishFlush: number },
): Decompressed | DecompressFault {
  try {
    // With `info`, what the types do not say: the buffer and the engine, which knows how much it took.
    const options = { info: true, maxOutputLength: Math.max(1, maxOctets), finishFlush };
    const result: unknown = how(input, options);
    const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
    budget.spend(cost.octets(engine.bytesWritten + buffer.length));
    return budget.isSpent ? "too-large" : { output: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    // It does not say how far it came; no octet yields more than 1032 (RFC 1951: a length of 258 in two bits).
    budget.spend(cost.octets(Math.min(maxOctets, 1032 * input.length)));
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return tooLarge ? "too-large" : "corrupt";
  }
}
