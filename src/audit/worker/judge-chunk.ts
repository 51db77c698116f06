import type { AuditDatabase, SqlSession, SqlValue } from "../database/database.ts";
import { givenRows, matchesGiven, rowsValue } from "../database/given-rows.ts";
import { numberIn, textIn, textOrNullIn } from "../database/row.ts";
import { StoreFailed } from "../evidence/evidence.ts";
import type { AuditedImage, AuditJudge, Judged, JudgementKeys } from "../judge/audit-judge.ts";
import { causeIdOf, type ImageResult, type KeptJudgement, writeResults } from "./results.ts";

/** An image whose evidence is kept. */
interface FetchedImage extends AuditedImage {
  readonly evidence: string;
}

/** Of the images of a chunk: what was judged before, by whatever audit, and what is judged now. */
export interface JudgedChunk {
  readonly auditId: number;
  readonly results: readonly ImageResult[];
  /** What others may go by. */
  readonly fresh: readonly { readonly keys: JudgementKeys; readonly judged: Judged }[];
  /** Images of which what was kept is gone, or is something else: they have to be fetched again. */
  readonly spoiled: readonly string[];
}

/** Judges those images of a chunk that have no verdict yet. Nothing is written. */
export async function judgeChunk(
  chunk: { readonly id: number; readonly auditId: number },
  {
    database,
    judge,
    now,
    signal,
  }: {
    readonly database: AuditDatabase;
    readonly judge: AuditJudge;
    /** Unix seconds. */
    readonly now: () => number;
    readonly signal: AbortSignal;
  },
): Promise<JudgedChunk> {
  const rows = await database.query(
    "SELECT reference, identity, evidence FROM images WHERE chunk_id = $1 AND outcome IS NULL AND evidence IS NOT NULL ORDER BY reference",
    [chunk.id],
  );
  const images = rows.map(
    (row): FetchedImage => ({
      reference: textIn(row, "reference"),
      identity: textOrNullIn(row, "identity"),
      evidence: textIn(row, "evidence"),
    }),
  );
  const keyed: (FetchedImage & { readonly keys: JudgementKeys | undefined })[] = [];
  for (const image of images) keyed.push({ ...image, keys: await judge.keysOf(image, image.evidence) });
  const known = await knownJudgements(database, keyed, now() * 1000);
  const results: ImageResult[] = [];
  const fresh: { keys: JudgementKeys; judged: Judged }[] = [];
  const spoiled: string[] = [];
  for (const { keys, ...image } of keyed) {
    const { reference, identity, evidence } = image;
    signal.throwIfAborted();
    const before = keys && (known.get(keys.exact) ?? (keys.ofRepository && known.get(keys.ofRepository)));
    if (before) {
      results.push({ reference, judged: before });
      continue;
    }
    const judged = await judge.judge(image, evidence, keys).catch(ofOne);
    if (judged === "spoiled") {
      if (identity === null) spoiled.push(reference);
      else results.push({ reference, judged: lostOnItsMachine });
      continue;
    }
    const kept = keptOf(judged);
    results.push({ reference, judged: kept });
    if (keys === undefined) continue;
    fresh.push({ keys, judged });
    known.set(keys.exact, kept);
    if (keys.ofRepository !== undefined && judged.outcome === "accepted") known.set(keys.ofRepository, kept);
  }
  return { auditId: chunk.auditId, results, fresh, spoiled };
}

/** Only its machine can look at it again. */
const lostOnItsMachine: KeptJudgement = {
  outcome: "error",
  cause: {
    code: "image.source.unreadable",
    reason:
      "what was kept of it is gone, or is something else: add the images of its machine again (sealcheck audit add --storage)",
  },
  ...{ digest: null, scope: null, signer: null, validUntilMs: 0 },
};

/** The others are judged all the same. */
function ofOne(error: unknown): "spoiled" {
  if (error instanceof StoreFailed && error.isOfOne) return "spoiled";
  throw error;
}

function keptOf({ code, reason, ...rest }: Judged): KeptJudgement {
  return { ...rest, cause: { code, reason } };
}

async function knownJudgements(
  database: AuditDatabase,
  images: readonly { readonly keys: JudgementKeys | undefined }[],
  nowMs: number,
): Promise<Map<string, KeptJudgement>> {
  const keys = new Set(images.flatMap(({ keys }) => (keys ? [keys.exact, keys.ofRepository ?? ""] : [])));
  keys.delete("");
  const rows = await database.query(
    `SELECT judgements.* FROM judgements JOIN ${givenRows(database, "$1", ["key"])}
        ON ${matchesGiven(database, "judgements.key", { placeholder: "$1", of: "key" })}
      WHERE judgements.valid_until_ms > $2`,
    [rowsValue([...keys].map((key) => ({ key }))), Math.trunc(nowMs)],
  );
  return new Map(
    rows.map((row): [string, KeptJudgement] => [
      textIn(row, "key"),
      {
        outcome: outcomeOf(textIn(row, "outcome")),
        cause: { id: numberIn(row, "cause_id") },
        digest: textOrNullIn(row, "digest"),
        scope: textOrNullIn(row, "scope"),
        signer: textOrNullIn(row, "signer"),
        validUntilMs: numberIn(row, "valid_until_ms"),
      },
    ]),
  );
}

/** Writes verdicts, and what others may go by, with the transaction. */
export async function writeJudgedChunk(
  session: SqlSession,
  database: AuditDatabase,
  { auditId, results, fresh }: JudgedChunk,
  nowMs: number,
): Promise<void> {
  const ids = await writeResults(session, database, { auditId, judgedMs: nowMs, results });
  const rows = new Map<string, Readonly<Record<string, SqlValue>> & { readonly key: string }>();
  for (const { keys, judged } of fresh) {
    const { outcome, digest, scope, signer, validUntilMs } = judged;
    // What did not hold for long is of no use, and what had to do with the network must be asked again.
    if (validUntilMs <= nowMs || outcome === "error") continue;
    const isForRepository = keys.ofRepository !== undefined && outcome === "accepted";
    const key = isForRepository ? keys.ofRepository : keys.exact;
    const cause_id = causeIdOf(keptOf(judged), ids);
    rows.set(key, { key, outcome, cause_id, digest, scope, signer, valid_until_ms: validUntilMs });
  }
  if (rows.size === 0) return;
  // In the same order by everybody: two that wait for each other would be in each other's way.
  const sorted = [...rows.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
  const columns = ["key", "outcome", "cause_id", "digest", "scope", "signer", "valid_until_ms"];
  await session.query(
    `INSERT INTO judgements (key, outcome, cause_id, digest, scope, signer, valid_until_ms)
      SELECT key, outcome, CAST(cause_id AS bigint), digest, scope, signer, CAST(valid_until_ms AS bigint)
      FROM ${givenRows(database, "$1", columns)} WHERE true
      ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome, cause_id = excluded.cause_id, digest = excluded.digest,
        scope = excluded.scope, signer = excluded.signer, valid_until_ms = excluded.valid_until_ms`,
    [rowsValue(sorted)],
  );
}

function outcomeOf(value: unknown): Judged["outcome"] {
  if (value === "accepted" || value === "rejected" || value === "error") return value;
  throw new Error("a judgement has no outcome");
}
