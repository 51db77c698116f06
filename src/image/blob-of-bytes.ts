import type { Blob } from "./image.ts";

/** A blob that is in memory, in one piece. */
export function blobOfBytes(bytes: Uint8Array): Blob {
  return { sizeBytes: bytes.length, content: onePiece(bytes) };
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
