// Fuzzes each target in turn for its share of the time; the exit code is 1 if something was found. What was found is kept in
// fuzz/findings/ and belongs into a table of test/attacks/.
// Usage: SECONDS=60 SEED=1 TARGETS=policy,identity node fuzz/run.ts

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { begun, inputLength, type Message, maxInputBytes, type Shared, type Task } from "./shared.ts";
import { targets } from "./targets.ts";

/** Processor time that one input may take. */
const maxSecondsEach = 1;
const maxHeapMebibytes = 512;
const findings = join(import.meta.dirname, "findings");

const { SECONDS, SEED, TARGETS } = process.env;
const seconds = Number(SECONDS || 60);
const seed = Number(SEED || Date.now() % 2 ** 31);
const wanted = TARGETS ? TARGETS.split(",") : undefined;
const names = targets.map(({ name }) => name).filter((name) => wanted === undefined || wanted.includes(name));
if (!(seconds > 0) || !Number.isInteger(seed) || names.length !== (wanted ?? names).length) {
  console.error(`usage: SECONDS=60 SEED=1 TARGETS=${targets.map(({ name }) => name).join(",")}`);
  process.exit(2);
}

let found = 0;
console.log(`${names.length} targets, ${seconds} s, SEED=${seed}`);
for (const name of names) await fuzz(name, seconds / names.length);
console.log(`${found} findings`);
process.exit(found === 0 ? 0 : 1);

/** Runs one target in a thread, and ends the thread if an input takes too long or too much. */
async function fuzz(target: string, share: number): Promise<void> {
  const shared: Shared = {
    numbers: new Int32Array(new SharedArrayBuffer(8)),
    input: new Uint8Array(new SharedArrayBuffer(maxInputBytes)),
  };
  const task: Task = { shared, target, seconds: share, seed };
  const thread = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMebibytes },
  });
  const startedAt = performance.now();
  let isDone = false;
  const report = (what: string, input: Uint8Array): void => {
    found += 1;
    mkdirSync(findings, { recursive: true });
    const file = join(findings, `${target}-${seed}-${found}`);
    writeFileSync(file, input);
    console.log(`${target}: FOUND ${what}\n  ${input.length} bytes: ${file}`);
  };
  const current = (): Uint8Array => Uint8Array.from(shared.input.subarray(0, shared.numbers[inputLength]));
  const watch = watchForHangs(shared, () => {
    report(`more than ${maxSecondsEach} s`, current());
    isDone = true;
    void thread.terminate();
  });
  await new Promise<void>((resolve) => {
    thread.on("message", (message: Message) => {
      if (message.kind === "finding") return report(message.what, message.input);
      isDone = true;
      const took = (performance.now() - startedAt) / 1000;
      const rate = Math.round(message.executions / took);
      console.log(
        `${target}: ${message.executions} inputs, ${rate}/s, ${message.blocks} blocks, ${message.corpus} kept`,
      );
    });
    thread.on("error", (error) => {
      if (!isDone) report(error.message, current());
      isDone = true;
    });
    thread.on("exit", () => resolve());
  });
  clearInterval(watch);
  if (!isDone) report("the thread ended early", current());
}

/** By processor time: a machine that is busy otherwise is no hang. */
function watchForHangs({ numbers }: Shared, onHang: () => void): NodeJS.Timeout {
  let count = 0;
  let since = process.cpuUsage();
  return setInterval(() => {
    const now = Atomics.load(numbers, begun);
    const used = process.cpuUsage(since);
    // Before the first input the sources are loaded, which takes its time.
    if (now !== count || now === 0) {
      count = now;
      since = process.cpuUsage();
    } else if ((used.user + used.system) / 1e6 > maxSecondsEach) {
      since = process.cpuUsage();
      onHang();
    }
  }, 100);
}
