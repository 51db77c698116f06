import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../result.ts";
import { type FileProblem, type OpenProblem, readBoundedFile } from "./bounded-file.ts";
import { type FileStream, openFileStream } from "./file-stream.ts";
import { errnoOf } from "./system-error.ts";

/** A name without a slash. It is given in bytes where it need not be UTF-8: Linux takes anything. */
type FileName = string | Uint8Array;

/** A directory opened once. Its files are found through the descriptor, whatever happens to the path meanwhile. */
export interface OpenDirectory {
  /** Reads a file of this directory once, and only if it is a regular file and no link. `name` has no slash. */
  readFile(name: string, maxBytes: number): Result<Uint8Array, FileProblem>;
  /** Opens such a file, to be read in pieces. */
  openFile(name: FileName): Result<FileStream, OpenProblem>;
  /** Opens a directory of this directory, and only if it is no link. */
  openDirectory(name: FileName): Result<OpenDirectory, OpenProblem>;
  /** Where a link of this directory points to; `undefined` if it has none of that name. */
  readLink(name: FileName): Uint8Array | undefined;
  /** Whether it has a regular file of that name, which has no slash. Only for what is said to people. */
  hasFile(name: string): boolean;
  /** Whether it surely has nothing of that name: quicker than to find out by opening it. */
  lacks(name: string): boolean;
  close(): void;
}

/** One that was found by its path, and may be written to. */
export interface NamedDirectory extends OpenDirectory {
  openDirectory(name: FileName): Result<NamedDirectory, OpenProblem>;
  /**
   * By which path something of this name is made or replaced here, as long as this is open: through the descriptor, where the system shows
   * those. Nobody has looked what has that name.
   */
  pathTo(name: string): string;
}

/**
 * Opens a directory; `path` may be a link to one.
 *
 * @param descriptors where the system shows open descriptors as links; not every system does.
 */
export function openDirectory(path: string, descriptors = "/proc/self/fd"): Result<NamedDirectory, SystemProblem> {
  return open(path, { descriptors, followLinks: true });
}

/** `errno` is the operating system's name of the error. */
export interface SystemProblem {
  readonly kind: "system";
  readonly errno: string;
}

function open(
  path: string | Buffer,
  { descriptors, followLinks }: { readonly descriptors: string; readonly followLinks: boolean },
): Result<NamedDirectory, SystemProblem> {
  const noFollow = followLinks ? 0 : constants.O_NOFOLLOW;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | noFollow);
  } catch (error) {
    return fail({ kind: "system", errno: errnoOf(error) });
  }
  const throughDescriptor = `${descriptors}/${descriptor}`;
  const isHere = showsDescriptors(descriptors, descriptor);
  // A path in bytes is one inside a directory, and absolute as that is.
  const place = isHere ? throughDescriptor : typeof path === "string" ? resolve(path) : path;
  const guarded: Guard = isHere ? (look) => look() : guardByPath(place, fstatSync(descriptor, { bigint: true }));
  const at = (name: FileName) => pathIn(place, name);
  return ok({
    readFile: (name, maxBytes) => guarded(() => readBoundedFile(at(name), { maxBytes, followLinks: false })),
    openFile: (name) => guarded(() => openFileStream(at(name)), closeAgain),
    openDirectory: (name) => guarded(() => openInside(at(name), descriptors), closeAgain),
    readLink: (name) => linkTarget(at(name)),
    hasFile: (name) => isFile(at(name)),
    lacks: (name) => isHere && isNothing(at(name)),
    pathTo: (name) => pathIn(place, name).toString(),
    close: () => closeSync(descriptor),
  });
}

function pathIn(place: string | Buffer, name: FileName): string | Buffer {
  if (typeof place === "string" && typeof name === "string") return `${place}/${name}`;
  return Buffer.concat([Buffer.from(place), slash, Buffer.from(name)]);
}

const slash = Buffer.from("/");

/** Asked once in a process: a system that shows its descriptors there goes on doing so. */
const shown = new Map<string, boolean>();

function showsDescriptors(descriptors: string, descriptor: number): boolean {
  const known = shown.get(descriptors);
  if (known !== undefined) return known;
  const isShown = isSameDirectory(`${descriptors}/${descriptor}/.`, fstatSync(descriptor, { bigint: true }));
  shown.set(descriptors, isShown);
  return isShown;
}

function openInside(path: string | Buffer, descriptors: string): Result<NamedDirectory, OpenProblem> {
  const opened = open(path, { descriptors, followLinks: false });
  if (opened.ok) return opened;
  const { errno } = opened.problem;
  if (errno === "ENOENT") return fail({ kind: "missing" });
  if (errno !== "ENOTDIR" && errno !== "ELOOP") return opened;
  // O_DIRECTORY and O_NOFOLLOW together say of a link that it is no directory.
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return fail(isLink ? { kind: "symlink" } : { kind: "special", isDirectory: false });
}

type Guard = <T, P>(look: () => Result<T, P>, discard?: (value: T) => void) => Result<T, P | SystemProblem>;

function closeAgain(opened: { close(): void }): void {
  opened.close();
}

/**
 * The way where there is no /proc of Linux (other systems, a chroot without it): by path, and the path must lead to the
 * opened directory before and after. Weaker: who can exchange the directory twice around one open(2) is not noticed.
 * Node has no openat(2).
 */
function guardByPath(path: string | Buffer, opened: BigIntStats): Guard {
  return (look, discard) => {
    if (!isSameDirectory(path, opened)) return fail({ kind: "system", errno: "ESTALE" });
    const found = look();
    if (isSameDirectory(path, opened)) return found;
    if (found.ok) discard?.(found.value);
    return fail({ kind: "system", errno: "ESTALE" });
  };
}

function isSameDirectory(path: string | Buffer, { dev, ino }: BigIntStats): boolean {
  try {
    const found = statSync(path, { bigint: true });
    return found.dev === dev && found.ino === ino;
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

/** An error is left to whoever opens the file. */
function isNothing(path: string | Buffer): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

function linkTarget(path: string | Buffer): Uint8Array | undefined {
  try {
    return readlinkSync(path, { encoding: "buffer" });
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}

function isFile(path: string | Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
