import type { Result } from "../result.ts";

/** What parsing an identity needs from the file system. The core has no other way to it. */
export interface PathResolver {
  /**
   * The absolute path without symbolic links, `.` or `..`. The last part need not exist, its parent must.
   *
   * As containers/image: directory/explicitfilepath `ResolvePathToFullyExplicit`: `..` is taken away from the text first, as Go's
   * `filepath.Clean` does, and only then are links followed. "" is the working directory.
   */
  resolveFully(path: string): Result<string, PathProblem>;
  /** Whether a file or directory can be opened for reading. */
  open(path: string): Result<undefined, PathProblem>;
}

export interface PathProblem {
  readonly path: string;
  /** The operating system's name of the error, such as `ENOENT`. */
  readonly errno: string;
}
