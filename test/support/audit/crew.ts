/** Workers of an audit, of which one is killed now and then, and started anew; so is each that ends before all is done. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface CrewSettings {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly count: number;
}

/** So much of what a worker says is kept. */
const keptText = 20_000;

export class Crew {
  readonly #settings: CrewSettings;
  readonly #workers: ChildProcess[] = [];
  readonly #ends: Promise<void>[] = [];
  /** One of them found nothing left to do. */
  #isDone = false;
  #next = 0;
  kills = 0;
  /** Workers that ended by themselves, as they could not go on. */
  failures = 0;
  /** MiB, of the worker that had most. */
  peakMemory = 0;
  stderr = "";
  readonly #memory: number[] = [];
  readonly #processor = new Map<number, number>();

  constructor(settings: CrewSettings) {
    this.#settings = settings;
    for (let place = 0; place < settings.count; place += 1) this.#ends.push(this.#keepGoing(place));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** One after the other, without a word. */
  kill(): void {
    if (this.#isDone) return;
    this.#next += 1;
    const worker = this.#workers[this.#next % this.#settings.count];
    if (worker?.exitCode !== null || !worker.kill("SIGKILL")) return;
    this.kills += 1;
  }

  /** Until nothing is left. */
  async done(): Promise<void> {
    await Promise.all(this.#ends);
  }

  /** Memory and processor time so far, of Linux (proc_pid_status(5), proc_pid_stat(5)); to be called now and then. */
  note(): void {
    let most = 0;
    for (const { pid } of this.#workers) {
      if (pid === undefined) continue;
      try {
        const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        most = Math.max(most, Number(kibibytes ?? 0) / 1024);
        this.peakMemory = Math.max(this.peakMemory, Number(peak ?? 0) / 1024);
        const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        this.#processor.set(pid, (Number(fields[11]) + Number(fields[12])) / 100);
      } catch {
        // It has ended.
      }
    }
    this.#memory.push(most);
  }

  get processorSeconds(): number {
    return [...this.#processor.values()].reduce((sum, seconds) => sum + seconds, 0);
  }

  /** MiB of the worker that had most, in ten parts of the time. */
  memoryOverTime(): string {
    const part = Math.max(1, Math.ceil(this.#memory.length / 10));
    const parts = Array.from({ length: 10 }, (_, index) => this.#memory.slice(index * part, (index + 1) * part));
    return parts.map((some) => Math.round(Math.max(0, ...some))).join(" ");
  }

  async #keepGoing(place: number): Promise<void> {
    const [file = "", ...args] = this.#settings.command;
    const { env = {} } = this.#settings;
    for (;;) {
      const worker = spawn(file, args, { env: { ...env }, stdio: ["ignore", "ignore", "pipe"] });
      this.#workers[place] = worker;
      worker.stderr.setEncoding("utf8").on("data", (text: string) => {
        this.stderr = (this.stderr + text).slice(-keptText);
      });
      const code = await new Promise<number | null>((resolve, reject) => {
        worker.once("error", reject);
        worker.once("close", resolve);
      });
      if (code === 0) {
        this.#isDone = true;
        return;
      }
      if (this.#isDone) return;
      if (code !== null) {
        this.failures += 1;
        await sleep(500);
      }
    }
  }
}
