import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "../temporary.ts";

const run = promisify(execFile);

/** Runs Python with varlink's own client for it. */
export type RunPython = (...args: readonly string[]) => Promise<{ readonly stdout: string }>;

/** Fetches varlink's client for Python. `missing`: why it cannot be had. */
export async function pythonClient(): Promise<{ readonly missing: string | false; readonly python: RunPython }> {
  const directory = temporaryDirectory();
  const site = join(directory, "site");
  const list = join(directory, "requirements.txt");
  const python: RunPython = (...args) =>
    run("python3", args, { env: { ...process.env, PYTHONPATH: site }, timeout: 60_000 });
  writeFileSync(
    list,
    `varlink==31.0.0 --hash=sha256:0d0629e5ca7e629f79ed84dc5a4f29e04f3cc83b24641528e91a41fa158e58e9\n`,
  );
  const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--require-hashes"];
  try {
    await run("python3", ["-m", "pip", "install", ...options, "--target", site, "-r", list], { timeout: 60_000 });
    return { missing: false, python };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { missing: `no Python client of varlink: ${text.trim().split("\n").at(-1)}`, python };
  }
}
