import type { AuditDatabase } from "../database/database.ts";
import type { ChunkQueue } from "./chunk-queue.ts";
import { SqliteQueue } from "./sqlite-queue.ts";

export interface QueueOptions {
  /** How long a chunk is one worker's without {@link ChunkQueue.keep}. */
  readonly leaseSeconds?: number;
  /** Whether this process takes chunks; others only put them. */
  readonly isWorker: boolean;
}

/** The queue of a database that is set up. @throws DatabaseFailed */
export async function openQueue(
  database: AuditDatabase,
  { leaseSeconds = 60, isWorker }: QueueOptions,
): Promise<ChunkQueue> {
  if (database.dialect === "sqlite") return new SqliteQueue(database, { leaseSeconds });
  const [{ BossQueue }, { PostgresDatabase }] = await Promise.all([
    import("./boss-queue.ts"),
    import("../database/postgres-database.ts"),
  ]);
  if (!(database instanceof PostgresDatabase)) throw new Error("a database of another kind");
  return BossQueue.open(database, { leaseSeconds, isWorker });
}
