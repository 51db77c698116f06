import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { readLines } from "./cases.ts";

/**
 * Runs a command with a file as its standard input and gives the lines it printed. Both ends are files, so that neither
 * side waits for the other. What the command says on its standard error is shown.
 */
export async function runLines<T>(command: readonly string[], input: string, output: string): Promise<T[]> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("no command");
  const stdin = openSync(input, "r");
  const stdout = openSync(`${output}.part`, "w");
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { stdio: [stdin, stdout, "inherit"] });
      child.on("error", reject);
      // batch ends with the highest exit code of its verdicts; only dying of a signal is a failure of the run.
      child.on("close", (_code, signal) => (signal === null ? resolve() : reject(new Error(`${program}: ${signal}`))));
    });
  } finally {
    closeSync(stdin);
    closeSync(stdout);
  }
  renameSync(`${output}.part`, output);
  return readLines<T>(output);
}

/** Like {@link runLines}, for an oracle: the same oracle's answers to the same requests are kept, and taken again. */
export async function askOracle<T extends { readonly id: string }>(
  oracle: string,
  requests: readonly object[],
  name: string,
): Promise<Map<string, T>> {
  const text = requests.map((request) => `${JSON.stringify(request)}\n`).join("");
  const key = createHash("sha256").update(readFileSync(oracle)).update(text).digest("hex").slice(0, 16);
  const input = `${name}-${key}.requests.jsonl`;
  const output = `${name}-${key}.answers.jsonl`;
  writeFileSync(input, text);
  const answers = existsSync(output)
    ? readLines<T>(output)
    : await runLines<T>([oracle, "-workers", "2"], input, output);
  return new Map(answers.map((answer) => [answer.id, answer]));
}
