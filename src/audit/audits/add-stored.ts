import { maxChunkImages } from "../../limits.ts";
import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { amongGiven, givenRows, rowsValue } from "../database/given-rows.ts";
import { numberIn } from "../database/row.ts";
import type { KeptImage } from "../evidence/collect-stored.ts";
import type { ChunkQueue } from "../queue/chunk-queue.ts";
import { type Added, newChunk } from "./add-images.ts";
import type { Audit } from "./audit.ts";
import { countAnew } from "./chunk-counts.ts";

interface AddingStored {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  /** What the machine is called on which they lie: others may have the same. */
  readonly machine: string;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Adds images that lie on a machine to an audit, with what was found of them: nobody else can look at them, so they are only judged. Those that
 * are in it already are left out, but for those of which nothing could be found out then.
 */
export async function addStoredImages(
  audit: Audit,
  images: AsyncIterable<KeptImage>,
  adding: AddingStored,
): Promise<Added> {
  let added = 0;
  let given = 0;
  let waiting: KeptImage[] = [];
  const write = async (): Promise<void> => {
    const some = waiting;
    waiting = [];
    given += some.length;
    added += await adding.database.transaction((session) => writeChunk(session, audit, some, adding));
  };
  for await (const image of images) {
    waiting.push(image);
    if (waiting.length === maxChunkImages) await write();
  }
  if (waiting.length > 0) await write();
  return { added, known: given - added };
}

async function writeChunk(
  session: SqlSession,
  audit: Audit,
  images: readonly KeptImage[],
  { database, queue, machine, now }: AddingStored,
): Promise<number> {
  const rows = images
    // As podman image scp names an image of another machine.
    .map(({ source, ...rest }) => ({ ...rest, reference: `${machine}::${source}` }))
    // In the same order by everybody: two that wait for each other would be in each other's way.
    .sort((left, right) => (left.reference < right.reference ? -1 : 1));
  const given = rowsValue(rows);
  const forgotten = await session.query(
    `DELETE FROM images WHERE audit_id = $1 AND outcome = 'error' AND identity IS NOT NULL
        AND ${amongGiven(database, "reference", { placeholder: "$2", of: "reference" })} RETURNING chunk_id`,
    [audit.id, given],
  );
  const emptied = [...new Set(forgotten.map((row) => numberIn(row, "chunk_id")))].sort((left, right) => left - right);
  for (const chunk of emptied) await countAnew(session, database, chunk);
  const chunk = await newChunk(session, { audit, stage: "judge", registry: "", source: null });
  const written = await session.query(
    `INSERT INTO images (audit_id, reference, chunk_id, registry, identity, evidence, fetched_ms)
      SELECT CAST($1 AS bigint), reference, CAST($2 AS bigint), $3, identity, evidence, CAST($4 AS bigint)
      FROM ${givenRows(database, "$5", ["reference", "identity", "evidence"])} WHERE true
      ON CONFLICT (audit_id, reference) DO NOTHING RETURNING 1 AS written`,
    [audit.id, chunk, `${machine}::containers-storage`, Math.trunc(now() * 1000), given],
  );
  if (written.length === 0) {
    await session.query("DELETE FROM chunks WHERE id = $1", [chunk]);
    return 0;
  }
  await countAnew(session, database, chunk);
  await queue.put(session, [{ stage: "judge", chunk, registry: "" }]);
  return written.length;
}
