import type { OpenProblem } from "../../host/bounded-file.ts";
import { type OpenDirectory, openDirectory } from "../../host/open-directory.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { LayoutFiles } from "./layout-files.ts";

/**
 * A layout in a directory. `path` may be or contain links; in the layout none is followed, and each directory is opened once, so that
 * nobody can exchange one between two looks.
 */
export function openDirectoryFiles(path: string): Result<LayoutFiles, ImageProblem> {
  const root = openDirectory(path);
  if (!root.ok) return fail({ code: "image.source.unreadable", path, reason: reasonOf(root.problem.errno) });
  return ok(filesIn(root.value));
}

/** The same of a directory that is open already, and is closed with it. */
export function filesIn(root: OpenDirectory): LayoutFiles {
  const directories = new Map<string, Result<OpenDirectory, OpenProblem>>([["", ok(root)]]);

  /** The directory that a name is in, and what it is called there. */
  const find = (name: string): Result<{ readonly directory: OpenDirectory; readonly last: string }, OpenProblem> => {
    const slash = name.lastIndexOf("/");
    const directory = open(slash === -1 ? "" : name.slice(0, slash));
    return directory.ok ? ok({ directory: directory.value, last: name.slice(slash + 1) }) : directory;
  };
  const open = (name: string): Result<OpenDirectory, OpenProblem> => {
    const known = directories.get(name);
    if (known !== undefined) return known;
    const found = find(name);
    const opened = found.ok ? found.value.directory.openDirectory(found.value.last) : found;
    directories.set(name, opened);
    return opened;
  };

  return {
    readSmall(name, maxBytes) {
      const found = find(name);
      return found.ok ? found.value.directory.readFile(found.value.last, maxBytes) : found;
    },
    blob(name) {
      const found = find(name);
      return found.ok ? found.value.directory.openFile(found.value.last) : found;
    },
    has(name) {
      const found = find(name);
      return found.ok && found.value.directory.hasFile(found.value.last);
    },
    close() {
      for (const directory of directories.values()) if (directory.ok) directory.value.close();
    },
  };
}
