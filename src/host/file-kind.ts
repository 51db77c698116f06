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

function kindOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
