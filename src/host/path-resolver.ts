import { closeSync, constants, lstatSync, openSync, readlinkSync, type Stats, statSync } from "node:fs";
import { cleanPath } from "../identity/path.ts";
import type { PathProblem, PathResolver } from "../identity/path-resolver.ts";
import { fail, ok, type Result } from "../result.ts";

/** As many symbolic links as Go's `filepath.EvalSymlinks` follows. */
const linksMax = 255;

/**
 * The paths of this machine.
 *
 * @param shellDirectory the environment's PWD. Where it is a name of the working directory, relative paths begin there, as Go's
 * `os.Getwd` does: with `..` in a path it matters by which link one came here.
 */
export function hostPathResolver(shellDirectory: string | undefined): PathResolver {
  return {
    resolveFully: (path) => resolveFully(path, () => workingDirectory(shellDirectory)),
    open: openForReading,
  };
}

type Attempt<T> = Result<T, PathProblem>;

function resolveFully(path: string, directory: () => string): Attempt<string> {
  const stat = attempt(path, () => lstatSync(path));
  if (stat.ok) return resolveExisting(path, directory);
  if (stat.problem.errno !== "ENOENT") return stat;
  const fileAt = path.lastIndexOf("/") + 1;
  const parent = resolveExisting(path.slice(0, fileAt), directory);
  if (!parent.ok) return parent;
  const file = path.slice(fileAt);
  // Only if something changed since `lstat`: the parent exists, and so do `.` and `..` in it.
  if (file === "." || file === "..") return stat;
  return ok(cleanPath(`${parent.value}/${file}`));
}

function resolveExisting(path: string, directory: () => string): Attempt<string> {
  const absolute = path.startsWith("/") ? cleanPath(path) : cleanPath(`${directory()}/${path}`);
  return followLinks(absolute);
}

/** The real path behind an absolute one, where each `..` of a link's target is taken after the links before it. */
function followLinks(absolute: string): Attempt<string> {
  const pending = absolute.split("/").reverse();
  let resolved: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved.pop();
      continue;
    }
    const path = `/${[...resolved, part].join("/")}`;
    const stat = attempt(path, () => lstatSync(path));
    if (!stat.ok) return stat;
    if (!stat.value.isSymbolicLink()) {
      if (!stat.value.isDirectory() && pending.length > 0) return fail({ path, errno: "ENOTDIR" });
      resolved.push(part);
      continue;
    }
    links++;
    if (links > linksMax) return fail({ path, errno: "ELOOP" });
    const target = attempt(path, () => readlinkSync(path));
    if (!target.ok) return target;
    if (target.value.startsWith("/")) resolved = [];
    pending.push(...target.value.split("/").reverse());
  }
  return ok(`/${resolved.join("/")}`);
}

/** Does not wait for a writer where the path is a named pipe. */
function openForReading(path: string): Attempt<undefined> {
  const opened = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (!opened.ok) return opened;
  closeSync(opened.value);
  return ok(undefined);
}

function workingDirectory(shellDirectory: string | undefined): string {
  if (typeof shellDirectory === "string" && shellDirectory.startsWith("/")) {
    const named = attempt(shellDirectory, () => statSync(shellDirectory));
    if (named.ok && isSameFile(named.value, statSync("."))) return shellDirectory;
  }
  return process.cwd();
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** Node reports a path with a NUL character, which no system call takes, by another kind of error. */
function attempt<T>(path: string, action: () => T): Attempt<T> {
  try {
    return ok(action());
  } catch (error) {
    const errno = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
    if (errno === undefined) throw error;
    return fail({ path, errno: errno.startsWith("ERR_") ? "EINVAL" : errno });
  }
}
