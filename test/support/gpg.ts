import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixtures } from "./images.ts";

/** Why tests with the programs of this machine cannot be run, as `skip` wants it; false if they can. */
export function lacks(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  return missing.length === 0 ? false : `${missing.join(" and ")}: not installed`;
}

/**
 * A new GnuPG home with the keys of these files of test/fixtures/keys, gone with its agent when this process ends. Its path is
 * short: sockets are made in it.
 */
export function gnupgHome(...keys: readonly string[]): { readonly path: string; readonly env: Record<string, string> } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "sc-")));
  chmodSync(path, 0o700);
  const { PATH = "" } = process.env;
  const env = { GNUPGHOME: path, PATH, HOME: path };
  process.on("exit", () => {
    spawnSync("gpgconf", ["--kill", "all"], { env });
    rmSync(path, { recursive: true, force: true });
  });
  gpg(env, ["--import", ...keys.map((key) => join(fixtures, "keys", key))]);
  return { path, env };
}

/** Runs gpg; throws if it fails. */
export function gpg(env: Record<string, string>, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("gpg", ["--batch", "-q", ...args], { env, input, encoding: "utf8" });
  if (status !== 0) throw new Error(`gpg ${args.join(" ")}: ${stderr}`);
  return stdout;
}
