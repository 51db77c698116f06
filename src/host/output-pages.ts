import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, ok, type Result } from "../result.ts";
import { makeDirectory } from "./make-directory.ts";
import { type OutputFileProblem, writeOutputFiles } from "./output-file.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/**
 * A file, and pages in the folder beside it (`FILE.d`) that it links to. Pages have names of their own in each run, and the file gets its own
 * when all are there: whatever happens, what is at FILE links to pages that are complete, and are its own.
 */
export class OutputPages {
  readonly #path: string;
  readonly #folder: string;
  readonly #run = Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
  /** Of earlier runs. */
  readonly #old: readonly string[];
  readonly #made: string[] = [];

  private constructor(path: string, folder: string, old: readonly string[]) {
    this.#path = path;
    this.#folder = folder;
    this.#old = old;
  }

  static open(path: string): Result<OutputPages, OutputFileProblem> {
    const folder = `${path}.d`;
    const reason = fileFlaw(path);
    if (reason !== undefined) return fail({ path, reason });
    try {
      makeDirectory(folder, 0o755);
      const status = lstatSync(folder);
      if (!status.isDirectory()) return fail({ path: folder, reason: "what is there is no folder" });
      const user = process.geteuid?.();
      // Whoever owns it can change what the file links to.
      if (user !== undefined && status.uid !== user)
        return fail({ path: folder, reason: "it belongs to another user" });
      return ok(new OutputPages(path, folder, readdirSync(folder).filter(isPage)));
    } catch (error) {
      return fail({ path: folder, reason: reasonOf(errnoOf(error)) });
    }
  }

  /** The name of a page in its folder. */
  nameOf(page: string): string {
    return `${page}-${this.#run}.html`;
  }

  /** Where a page is, from the file. */
  linkTo(page: string): string {
    return `${encodeURIComponent(basename(this.#folder))}/${encodeURIComponent(this.nameOf(page))}`;
  }

  /** @param name as {@link nameOf} makes it */
  add(name: string, content: string): Result<undefined, OutputFileProblem> {
    const path = join(this.#folder, name);
    this.#made.push(name);
    return writeOutputFiles([{ path, content: Buffer.from(content), mode: 0o644 }]);
  }

  /** Writes the file, and takes away what earlier ones linked to. */
  finish(content: Uint8Array): Result<undefined, OutputFileProblem> {
    try {
      const present = new Set(readdirSync(this.#folder));
      if (!this.#made.every((name) => present.has(name))) {
        return fail({ path: this.#folder, reason: "another report is written there" });
      }
    } catch (error) {
      return fail({ path: this.#folder, reason: reasonOf(errnoOf(error)) });
    }
    const written = writeOutputFiles([{ path: this.#path, content, mode: 0o644 }]);
    if (written.ok) this.#remove(this.#old);
    return written;
  }

  /** Takes away what was made: the file before is as it was. */
  giveUp(): void {
    this.#remove(this.#made);
  }

  #remove(names: readonly string[]): void {
    for (const name of names) {
      try {
        unlinkSync(join(this.#folder, name));
      } catch (error) {
        // What cannot be taken away is in nobody's way.
        errnoOf(error);
      }
    }
  }
}

function isPage(name: string): boolean {
  return /^[a-z0-9-]+-[0-9a-f]{12}\.html$/.test(name);
}

/** Why there can be no folder beside it: a pipe, a device, or what is handed over as a descriptor. */
function fileFlaw(path: string): string | undefined {
  try {
    return lstatSync(path).isFile()
      ? undefined
      : "what is there is not a regular file, and pages are written beside it";
  } catch (error) {
    const errno = errnoOf(error);
    return errno === "ENOENT" ? undefined : reasonOf(errno);
  }
}
