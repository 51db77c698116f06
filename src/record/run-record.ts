import { later } from "../host/later.ts";
import { privateFile } from "../host/private-file.ts";
import { attemptSql, type SqlDatabase, type SqlStatement, sqlite } from "../host/sqlite.ts";
import { maxResumedSeconds, maxUnsavedBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type KeptLine, readLine } from "./kept-line.ts";
import type { StateFlaw, StateProblem } from "./problem.ts";
import { contentOf, headBytes, makeTables, readHead, schemaVersion, takeHold } from "./schema.ts";

/** What is kept of a run, in a file from which an interrupted one goes on. */
export interface RunRecord {
  /** How many verdicts of earlier runs were too old when this one began. */
  readonly outdated: number;
  /**
   * The line that was kept of a reference, if it was accepted or rejected, and is no older than {@link maxResumedSeconds}; what was an error
   * is to be asked again. What cannot be read is not known either, and {@link keep} and {@link close} then say why; nor is what is no verdict of this reference.
   */
  known(reference: string): string | undefined;
  /**
   * Keeps the verdict of a reference: its JSON, of which `reference` is a field, without a newline. It is on disk a second later, or after
   * `close`. Once something could not be written, nothing more is, and each call says so: the run is to end, and can be resumed.
   */
  keep(reference: string, line: string): Result<undefined, StateProblem>;
  /** Writes what is left. The file is another process's to use then. */
  close(): Result<undefined, StateProblem>;
}

/** What tells whether a verdict of an earlier run is one of this run. */
export interface RunFacts {
  /**
   * Everything that decides, by the name that a person knows it by (`policy`, `registries.conf`, `sealcheck`, …): a hash of it, or a
   * short text such as a version.
   */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly now: () => number;
}

const saveMilliseconds = 1000;

/**
 * Opens or makes the record of a run. A file that is anything but such a record, of the same things that decide, and out of reach for
 * others than this user and root, is refused and left as it is: an acceptance in it would be believed.
 */
export function openRunRecord(path: string, facts: RunFacts): Result<RunRecord, StateProblem> {
  const opened = open(path, facts);
  return opened.ok ? opened : fail(stateProblem(path, opened.problem));
}

function stateProblem(path: string, why: StateFlaw): StateProblem {
  return { code: "usage.state.invalid", path, why };
}

function open(path: string, facts: RunFacts): Result<RunRecord, StateFlaw> {
  const module = sqlite();
  if (module === undefined) return fail({ kind: "no-sqlite" });
  const file = privateFile(path, headBytes);
  if (!file.ok) return file;
  const flaw = headFlaw(readHead(file.value.head));
  if (flaw !== undefined) return fail(flaw);
  // An absolute path: `:memory:` and `file:` mean something else to SQLite.
  const database = attemptSql(() => new module.DatabaseSync(file.value.path));
  if (!database.ok) return database;
  const attempted = attemptSql(() => {
    const run = beginRun(database.value, facts);
    return run.ok ? ok(new SqliteRecord(path, database.value, { run: run.value, now: facts.now })) : run;
  });
  const record = attempted.ok ? attempted.value : attempted;
  // This takes back what was begun.
  if (!record.ok) attemptSql(() => database.value.close());
  return record;
}

function headFlaw(head: ReturnType<typeof contentOf>): StateFlaw | undefined {
  if (head.kind === "other") return { kind: "not-ours", isDatabase: head.isDatabase };
  if (head.kind === "damaged") return head;
  if (head.kind === "empty" || head.version === schemaVersion) return undefined;
  // There was no version before the first.
  return head.version === 0 ? { kind: "damaged" } : { kind: "newer", version: head.version, known: schemaVersion };
}

/** @returns the number of the run. */
function beginRun(database: SqlDatabase, { fingerprint, now }: RunFacts): Result<number, StateFlaw> {
  takeHold(database);
  const content = contentOf(database);
  const flaw = headFlaw(content);
  if (flaw !== undefined) return fail(flaw);
  database.exec("BEGIN");
  if (content.kind === "empty") {
    makeTables(database);
    const insert = database.prepare("INSERT INTO decided_by (part, fingerprint) VALUES (?, ?)");
    for (const [part, value] of Object.entries(fingerprint)) insert.run(part, value);
  } else {
    const parts = differingParts(database, fingerprint);
    if (parts.length > 0) return fail({ kind: "differs", parts });
  }
  database.prepare("INSERT INTO runs (started_at) VALUES (?)").run(isoTime(now()));
  const { run } = database.prepare("SELECT max(id) AS run FROM runs").get() ?? {};
  database.exec("COMMIT");
  return ok(Number(run));
}

function differingParts(database: SqlDatabase, fingerprint: RunFacts["fingerprint"]): readonly string[] {
  const kept = new Map(
    database
      .prepare("SELECT part, fingerprint FROM decided_by")
      .all()
      .map(({ part, fingerprint: before }) => [String(part), before]),
  );
  const parts = new Set([...Object.keys(fingerprint), ...kept.keys()]);
  return [...parts].filter((part) => !Object.hasOwn(fingerprint, part) || kept.get(part) !== fingerprint[part]).sort();
}

/** As SQLite's own functions for dates take it. */
function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

interface UnsavedLine {
  readonly kept: KeptLine;
  readonly line: string;
  readonly checkedAt: string;
}

class SqliteRecord implements RunRecord {
  readonly #path: string;
  readonly #database: SqlDatabase;
  readonly #run: number;
  readonly #now: () => number;
  readonly outdated: number;
  readonly #select: SqlStatement;
  readonly #insert: SqlStatement;
  /** By reference: kept, and not written yet. */
  #unsaved = new Map<string, UnsavedLine>();
  #unsavedBytes = 0;
  #callOff: (() => void) | undefined;
  #problem: StateProblem | undefined;
  #isClosed = false;

  constructor(path: string, database: SqlDatabase, { run, now }: { readonly run: number; readonly now: () => number }) {
    this.#path = path;
    this.#database = database;
    this.#run = run;
    this.#now = now;
    this.#select = database.prepare(
      "SELECT document FROM results WHERE reference = ? AND outcome <> 'error' AND checked_at BETWEEN ? AND ?",
    );
    const { count } = database
      .prepare("SELECT count(*) AS count FROM results WHERE outcome <> 'error' AND checked_at NOT BETWEEN ? AND ?")
      .get(...this.#recent()) ?? { count: 0 };
    this.outdated = Number(count);
    this.#insert = database.prepare(
      "INSERT OR REPLACE INTO results (reference, run, outcome, code, pinned, digest, checked_at, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
  }

  known(reference: string): string | undefined {
    if (this.#problem !== undefined || this.#isClosed) return undefined;
    const line = this.#unsaved.get(reference)?.line ?? this.#written(reference);
    if (line === undefined) return undefined;
    const kept = readLine(line);
    return kept?.reference === reference && kept.outcome !== "error" ? line : undefined;
  }

  #written(reference: string): string | undefined {
    const row = attemptSql(() => this.#select.get(reference, ...this.#recent()));
    if (!row.ok) this.#problem = stateProblem(this.#path, row.problem);
    const { document } = (row.ok ? row.value : undefined) ?? {};
    return typeof document === "string" ? document : undefined;
  }

  /** From when to when a verdict counts, as texts in the order of the times. What a clock says that was wrong then or is now does not. */
  #recent(): readonly [string, string] {
    const now = this.#now();
    return [isoTime(now - maxResumedSeconds), isoTime(now)];
  }

  keep(reference: string, line: string): Result<undefined, StateProblem> {
    if (this.#isClosed) throw new Error("the record of the run is closed");
    const kept = readLine(line);
    if (kept?.reference !== reference) throw new Error("what is to be kept is no verdict of this reference");
    if (this.#problem !== undefined) return fail(this.#problem);
    this.#unsaved.set(reference, { kept, line, checkedAt: isoTime(this.#now()) });
    this.#unsavedBytes += line.length;
    if (this.#unsavedBytes > maxUnsavedBytes) return this.#save();
    this.#callOff ??= later(saveMilliseconds, () => void this.#save());
    return ok(undefined);
  }

  close(): Result<undefined, StateProblem> {
    if (this.#isClosed) return this.#problem === undefined ? ok(undefined) : fail(this.#problem);
    const saved = this.#save();
    this.#isClosed = true;
    const closed = attemptSql(() => {
      if (saved.ok) {
        this.#database.prepare("UPDATE runs SET closed_at = ? WHERE id = ?").run(isoTime(this.#now()), this.#run);
      }
    });
    const ended = attemptSql(() => this.#database.close());
    for (const { problem } of [closed, ended].filter((result) => !result.ok)) {
      this.#problem ??= stateProblem(this.#path, problem);
    }
    return this.#problem === undefined ? ok(undefined) : fail(this.#problem);
  }

  #save(): Result<undefined, StateProblem> {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#problem !== undefined) return fail(this.#problem);
    if (this.#unsaved.size === 0) return ok(undefined);
    const saved = attemptSql(() => this.#write());
    this.#unsaved = new Map();
    this.#unsavedBytes = 0;
    if (saved.ok) return saved;
    // The transaction may be open or not, by what went wrong: closing takes it back, or the next process.
    this.#problem = stateProblem(this.#path, saved.problem);
    return fail(this.#problem);
  }

  #write(): undefined {
    this.#database.exec("BEGIN");
    for (const { kept, line, checkedAt } of this.#unsaved.values()) {
      const { reference, outcome, code, pinned, digest } = kept;
      this.#insert.run(reference, this.#run, outcome, code, pinned, digest, checkedAt, line);
    }
    this.#database.exec("COMMIT");
  }
}
