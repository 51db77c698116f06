import { constants, inflateRawSync, inflateSync } from "node:zlib";
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

/** Decompresses the stream at the start of `input` (RFC 4880 section 9.3); octets after it are left alone. */
export function decompress(algorithm: number, input: Uint8Array, maxOctets: number): Decompressed | DecompressFault {
  switch (algorithm) {
    case 1:
      return inflate(inflateRawSync, input, maxOctets);
    case 2:
      return inflate(inflateSync, input, maxOctets);
    case 3: {
      const result = bunzip2(input, maxOctets);
      if (typeof result === "string") return result;
      const rest = input.subarray(result.consumed);
      // Go would read a second stream, GnuPG would not: not worth a special case that nobody writes.
      return rest[0] === 0x42 && rest[1] === 0x5a ? "corrupt" : result;
    }
    default:
      return "unsupported";
  }
}

function inflate(how: typeof inflateSync, input: Uint8Array, maxOctets: number): Decompressed | DecompressFault {
  try {
    // With `info`, what the types do not say: the buffer and the engine, which knows how much it took.
    const options = { info: true, maxOutputLength: Math.max(1, maxOctets), finishFlush: constants.Z_SYNC_FLUSH };
    const result: unknown = how(input, options);
    const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
    return { output: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return tooLarge ? "too-large" : "corrupt";
  }
}
