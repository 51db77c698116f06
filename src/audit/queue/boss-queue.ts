import type { PgBoss } from "pg-boss";
import type { SqlSession } from "../database/database.ts";
import { type PostgresDatabase, PostgresSession } from "../database/postgres-database.ts";
import { postgresFailure } from "../database/postgres-errors.ts";
import { bossSchema, queueName, startBoss } from "./boss.ts";
import { type ChunkJob, type ChunkQueue, NotOurs, type Stage, type TakeBounds, type TakenJob } from "./chunk-queue.ts";

export interface BossQueueOptions {
  readonly leaseSeconds: number;
  /** Whether this process sees to it that chunks of workers that are gone are given to others. */
  readonly isWorker: boolean;
}

/**
 * The queue in PostgreSQL, by pg-boss. Its group limits compare with what the statement sees at its start, and two that take at once would
 * both take the last that is allowed: so one takes at a time, by a lock of the server, for the two milliseconds that this needs.
 */
export class BossQueue implements ChunkQueue {
  readonly #database: PostgresDatabase;
  readonly #boss: PgBoss;
  readonly #leaseSeconds: number;
  readonly #lockName: string;

  /** @throws DatabaseFailed */
  static async open(database: PostgresDatabase, options: BossQueueOptions): Promise<BossQueue> {
    const { leaseSeconds, isWorker } = options;
    const boss = await startBoss(database, { migrate: false, leaseSeconds: isWorker ? leaseSeconds : undefined });
    return new BossQueue(database, boss, leaseSeconds);
  }

  private constructor(database: PostgresDatabase, boss: PgBoss, leaseSeconds: number) {
    this.#database = database;
    this.#boss = boss;
    this.#leaseSeconds = leaseSeconds;
    this.#lockName = `${bossSchema(database)} take`;
  }

  async put(session: SqlSession, jobs: readonly ChunkJob[]): Promise<void> {
    const earlier = new Map<string, number>();
    const insertions = jobs.map(({ chunk, stage, registry }) => {
      const kind = `${stage} ${registry}`;
      const place = earlier.get(kind) ?? 0;
      earlier.set(kind, place + 1);
      return insertionOf({ chunk, stage, registry, attempts: 0 }, { place, leaseSeconds: this.#leaseSeconds });
    });
    if (insertions.length === 0) return;
    await asFailures(this.#boss.insert(queueName, insertions, { db: ownSession(session) }));
  }

  async take({ stages, perRegistry, except }: TakeBounds): Promise<TakenJob | undefined> {
    return await this.#database.transaction(async (session) => {
      await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [this.#lockName]);
      for (const stage of stages) {
        const [job] = await this.#boss.fetch<JobData>(queueName, {
          ...prioritiesOf(stage),
          groupConcurrency: perRegistry,
          ignoreGroups: [...except],
          db: session,
        });
        if (job === undefined) continue;
        const { id, retryCount, data } = job;
        const { chunk, registry, attempts } = data;
        return { stage, chunk, registry, earlierAttempts: attempts + retryCount, lease: `${id}:${retryCount}` };
      }
      return undefined;
    });
  }

  async keep(job: TakenJob): Promise<boolean> {
    return isAffected(await asFailures(this.#boss.touch(queueName, attemptOf(job))));
  }

  async done(session: SqlSession, job: TakenJob): Promise<void> {
    await this.#end(ownSession(session), job);
  }

  async putBack(session: SqlSession, job: TakenJob, afterSeconds: number): Promise<void> {
    const db = ownSession(session);
    await this.#end(db, job);
    const { chunk, stage, registry, earlierAttempts: attempts } = job;
    const how = { place: 0, leaseSeconds: this.#leaseSeconds, afterSeconds };
    await asFailures(this.#boss.insert(queueName, [insertionOf({ chunk, stage, registry, attempts }, how)], { db }));
  }

  /** This attempt, and not a later one of somebody else. */
  async #end(db: PostgresSession, job: TakenJob): Promise<void> {
    const ended = await asFailures(this.#boss.complete(queueName, attemptOf(job), null, { db }));
    if (!isAffected(ended)) throw new NotOurs();
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
  }
}

/** What pg-boss keeps of a job for us. */
interface JobData {
  readonly chunk: number;
  readonly stage: Stage;
  readonly registry: string;
  /** Before it was put back. */
  readonly attempts: number;
}

/**
 * A stage has a range of priorities to itself; in it a registry's chunks that were put together come one after the other, the first of each
 * registry before the second of any. So a registry with a million images does not stand before all others, nor has whoever takes one to look
 * past all of its chunks.
 */
const range = 500_000_000;
const stageOrder: readonly Stage[] = ["expand", "fetch", "judge"];

function prioritiesOf(stage: Stage) {
  const minPriority = stageOrder.indexOf(stage) * range;
  return { minPriority, maxPriority: minPriority + range - 1 };
}

interface Insertion {
  readonly place: number;
  readonly leaseSeconds: number;
  readonly afterSeconds?: number;
}

function insertionOf(data: JobData, { place, leaseSeconds, afterSeconds = 0 }: Insertion) {
  const { minPriority, maxPriority } = prioritiesOf(data.stage);
  return {
    data,
    priority: Math.max(maxPriority - place, minPriority),
    startAfter: afterSeconds,
    ...(data.registry === "" ? {} : { group: { id: data.registry } }),
    // Each job's own: tests want shorter ones than pg-boss lets a queue have.
    heartbeatSeconds: leaseSeconds,
  };
}

/** By the number of the attempt, which pg-boss compares. */
function attemptOf({ lease }: TakenJob) {
  const [id = "", retryCount] = lease.split(":");
  return { id, retryCount: Number(retryCount) };
}

/** pg-boss's types do not name the field that its documentation does: whether there was such an attempt. */
function isAffected(response: object): boolean {
  if ("affected" in response && typeof response.affected === "number") return response.affected === 1;
  throw new Error("pg-boss does not say whether it did anything");
}

function ownSession(session: SqlSession): PostgresSession {
  if (session instanceof PostgresSession) return session;
  throw new Error("the transaction is one of another database");
}

async function asFailures<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw postgresFailure(error);
  }
}
