import { processorsAtHand } from "../../../host/processors.ts";
import { maxJobs } from "../../../limits.ts";
import type { Io } from "../../io.ts";
import { type BatchSettings, type BlockJudge, blockJudge, type JudgedBlock, type LocalJudge } from "./batch-block.ts";

/** A thread takes as long to start as some hundred images take to be judged, and has code of its own to warm up. */
const linesBeforeThreads = 2000;

/** Those who judge: this thread, and the others once there is enough to do for them. */
export class Crew {
  readonly #settings: BatchSettings;
  readonly #io: Io;
  readonly #local: LocalJudge;
  readonly #jobs: number;
  #lines = 0;
  #members: { readonly judge: BlockJudge; blocks: number }[];
  #areStarting = false;

  /** @param how.jobs how many threads are wanted, at once; without it, as many as there are processors, in time */
  static async gather(
    settings: BatchSettings,
    { jobs, io }: { readonly jobs: number | undefined; readonly io: Io },
  ): Promise<Crew> {
    const crew = new Crew(settings, io, jobs ?? Math.min(processorsAtHand(), maxJobs));
    if (jobs !== undefined && jobs > 1) await crew.#startThreads();
    return crew;
  }

  private constructor(settings: BatchSettings, io: Io, jobs: number) {
    this.#settings = settings;
    this.#io = io;
    this.#jobs = jobs;
    this.#local = blockJudge(settings, io);
    this.#members = [{ judge: this.#local.judge, blocks: 0 }];
  }

  /** One block for each thread and one in reserve; one at a time without threads. */
  get maxWaiting(): number {
    return this.#members.length === 1 ? 1 : 2 * this.#members.length;
  }

  /** Gives a block to the one with the least to do. */
  async judge(lines: readonly Uint8Array[]): Promise<JudgedBlock> {
    this.#lines += lines.length;
    if (this.#lines > linesBeforeThreads && this.#jobs > this.#members.length && !this.#areStarting) {
      // Until they are there, this thread goes on.
      this.#startThreads().catch(() => undefined);
    }
    const member = this.#members.reduce((one, other) => (other.blocks < one.blocks ? other : one));
    member.blocks += 1;
    try {
      return await member.judge(lines);
    } finally {
      member.blocks -= 1;
    }
  }

  /** They judge by what was read here; this thread reads and writes from then on. */
  async #startThreads(): Promise<void> {
    this.#areStarting = true;
    const settings = { ...this.#settings, known: await this.#local.snapshot() };
    const judges = await Promise.all(Array.from({ length: this.#jobs }, () => this.#io.startThread(settings)));
    this.#members = judges.map((judge) => ({ judge, blocks: 0 }));
  }
}
