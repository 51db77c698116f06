import { isThere } from "../../host/file-kind.ts";
import { isOnNetworkFileSystem } from "../../host/network-file-system.ts";
import { privateFile } from "../../host/private-file.ts";
import { attemptSql, type SqlDatabase, sqlite } from "../../host/sqlite.ts";
import { DatabaseFailed } from "./database.ts";

/** "seau", at byte 68 of the file (https://www.sqlite.org/fileformat.html, 1.3.18). The version is in a table, as PostgreSQL has it. */
export const applicationId = 0x73656175;

const headBytes = 100;

/**
 * A connection to a file that only this user or root can have written: an acceptance in it would be believed. A file of anybody else is
 * refused, and left as it is.
 *
 * @throws {@link DatabaseFailed}
 */
export function openSqliteFile(path: string, { mayCreate }: { readonly mayCreate: boolean }): SqlDatabase {
  const module = sqlite();
  if (module === undefined) throw new DatabaseFailed({ kind: "no-sqlite" });
  if (!mayCreate && !isThere(path)) throw new DatabaseFailed({ kind: "not-set-up" });
  const file = privateFile(path, headBytes);
  if (!file.ok) {
    const { problem } = file;
    throw new DatabaseFailed(
      problem.kind === "system" ? { kind: "system", reason: problem.reason } : { kind: "not-private", why: problem },
    );
  }
  checkHead(file.value.head);
  if (isOnNetworkFileSystem(file.value.path)) {
    throw new DatabaseFailed({
      kind: "system",
      reason: "it is on a network's file system, where only a server can be used",
    });
  }
  // An absolute path: `:memory:` and `file:` mean something else to SQLite.
  const database = sqlOrFail(() => new module.DatabaseSync(file.value.path));
  try {
    sqlOrFail(() => prepare(database));
    return database;
  } catch (error) {
    attemptSql(() => database.close());
    throw error;
  }
}

/** Without SQLite: that would bring a database of somebody else up to date, with the journal beside it. */
function checkHead(untrustedHead: Uint8Array): void {
  if (untrustedHead.length === 0) return;
  const isDatabase =
    untrustedHead.length === headBytes && String.fromCharCode(...untrustedHead.subarray(0, 16)) === "SQLite format 3\0";
  const id = isDatabase ? new DataView(untrustedHead.buffer, untrustedHead.byteOffset).getUint32(68) : 0;
  // A process that ended before it had set the file up leaves one without tables, and without the number.
  const isUnused = isDatabase && id === 0 && hasNoTables(untrustedHead);
  if (id !== applicationId && !isUnused) throw new DatabaseFailed({ kind: "not-ours", isDatabase });
}

/** The schema cookie, at byte 40, counts the changes of tables. */
function hasNoTables(head: Uint8Array): boolean {
  return new DataView(head.buffer, head.byteOffset).getUint32(40) === 0;
}

/**
 * A WAL, unlike the record of a run (src/record/schema.ts): several processes of one machine take and give back chunks all the time, and
 * reports are read beside them. With a rollback journal each of these would wait for all others, and each commit for the disk three times.
 * In a WAL `NORMAL` keeps the file whole whatever happens; a machine that loses power may lose the last transactions, each of them whole,
 * and as the queue is in the same file, what was lost is done again. Nothing that is kept in the file is run.
 */
function prepare(database: SqlDatabase): void {
  database.exec(`
    PRAGMA busy_timeout = ${lockMilliseconds};
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA synchronous = NORMAL;
  `);
  const { journal_mode: mode } = database.prepare("PRAGMA journal_mode = WAL").get() ?? {};
  if (mode !== "wal") {
    throw new DatabaseFailed({
      kind: "system",
      reason: "its file system cannot keep a database that several processes use",
    });
  }
}

/** SQLite waits without letting anything else happen, so not for long: {@link SqliteDatabase} tries again. */
const lockMilliseconds = 20;

/** @throws {@link DatabaseFailed} */
export function sqlOrFail<T>(work: () => T): T {
  const done = attemptSql(work);
  if (!done.ok) throw new DatabaseFailed(done.problem);
  return done.value;
}
