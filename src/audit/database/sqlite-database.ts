import { sleep } from "../../host/sleep.ts";
import { attemptSql, type SqlDatabase, type SqlStatement } from "../../host/sqlite.ts";
import { clockSeconds } from "../../host/surroundings.ts";
import { type AuditDatabase, DatabaseFailed, type SqlRow, type SqlSession, type SqlValue } from "./database.ts";
import { openSqliteFile, sqlOrFail } from "./sqlite-file.ts";

export interface SqliteOptions {
  /** Whether a file that is missing is made; otherwise there is nothing set up. */
  readonly mayCreate: boolean;
  /** How long other processes are waited for. */
  readonly waitSeconds?: number;
}

/** @throws {@link DatabaseFailed} */
export async function openSqliteDatabase(
  path: string,
  { mayCreate, waitSeconds = 30 }: SqliteOptions,
): Promise<AuditDatabase> {
  const end = clockSeconds() + waitSeconds;
  for (;;) {
    try {
      return new SqliteDatabase(openSqliteFile(path, { mayCreate }), waitSeconds);
    } catch (error) {
      // Another process makes a WAL of it at this moment.
      const isInUse = error instanceof DatabaseFailed && error.problem.kind === "in-use";
      if (!isInUse || clockSeconds() >= end) throw error;
      await sleep(0.05, undefined);
    }
  }
}

/** Statements have few texts, but those that insert many rows have one for each number of rows. */
const maxStatements = 200;

class SqliteDatabase implements AuditDatabase {
  readonly dialect = "sqlite";
  readonly #database: SqlDatabase;
  readonly #waitSeconds: number;
  readonly #statements = new Map<string, SqlStatement>();
  /** Ends with the last that was begun: there is one connection, and what is asked beside a transaction would become a part of it. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(database: SqlDatabase, waitSeconds: number) {
    this.#database = database;
    this.#waitSeconds = waitSeconds;
  }

  query(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return this.#inTurn(() => this.#whenFree(() => this.#run(sql, values)));
  }

  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      // To write from the start on: who has read, and then wants to write what another has written meanwhile, can only give up.
      await this.#whenFree(() => this.#database.exec("BEGIN IMMEDIATE"));
      let isOver = false;
      const session: SqlSession = {
        query: async (sql, values = []) => {
          if (isOver) throw new Error("the transaction is over");
          return sqlOrFail(() => this.#run(sql, values));
        },
      };
      try {
        const result = await work(session);
        isOver = true;
        sqlOrFail(() => this.#database.exec("COMMIT"));
        return result;
      } catch (error) {
        isOver = true;
        this.#rollBack();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#statements.clear();
      sqlOrFail(() => this.#database.close());
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** In a WAL only a writer waits, and only where it begins: nothing has been done then. */
  async #whenFree<T>(work: () => T): Promise<T> {
    const end = clockSeconds() + this.#waitSeconds;
    for (let pause = 0.001; ; pause = Math.min(pause * 2, 0.05)) {
      const done = attemptSql(work);
      if (done.ok) return done.value;
      if (done.problem.kind !== "in-use" || clockSeconds() >= end) throw new DatabaseFailed(done.problem);
      await sleep(pause, undefined);
    }
  }

  #run(sql: string, values: readonly SqlValue[]): readonly SqlRow[] {
    // A number, a text or nothing: there is no BLOB in the tables. As objects like all others, which those of SQLite are not.
    const rows = this.#statement(sql).all(...values.map(bound));
    return rows.map((row) => ({ ...row })) as readonly SqlRow[];
  }

  #statement(sql: string): SqlStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined && this.#statements.size >= maxStatements) this.#statements.delete(oldest);
    const statement = this.#database.prepare(numbered(sql));
    this.#statements.set(sql, statement);
    return statement;
  }

  /** SQLite may have taken it back itself. */
  #rollBack(): void {
    attemptSql(() => {
      try {
        this.#database.exec("ROLLBACK");
      } catch (error) {
        if (!String(error).includes("no transaction is active")) throw error;
      }
    });
  }
}

/** `$1` is a name to SQLite, and is not bound by its place; `?1` is. */
function numbered(sql: string): string {
  return sql.replaceAll(/'(?:[^']|'')*'|\$(\d+)/g, (found, place: string | undefined) =>
    place === undefined ? found : `?${place}`,
  );
}

/** A whole number is one, also where no column says so: Node and Bun bind every number as a fraction. */
function bound(value: SqlValue): SqlValue | bigint {
  return Number.isSafeInteger(value) ? BigInt(value ?? 0) : value;
}
