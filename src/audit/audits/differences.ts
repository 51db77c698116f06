import type { SqlRow, SqlSession } from "../database/database.ts";
import { textIn, textOrNullIn, valueIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";
import { type AuditResult, outcomeIn } from "./results.ts";

/** An image that two audits say different things of. */
export interface Difference {
  readonly reference: string;
  /** The image itself is another one: the tag was moved, or it has other signatures now. */
  readonly isOtherImage: boolean;
  /** `null` where the audit does not have it. */
  readonly before: Side | null;
  readonly after: Side | null;
}

export interface Side {
  readonly outcome: AuditResult["outcome"];
  readonly code: string | null;
  readonly reason: string | null;
  readonly digest: string | null;
}

const rowsAtOnce = 5000;

/**
 * Images whose verdict, or its reason, differs between two audits, by their references. Compared a stretch of references at a time, each read
 * by its key: joined as a whole, SQLite would compare each with all.
 */
export async function* auditDifferences(database: SqlSession, before: Audit, after: Audit): AsyncGenerator<Difference> {
  for (let behind = ""; ; ) {
    const [end] = await database.query(selectEnd, [before.id, after.id, behind]);
    const upTo = end === undefined ? null : textOrNullIn(end, "reference");
    const values = [before.id, after.id, behind, ...(upTo === null ? [] : [upTo])];
    for (const row of await database.query(selectDifferences(upTo !== null), values)) yield differenceOf(row);
    if (upTo === null) return;
    behind = upTo;
  }
}

const reachedIn = (audit: string) =>
  `SELECT reference FROM (SELECT reference FROM images WHERE audit_id = ${audit} AND reference > $3 ORDER BY reference LIMIT 1 OFFSET ${rowsAtOnce}) AS reached`;

/** By the order of the database, which is not always that of this program. */
const selectEnd = `SELECT min(reference) AS reference FROM (${reachedIn("$1")} UNION ALL ${reachedIn("$2")}) AS ends`;

const side = (audit: string, isBounded: boolean) =>
  `SELECT images.reference, images.outcome, images.evidence, images.digest, causes.code, causes.reason
    FROM images LEFT JOIN causes ON causes.id = images.cause_id
    WHERE images.audit_id = ${audit} AND images.reference > $3 ${isBounded ? "AND images.reference <= $4" : ""}`;

const selectDifferences = (isBounded: boolean) => `
  SELECT coalesce(old.reference, new.reference) AS reference,
    CASE WHEN old.reference IS NULL THEN 0 ELSE 1 END AS has_old, CASE WHEN new.reference IS NULL THEN 0 ELSE 1 END AS has_new,
    CASE WHEN old.evidence = new.evidence THEN 0 ELSE 1 END AS is_other,
    old.outcome AS old_outcome, old.code AS old_code, old.reason AS old_reason, old.digest AS old_digest,
    new.outcome AS new_outcome, new.code AS new_code, new.reason AS new_reason, new.digest AS new_digest
  FROM (${side("$1", isBounded)}) AS old FULL JOIN (${side("$2", isBounded)}) AS new ON new.reference = old.reference
  WHERE old.reference IS NULL OR new.reference IS NULL
    OR coalesce(old.outcome, '') <> coalesce(new.outcome, '') OR coalesce(old.code, '') <> coalesce(new.code, '')
    OR coalesce(old.reason, '') <> coalesce(new.reason, '')
  ORDER BY 1`;

function differenceOf(row: SqlRow): Difference {
  const has = (column: string) => valueIn(row, column) === 1;
  return {
    reference: textIn(row, "reference"),
    isOtherImage: has("has_old") && has("has_new") && has("is_other"),
    before: has("has_old") ? sideOf(row, "old") : null,
    after: has("has_new") ? sideOf(row, "new") : null,
  };
}

function sideOf(row: SqlRow, name: "old" | "new"): Side {
  return {
    outcome: outcomeIn({ outcome: valueIn(row, `${name}_outcome`) }),
    code: textOrNullIn(row, `${name}_code`),
    reason: textOrNullIn(row, `${name}_reason`),
    digest: textOrNullIn(row, `${name}_digest`),
  };
}
