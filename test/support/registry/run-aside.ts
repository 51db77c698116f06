/** Runs a program while this process goes on answering: servers of a test often live in it, so `spawnSync` would wait for ever. */
import { spawn } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Aside {
  /** After it the program is killed, and `code` is null. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** It is interrupted, as by Ctrl-C, once this is so. */
  readonly interruptWhen?: () => boolean;
}

/** `env` is the whole environment. */
export function runAside(
  [file = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  { timeoutMs = 60_000, input = "", interruptWhen }: Aside = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: { ...env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk;
    });
    // It need not read what it is given.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const watch =
      interruptWhen &&
      setInterval(() => {
        if (!interruptWhen()) return;
        clearInterval(watch);
        child.kill("SIGINT");
      }, 20);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr });
    });
  });
}
