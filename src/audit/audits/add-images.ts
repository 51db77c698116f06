import { maxChunkImages } from "../../limits.ts";
import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { givenRows, rowsValue } from "../database/given-rows.ts";
import { numberIn } from "../database/row.ts";
import type { ChunkJob, ChunkQueue } from "../queue/chunk-queue.ts";
import type { Audit } from "./audit.ts";
import { withoutDocker } from "./without-docker.ts";

/** Which registry is asked first for a reference; "" for what names no image in one. */
export type RegistryOf = (reference: string) => string;

interface Adding {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  readonly registryOf: RegistryOf;
}

/** References that are written at a time, as some chunks. */
const imagesPerWrite = 20 * maxChunkImages;

export interface Added {
  readonly added: number;
  /** They were in the audit already. */
  readonly known: number;
}

/**
 * Adds references to an audit, as chunks of one registry each, to be fetched. Those that are in it already are left out: with and without
 * `docker://` they are the same, and are in it without.
 */
export async function addImages(
  audit: Audit,
  references: AsyncIterable<string> | Iterable<string>,
  adding: Adding,
): Promise<Added> {
  let added = 0;
  let given = 0;
  let waiting = new Set<string>();
  const write = async (): Promise<void> => {
    const some = [...waiting];
    waiting = new Set();
    given += some.length;
    added += await adding.database.transaction((session) => writeChunks(session, audit, some, adding));
  };
  for await (const reference of references) {
    waiting.add(withoutDocker(reference));
    if (waiting.size === imagesPerWrite) await write();
  }
  if (waiting.size > 0) await write();
  return { added, known: given - added };
}

/** The same within a transaction: for what becomes of a chunk. */
export async function writeChunks(
  session: SqlSession,
  audit: Pick<Audit, "id">,
  references: readonly string[],
  { database, queue, registryOf }: Adding,
): Promise<number> {
  const byRegistry = Map.groupBy(references, registryOf);
  const jobs: ChunkJob[] = [];
  let added = 0;
  for (const [registry, all] of byRegistry) {
    for (let at = 0; at < all.length; at += maxChunkImages) {
      const chunk = await newChunk(session, { audit, stage: "fetch", registry, source: null });
      const size = await writeImages(session, database, {
        audit,
        chunk,
        registry,
        references: all.slice(at, at + maxChunkImages),
      });
      if (size === 0) {
        await session.query("DELETE FROM chunks WHERE id = $1", [chunk]);
        continue;
      }
      await session.query("UPDATE chunks SET size = $1 WHERE id = $2", [size, chunk]);
      jobs.push({ stage: "fetch", chunk, registry });
      added += size;
    }
  }
  await queue.put(session, jobs);
  return added;
}

/** Adds a repository of which all tags are images of the audit: they are listed by a worker. */
export async function addRepository(
  audit: Audit,
  repository: string,
  { database, queue, registryOf }: Adding,
): Promise<void> {
  const registry = registryOf(repository);
  await database.transaction(async (session) => {
    const chunk = await newChunk(session, { audit, stage: "expand", registry, source: repository });
    await queue.put(session, [{ stage: "expand", chunk, registry }]);
  });
}

export async function newChunk(
  session: SqlSession,
  {
    audit,
    stage,
    registry,
    source,
  }: {
    readonly audit: Pick<Audit, "id">;
    readonly stage: ChunkJob["stage"];
    readonly registry: string;
    readonly source: string | null;
  },
): Promise<number> {
  const [row] = await session.query(
    "INSERT INTO chunks (audit_id, stage, registry, size, source) VALUES ($1, $2, $3, 0, $4) RETURNING id",
    [audit.id, stage, registry, source],
  );
  return numberIn(row, "id");
}

async function writeImages(
  session: SqlSession,
  database: AuditDatabase,
  {
    audit,
    chunk,
    registry,
    references,
  }: {
    readonly audit: Pick<Audit, "id">;
    readonly chunk: number;
    readonly registry: string;
    readonly references: readonly string[];
  },
): Promise<number> {
  // In the same order by everybody: two that wait for each other would be in each other's way.
  const given = rowsValue(references.toSorted().map((reference) => ({ reference })));
  const rows = await session.query(
    `INSERT INTO images (audit_id, reference, chunk_id, registry)
      SELECT CAST($1 AS bigint), reference, CAST($2 AS bigint), $3 FROM ${givenRows(database, "$4", ["reference"])} WHERE true
      ON CONFLICT (audit_id, reference) DO NOTHING RETURNING 1`,
    [audit.id, chunk, registry, given],
  );
  return rows.length;
}
