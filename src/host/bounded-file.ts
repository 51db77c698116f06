import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf } from "./system-error.ts";

/** Why a file could not be read whole. `errno` is the operating system's name of the error, such as `EACCES`. */
export type FileProblem =
  | { readonly kind: "missing" }
  | { readonly kind: "symlink" }
  | { readonly kind: "special"; readonly isDirectory: boolean }
  | { readonly kind: "too-large" }
  | { readonly kind: "system"; readonly errno: string };

/**
 * Opens a file once and reads it once, to its end, or until it proves to have more than `maxBytes`.
 *
 * Only regular files are read: a FIFO would block (hence O_NONBLOCK), a device may do anything, and what is checked is the
 * open descriptor, so that nothing can be exchanged in between. With `followLinks: false` the last part of the path must
 * not be a symbolic link, not even a dangling one.
 *
 * @param options.inspect is shown the open file before it is read.
 */
export function readBoundedFile(
  path: string,
  options: {
    readonly maxBytes: number;
    readonly followLinks: boolean;
    readonly inspect?: (status: Stats) => void;
  },
): Result<Uint8Array, FileProblem> {
  const { maxBytes, followLinks, inspect } = options;
  const noFollow = followLinks ? 0 : constants.O_NOFOLLOW;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | noFollow);
  } catch (error) {
    return fail(openProblem(errnoOf(error), followLinks));
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return fail({ kind: "special", isDirectory: status.isDirectory() });
    inspect?.(status);
    const content = readToEnd(descriptor, Math.min(status.size, maxBytes), maxBytes);
    return content === undefined ? fail({ kind: "too-large" }) : ok(content);
  } catch (error) {
    return fail({ kind: "system", errno: errnoOf(error) });
  } finally {
    closeSync(descriptor);
  }
}

export function openProblem(errno: string, followLinks: boolean): FileProblem {
  if (errno === "ENOENT") return { kind: "missing" };
  if (errno === "ELOOP" && !followLinks) return { kind: "symlink" };
  // A socket, or a device without a driver, cannot even be opened: open(2) ENXIO, ENODEV.
  if (errno === "ENXIO" || errno === "ENODEV") return { kind: "special", isDirectory: false };
  return { kind: "system", errno };
}

/**
 * `undefined` if there are more than `maxBytes`. `expectedBytes` only sizes the first buffer: a file may grow or shrink while
 * it is read, its end is where read(2) says so.
 */
export function readToEnd(descriptor: number, expectedBytes: number, maxBytes: number): Uint8Array | undefined {
  let buffer = Buffer.allocUnsafeSlow(expectedBytes + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (length > maxBytes) return undefined;
    if (count === 0) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * buffer.length, maxBytes) + 1);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
  }
}
