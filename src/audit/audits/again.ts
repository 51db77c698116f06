import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { numberIn } from "../database/row.ts";
import type { ChunkQueue, Stage } from "../queue/chunk-queue.ts";
import type { Audit } from "./audit.ts";

/** What is needed to give images to workers anew. */
interface Again {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
}

/**
 * Gives the images of an audit to another one, which judges them by its own policy: with all that was fetched of them, and nothing is asked of
 * any registry.
 *
 * @returns how many.
 */
export async function copyImages(session: SqlSession, from: Audit, to: Audit, again: Again): Promise<number> {
  const [{ size } = { size: 0 }] = await session.query(
    "SELECT count(*) AS size FROM images WHERE audit_id = $1 AND evidence IS NOT NULL",
    [from.id],
  );
  // Chunk by chunk, as they were.
  await session.query(
    `INSERT INTO chunks (audit_id, stage, registry, size, source)
      SELECT CAST($1 AS bigint), 'judge', '', count(*), CAST(images.chunk_id AS text) FROM images
        WHERE images.audit_id = $2 AND images.evidence IS NOT NULL GROUP BY images.chunk_id`,
    [to.id, from.id],
  );
  await session.query(
    `INSERT INTO images (audit_id, reference, chunk_id, registry, evidence, fetched_ms, pinned, served_by)
      SELECT chunks.audit_id, images.reference, chunks.id, images.registry, images.evidence, images.fetched_ms, images.pinned, images.served_by
      FROM images JOIN chunks ON chunks.audit_id = $1 AND chunks.source = CAST(images.chunk_id AS text)
      WHERE images.audit_id = $2 AND images.evidence IS NOT NULL`,
    [to.id, from.id],
  );
  await putChunks(session, to, "judge", again);
  return Number(size);
}

/**
 * Gives the images of which nothing could be found out to the workers again.
 *
 * @returns how many.
 */
export async function retryImages(audit: Audit, again: Again): Promise<number> {
  return again.database.transaction(async (session) => {
    const chunks = `SELECT chunk_id FROM images WHERE audit_id = $1 AND outcome = 'error'`;
    // Those that a worker has now are not taken from it.
    const rows = await session.query(
      `SELECT chunks.id, chunks.registry FROM chunks WHERE chunks.stage = 'done' AND chunks.audit_id = $1 AND chunks.id IN (${chunks.replace("$1", "chunks.audit_id")})`,
      [audit.id],
    );
    let count = 0;
    for (const row of rows) {
      const chunk = numberIn(row, "id");
      const [found] = await session.query(
        "SELECT count(*) AS size, max(registry) AS registry FROM images WHERE chunk_id = $1 AND outcome = 'error'",
        [chunk],
      );
      const registry = String(found?.["registry"] ?? "");
      await session.query(
        `UPDATE images SET outcome = NULL, cause_id = NULL, digest = NULL, scope = NULL, signer = NULL, judged_ms = NULL,
            evidence = NULL, fetched_ms = NULL, pinned = NULL, served_by = NULL
          WHERE chunk_id = $1 AND outcome = 'error'`,
        [chunk],
      );
      await session.query("UPDATE chunks SET stage = 'fetch', registry = $1 WHERE id = $2", [registry, chunk]);
      await again.queue.put(session, [{ stage: "fetch", chunk, registry }]);
      count += numberIn(found, "size");
    }
    return count;
  });
}

async function putChunks(session: SqlSession, audit: Audit, stage: Stage, { queue }: Again): Promise<void> {
  const rows = await session.query("SELECT id, registry FROM chunks WHERE audit_id = $1 AND stage = $2", [
    audit.id,
    stage,
  ]);
  await queue.put(
    session,
    rows.map((row) => ({ stage, chunk: numberIn(row, "id"), registry: String(row["registry"]) })),
  );
}
