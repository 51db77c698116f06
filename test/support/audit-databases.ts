import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { AuditDatabase } from "../../src/audit/database/database.ts";
import { type OpenOptions, openAuditDatabase } from "../../src/audit/database/open-database.ts";
import { numberIn } from "../../src/audit/database/row.ts";
import { setUp } from "../../src/audit/schema/set-up.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "./postgres.ts";
import { temporaryDirectory } from "./temporary.ts";

export type Dialect = "sqlite" | "postgres";

/** Both databases; `skip` says why one is not there. */
export const dialects: readonly { readonly dialect: Dialect; readonly skip: string | false }[] = [
  { dialect: "sqlite", skip: false },
  { dialect: "postgres", skip: withoutPostgres ?? false },
];

let server: Promise<PostgresServer> | undefined;

/** The one of this process. */
export function postgresServer(): Promise<PostgresServer> {
  server ??= startPostgres();
  return server;
}

/** Where a new database is, in which there is nothing. */
export async function newPlace(dialect: Dialect): Promise<string> {
  if (dialect === "sqlite") return join(temporaryDirectory(), "audit.sqlite");
  const { createDatabase, url } = await postgresServer();
  return url(await createDatabase());
}

const environment = { HOME: "/nonexistent" };

export function opened(place: string, options: Partial<OpenOptions> = {}) {
  return openAuditDatabase(place, { environment, ...options });
}

/** Where a new database is that was set up. */
export async function setUpPlace(dialect: Dialect): Promise<string> {
  const place = await newPlace(dialect);
  const database = await opened(place, { mayCreate: true });
  await setUp(database);
  await database.close();
  return place;
}

/** Chunks that are not done, and those that wait or belong to somebody. */
export async function leftIn(database: AuditDatabase): Promise<number> {
  const queued =
    database.dialect === "sqlite"
      ? "SELECT id FROM queue"
      : "SELECT id FROM sealcheck_audit_queue.job WHERE state IN ('created', 'retry', 'active')";
  const [row] = await database.query(
    `SELECT (SELECT count(*) FROM (${queued}) AS queued) + (SELECT count(*) FROM chunks WHERE stage <> 'done') AS rest`,
  );
  return numberIn(row, "rest");
}

const root = join(import.meta.dirname, "../..");

/** The pinned runtimes, which both run the sources. */
export const sourceRuntimes = ["node", "bun"].map((name) => ({
  name,
  path: execFileSync("sh", [join(root, "scripts/tool.sh"), name], { encoding: "utf8", cwd: root }).trim(),
}));
