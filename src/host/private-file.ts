import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";
import { effectiveUserId } from "./user.ts";

/** Why a file is not one that only this user, or root, can have written. `path` is the file or a directory on the way. */
export type PrivateFileProblem =
  | { readonly kind: "symlink" }
  | { readonly kind: "special"; readonly isDirectory: boolean }
  /** Hard links: under the other name, a journal beside this one is missed. */
  | { readonly kind: "several-names" }
  | { readonly kind: "foreign-owner"; readonly path: string; readonly ownerId: number }
  | { readonly kind: "writable-by-others"; readonly path: string }
  | { readonly kind: "system"; readonly reason: string };

export interface PrivateFile {
  /** Without links in its directories: what was looked at is what is opened by this name. */
  readonly path: string;
  /** The beginning of the file; fewer bytes than were asked for only if it has no more. */
  readonly head: Uint8Array;
}

const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Finds a regular file, or makes an empty one (mode 0600), that nobody but this user and root can write, exchange, or put a file beside:
 * as SQLite takes what lies in `FILE-journal` for a part of the file, its directory must be private too, and /tmp itself is none. So
 * nothing can happen to the name until it is opened by it. Directories further up may be shared if they are sticky, as sshd has it
 * (OpenSSH: misc.c `safe_path`, which knows no sticky ones, as keys do not lie in /tmp).
 */
export function privateFile(path: string, headBytes: number): Result<PrivateFile, PrivateFileProblem> {
  let descriptor: number | undefined;
  try {
    const absolute = resolve(path);
    const directory = realpathSync(dirname(absolute));
    const shared = sharedDirectory(directory);
    if (shared !== undefined) return fail(shared);
    const place = join(directory, basename(absolute));
    descriptor = openSync(
      place,
      constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
      0o600,
    );
    const status = fstatSync(descriptor);
    if (!status.isFile()) return fail({ kind: "special", isDirectory: status.isDirectory() });
    if (status.nlink > 1) return fail({ kind: "several-names" });
    const foreign = foreignTo(place, status, false);
    return foreign === undefined ? ok({ path: place, head: headOf(descriptor, headBytes) }) : fail(foreign);
  } catch (error) {
    return fail(openProblem(errnoOf(error)));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The first from the root on that others can change. */
function sharedDirectory(directory: string, isFurtherUp = false): PrivateFileProblem | undefined {
  const parent = dirname(directory);
  const above = parent === directory ? undefined : sharedDirectory(parent, true);
  return above ?? foreignTo(directory, lstatSync(directory), isFurtherUp);
}

/** In a sticky directory nobody can rename what is another's, which the next one down is, or it is refused itself. */
function foreignTo(path: string, { uid, mode }: Stats, mayBeSticky: boolean): PrivateFileProblem | undefined {
  if (uid !== 0 && uid !== effectiveUserId()) return { kind: "foreign-owner", path, ownerId: uid };
  const isShared = (mode & othersMayWrite) !== 0 && !(mayBeSticky && (mode & sticky) !== 0);
  return isShared ? { kind: "writable-by-others", path } : undefined;
}

function headOf(descriptor: number, bytes: number): Uint8Array {
  const head = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const count = readSync(descriptor, head, filled, bytes - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return head.subarray(0, filled);
}

function openProblem(errno: string): PrivateFileProblem {
  if (errno === "ELOOP") return { kind: "symlink" };
  if (errno === "EISDIR") return { kind: "special", isDirectory: true };
  // A socket, or a device without a driver: open(2).
  if (errno === "ENXIO" || errno === "ENODEV") return { kind: "special", isDirectory: false };
  return { kind: "system", reason: reasonOf(errno) };
}
