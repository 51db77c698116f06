import { closeSync, constants, fstatSync } from "node:fs";
import { fail, ok, type Result } from "../../result.ts";
import { type FileStatus, type OpenProblem, openRegular, type RegularFile, readOpenFile } from "../bounded-file.ts";
import { type FileStream, streamOf } from "../file-stream.ts";
import type { OpenDirectory } from "../open-directory.ts";
import { errnoOf } from "../system-error.ts";
import type { Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { errnoName, type Libc } from "./libc.ts";

/** What may be read for whom: asked of what is open, before anything of it is used. */
export interface ReadingRights {
  readonly mayRead: (status: FileStatus) => boolean;
  readonly maySearch: (status: FileStatus) => boolean;
}

/**
 * A directory that was received as a descriptor, which is taken; one that was opened with O_PATH will do. Every file and directory in it is
 * opened by openat(2), one component at a time and without following a link, whatever happens to the names meanwhile. What `rights` do not
 * allow is as if the system had refused it.
 */
export function directoryAt(
  libc: Libc,
  descriptor: Descriptor,
  rights: ReadingRights,
): Result<OpenDirectory, { readonly errno: string }> {
  const errno = unsearchable(descriptor, rights);
  if (errno === undefined) return ok(new DirectoryAt(libc, descriptor, rights));
  descriptor.close();
  return fail({ errno });
}

function unsearchable({ number }: Descriptor, { maySearch }: ReadingRights): string | undefined {
  try {
    const status = fstatSync(number);
    if (!status.isDirectory()) return "ENOTDIR";
    return maySearch(status) ? undefined : "EACCES";
  } catch (error) {
    return errnoOf(error);
  }
}

class DirectoryAt implements OpenDirectory {
  readonly #libc: Libc;
  readonly #descriptor: Descriptor;
  readonly #rights: ReadingRights;

  constructor(libc: Libc, descriptor: Descriptor, rights: ReadingRights) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#rights = rights;
  }

  readFile(name: string, maxBytes: number): ReturnType<OpenDirectory["readFile"]> {
    const opened = this.#openFile(name);
    return opened.ok ? readOpenFile(opened.value, { maxBytes }) : opened;
  }

  openFile(name: string | Uint8Array): Result<FileStream, OpenProblem> {
    const opened = this.#openFile(name);
    return opened.ok ? ok(streamOf(opened.value)) : opened;
  }

  openDirectory(name: string | Uint8Array): Result<OpenDirectory, OpenProblem> {
    const outcome = this.#openAt(name, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    if (typeof outcome === "string") return fail(this.#directoryProblem(name, outcome));
    const directory = directoryAt(this.#libc, ownDescriptor(outcome), this.#rights);
    return directory.ok ? directory : fail({ kind: "system", errno: directory.problem.errno });
  }

  /** Links are followed for nobody here. */
  readLink(): undefined {
    return undefined;
  }

  hasFile(name: string): boolean {
    const opened = this.#openFile(name);
    if (opened.ok) closeSync(opened.value.descriptor);
    return opened.ok;
  }

  lacks(name: string): boolean {
    const outcome = this.#openAt(name, pathOnly | constants.O_NOFOLLOW);
    if (typeof outcome === "number") closeSync(outcome);
    return outcome === "ENOENT";
  }

  close(): void {
    this.#descriptor.close();
  }

  #openFile(name: string | Uint8Array): Result<RegularFile, OpenProblem> {
    const open = (flags: number): number => {
      const outcome = this.#openAt(name, flags);
      if (typeof outcome === "number") return outcome;
      throw Object.assign(new Error(outcome), { code: outcome });
    };
    const opened = openRegular(open, { followLinks: false });
    if (!opened.ok || this.#rights.mayRead(opened.value.status)) return opened;
    closeSync(opened.value.descriptor);
    return fail({ kind: "system", errno: "EACCES" });
  }

  /** @returns a descriptor, or the name of an error. */
  #openAt(name: string | Uint8Array, flags: number): number | string {
    const text = typeof name === "string" ? name : Buffer.from(name).toString("utf8");
    // One component, and none that leads anywhere else.
    if (text === "" || text === "." || text === ".." || /[/\0]/.test(text)) return "EINVAL";
    const outcome = this.#libc.openAt(this.#descriptor.number, text, flags | closeOnExec);
    return outcome < 0 ? errnoName(outcome) : outcome;
  }

  #directoryProblem(name: string | Uint8Array, errno: string): OpenProblem {
    if (errno === "ENOENT") return { kind: "missing" };
    if (errno !== "ENOTDIR" && errno !== "ELOOP") return { kind: "system", errno };
    // O_DIRECTORY and O_NOFOLLOW together say of a link that it is no directory.
    const link = this.#openAt(name, pathOnly | constants.O_NOFOLLOW);
    if (typeof link === "string") return { kind: "system", errno: link };
    try {
      return fstatSync(link).isSymbolicLink() ? { kind: "symlink" } : { kind: "special", isDirectory: false };
    } finally {
      closeSync(link);
    }
  }
}

/** O_PATH and O_CLOEXEC, which Node does not name; the same on x86_64 and aarch64. */
const pathOnly = 0o10000000;
const closeOnExec = 0o2000000;
