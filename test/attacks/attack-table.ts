/** Runs hostile requests through `batch`, in both forms of the command, and holds verdict, output, time and memory to bounds. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { type Code, exitCodeOf } from "../../src/codes.ts";
import { type Runtime, runtimes } from "../support/run.ts";

export interface Attack {
  /** What is hostile about it. */
  readonly what: string;
  /** The request, or a line that is none. Made when its turn comes: some are large. */
  readonly request: () => object | string;
  readonly code: Code;
  /** The code of the last signature that was looked at. */
  readonly signature?: Code;
  /** Processor time it may take: some times what it takes on a machine with nothing else to do. */
  readonly seconds?: number;
}

/** What the process may hold at its worst. */
const maxMebibytes = 512;

/** After a row that took this much the next one gets a new process, so that it is measured for itself. */
const freshAbove = 160;

/** Nothing of this may reach a terminal or split a line: controls, line and paragraph separators, bidi and invisible marks. */
const dangerous = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

export function attackTable(name: string, attacks: readonly Attack[]): void {
  for (const runtime of runtimes) {
    describe(`${name} (${runtime.name})`, () => {
      let batch: Batch;
      before(() => {
        batch = new Batch(runtime);
      });
      after(() => batch.end());
      for (const { what, request, code, signature, seconds = 4 } of attacks) {
        it(what, { timeout: 120_000 }, async () => {
          const made = request();
          const line = typeof made === "string" ? made : JSON.stringify(made);
          const begun = batch.cpuSeconds();
          const printed = await batch.ask(line);
          const took = batch.cpuSeconds() - begun;
          assert.doesNotMatch(printed, dangerous);
          const verdict = JSON.parse(printed);
          const judged = verdict.requirements?.at(-1)?.signatures?.at(-1)?.code;
          assert.equal(verdict.code, code, `${verdict.code}, ${judged}: ${verdict.message}`);
          assert.equal(verdict.exitCode, exitCodeOf(code));
          if (signature !== undefined) assert.equal(judged, signature);
          assert.doesNotMatch(verdict.message.replaceAll("\n", ""), dangerous);
          assert.ok(took < seconds, `it took ${took} seconds of processor time`);
          const peak = batch.peakMebibytes();
          if (peak > freshAbove) {
            await batch.end();
            batch = new Batch(runtime);
          }
          assert.ok(peak < maxMebibytes, `it took ${peak} MiB`);
        });
      }
    });
  }
}

/** A running `batch`, asked one line at a time. */
class Batch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor({ command: [program, ...args] }: Runtime) {
    this.#process = spawn(program, [...args, "batch"], { env: {}, cwd: "/", stdio: "pipe" });
    // A process that has died is noticed by the answer that is missing.
    this.#process.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#process.stdin.write(`${line}\n`);
    const answer = await this.#lines.next();
    assert.ok(answer.done !== true, "the process ended without an answer");
    return answer.value;
  }

  /** Used so far; proc_pid_stat(5) counts in hundredths of a second. 0 where there is no /proc. */
  cpuSeconds(): number {
    const fields = this.#proc("stat")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  }

  peakMebibytes(): number {
    return Number(/VmHWM:\s*([0-9]+)/.exec(this.#proc("status"))?.[1] ?? 0) / 1024;
  }

  #proc(file: string): string {
    try {
      return readFileSync(`/proc/${this.#process.pid}/${file}`, "utf8");
    } catch {
      return "";
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.stdin.end();
    await once(this.#process, "exit");
  }
}
