import type { FileStatus } from "./bounded-file.ts";

/** Something about a policy or key file that lets others than root decide what root installs. */
export interface FileWarning {
  readonly path: string;
  readonly kind: "writable-by-all" | "foreign-owner";
  /** The owner's user id. */
  readonly ownerId: number;
}

const writableByOthers = 0o002;

/**
 * What is wrong with trusting this file, when root does. The file is read all the same, as the reference does.
 *
 * @param status of the file as it was opened, not of its path.
 * @param userId who runs this; a number other than 0, or none (where there are no user ids), never warns.
 */
export function fileWarning(
  path: string,
  { uid, mode }: { readonly uid: number; readonly mode: number },
  userId: number | undefined,
): FileWarning | undefined {
  if (userId !== 0) return undefined;
  if ((mode & writableByOthers) !== 0) return { path, kind: "writable-by-all", ownerId: uid };
  return uid === 0 ? undefined : { path, kind: "foreign-owner", ownerId: uid };
}

/** Told of files that root is about to trust. */
export type Warn = (warning: FileWarning) => void;

/** Looks at an open file as the user who runs this process, or as somebody else. */
export function warner(path: string, warn: Warn, userId = process.geteuid?.()): (status: FileStatus) => void {
  return (status) => {
    const warning = fileWarning(path, status, userId);
    if (warning !== undefined) warn(warning);
  };
}
