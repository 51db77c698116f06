import { fail, ok, type Result } from "../result.ts";
import { reasonOf } from "./system-error.ts";

/** What is used of `node:sqlite`, which Bun has too. Every call may throw: call it within {@link attemptSql}. */
export interface SqlDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  close(): void;
}

export interface SqlStatement {
  /** The first row. */
  get(...values: readonly SqlValue[]): Readonly<Record<string, unknown>> | undefined;
  all(...values: readonly SqlValue[]): readonly Readonly<Record<string, unknown>>[];
  run(...values: readonly SqlValue[]): unknown;
}

type SqlValue = string | number | bigint | null;

/** Why a database cannot be read or written. */
export type SqlProblem =
  /** Another process has it. */
  { readonly kind: "in-use" } | { readonly kind: "damaged" } | { readonly kind: "system"; readonly reason: string };

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => SqlDatabase;
}

/**
 * The SQLite of the runtime, loaded by its first user; `undefined` on a Node that has none (before 22.5), or has it behind a flag
 * (before 22.13).
 */
export function sqlite(): SqliteModule | undefined {
  return withoutItsWarning(() => process.getBuiltinModule("node:sqlite") as unknown as SqliteModule | undefined);
}

/**
 * Node says, when it loads SQLite, that this is experimental (lib/internal/util.js `emitExperimentalWarning`): not among verdicts. It says
 * so at once, so that nobody else's warning is meant.
 */
function withoutItsWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  const emitOthers = (...told: readonly unknown[]) => {
    const [message, kind] = told;
    if (kind === "ExperimentalWarning" && String(message).startsWith("SQLite ")) return;
    Reflect.apply(emitWarning, process, told);
  };
  process.emitWarning = emitOthers as typeof emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Does something with a database. What is a mistake of ours, such as SQL that is none, is thrown on. */
export function attemptSql<T>(work: () => T): Result<T, SqlProblem> {
  try {
    return ok(work());
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return fail(problem);
  }
}

/** SQLITE_IOERR_UNLOCK, _RDLOCK, _CHECKRESERVEDLOCK, _LOCK. */
const lockCodes: readonly number[] = [2058, 2314, 3594, 3850];

/** By the result codes of sqlite3.h, of which the lowest eight bits are the kind. */
function problemOf(error: unknown): SqlProblem | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  if (typeof code !== "number") return undefined;
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return { kind: "in-use" };
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return { kind: "damaged" };
    case 3: // SQLITE_PERM
    case 23: // SQLITE_AUTH
      return system(reasonOf("EACCES"));
    case 8: // SQLITE_READONLY
      return system("it, or its directory, cannot be written");
    case 10: // SQLITE_IOERR
      return system(lockCodes.includes(code) ? "its file system has no locks" : reasonOf("EIO"));
    case 13: // SQLITE_FULL
      return system(reasonOf("ENOSPC"));
    case 14: // SQLITE_CANTOPEN
      return system("it, or the journal beside it, cannot be opened");
    case 15: // SQLITE_PROTOCOL
    case 22: // SQLITE_NOLFS
      return system("its file system cannot keep a database");
    default:
      return undefined;
  }
}

function system(reason: string): SqlProblem {
  return { kind: "system", reason };
}
