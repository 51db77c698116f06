import type { AuditDatabase, SqlSession } from "../database/database.ts";

/**
 * Writes down how many images of a chunk are fetched, judged, …: within the transaction that changed any of them. With that the state of an audit
 * is read from its chunks, of which there are few. They are counted, and not added to, so that nothing can make them wrong.
 */
export async function countAnew(
  session: SqlSession,
  { dialect }: Pick<AuditDatabase, "dialect">,
  chunk: number,
): Promise<void> {
  // Whoever had the chunk before may still write: then the second of them waits here, and sees what the first wrote.
  if (dialect === "postgres") await session.query("SELECT 1 AS found FROM chunks WHERE id = $1 FOR UPDATE", [chunk]);
  await session.query(
    `UPDATE chunks SET (size, fetched, accepted, rejected, errors, fetched_ms, judged_ms) =
        (SELECT count(*), count(evidence),
            count(CASE WHEN outcome = 'accepted' THEN 1 END),
            count(CASE WHEN outcome = 'rejected' THEN 1 END),
            count(CASE WHEN outcome = 'error' THEN 1 END), max(fetched_ms), max(judged_ms)
          FROM images WHERE chunk_id = $1)
      WHERE id = $1`,
    [chunk],
  );
}
