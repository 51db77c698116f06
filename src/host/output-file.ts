import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

export interface OutputFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Without the bits of the umask; 0600 if not given. */
  readonly mode?: number;
}

/** The first file that could not be written. */
export interface OutputFileProblem {
  readonly path: string;
  readonly reason: string;
}

/**
 * Writes all of the files or reports that it could not; none is ever seen half-written. Each is made beside its place
 * (mode 0600, on disk before it gets its name) and then renamed over what was there.
 *
 * What is there must be a regular file: renaming over `/dev/null`, or over a link, would destroy it. `/dev/fd/N` is no file but
 * a descriptor that the caller opened and left open for this process, such as a pipe: it is written to.
 */
export function writeOutputFiles(outputs: readonly OutputFile[]): Result<undefined, OutputFileProblem> {
  const made: string[] = [];
  const files = outputs.filter(({ path }) => handedDescriptor(path) === undefined);
  for (const { path, content, mode = 0o600 } of files) {
    const temporary = join(dirname(path), `.sealcheck-${randomHex(8)}`);
    const reason = attempt(() => writeNewFile(temporary, { content, mode }, made)) ?? occupiedBy(path);
    if (reason !== undefined) return giveUp({ path, reason }, made);
  }
  // In between: what went into a pipe cannot be taken back, and to rename is what fails least.
  for (const { path, content } of outputs) {
    const descriptor = handedDescriptor(path);
    if (descriptor === undefined) continue;
    const reason = isStream(descriptor) ? attempt(() => writeAll(descriptor, content)) : "no such file is open";
    if (reason !== undefined) return giveUp({ path, reason }, made);
  }
  for (const [index, { path }] of files.entries()) {
    const temporary = made[index] ?? "";
    const reason = attempt(() => renameSync(temporary, path));
    if (reason !== undefined) return giveUp({ path, reason }, made);
    made[index] = path;
  }
  return ok(undefined);
}

/**
 * Writes one file where the user wants it, as a program that knows nothing of links and devices would: all or nothing if it
 * is to be a regular file, also behind a link; a pipe or device (`/dev/stdout`) is written to.
 */
export function writeNamedFile({
  path,
  content,
  mode,
}: OutputFile & { readonly mode: number }): Result<undefined, OutputFileProblem> {
  let place = path;
  const reason = attempt(() => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status?.isFile()) place = realpathSync(path);
    else if (status !== undefined) {
      const descriptor = openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
      try {
        writeAll(descriptor, content);
      } finally {
        closeSync(descriptor);
      }
      place = "";
    }
  });
  if (reason !== undefined) return fail({ path, reason });
  return place === "" ? ok(undefined) : writeOutputFiles([{ path: place, content, mode }]);
}

/**
 * Whether both paths name one directory entry, by way of linked or mounted directories too: what is written there last would
 * be all that is left. A link in the last part is no matter: it is not written through.
 */
export function isSamePlace(one: string, other: string): boolean {
  const [first, second] = [directoryOf(one), directoryOf(other)];
  if (first === undefined || second === undefined) return resolve(one) === resolve(other);
  return first.dev === second.dev && first.ino === second.ino && basename(one) === basename(other);
}

function directoryOf(path: string): BigIntStats | undefined {
  try {
    return statSync(dirname(path), { bigint: true });
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

/**
 * The number in `/dev/fd/3` or `/proc/self/fd/3`. From 3 on: 1 and 2 are where the verdict goes. Opening such a path would open a
 * file anew, and cannot be done with a socket; writing to the descriptor needs neither.
 */
function handedDescriptor(path: string): number | undefined {
  const number = /^\/(?:dev|proc\/self)\/fd\/([1-9][0-9]{0,5})$/.exec(path)?.[1];
  return number === undefined || Number(number) < 3 ? undefined : Number(number);
}

/**
 * Something that a caller may have opened to be written to. What the runtime has open for itself is nothing of the kind (epoll,
 * eventfd), or, in Node, pipes whose other end is here too.
 */
function isStream(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    if (status.isFIFO()) return !isReadHere(status);
    return status.isSocket() || status.isFile() || status.isCharacterDevice();
  } catch (error) {
    errnoOf(error);
    return false;
  }
}

/** Whether this process has the end of a pipe open that is read from. Without /proc nobody can tell. */
function isReadHere({ dev, ino }: Stats): boolean {
  return openDescriptors().some((descriptor) => {
    const other = statSync(`/proc/self/fd/${descriptor}`, { throwIfNoEntry: false });
    if (other?.dev !== dev || other.ino !== ino) return false;
    const [, flags = ""] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1")) ?? [];
    return Number.parseInt(flags, 8) % 4 === constants.O_RDONLY;
  });
}

function openDescriptors(): readonly string[] {
  try {
    return readdirSync("/proc/self/fd");
  } catch (error) {
    errnoOf(error);
    return [];
  }
}

function writeAll(descriptor: number, content: Uint8Array): void {
  for (let written = 0; written < content.length; ) {
    try {
      written += writeSync(descriptor, content, written);
    } catch (error) {
      // A pipe that somebody made non-blocking, and that is full: its reader is slow.
      if (errnoOf(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function writeNewFile(path: string, { content, mode }: Required<Omit<OutputFile, "path">>, made: string[]): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  made.push(path);
  try {
    writeAll(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function occupiedBy(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? undefined : "what is there is not a regular file";
  } catch (error) {
    const errno = errnoOf(error);
    return errno === "ENOENT" ? undefined : reasonOf(errno);
  }
}

/** Takes away what was made so far: of two files, either both are this run's or the caller hears of it. */
function giveUp(problem: OutputFileProblem, made: readonly string[]): Result<undefined, OutputFileProblem> {
  for (const path of made) attempt(() => unlinkSync(path));
  return fail(problem);
}

function attempt(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return reasonOf(errnoOf(error));
  }
}
