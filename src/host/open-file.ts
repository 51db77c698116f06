import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { type FileProblem, openProblem } from "./bounded-file.ts";
import { errnoOf } from "./system-error.ts";

/** A regular file opened once, read at any place of it. */
export interface OpenFile {
  /** When it was opened. */
  readonly sizeBytes: number;
  /**
   * The bytes at `position`, fewer than `length` only at the end. The system's failure is a value: a disk may break.
   */
  read(position: number, length: number): Result<Uint8Array, FileProblem>;
  /** The descriptor's number may become another file's at once: whoever reads after this gets `EBADF` and no bytes. */
  close(): void;
}

/** Opens a regular file; the path may be or contain links. As `readBoundedFile` does, without reading it. */
export function openRegularFile(path: string): Result<OpenFile, FileProblem> {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return fail(openProblem(errnoOf(error), true));
  }
  const status = fstatSync(descriptor);
  if (!status.isFile()) {
    closeSync(descriptor);
    return fail({ kind: "special", isDirectory: status.isDirectory() });
  }
  return ok(openFile(descriptor, status.size));
}

function openFile(descriptor: number, sizeBytes: number): OpenFile {
  let isOpen = true;
  return {
    sizeBytes,
    read: (position, length) => {
      if (!isOpen) return fail({ kind: "system", errno: "EBADF" });
      try {
        return ok(readAt(descriptor, position, length));
      } catch (error) {
        return fail({ kind: "system", errno: errnoOf(error) });
      }
    },
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** read(2) may give less than was asked for: the end is where it gives nothing. */
function readAt(descriptor: number, position: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
