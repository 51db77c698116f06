import { every } from "../../host/later.ts";
import { sleep } from "../../host/sleep.ts";
import { type AuditDatabase, DatabaseFailed } from "../database/database.ts";
import { numberIn } from "../database/row.ts";
import { StoreFailed } from "../evidence/evidence.ts";
import { type RestingRegistry, restingRegistries } from "../pace/breaker.ts";
import { type ChunkQueue, NotOurs, type Stage, type TakenJob } from "../queue/chunk-queue.ts";
import type { AuditTools } from "./audit-tools.ts";
import { giveUp, readChunk, workOn } from "./chunk-task.ts";

/** What a worker tells of its work. */
export type WorkEvent =
  | { readonly kind: "begun" | "done"; readonly job: TakenJob }
  /** It will be tried again, by this worker or another. */
  | { readonly kind: "failed"; readonly job: TakenJob | undefined; readonly error: unknown }
  /** Something is left, and it has had nothing of that for a while: others have it, or a registry is left alone. */
  | { readonly kind: "waiting"; readonly resting: readonly RestingRegistry[] };

export interface WorkerSettings {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  /** What is needed for the chunks of an audit, by its number; made once for each. */
  readonly toolsOf: (auditId: number) => Promise<AuditTools>;
  /** Chunks that are under way at a time; one of those that are judged. */
  readonly jobs: number;
  readonly leaseSeconds: number;
  /** Unix seconds. */
  readonly now: () => number;
  /** Goes on looking for work when there is none left. */
  readonly isWaiting: boolean;
  /** Told to end: what is under way is finished. */
  readonly stop: AbortSignal;
  readonly tell: (event: WorkEvent) => void;
}

/** How long is waited before looking for work again, and at most after a failure. */
const lookSeconds = 1;
const maxPauseSeconds = 30;

/** A chunk that ended so many workers is given to nobody any more: it may be the chunk that does it. */
const maxAttempts = 20;

/**
 * Takes chunks and works on them until there are none left, or it is told to stop. A failure of the database or of what is kept is waited for: the
 * chunk is somebody else's after a while, and this worker goes on when it can.
 */
export async function runWorker(settings: WorkerSettings): Promise<void> {
  const lull = new Lull(settings);
  const lanes = Array.from({ length: settings.jobs }, () => runLane(settings, lull, ["expand", "fetch"]));
  await Promise.all([...lanes, runLane(settings, lull, ["judge"])]);
}

/** When the lanes of a worker have nothing to do, which is told from time to time: it might be taken for dead. */
class Lull {
  readonly #settings: WorkerSettings;
  #busy = 0;
  /** When it is told the next time. */
  #dueSeconds: number;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#dueSeconds = settings.now() + lullSeconds;
  }

  async busyWith(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    try {
      await work();
    } finally {
      this.#busy -= 1;
      this.#dueSeconds = this.#settings.now() + lullSeconds;
    }
  }

  /** A lane has found nothing. */
  async found(): Promise<void> {
    const { now, tell, database } = this.#settings;
    if (this.#busy > 0 || now() < this.#dueSeconds) return;
    this.#dueSeconds = now() + toldAgainSeconds;
    if (!(await isDone(this.#settings))) tell({ kind: "waiting", resting: await restingRegistries(database) });
  }
}

const lullSeconds = 5;
const toldAgainSeconds = 60;

/** One chunk after the other. Judging is work for the processor, of which there is one for each process. */
async function runLane(settings: WorkerSettings, lull: Lull, stages: readonly Stage[]): Promise<void> {
  const { stop, tell } = settings;
  let failures = 0;
  while (!stop.aborted) {
    let job: TakenJob | undefined;
    try {
      const taken = await take(settings, stages);
      if (taken === undefined) {
        if (!settings.isWaiting && (await isDone(settings))) return;
        await lull.found();
        await pause(lookSeconds, stop);
        continue;
      }
      job = taken;
      tell({ kind: "begun", job });
      await lull.busyWith(() => work(settings, taken));
      tell({ kind: "done", job });
      failures = 0;
    } catch (error) {
      if (!isPassing(error)) throw error;
      failures += 1;
      tell({ kind: "failed", job, error });
      if (job !== undefined) await giveBack(settings, job);
      await pause(Math.min(2 ** failures / 2, maxPauseSeconds), stop);
    }
  }
}

async function take({ queue, database }: WorkerSettings, stages: readonly Stage[]): Promise<TakenJob | undefined> {
  if (!stages.includes("fetch")) return queue.take({ stages, perRegistry: 1, except: [] });
  const [bound] = await database.query("SELECT coalesce(min(per_registry), 1) AS per_registry FROM audits");
  return queue.take({
    stages,
    perRegistry: numberIn(bound, "per_registry"),
    except: (await restingRegistries(database)).map(({ host }) => host),
  });
}

async function work(settings: WorkerSettings, job: TakenJob): Promise<void> {
  const { queue, database, toolsOf, leaseSeconds, now, stop } = settings;
  const lost = new AbortController();
  const keep = async (): Promise<void> => {
    // What cannot be reached now may be reached before the lease has ended.
    const isOurs = await queue.keep(job).catch(() => true);
    if (!isOurs) lost.abort(new NotOurs());
  };
  const callOff = every((leaseSeconds * 1000) / 3, () => void keep());
  try {
    const chunk = await readChunk(database, job.chunk);
    if (chunk === undefined) {
      await database.transaction((session) => queue.done(session, job));
    } else if (job.earlierAttempts >= maxAttempts) {
      await giveUp(job, chunk, { database, queue, now });
    } else {
      await workOn(job, chunk, await toolsOf(chunk.auditId), { signal: lost.signal, stop });
    }
  } finally {
    callOff();
  }
}

/** To whoever can go on with it now; if the database cannot be asked for that, it is theirs after its lease. */
async function giveBack({ database, queue }: WorkerSettings, job: TakenJob): Promise<void> {
  try {
    await database.transaction((session) => queue.putBack(session, job, 0));
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
}

/** Whether nothing is left, also of what other workers have or what has to wait. */
async function isDone({ database }: WorkerSettings): Promise<boolean> {
  const rows = await database.query("SELECT 1 AS one FROM chunks WHERE stage <> 'done' LIMIT 1");
  return rows.length === 0;
}

function isPassing(error: unknown): boolean {
  if (error instanceof NotOurs || error instanceof StoreFailed) return true;
  return error instanceof DatabaseFailed && (error.problem.kind === "unreachable" || error.problem.kind === "in-use");
}

async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  await sleep(seconds, stop).catch(() => undefined);
}
