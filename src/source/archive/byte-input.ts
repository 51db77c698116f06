import type { OpenFile } from "../../host/open-file.ts";
import { reasonOf } from "../../host/system-error.ts";
import { ArchiveFailure, malformed } from "./archive-failure.ts";

/** Bytes from the first to the last, of which parts may be passed over. */
export interface ByteInput {
  /** How many were read or passed over. */
  readonly position: number;
  /** Fewer than `length` only at the end. */
  read(length: number): Promise<Uint8Array>;
  /** Throws if there are fewer. */
  skip(length: number): Promise<void>;
}

/** Headers are 512 bytes, and what they describe is mostly passed over. */
const readAheadBytes = 16 * 1024;
const pieceBytes = 256 * 1024;

/** What is passed over is not read from the file. */
export function fileInput(file: OpenFile): ByteInput {
  let position = 0;
  let ahead: Uint8Array = new Uint8Array();
  let aheadAt = 0;
  return {
    get position() {
      return position;
    },
    read: async (length) => {
      if (position < aheadAt || position + length > aheadAt + ahead.length) {
        ahead = readFile(file, position, Math.max(length, readAheadBytes));
        aheadAt = position;
      }
      const bytes = ahead.subarray(position - aheadAt, position - aheadAt + length);
      position += bytes.length;
      return bytes;
    },
    skip: async (length) => {
      if (position + length > file.sizeBytes) throw cut();
      position += length;
    },
  };
}

/** The same of a stream, where what is passed over has to be made nonetheless. */
export function streamInput(pieces: AsyncIterator<Uint8Array>): ByteInput {
  let position = 0;
  let piece: Uint8Array = new Uint8Array();
  /** Up to `length` of the bytes that are at hand; none at the end. */
  const take = async (length: number): Promise<Uint8Array> => {
    while (piece.length === 0) {
      const next = await pieces.next();
      if (next.done) return piece;
      piece = next.value;
    }
    const taken = piece.subarray(0, length);
    piece = piece.subarray(taken.length);
    position += taken.length;
    return taken;
  };
  return {
    get position() {
      return position;
    },
    read: async (length) => {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const taken = await take(length - filled);
        if (taken.length === 0) break;
        bytes.set(taken, filled);
        filled += taken.length;
      }
      return bytes.subarray(0, filled);
    },
    skip: async (length) => {
      for (let left = length; left > 0; ) {
        const taken = await take(left);
        if (taken.length === 0) throw cut();
        left -= taken.length;
      }
    },
  };
}

/** A part of a file, read as it is asked for. */
export async function* filePieces(file: OpenFile, start: number, length: number): AsyncGenerator<Uint8Array, void> {
  for (let done = 0; done < length; ) {
    const piece = readFile(file, start + done, Math.min(pieceBytes, length - done));
    if (piece.length === 0) throw cut();
    done += piece.length;
    yield piece;
  }
}

/** The next `length` bytes of a stream in pieces. */
export async function* inputPieces(input: ByteInput, length: number): AsyncGenerator<Uint8Array, void> {
  for (let done = 0; done < length; ) {
    const piece = await input.read(Math.min(pieceBytes, length - done));
    if (piece.length === 0) throw cut();
    done += piece.length;
    yield piece;
  }
}

export function cut(): ArchiveFailure {
  return malformed("it ends in the middle");
}

function readFile(file: OpenFile, position: number, length: number): Uint8Array {
  const read = file.read(position, length);
  if (read.ok) return read.value;
  const reason = read.problem.kind === "system" ? reasonOf(read.problem.errno) : read.problem.kind;
  throw new ArchiveFailure({ code: "image.file.unreadable", name: "archive", reason }, reason);
}
