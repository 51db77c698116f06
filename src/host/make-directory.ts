import { mkdirSync } from "node:fs";
import { errnoOf } from "./system-error.ts";

/** Makes a directory unless something is there already; not what it lies in. @throws what the system says otherwise */
export function makeDirectory(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
