import { lstatSync, statSync } from "node:fs";

/** Whether there is anything of this name, a link to nothing included. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether it is a regular file; `false` also where that cannot be told. */
export function isFile(path: string): boolean {
  return kindOf(path)?.isFile() === true;
}

/** Whether it is a socket; `false` also where that cannot be told. */
export function isSocket(path: string): boolean {
  return kindOf(path)?.isSocket() === true;
}

/** How large a file is; 0 for one that cannot be looked at, or is none. */
export function sizeOfFile(path: string): number {
  const status = kindOf(path);
  return status?.isFile() === true ? status.size : 0;
}

function kindOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
