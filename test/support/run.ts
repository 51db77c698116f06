import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** Both forms of the command, as users have them. */
export const runtimes = [
  { name: "node", command: [process.execPath, join(root, "dist", "lib", "bin.js")] },
  { name: "executable", command: [join(root, "dist", "sealcheck")] },
] as const;

/** And the one file for whoever has Node or Bun, which is made of other pieces. */
export const forms = [
  ...runtimes,
  { name: "bundle", command: [process.execPath, join(root, "dist", "sealcheck.mjs")] },
] as const;

export type Runtime = (typeof forms)[number];

for (const { command } of forms) {
  for (const file of command) if (!existsSync(file)) throw new Error(`${file} is missing: run \`make build\` first`);
}

/** What may be in a developer's environment, and must not be heard among verdicts: libraries have debug output. */
export const developer = { NODE_ENV: "development" };

export interface Surroundings {
  /** The whole environment; empty if not given. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** A shell's redirections and the like around the command, which is `"$@"`. */
  readonly shell?: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs sealcheck with nothing of this process but what is given. */
export function sealcheck(runtime: Runtime, args: readonly string[], surroundings: Surroundings = {}): Outcome {
  const { env = {}, cwd = "/", input = "", shell } = surroundings;
  const words = [...runtime.command, ...args];
  const [file = "", ...rest] = shell === undefined ? words : ["/bin/sh", "-c", shell, "sh", ...words];
  const { status, stdout, stderr, error } = spawnSync(file, rest, {
    env: { ...env },
    cwd,
    input,
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { code: status, stdout, stderr };
}
