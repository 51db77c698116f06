import { clockSeconds } from "../../host/surroundings.ts";
import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { type ChunkJob, type ChunkQueue, NotOurs, type TakeBounds, type TakenJob } from "./chunk-queue.ts";

const nowMilliseconds = () => Math.round(clockSeconds() * 1000);

/**
 * Of each registry the first chunk of each stage, by two seeks in the index: how many wait does not matter, only of how many registries.
 * Among those the registry with the fewest chunks in work, and of several such any.
 */
function takeSql(stages: number, except: number): string {
  const places = (from: number, count: number) => Array.from({ length: count }, (_, index) => `$${from + index}`);
  const ranks = places(4, stages).map((place, rank) => `(${place}, ${rank})`);
  return `
    WITH RECURSIVE
      hosts (host) AS (
        SELECT min(registry) FROM queue
        UNION ALL
        SELECT (SELECT min(registry) FROM queue WHERE registry > host) FROM hosts WHERE host IS NOT NULL
      ),
      open (host, busy) AS (
        SELECT host, busy FROM (
          SELECT host, (SELECT count(*) FROM queue WHERE lease IS NOT NULL AND registry = host AND free_ms > $1) AS busy
          FROM hosts WHERE host IS NOT NULL AND host NOT IN (${places(4 + stages, except).join(", ")})
        ) WHERE host = '' OR busy < $2
      ),
      stages (stage, place) AS (VALUES ${ranks.join(", ")}),
      heads (head, place, busy) AS (
        SELECT (
          SELECT id FROM queue WHERE registry = host AND queue.stage = stages.stage AND free_ms <= $1 ORDER BY free_ms, id LIMIT 1
        ), place, busy FROM open, stages
      )
    UPDATE queue SET
      attempts = CASE WHEN lease IS NULL THEN attempts ELSE attempts + 1 END,
      lease = lower(hex(randomblob(12))),
      free_ms = $3
    WHERE id = (SELECT head FROM heads WHERE head IS NOT NULL ORDER BY place, busy, random() LIMIT 1)
    RETURNING id, chunk_id, stage, registry, attempts, lease`;
}

/** The queue in the database itself: SQLite has one writer at a time, so that each statement sees what all before it did. */
export class SqliteQueue implements ChunkQueue {
  readonly #database: AuditDatabase;
  readonly #leaseMilliseconds: number;

  constructor(database: AuditDatabase, { leaseSeconds }: { readonly leaseSeconds: number }) {
    this.#database = database;
    this.#leaseMilliseconds = leaseSeconds * 1000;
  }

  async put(session: SqlSession, jobs: readonly ChunkJob[]): Promise<void> {
    const now = nowMilliseconds();
    for (const { chunk, stage, registry } of jobs) {
      const values = [chunk, stage, registry, now];
      await session.query("INSERT INTO queue (chunk_id, stage, registry, free_ms) VALUES ($1, $2, $3, $4)", values);
    }
  }

  async take({ stages, perRegistry, except }: TakeBounds): Promise<TakenJob | undefined> {
    if (stages.length === 0) return undefined;
    const now = nowMilliseconds();
    const values = [now, perRegistry, now + this.#leaseMilliseconds, ...stages, ...except];
    const [row] = await this.#database.query(takeSql(stages.length, except.length), values);
    if (row === undefined) return undefined;
    const { id, chunk_id: chunk, stage, registry, attempts, lease } = row;
    const taken = stages.find((name) => name === stage);
    if (taken === undefined) throw new Error("a chunk of another stage was taken");
    return {
      stage: taken,
      chunk: Number(chunk),
      registry: String(registry),
      earlierAttempts: Number(attempts),
      lease: `${id}:${lease}`,
    };
  }

  /** Not if its time is over: another of its registry may have been taken in its place. */
  async keep(job: TakenJob): Promise<boolean> {
    const now = nowMilliseconds();
    const rows = await this.#database.query(
      "UPDATE queue SET free_ms = $1 WHERE id = $2 AND lease = $3 AND free_ms > $4 RETURNING id",
      [now + this.#leaseMilliseconds, ...leaseOf(job), now],
    );
    return rows.length === 1;
  }

  /** Also after its time, if nobody else took it: nobody else has done it then. */
  async done(session: SqlSession, job: TakenJob): Promise<void> {
    const rows = await session.query("DELETE FROM queue WHERE id = $1 AND lease = $2 RETURNING id", leaseOf(job));
    if (rows.length !== 1) throw new NotOurs();
  }

  async putBack(session: SqlSession, job: TakenJob, afterSeconds: number): Promise<void> {
    const rows = await session.query(
      "UPDATE queue SET lease = NULL, free_ms = $1 WHERE id = $2 AND lease = $3 RETURNING id",
      [nowMilliseconds() + Math.round(afterSeconds * 1000), ...leaseOf(job)],
    );
    if (rows.length !== 1) throw new NotOurs();
  }

  async close(): Promise<void> {}
}

function leaseOf({ lease }: TakenJob): readonly [number, string] {
  const [id, token = ""] = lease.split(":");
  return [Number(id), token];
}
