/** The database, the queue and the store of an audit, which fail once at a point that a test names. */
import {
  type AuditDatabase,
  DatabaseFailed,
  type DatabaseProblem,
  type SqlSession,
} from "../../../src/audit/database/database.ts";
import { type EvidenceStore, StoreFailed } from "../../../src/audit/evidence/evidence.ts";
import type { ChunkQueue } from "../../../src/audit/queue/chunk-queue.ts";

/** `end`: from then on nothing is done any more, as of a process that was killed. */
export type Effect = "unreachable" | "in-use" | "store" | "end";

export interface Fault {
  /** As {@link Faults.passed} names it. */
  readonly point: string;
  /** The first time, or a later one. */
  readonly occurrence: number;
  readonly effect: Effect;
}

/** The process is no more. */
export class Ended extends Error {}

export class Faults {
  /** How often each point was passed. */
  readonly passed = new Map<string, number>();
  hasStruck = false;
  readonly #fault: Fault | undefined;
  readonly #onPoint: (point: string, occurrence: number) => void;
  #hasEnded = false;

  constructor(fault: Fault | undefined, onPoint: (point: string, occurrence: number) => void = () => undefined) {
    this.#fault = fault;
    this.#onPoint = onPoint;
  }

  at(point: string): void {
    if (this.#hasEnded) throw new Ended();
    const occurrence = (this.passed.get(point) ?? 0) + 1;
    this.passed.set(point, occurrence);
    this.#onPoint(point, occurrence);
    if (this.#fault?.point !== point || this.#fault.occurrence !== occurrence) return;
    this.hasStruck = true;
    throw this.#struck(this.#fault.effect);
  }

  #struck(effect: Effect): Error {
    const problems: Readonly<Partial<Record<Effect, DatabaseProblem>>> = {
      unreachable: { kind: "unreachable", reason: "a fault of this test" },
      "in-use": { kind: "in-use" },
    };
    const problem = problems[effect];
    if (problem !== undefined) return new DatabaseFailed(problem);
    if (effect === "store") return new StoreFailed("a fault of this test");
    this.#hasEnded = true;
    return new Ended();
  }

  async around<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.at(`before ${name}`);
    const result = await work();
    this.at(`after ${name}`);
    return result;
  }
}

/** What a statement is about, whatever its values. */
function brief(sql: string): string {
  const [, verb = "", table = ""] =
    /\b(SELECT|INSERT|UPDATE|DELETE)\b.*?\b(?:FROM|INTO|UPDATE(?=\s))?\s*\b(audits|chunks|images|causes|judgements|registries|policies|queue)\b/s.exec(
      sql,
    ) ?? [];
  return `${verb} ${table}`;
}

export interface FaultyPorts {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  storeOf(store: EvidenceStore): EvidenceStore;
}

/** The same, with a fault. */
export function faulty(faults: Faults, { database, queue }: Pick<FaultyPorts, "database" | "queue">): FaultyPorts {
  const sessions = new WeakMap<SqlSession, SqlSession>();
  const own = (session: SqlSession): SqlSession => sessions.get(session) ?? session;
  const queried = (session: SqlSession): SqlSession["query"] => {
    return (sql, values) => faults.around(brief(sql), () => session.query(sql, values));
  };
  return {
    database: {
      dialect: database.dialect,
      query: queried(database),
      transaction: (work) =>
        faults.around("transaction", () =>
          database.transaction(async (session) => {
            const seen: SqlSession = { query: queried(session) };
            sessions.set(seen, session);
            const result = await work(seen);
            faults.at("before commit");
            return result;
          }),
        ),
      close: () => database.close(),
    },
    queue: {
      take: (bounds) => faults.around("take", () => queue.take(bounds)),
      keep: (job) => faults.around("keep", () => queue.keep(job)),
      put: (session, jobs) => faults.around("put", () => queue.put(own(session), jobs)),
      done: (session, job) => faults.around("done", () => queue.done(own(session), job)),
      putBack: (session, job, seconds) => faults.around("putBack", () => queue.putBack(own(session), job, seconds)),
      close: () => queue.close(),
    },
    storeOf: (store) => ({
      put: (bytes) => faults.around("store put", () => store.put(bytes)),
      get: (key) => faults.around("store get", () => store.get(key)),
      close: () => store.close(),
    }),
  };
}
