import { clockSeconds } from "../../host/surroundings.ts";
import { type AuditDatabase, DatabaseFailed, type SqlSession } from "../database/database.ts";
import { applicationId } from "../database/sqlite-file.ts";
import { tablesFor, viewsFor } from "./tables.ts";

type Dialect = Pick<AuditDatabase, "dialect">;

/**
 * What brings a database to each version, from the one before. A migration is never changed once it was released: databases that have it
 * would be others than those that get it.
 */
export const migrations: readonly ((dialect: Dialect) => readonly string[])[] = [
  (dialect) => [...tablesFor(dialect), ...viewsFor(dialect)],
];

/**
 * Makes the tables, or brings them up to date; two processes at once, and one after the other, do so once. In PostgreSQL whoever does this
 * owns the tables; the others need less (packaging/postgres/roles.sql).
 *
 * @returns the version before; 0 if there was nothing.
 * @throws {@link DatabaseFailed}, of which `newer` changes nothing.
 */
export async function setUp(database: AuditDatabase): Promise<{ readonly before: number; readonly now: number }> {
  const result = await database.transaction(async (session) => {
    if (database.dialect === "postgres") await preparePostgres(database, session);
    const before = await versionOf(database, session);
    refuseNewer(before);
    if (before === 0)
      await session.query(
        "CREATE TABLE audit_schema (version BIGINT PRIMARY KEY NOT NULL, applied_ms BIGINT NOT NULL)",
      );
    for (const [index, statements] of migrations.entries()) {
      const version = index + 1;
      if (version <= before) continue;
      for (const statement of statements(database)) await session.query(statement);
      const values = [version, Math.round(clockSeconds() * 1000)];
      await session.query("INSERT INTO audit_schema (version, applied_ms) VALUES ($1, $2)", values);
    }
    if (database.dialect === "sqlite") await session.query(`PRAGMA application_id = ${applicationId}`);
    return { before, now: migrations.length };
  });
  // Not in the same transaction, as pg-boss has its own; if this does not come to pass, who needs it says that it is not set up.
  if (database.dialect === "postgres") await setUpBoss(database);
  return result;
}

/** @throws {@link DatabaseFailed} unless it is what this version makes. */
export async function checkSetUp(database: AuditDatabase): Promise<void> {
  const version = await versionOf(database, database);
  refuseNewer(version);
  if (version === 0) throw new DatabaseFailed({ kind: "not-set-up" });
  if (version < migrations.length) throw new DatabaseFailed({ kind: "outdated", version, known: migrations.length });
}

function refuseNewer(version: number): void {
  const known = migrations.length;
  if (version > known) throw new DatabaseFailed({ kind: "newer", version, known });
}

async function versionOf({ dialect }: Dialect, session: SqlSession): Promise<number> {
  const [{ name } = { name: null }] = await session.query(
    dialect === "sqlite"
      ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'audit_schema'"
      : "SELECT to_regclass('audit_schema') AS name",
  );
  if (name === null || name === undefined) return 0;
  const [{ version } = { version: 0 }] = await session.query("SELECT max(version) AS version FROM audit_schema");
  return Number(version);
}

/** One process at a time, until the end of the transaction. A schema that an administrator made is taken as it is. */
async function preparePostgres(database: AuditDatabase, session: SqlSession): Promise<void> {
  const { PostgresDatabase, quotedName } = await import("../database/postgres-database.ts");
  if (!(database instanceof PostgresDatabase)) throw new Error("a database of another kind");
  const { schema } = database;
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${schema} set-up`]);
  const { bossSchema } = await import("../queue/boss.ts");
  // That of pg-boss as well: it makes its own without looking whether somebody else does so.
  for (const name of [schema, bossSchema(database)]) {
    const found = await session.query("SELECT 1 AS found FROM pg_catalog.pg_namespace WHERE nspname = $1", [name]);
    if (found.length === 0) await session.query(`CREATE SCHEMA ${quotedName(name)}`);
  }
}

async function setUpBoss(database: AuditDatabase): Promise<void> {
  const { setUpBossQueue } = await import("../queue/boss.ts");
  await setUpBossQueue(database);
}
