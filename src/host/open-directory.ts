import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail, type Result } from "../result.ts";
import { type FileProblem, readBoundedFile } from "./bounded-file.ts";
import { errnoOf } from "./system-error.ts";

/** A directory opened once. Its files are found through the descriptor, whatever happens to the path meanwhile. */
export interface OpenDirectory {
  /** Reads a file of this directory once, and only if it is a regular file and no link. `name` has no slash. */
  readFile(name: string, maxBytes: number): Result<Uint8Array, FileProblem>;
  /** Whether it has a regular file of that name, which has no slash. Only for what is said to people. */
  hasFile(name: string): boolean;
  close(): void;
}

/**
 * Throws the system's error if `path`, which may be a link, is not a directory that can be opened.
 *
 * @param descriptors where the system shows open descriptors as links; not every system does.
 */
export function openDirectory(path: string, descriptors = "/proc/self/fd"): OpenDirectory {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const throughDescriptor = `${descriptors}/${descriptor}`;
  const opened = fstatSync(descriptor, { bigint: true });
  const isHere = isSameDirectory(`${throughDescriptor}/.`, opened);
  return {
    readFile: isHere
      ? (name, maxBytes) => readBoundedFile(`${throughDescriptor}/${name}`, { maxBytes, followLinks: false })
      : readerByPath(resolve(path), opened),
    hasFile: (name) => isFile(isHere ? `${throughDescriptor}/${name}` : join(resolve(path), name)),
    close: () => closeSync(descriptor),
  };
}

/**
 * The way where there is no /proc of Linux (other systems, a chroot without it): by path, and the path must lead to the
 * opened directory before and after. Weaker: who can exchange the directory twice around one open(2) is not noticed.
 * Node has no openat(2).
 */
function readerByPath(path: string, opened: BigIntStats): OpenDirectory["readFile"] {
  return (name, maxBytes) => {
    if (!isSameDirectory(path, opened)) return fail({ kind: "system", errno: "ESTALE" });
    const content = readBoundedFile(join(path, name), { maxBytes, followLinks: false });
    return isSameDirectory(path, opened) ? content : fail({ kind: "system", errno: "ESTALE" });
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
