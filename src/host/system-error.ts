/** What the operating system said, as data: its name for the error, such as `ENOENT`. Anything else is a bug and thrown on. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  return code;
}

// Node and Bun word these differently, and put the path into the text; the words of strerror(3) are enough.
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBADF: "not open for this",
  EDQUOT: "disk quota exceeded",
  EISDIR: "is a directory",
  EFBIG: "file too large",
  EIO: "input/output error",
  ELOOP: "too many levels of symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "file name too long",
  ENFILE: "too many open files in the system",
  ENODEV: "no such device",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENXIO: "no such device or address",
  EPERM: "operation not permitted",
  EPIPE: "nobody reads from it",
  EROFS: "read-only file system",
  ESTALE: "stale file handle",
  // A path with a NUL character: refused by the runtime, as it would be cut off there otherwise.
  ERR_INVALID_ARG_VALUE: "not a valid path",
};

/** The same for a person, in the words of strerror(3). */
export function reasonOf(errno: string): string {
  return reasons[errno] ?? errno;
}
