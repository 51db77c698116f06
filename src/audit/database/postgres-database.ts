import type { ClientBase, ClientConfig, Pool, PoolClient, QueryConfig } from "pg";
import { readBoundedFile } from "../../host/bounded-file.ts";
import { readTrustFile } from "../../host/trust-file.ts";
import { type AuditDatabase, DatabaseFailed, type SqlRow, type SqlSession, type SqlValue } from "./database.ts";
import { type PasswordFor, passwordIn } from "./password-file.ts";
import type { PostgresAddress, PostgresEncryption } from "./postgres-address.ts";
import { postgresFailure } from "./postgres-errors.ts";

export interface PostgresOptions {
  /** The schema that the tables are in. Nothing is looked for anywhere else. */
  readonly schema: string;
  /** Connections at most. Each transaction has one. */
  readonly connections?: number;
}

/** @throws {@link DatabaseFailed} */
export async function openPostgresDatabase(
  address: PostgresAddress,
  options: PostgresOptions,
): Promise<PostgresDatabase> {
  const { Pool } = await loadPg();
  const withTls = tlsOf(address);
  const make = (ssl: ClientConfig["ssl"]) => guarded(new Pool(settings(address, options, ssl)));
  let pool = make(withTls);
  try {
    await reached(pool);
  } catch (error) {
    await pool.end();
    const { encryption } = address;
    const isDenied = String(error).includes("The server does not support SSL connections");
    if (encryption.kind !== "unverified" || encryption.isRequired || !isDenied) throw postgresFailure(error);
    pool = make(false);
    try {
      await reached(pool);
    } catch (second) {
      await pool.end();
      throw postgresFailure(second);
    }
  }
  return new PostgresDatabase(pool, options.schema);
}

async function loadPg(): Promise<typeof import("pg")> {
  let module: { readonly default: typeof import("pg") };
  try {
    module = (await import("pg")) as unknown as { readonly default: typeof import("pg") };
  } catch {
    throw new DatabaseFailed({ kind: "system", reason: missingPackages });
  }
  return module.default;
}

/** The versions are those of package.json: a test compares. */
export const missingPackages =
  "PostgreSQL needs the packages pg and pg-boss, which are not installed: npm install pg@8.23.1 pg-boss@12.38.0";

async function reached(pool: Pool): Promise<void> {
  (await pool.connect()).release();
}

function settings(
  { host, port, user, database, applicationName, connectSeconds, ...login }: PostgresAddress,
  { connections = 10, schema }: PostgresOptions,
  ssl: ClientConfig["ssl"],
) {
  // A worker whose machine vanished keeps its locks no longer than this.
  const set = `SET search_path TO ${quotedName(schema)}; SET idle_in_transaction_session_timeout TO '60s'; SET client_min_messages TO warning`;
  return {
    host,
    port,
    user,
    database,
    // pg would look for a password file itself otherwise, and warn that it will not do so any more.
    password: login.password ?? filedPassword(login.passwordFile, { host, port, user, database }) ?? "",
    application_name: applicationName,
    connectionTimeoutMillis: connectSeconds * 1000,
    // A peer that vanished is noticed, and not waited for.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    max: connections,
    // What waits for nothing more than an idle connection ends.
    allowExitOnIdle: true,
    ssl: ssl ?? false,
    onConnect: async (client: ClientBase) => {
      await client.query(set);
    },
  };
}

/** @throws {@link DatabaseFailed} if there is a password for this server that others could read */
function filedPassword(path: string | undefined, wanted: PasswordFor): string | undefined {
  if (path === undefined) return undefined;
  let isPrivate = true;
  const inspect = ({ mode }: { readonly mode: number }) => {
    isPrivate = (mode & 0o077) === 0;
  };
  const read = readBoundedFile(path, { maxBytes: maxPasswordFileBytes, followLinks: true, inspect });
  const password = read.ok ? passwordIn(Buffer.from(read.value).toString(), wanted) : undefined;
  if (password === undefined || isPrivate) return password;
  throw new DatabaseFailed({
    kind: "not-permitted",
    reason: `the password file ${path} can be read by others: give it the mode 0600`,
  });
}

const maxPasswordFileBytes = 1024 * 1024;

function guarded(pool: Pool): Pool {
  // A connection that breaks while nobody uses it, or between two statements: the next statement says so.
  const ignored = () => undefined;
  pool.on("error", ignored);
  pool.on("connect", (client) => client.on("error", ignored));
  return pool;
}

/** A name of ours in SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @throws {@link DatabaseFailed} if a file cannot be read */
function tlsOf({ encryption }: PostgresAddress): ClientConfig["ssl"] {
  if (encryption.kind === "none") return false;
  const client = clientPair(encryption.client);
  if (encryption.kind === "unverified") return { ...client, rejectUnauthorized: false };
  const { roots, isHostChecked } = encryption;
  return {
    ...client,
    ...(roots === undefined ? {} : { ca: textOf(roots) }),
    rejectUnauthorized: true,
    ...(isHostChecked ? {} : { checkServerIdentity: () => undefined }),
  };
}

function clientPair({ certificate, key }: Exclude<PostgresEncryption, { kind: "none" }>["client"]) {
  if (certificate === undefined || key === undefined) return {};
  return { cert: textOf(certificate), key: textOf(key) };
}

function textOf(path: string): string {
  const content = readTrustFile(path, () => undefined);
  if (content.ok) return Buffer.from(content.value).toString("latin1");
  const { problem } = content;
  const reason = problem.kind === "too-large" ? "it is too large" : problem.reason;
  throw new DatabaseFailed({ kind: "address", reason: `${path} cannot be used: ${reason}` });
}

/** Statements on one connection, or on any. */
export class PostgresSession implements SqlSession {
  readonly #runner: { query(query: QueryConfig): Promise<{ rows: unknown[] }> };
  #isOver = false;

  constructor(runner: Pool | PoolClient) {
    this.#runner = runner;
  }

  async query(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    try {
      const { rows } = await this.executeSql(sql, values, { getTypeParser: parserOf });
      return rows as readonly SqlRow[];
    } catch (error) {
      throw postgresFailure(error);
    }
  }

  /** As pg-boss wants it: several statements if there are no values, types as the package pg makes them, and its own errors. */
  async executeSql(text: string, values?: readonly unknown[], types?: unknown) {
    if (this.#isOver) throw new Error("the transaction is over");
    const query = {
      text,
      ...(values === undefined ? {} : { values: [...values] }),
      ...(types === undefined ? {} : { types }),
    };
    return await this.#runner.query(query as QueryConfig);
  }

  end(): void {
    this.#isOver = true;
  }
}

export class PostgresDatabase implements AuditDatabase {
  readonly dialect = "postgres";
  readonly schema: string;
  /** For what is no part of a transaction. */
  readonly session: PostgresSession;
  readonly #pool: Pool;
  #closed: Promise<void> | undefined;

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.schema = schema;
    this.session = new PostgresSession(pool);
  }

  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.session.query(sql, values);
  }

  async transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw postgresFailure(error);
    });
    const session = new PostgresSession(client);
    let isBroken = false;
    try {
      await client.query("BEGIN");
      const result = await work(session);
      session.end();
      // After a statement that failed, whoever overlooked that, the server answers that it has taken all back.
      const { command } = await client.query("COMMIT");
      if (command !== "COMMIT") throw new Error("a statement of the transaction had failed, and that was overlooked");
      return result;
    } catch (error) {
      session.end();
      await client.query("ROLLBACK").catch(() => {
        isBroken = true;
      });
      throw postgresFailure(error);
    } finally {
      client.release(isBroken);
    }
  }

  async close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    await this.#closed;
  }
}

type Parser = (text: string) => SqlValue;

/** By the numbers of pg_type: what SQLite gives for the same. */
const parsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [16, (text) => (text === "t" ? 1 : 0)], // bool
  [20, wholeNumber], // int8
  [21, wholeNumber], // int2
  [23, wholeNumber], // int4
  [26, wholeNumber], // oid
  [700, Number], // float4
  [701, Number], // float8
  [1700, (text) => (/^-?\d+$/.test(text) ? wholeNumber(text) : Number(text))], // numeric: sums and averages
  [1184, (text) => new Date(isoText(text)).toISOString()], // timestamptz
]);

function parserOf(type: number): Parser {
  return parsers.get(type) ?? String;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is too large for a number`);
  return value;
}

/** `2026-11-27 06:40:55.123+00`; the zone may have minutes. */
function isoText(text: string): string {
  return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
}
