import { closeSync, readSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { type OpenProblem, openRegularFile } from "./bounded-file.ts";
import { errnoOf } from "./system-error.ts";

/** A regular file opened once, read at any place of it. */
export interface OpenFile {
  /** When it was opened. */
  readonly sizeBytes: number;
  /**
   * The bytes at `position`, fewer than `length` only at the end. The system's failure is a value: a disk may break.
   */
  read(position: number, length: number): Result<Uint8Array, OpenProblem>;
  /** The descriptor's number may become another file's at once: whoever reads after this gets `EBADF` and no bytes. */
  close(): void;
}

/** Opens a regular file; the path may be or contain links. */
export function openFile(path: string): Result<OpenFile, OpenProblem> {
  const opened = openRegularFile(path, { followLinks: true });
  return opened.ok ? ok(fileOf(opened.value.descriptor, opened.value.status.size)) : opened;
}

function fileOf(descriptor: number, sizeBytes: number): OpenFile {
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
