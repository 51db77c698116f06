import type { PgBoss } from "pg-boss";
import { type AuditDatabase, DatabaseFailed } from "../database/database.ts";
import { missingPackages, PostgresDatabase } from "../database/postgres-database.ts";
import { postgresFailure } from "../database/postgres-errors.ts";

/** Of pg-boss's tables, in its package.json: a test compares. */
export const bossVersion = 46;

/** One queue for all stages, so that the bound of a registry is one over all of them: pg-boss counts a group within its queue. */
export const queueName = "audit";

/**
 * pg-boss's tables have a schema of their own, and not `pgboss`: another application of the database may have that, for another version of
 * pg-boss, and only one of both could use it.
 */
export function bossSchema({ schema }: Pick<PostgresDatabase, "schema">): string {
  return `${schema}_queue`;
}

interface BossSettings {
  /** Makes its tables, or brings them up to date. */
  readonly migrate: boolean;
  /** Gives chunks of workers that are gone to others, after so many seconds; `undefined`: others see to that. */
  readonly leaseSeconds?: number | undefined;
}

/**
 * An instance of pg-boss on our connections, so that there is one place for passwords and certificates.
 *
 * @throws {@link DatabaseFailed}
 */
export async function startBoss(database: PostgresDatabase, { migrate, leaseSeconds }: BossSettings): Promise<PgBoss> {
  const schema = bossSchema(database);
  const boss = new (await loadBoss())({
    db: { executeSql: (text, values) => database.session.executeSql(text, values) },
    schema,
    migrate,
    createSchema: migrate && !(await hasSchema(database, schema)),
    schedule: false,
    supervise: leaseSeconds !== undefined,
    ...(leaseSeconds === undefined ? {} : supervision(leaseSeconds)),
    // What these tell nobody here listens to, and the last two want an owner's rights.
    openTelemetry: { enabled: false },
    registerInstance: false,
    monitorVacuum: false,
    reindex: false,
  });
  // Of its timers, while the server is away: whoever takes a chunk then is told.
  boss.on("error", () => undefined);
  try {
    const version = (await boss.isInstalled()) ? await boss.schemaVersion() : null;
    if (version !== null && version > bossVersion) throw newerQueue(version);
    if (!migrate && version === null) throw new DatabaseFailed({ kind: "not-set-up" });
    if (!migrate && version !== bossVersion) {
      throw new DatabaseFailed({ kind: "outdated", version: version ?? 0, known: bossVersion });
    }
    await boss.start();
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw postgresFailure(error);
  }
}

function newerQueue(version: number): DatabaseFailed {
  return new DatabaseFailed({ kind: "newer", version, known: bossVersion });
}

/** Looked at four times in the time of a lease, by one of all workers. */
function supervision(leaseSeconds: number) {
  const seconds = Math.max(1, Math.floor(leaseSeconds / 4));
  return { superviseIntervalSeconds: seconds, monitorIntervalSeconds: seconds, maintenanceIntervalSeconds: 3600 };
}

async function hasSchema(database: PostgresDatabase, schema: string): Promise<boolean> {
  const rows = await database.query("SELECT 1 AS found FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]);
  return rows.length > 0;
}

async function loadBoss(): Promise<typeof PgBoss> {
  try {
    return (await import("pg-boss")).PgBoss;
  } catch {
    throw new DatabaseFailed({ kind: "system", reason: missingPackages });
  }
}

/**
 * Makes pg-boss's tables and our queue in them, or brings them up to date.
 *
 * @throws {@link DatabaseFailed}
 */
export async function setUpBossQueue(database: AuditDatabase): Promise<void> {
  if (!(database instanceof PostgresDatabase)) throw new Error("a database of another kind");
  const boss = await startBoss(database, { migrate: true });
  try {
    await boss.createQueue(queueName, queueSettings);
    await boss.updateQueue(queueName, queueSettings);
  } catch (error) {
    throw postgresFailure(error);
  } finally {
    await boss.stop({ graceful: false });
  }
}

const daySeconds = 24 * 3600;

/** pg-boss deletes what waits too long, and fails what was tried too often: here a chunk waits until it is done. */
const queueSettings = {
  retryLimit: 1_000_000,
  retryDelay: 0,
  // The longest that there is: a chunk of a registry that answers slowly is kept by its heartbeats.
  expireInSeconds: daySeconds,
  retentionSeconds: 50 * 365 * daySeconds,
  deleteAfterSeconds: daySeconds,
};
