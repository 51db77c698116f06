import { closeSync, constants, fsyncSync, openSync } from "node:fs";
import { open, readdir, rename, stat, unlink } from "node:fs/promises";
import { fail, ok, type Result } from "../result.ts";
import type { FileProblem } from "./bounded-file.ts";
import { makeDirectory } from "./make-directory.ts";
import { type NamedDirectory, openDirectory } from "./open-directory.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/**
 * Files that are made whole and never changed, `DIR/ROOM/FOLDER/NAME`. Nothing below DIR is ever reached by a link, where the system shows
 * open descriptors.
 */
export interface ContentDirectory {
  /** `folder` and `name` have no slash. */
  read(folder: string, name: string, maxBytes: number): Result<Uint8Array, FileProblem>;
  /**
   * Makes a file of this name, in place of one that may be there; it is on disk once this is done. Several processes may do so at once: whoever
   * reads finds one of theirs, and whole.
   */
  write(folder: string, name: string, content: Uint8Array): Promise<Result<undefined, { readonly reason: string }>>;
  close(): void;
}

/** Where files are until they are whole. */
const unfinished = "unfinished";

/** Whoever wrote them is dead. */
const abandonedMilliseconds = 24 * 3600 * 1000;

/** Opens the directory; if it is not there it may be made (mode 0700, as all that is made in it). */
export async function openContentDirectory(
  path: string,
  room: string,
  { mayMake }: { readonly mayMake: boolean },
): Promise<Result<ContentDirectory, { readonly reason: string }>> {
  try {
    // Not what it lies in: that may be a share that is not mounted.
    if (mayMake) makeDirectory(path, 0o700);
  } catch (error) {
    return fail({ reason: reasonOf(errnoOf(error)) });
  }
  const directory = openDirectory(path);
  if (!directory.ok) return fail({ reason: reasonOf(directory.problem.errno) });
  const root = openFolder(directory.value, room, { mayMake });
  directory.value.close();
  if (!root.ok) return fail({ reason: `${room}: ${fileReason(root.problem)}` });
  const nursery = openFolder(root.value, unfinished, { mayMake: true });
  if (!nursery.ok) {
    root.value.close();
    return fail({ reason: `${room}/${unfinished}: ${fileReason(nursery.problem)}` });
  }
  await removeAbandoned(nursery.value);
  return ok({
    read: (folder, name, maxBytes) => {
      const opened = openFolder(root.value, folder, { mayMake: false });
      if (!opened.ok) return opened;
      try {
        return opened.value.readFile(name, maxBytes);
      } finally {
        opened.value.close();
      }
    },
    write: async (folder, name, content) => {
      const opened = openFolder(root.value, folder, { mayMake: true });
      if (!opened.ok) return fail({ reason: `${folder}: ${fileReason(opened.problem)}` });
      try {
        await write(nursery.value, opened.value, name, content);
        return ok(undefined);
      } catch (error) {
        return fail({ reason: reasonOf(errnoOf(error)) });
      } finally {
        opened.value.close();
      }
    },
    close: () => {
      nursery.value.close();
      root.value.close();
    },
  });
}

/** The same for a person. */
export function fileReason(problem: FileProblem): string {
  switch (problem.kind) {
    case "missing":
      return "no such file or directory";
    case "symlink":
      return "it is a link";
    case "special":
      return problem.isDirectory ? "it is a directory" : "it is not what it should be";
    case "too-large":
      return "it is too large";
    case "system":
      return reasonOf(problem.errno);
  }
}

function openFolder(
  root: NamedDirectory,
  name: string,
  { mayMake }: { readonly mayMake: boolean },
): Result<NamedDirectory, FileProblem> {
  const opened = root.openDirectory(name);
  if (opened.ok || !mayMake || opened.problem.kind !== "missing") return opened;
  try {
    makeDirectory(root.pathTo(name), 0o700);
    syncDirectory(root);
  } catch (error) {
    return fail({ kind: "system", errno: errnoOf(error) });
  }
  return root.openDirectory(name);
}

async function write(
  nursery: NamedDirectory,
  folder: NamedDirectory,
  name: string,
  content: Uint8Array,
): Promise<void> {
  const temporary = nursery.pathTo(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex"));
  const file = await open(
    temporary,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, folder.pathTo(name));
  } catch (error) {
    await unlink(temporary).catch(errnoOf);
    throw error;
  }
  // Somebody may write down at once that it is there.
  await syncDirectoryLater(folder);
}

function syncDirectory(directory: NamedDirectory): void {
  const descriptor = openSync(directory.pathTo("."), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Nothing else waits for the disk. */
async function syncDirectoryLater(directory: NamedDirectory): Promise<void> {
  const handle = await open(directory.pathTo("."), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Only to save room: another process may be doing the same, or may not let us. */
async function removeAbandoned(nursery: NamedDirectory): Promise<void> {
  const oldest = Date.now() - abandonedMilliseconds;
  for (const name of await namesIn(nursery)) {
    try {
      const { mtimeMs } = await stat(nursery.pathTo(name));
      if (mtimeMs < oldest) await unlink(nursery.pathTo(name));
    } catch (error) {
      errnoOf(error);
    }
  }
}

async function namesIn(directory: NamedDirectory): Promise<readonly string[]> {
  try {
    return await readdir(directory.pathTo("."));
  } catch (error) {
    errnoOf(error);
    return [];
  }
}
