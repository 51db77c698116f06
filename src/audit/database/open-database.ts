import { isFile, isSocket } from "../../host/file-kind.ts";
import { homeOfUser, nameOfUser } from "../../host/user.ts";
import { type AuditDatabase, DatabaseFailed } from "./database.ts";
import { isPostgresUrl, readPostgresAddress } from "./postgres-address.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";

export interface OpenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a file that is missing is made: only for whoever sets it up then. */
  readonly mayCreate?: boolean;
  /** The schema in PostgreSQL; the one with `_queue` after its name is that of the queue. */
  readonly schema?: string;
  /** Connections at most, to a server. */
  readonly connections?: number;
  /** How long other processes are waited for that have the file. */
  readonly waitSeconds?: number;
}

const defaultSchema = "sealcheck_audit";

/**
 * Opens the database of audits: a file, or a server by its URL (`postgres://…`), whose client is loaded then only. What is in it was not
 * looked at: schema/set-up.ts does that.
 *
 * @throws {@link DatabaseFailed}
 */
export async function openAuditDatabase(where: string, options: OpenOptions): Promise<AuditDatabase> {
  const { environment, mayCreate = false, schema = defaultSchema, connections, waitSeconds } = options;
  if (!isPostgresUrl(where)) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(where)) {
      throw new DatabaseFailed({ kind: "address", reason: "it is neither a file nor postgres://…" });
    }
    return openSqliteDatabase(where, { mayCreate, ...(waitSeconds === undefined ? {} : { waitSeconds }) });
  }
  if (!/^[a-z_][a-z0-9_]{0,49}$/.test(schema) || schema.startsWith("pg_")) {
    throw new DatabaseFailed({
      kind: "address",
      reason: "the name of the schema has other characters than a-z, 0-9 and _",
    });
  }
  const { HOME: home = homeOfUser() } = environment;
  const address = readPostgresAddress(where, { environment, userName: nameOfUser(), home, isFile, isSocket });
  if (!address.ok) throw new DatabaseFailed({ kind: "address", reason: address.problem });
  const { openPostgresDatabase } = await import("./postgres-database.ts");
  return openPostgresDatabase(address.value, { schema, ...(connections === undefined ? {} : { connections }) });
}
