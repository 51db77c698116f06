import assert from "node:assert/strict";
import { type OpenDirectory, openDirectory } from "../../src/host/open-directory.ts";

/** A directory that is there, opened. */
export function openedDirectory(path: string, descriptors?: string): OpenDirectory {
  const directory = openDirectory(path, descriptors);
  assert.ok(directory.ok);
  return directory.value;
}
