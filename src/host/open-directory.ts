import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail, ok, type Result } from "../result.ts";
import { type FileProblem, readBoundedFile } from "./bounded-file.ts";
import { errnoOf } from "./system-error.ts";

/** A directory opened once. Its files are found through the descriptor, whatever happens to the path meanwhile. */
export interface OpenDirectory {
  /** Reads a file of this directory once, and only if it is a regular file and no link. `name` has no slash. */
  readFile(name: string, maxBytes: number): Result<Uint8Array, FileProblem>;
  /** Whether it has a regular file of that name, which has no slash. Only for what is said to people. */
  hasFile(name: string): boolean;
  /** Opens a directory in this one, and only if it is no link. `name` has no slash, and is neither `.` nor `..`. */
  openDirectory(name: string): Result<OpenDirectory, FileProblem>;
  close(): void;
}

/**
 * Throws the system's error if `path`, which may be a link, is not a directory that can be opened.
 *
 * @param descriptors where the system shows open descriptors as links; not every system does.
 */
export function openDirectory(path: string, descriptors = "/proc/self/fd"): OpenDirectory {
  return fromDescriptor(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), resolve(path), descriptors);
}

function fromDescriptor(descriptor: number, path: string, descriptors: string): OpenDirectory {
  const throughDescriptor = `${descriptors}/${descriptor}`;
  const opened = fstatSync(descriptor, { bigint: true });
  const isHere = isSameDirectory(`${throughDescriptor}/.`, opened);
  const here = isHere ? throughDescriptor : path;
  const guarded: Guard = isHere ? (read) => read() : guardByPath(path, opened);
  return {
    readFile: (name, maxBytes) => guarded(() => readBoundedFile(`${here}/${name}`, { maxBytes, followLinks: false })),
    hasFile: (name) => isFile(`${here}/${name}`),
    openDirectory: (name) => {
      const inner = guarded(() => openWithoutLinks(`${here}/${name}`), closeSync);
      return inner.ok ? ok(fromDescriptor(inner.value, join(path, name), descriptors)) : inner;
    },
    close: () => closeSync(descriptor),
  };
}

function openWithoutLinks(path: string): Result<number, FileProblem> {
  try {
    return ok(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT") return fail({ kind: "missing" });
    // Linux says ENOTDIR of a link as well, as of any file.
    if (errno !== "ENOTDIR" && errno !== "ELOOP") return fail({ kind: "system", errno });
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return fail(isLink ? { kind: "symlink" } : { kind: "special", isDirectory: false });
  }
}

type Guard = <T>(read: () => Result<T, FileProblem>, discard?: (value: T) => void) => Result<T, FileProblem>;

/**
 * The way where there is no /proc of Linux (other systems, a chroot without it): by path, and the path must lead to the
 * opened directory before and after. Weaker: who can exchange the directory twice around one open(2) is not noticed.
 * Node has no openat(2).
 */
function guardByPath(path: string, opened: BigIntStats): Guard {
  return (read, discard) => {
    if (!isSameDirectory(path, opened)) return fail({ kind: "system", errno: "ESTALE" });
    const content = read();
    if (isSameDirectory(path, opened)) return content;
    if (content.ok) discard?.(content.value);
    return fail({ kind: "system", errno: "ESTALE" });
  };
}

function isSameDirectory(path: string, { dev, ino }: BigIntStats): boolean {
  try {
    const found = statSync(path, { bigint: true });
    return found.dev === dev && found.ino === ino;
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
