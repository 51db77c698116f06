import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Why nothing in Rust can be built on this machine, for `{ skip }` of a test. */
export function withoutCargo(): string | undefined {
  return spawnSync("cargo", ["--version"], { stdio: "ignore" }).status === 0 ? undefined : "cargo --version fails";
}

/**
 * Builds the crate of a folder, with what its lock file says and without a warning.
 *
 * @param targetDirectory where to; default: `target` in the folder
 * @returns the reason if that is to be skipped.
 */
export function cargoBuild(
  folder: string,
  { targetDirectory, minutes = 2 }: { readonly targetDirectory?: string; readonly minutes?: number } = {},
): string | undefined {
  const env = targetDirectory === undefined ? process.env : { ...process.env, CARGO_TARGET_DIR: targetDirectory };
  const run = (timeout: number, ...args: readonly string[]) =>
    spawnSync("cargo", [...args], { cwd: folder, encoding: "utf8", timeout, env });
  if (run(30_000, "fetch", "--locked").status !== 0) return "its crates cannot be fetched";
  const built = run(minutes * 60_000, "build", "--locked", "--offline");
  if (built.error !== undefined) return `building takes longer than ${minutes} minutes`;
  assert.equal(built.status, 0, built.stderr);
  assert.doesNotMatch(built.stderr, /^warning/m);
  return undefined;
}
