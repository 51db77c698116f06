import type { SqlDatabase } from "../host/sqlite.ts";

/** "seal", at byte 68 of the file (https://www.sqlite.org/fileformat.html, 1.3.18): whose database it is. docs/record.md has the tables. */
const applicationId = 0x7365616c;

/** At byte 60 of the file. A change that older versions would read wrongly makes it larger. */
export const schemaVersion = 1;

/** As much of the file as tells whose it is. */
export const headBytes = 100;

export type Head =
  | { readonly kind: "empty" }
  | { readonly kind: "ours"; readonly version: number }
  | { readonly kind: "other"; readonly isDatabase: boolean };

/** What a file is, without SQLite: that would bring a database of somebody else up to date, with the journal beside it. */
export function readHead(untrustedHead: Uint8Array): Head {
  if (untrustedHead.length === 0) return { kind: "empty" };
  const isDatabase =
    untrustedHead.length === headBytes && String.fromCharCode(...untrustedHead.subarray(0, 16)) === "SQLite format 3\0";
  if (!isDatabase) return { kind: "other", isDatabase };
  const numbers = new DataView(untrustedHead.buffer, untrustedHead.byteOffset);
  if (numbers.getUint32(68) !== applicationId) return { kind: "other", isDatabase };
  return { kind: "ours", version: numbers.getUint32(60) };
}

/**
 * Before anything is read. One process has the file for as long as it is open, by SQLite's own lock, which ends with the process however that
 * ends. A rollback journal and not a WAL: that is shared memory, which a network's file system does not have, and a second file of which the
 * first is worth nothing without; with a transaction in a second, and no reader beside the writer, it would be no quicker. A page holds
 * several results of two kilobytes. Nothing that is kept in the file is run.
 */
export function takeHold(database: SqlDatabase): void {
  database.exec(`
    PRAGMA busy_timeout = 0;
    PRAGMA page_size = 16384;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA synchronous = FULL;
    BEGIN EXCLUSIVE;
    COMMIT;
    PRAGMA journal_mode = DELETE;
  `);
}

/** Without newer features (STRICT, generated columns), so that an old sqlite3 can read it years later. */
export function makeTables(database: SqlDatabase): void {
  database.exec(`
    CREATE TABLE decided_by (
      part TEXT PRIMARY KEY NOT NULL,
      fingerprint TEXT NOT NULL
    );
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      started_at TEXT NOT NULL,
      closed_at TEXT
    );
    CREATE TABLE results (
      reference TEXT PRIMARY KEY NOT NULL,
      run INTEGER NOT NULL REFERENCES runs (id),
      outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'error')),
      code TEXT NOT NULL,
      pinned TEXT,
      digest TEXT,
      checked_at TEXT NOT NULL,
      document TEXT NOT NULL
    );
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
  `);
}

const tables = ["decided_by", "results", "runs"];

/** What is in the file that SQLite has locked, which another process may have made since its head was read. */
export function contentOf(database: SqlDatabase): Head | { readonly kind: "damaged" } {
  const number = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
  if (number("application_id") !== applicationId) {
    return names.length === 0 ? { kind: "empty" } : { kind: "other", isDatabase: true };
  }
  const version = number("user_version");
  if (version !== schemaVersion) return { kind: "ours", version };
  return tables.every((table) => names.includes(table)) ? { kind: "ours", version } : { kind: "damaged" };
}
