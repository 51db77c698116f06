import { closeSync, readSync } from "node:fs";
import { ok, type Result } from "../result.ts";
import { type OpenProblem, openRegularFile, type RegularFile } from "./bounded-file.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** An open file, to be read once from its start to its end. */
export interface FileStream {
  readonly sizeBytes: number;
  /**
   * Each piece is good until the next is asked for: they share memory. Closes the file at the end, and if reading is given up.
   * Throws an Error whose message is the system's reason.
   */
  readonly content: AsyncIterable<Uint8Array>;
  /** For a file that is not read after all. */
  close(): void;
}

const pieceBytes = 1024 * 1024;
const smallestPieceBytes = 4096;

/** Opens a regular file that is no link, for reading in pieces. */
export function openFileStream(path: string | Uint8Array): Result<FileStream, OpenProblem> {
  const opened = openRegularFile(path, { followLinks: false });
  return opened.ok ? ok(streamOf(opened.value)) : opened;
}

/** The same of a file that was opened, and is closed with it. */
export function streamOf({ descriptor, status }: RegularFile): FileStream {
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return { sizeBytes: status.size, content: pieces(descriptor, status.size, close), close };
}

/** `expectedBytes` only sizes the buffer: the end is where read(2) says so. */
async function* pieces(descriptor: number, expectedBytes: number, close: () => void): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(smallestPieceBytes, expectedBytes)));
  try {
    for (;;) {
      const count = readSync(descriptor, buffer, 0, buffer.length, null);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } catch (error) {
    throw new Error(reasonOf(errnoOf(error)));
  } finally {
    close();
  }
}
