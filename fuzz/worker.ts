/** Fuzzes one target for a while, led by coverage: an input that reaches a new block is kept and changed further. */
import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { begun, inputLength, type Message, type Shared, type Task } from "./shared.ts";
import { type Target, targets } from "./targets.ts";

/** Coverage costs milliseconds: it is looked at after so many inputs, and for each of them only if there was news. */
const batchSize = 100;
const maxFindings = 5;

class Fuzzer {
  readonly #target: Target;
  readonly #shared: Shared;
  readonly #random: Random;
  readonly #corpus: Uint8Array[];
  readonly #coverage = new Coverage();
  readonly #found = new Set<string>();
  executions = 0;

  constructor(target: Target, { shared, seed }: Task) {
    this.#target = target;
    this.#shared = shared;
    this.#random = new Random(seed);
    this.#corpus = [...target.seeds];
  }

  async run(endsAt: number): Promise<void> {
    for (const seed of this.#target.seeds) await this.#execute(seed);
    this.#coverage.isNew();
    while (performance.now() < endsAt && this.#found.size < maxFindings) {
      const batch: Uint8Array[] = [];
      for (let i = 0; i < batchSize && performance.now() < endsAt; i++) {
        const input = mutate(this.#random.pick(this.#corpus), this.#random, this.#corpus, this.#target.words);
        batch.push(input);
        await this.#execute(input);
      }
      if (!this.#coverage.isNew()) continue;
      // The blocks are known now: which input reached them shows in what the others do not reach.
      for (const input of await this.#interesting(batch)) this.#corpus.push(input);
    }
  }

  get corpusSize(): number {
    return this.#corpus.length;
  }

  get blocks(): number {
    return this.#coverage.size;
  }

  /** The inputs of a batch that reach, alone, what none before reached alone. */
  async #interesting(batch: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const kept: Uint8Array[] = [];
    for (const input of batch) {
      await this.#execute(input);
      if (this.#alone.isNew()) kept.push(input);
    }
    return kept;
  }

  readonly #alone = new Coverage();

  async #execute(input: Uint8Array): Promise<void> {
    const problem = await this.#problemOf(input);
    if (problem === undefined || this.#found.has(problem)) return;
    this.#found.add(problem);
    send({ kind: "finding", what: problem, input: await this.#minimized(input, problem) });
  }

  async #problemOf(input: Uint8Array): Promise<string | undefined> {
    this.executions += 1;
    this.#shared.input.set(input.subarray(0, this.#shared.input.length));
    this.#shared.numbers[inputLength] = input.length;
    Atomics.add(this.#shared.numbers, begun, 1);
    try {
      await this.#target.check(input);
      return undefined;
    } catch (error) {
      // The place tells one problem from another, the message often not.
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      return `${message.split("\n")[0]} ${stack.split("\n").find((line) => line.includes("/src/")) ?? ""}`.trim();
    }
  }

  /** Leaves out what is not needed for the same problem, for a few seconds at most. */
  async #minimized(input: Uint8Array, problem: string): Promise<Uint8Array> {
    let smallest = input;
    const endsAt = performance.now() + 5000;
    for (let size = smallest.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at < smallest.length && performance.now() < endsAt; ) {
        const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
        if ((await this.#problemOf(shorter)) === problem) smallest = shorter;
        else at += size;
      }
    }
    return smallest;
  }
}

function send(message: Message): void {
  parentPort?.postMessage(message);
}

const task: Task = workerData;
const target = targets.find(({ name }) => name === task.target);
if (target === undefined) throw new Error(`no target is named ${task.target}`);
const fuzzer = new Fuzzer(target, task);
await fuzzer.run(performance.now() + 1000 * task.seconds);
send({ kind: "done", executions: fuzzer.executions, corpus: fuzzer.corpusSize, blocks: fuzzer.blocks });
