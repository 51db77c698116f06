import type { AuditDatabase, SqlRow, SqlSession } from "../database/database.ts";
import { numberIn, textIn, textOrNullIn } from "../database/row.ts";
import type { ChunkJob, ChunkQueue } from "../queue/chunk-queue.ts";
import type { Audit } from "./audit.ts";
import { countAnew } from "./chunk-counts.ts";

/**
 * Gives the images of an audit to another one, which judges them by its own policy: with all that was fetched of them, and nothing is asked of
 * any registry.
 *
 * @returns how many.
 */
export async function copyImages(session: SqlSession, from: Audit, to: Audit, queue: ChunkQueue): Promise<number> {
  // Chunk by chunk, as they were.
  const chunks = await session.query(
    `INSERT INTO chunks (audit_id, stage, registry, size, fetched, copied_from)
      SELECT CAST($1 AS bigint), 'judge', '', count(*), count(*), images.chunk_id FROM images
        WHERE images.audit_id = $2 AND images.evidence IS NOT NULL GROUP BY images.chunk_id
      RETURNING id, size`,
    [to.id, from.id],
  );
  await session.query(
    `INSERT INTO images (audit_id, reference, chunk_id, registry, identity, evidence, fetched_ms, pinned, served_by)
      SELECT chunks.audit_id, images.reference, chunks.id, images.registry, images.identity, images.evidence, images.fetched_ms,
          images.pinned, images.served_by
      FROM images JOIN chunks ON chunks.audit_id = $1 AND chunks.copied_from = images.chunk_id
      WHERE images.audit_id = $2 AND images.evidence IS NOT NULL`,
    [to.id, from.id],
  );
  await queue.put(
    session,
    chunks.map((row) => ({ stage: "judge", chunk: numberIn(row, "id"), registry: "" })),
  );
  return sizeOf(chunks);
}

/** What became of the images of which nothing could be found out. */
export interface Retried {
  /** Asked for again. */
  readonly images: number;
  /** They lie on machines: nobody else can look at them again. */
  readonly stored: number;
  /** It is not for want of the image: they name none, or the policy cannot be used for them. */
  readonly inVain: number;
}

const isInVain = "(causes.code LIKE 'policy.%' OR causes.code = 'usage.reference.invalid')";

/** Gives the images of which nothing could be found out to the workers again. */
export async function retryImages(
  audit: Audit,
  { database, queue }: { readonly database: AuditDatabase; readonly queue: ChunkQueue },
): Promise<Retried> {
  return database.transaction(async (session) => {
    // Those that a worker has now are not taken from it.
    const rows = await session.query(
      `SELECT chunks.id, chunks.source, max(images.registry) AS registry, count(*) AS size
        FROM chunks JOIN images ON images.chunk_id = chunks.id JOIN causes ON causes.id = images.cause_id
        WHERE chunks.audit_id = $1 AND chunks.stage = 'done' AND images.outcome = 'error' AND images.identity IS NULL AND NOT ${isInVain}
        GROUP BY chunks.id, chunks.source ORDER BY chunks.id`,
      [audit.id],
    );
    const jobs: ChunkJob[] = [];
    for (const row of rows) {
      const chunk = numberIn(row, "id");
      const registry = textIn(row, "registry");
      // What stands for a repository whose tags could not be listed is no image.
      const stage = textOrNullIn(row, "source") === null ? "fetch" : "expand";
      await session.query(stage === "fetch" ? forget : "DELETE FROM images WHERE chunk_id = $1 AND outcome = 'error'", [
        chunk,
      ]);
      await session.query("UPDATE chunks SET stage = $1, registry = $2, tries = 0 WHERE id = $3", [
        stage,
        registry,
        chunk,
      ]);
      await countAnew(session, database, chunk);
      jobs.push({ stage, chunk, registry });
    }
    await queue.put(session, jobs);
    const [left] = await session.query(
      `SELECT count(CASE WHEN ${isInVain} THEN 1 END) AS in_vain,
          count(CASE WHEN NOT ${isInVain} AND images.identity IS NOT NULL THEN 1 END) AS stored
        FROM images JOIN causes ON causes.id = images.cause_id
        WHERE images.chunk_id IN (SELECT id FROM chunks WHERE audit_id = $1 AND errors > 0) AND images.outcome = 'error'`,
      [audit.id],
    );
    return { images: sizeOf(rows), stored: numberIn(left, "stored"), inVain: numberIn(left, "in_vain") };
  });
}

const forget = `UPDATE images SET outcome = NULL, cause_id = NULL, digest = NULL, scope = NULL, signer = NULL, judged_ms = NULL,
    evidence = NULL, fetched_ms = NULL, pinned = NULL, served_by = NULL
  WHERE chunk_id = $1 AND outcome = 'error' AND identity IS NULL AND cause_id NOT IN (SELECT id FROM causes WHERE ${isInVain})`;

/** Images in them. */
function sizeOf(chunks: readonly SqlRow[]): number {
  return chunks.reduce((sum, row) => sum + numberIn(row, "size"), 0);
}
