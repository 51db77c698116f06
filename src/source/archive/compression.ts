import type { Duplex } from "node:stream";
import { maxArchiveExpansion, maxArchiveUnpackedBytes, maxSmallFileUnpackedBytes } from "../../limits.ts";
import { errorText } from "../../result.ts";
import { ArchiveFailure, malformed, tooLarge } from "./archive-failure.ts";
import { zstdFrames } from "./zstd-frames.ts";

export type Compression = "gzip" | "bzip2" | "xz" | "zstd";

/** image/v5: pkg/compression/compression.go, for docker-archive; storage: pkg/archive DetectCompression, for oci-archive. */
const magic: Readonly<Record<Compression, readonly number[]>> = {
  gzip: [0x1f, 0x8b, 0x08],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
};

/** What a frame of zstd counts for besides its content: millions without any would take minutes. */
const frameBytes = 16 * 1024;

/** How many bytes {@link compressionOf} looks at. */
export const magicBytes = 8;

/** Tells the compression by the first bytes; `undefined` if there is none. */
export function compressionOf(start: Uint8Array): Compression | undefined {
  return (["gzip", "bzip2", "xz", "zstd"] as const).find((name) =>
    magic[name].every((byte, index) => start[index] === byte),
  );
}

/** What may still be unpacked from one file: each of its compressed parts takes from the same. */
export class UnpackBudget {
  readonly maxBytes: number;
  #spent = 0;

  /** @param times how often as much as may be in the file */
  constructor(fileBytes: number, times = 1) {
    const most = Math.max(maxSmallFileUnpackedBytes, maxArchiveExpansion * fileBytes);
    this.maxBytes = times * Math.min(maxArchiveUnpackedBytes, most);
  }

  /** Throws once there is more than may be. */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > this.maxBytes) throw tooLarge(this.maxBytes);
  }
}

/**
 * Unpacks a stream. As the reference, takes several compressed streams one after another, and nothing else behind them.
 *
 * Throws ArchiveFailure: where it is broken, cut short, too large, or compressed in a way that this runtime does not know.
 */
export async function* unpack(
  compression: Compression,
  packed: AsyncIterable<Uint8Array>,
  budget: UnpackBudget,
): AsyncGenerator<Uint8Array, void> {
  const [unpacker, { pipeline }] = [await unpackerFor(compression), await import("node:stream")];
  let fed = 0;
  let failure: unknown;
  const counted = async function* () {
    try {
      const frames = compression === "zstd" ? zstdFrames(packed, () => budget.spend(frameBytes)) : packed;
      for await (const piece of frames) {
        fed += piece.length;
        yield piece;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  // Its error is the one that the loop below throws.
  pipeline(counted, unpacker, () => undefined);
  try {
    for await (const piece of unpacker as AsyncIterable<Uint8Array>) {
      budget.spend(piece.length);
      yield piece;
    }
  } catch (error) {
    if (error instanceof ArchiveFailure) throw error;
    if (failure !== undefined) throw failure;
    throw malformed(`${compression}: ${errorText(error)}`);
  }
  if (unpacker.bytesWritten < fed) throw malformed(`${compression}: there is something behind its end`);
}

async function unpackerFor(compression: Compression): Promise<Duplex & { readonly bytesWritten: number }> {
  if (compression === "bzip2" || compression === "xz") {
    throw new ArchiveFailure({ code: "image.archive.malformed", compression }, `${compression} is not read`);
  }
  const zlib = await import("node:zlib");
  const chunkSize = 128 * 1024;
  if (compression === "gzip") return zlib.createGunzip({ chunkSize });
  // Since Node 22.15.
  if (typeof zlib.createZstdDecompress !== "function") {
    throw malformed("it is compressed with zstd, which this version of Node does not know; 22.15 and newer do");
  }
  return zlib.createZstdDecompress({ chunkSize });
}
