import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf } from "./system-error.ts";

/** Why a file could not be read whole. `errno` is the operating system's name of the error, such as `EACCES`. */
export type FileProblem =
  | { readonly kind: "missing" }
  | { readonly kind: "symlink" }
  | { readonly kind: "special"; readonly isDirectory: boolean }
  | { readonly kind: "too-large" }
  | { readonly kind: "system"; readonly errno: string };

/** What is known of an open file. */
export interface FileStatus {
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Why a file could not be opened. */
export type OpenProblem = Exclude<FileProblem, { readonly kind: "too-large" }>;

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
  path: string | Uint8Array,
  options: {
    readonly maxBytes: number;
    readonly followLinks: boolean;
    readonly inspect?: (status: FileStatus) => void;
  },
): Result<Uint8Array, FileProblem> {
  const opened = openRegularFile(path, options);
  return opened.ok ? readOpenFile(opened.value, options) : opened;
}

/** The same of a file that was opened, and is closed here. */
export function readOpenFile(
  { descriptor, status }: RegularFile,
  { maxBytes, inspect }: { readonly maxBytes: number; readonly inspect?: (status: FileStatus) => void },
): Result<Uint8Array, FileProblem> {
  try {
    inspect?.(status);
    const content = readWhole(descriptor, status.size, maxBytes);
    return content === undefined ? fail({ kind: "too-large" }) : ok(content);
  } catch (error) {
    return fail({ kind: "system", errno: errnoOf(error) });
  } finally {
    closeSync(descriptor);
  }
}

/** A file that has the size it said it has, and nothing where it was asked for one byte more, is read in one call. */
function readWhole(descriptor: number, sizeBytes: number, maxBytes: number): Uint8Array | undefined {
  if (sizeBytes > maxBytes) return undefined;
  const buffer = Buffer.allocUnsafe(sizeBytes + 1);
  const count = readSync(descriptor, buffer, 0, buffer.length, 0);
  return count === sizeBytes ? buffer.subarray(0, count) : readToEnd(descriptor, sizeBytes, maxBytes);
}

/** An open file, of which it is known what it is. */
export interface RegularFile {
  readonly descriptor: number;
  readonly status: FileStatus;
}

/** Opens a file for reading, if it is a regular one; who calls this closes it. */
export function openRegularFile(
  path: string | Uint8Array,
  { followLinks }: { readonly followLinks: boolean },
): Result<RegularFile, OpenProblem> {
  const name = typeof path === "string" ? path : Buffer.from(path);
  return openRegular((flags) => openSync(name, flags), { followLinks });
}

/** @param open as open(2), in whatever way: gives a descriptor, or throws an error with its name. */
export function openRegular(
  open: (flags: number) => number,
  { followLinks }: { readonly followLinks: boolean },
): Result<RegularFile, OpenProblem> {
  const noFollow = followLinks ? 0 : constants.O_NOFOLLOW;
  let descriptor: number | undefined;
  try {
    descriptor = open(constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | noFollow);
    const status = fstatSync(descriptor);
    if (status.isFile()) return ok({ descriptor, status });
    closeSync(descriptor);
    return fail({ kind: "special", isDirectory: status.isDirectory() });
  } catch (error) {
    if (descriptor === undefined) return fail(openProblem(errnoOf(error), followLinks));
    closeSync(descriptor);
    return fail({ kind: "system", errno: errnoOf(error) });
  }
}

function openProblem(errno: string, followLinks: boolean): OpenProblem {
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
