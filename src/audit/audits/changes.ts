import type { SqlRow, SqlSession } from "../database/database.ts";
import { numberIn, textIn, textOrNullIn, valueIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";
import type { Side } from "./differences.ts";
import { outcomeIn } from "./results.ts";

/** Images of which two audits differ in the same way. */
export interface Change {
  /** `null` where the audit does not have them. The reason is that of the commonest where there are several. */
  readonly before: ChangeSide | null;
  readonly after: ChangeSide | null;
  /** Pairs of reasons. */
  readonly reasons: number;
  readonly images: number;
  /** Of those: they are other images now, as the tag was moved or the signatures changed. */
  readonly otherImages: number;
  /** The first of them, and the last. */
  readonly examples: readonly string[];
}

export type ChangeSide = Omit<Side, "digest">;

export interface Changes {
  /** Those that were accepted, and are not any more, first. */
  readonly groups: readonly Change[];
  readonly leftGroups: number;
  /** Of all groups. */
  readonly images: number;
  readonly otherImages: number;
}

/** @param bounds.reasonsOfCodes pairs of reasons that stand alone, for each pair of verdicts */
export async function auditChanges(
  session: SqlSession,
  [before, after]: readonly [Audit, Audit],
  { reasonsOfCodes, groups }: { readonly reasonsOfCodes: number; readonly groups: number },
): Promise<Changes> {
  const rows = await session.query(selectChanges, [before.id, after.id, reasonsOfCodes, groups]);
  const [first] = rows;
  const ofAll = (column: string) => (first === undefined ? 0 : numberIn(first, column));
  return {
    groups: rows.map(changeOf),
    leftGroups: ofAll("of_all") - rows.length,
    images: ofAll("all_images"),
    otherImages: ofAll("all_others"),
  };
}

/**
 * Grouped and not joined, and read by the chunks: so the rows of both audits are read in the order in which they lie. By their keys, SQLite would
 * look for a million rows one by one, and in a full join compare each with all.
 */
const selectChanges = `
  WITH both_sides AS (
    SELECT reference,
        max(CASE WHEN audit_id = $1 THEN 1 ELSE 0 END) AS has_old, max(CASE WHEN audit_id = $2 THEN 1 ELSE 0 END) AS has_new,
        max(CASE WHEN audit_id = $1 THEN cause_id END) AS old_cause, max(CASE WHEN audit_id = $2 THEN cause_id END) AS new_cause,
        CASE WHEN min(evidence) <> max(evidence) THEN 1 ELSE 0 END AS is_other
      FROM images WHERE chunk_id IN (SELECT id FROM chunks WHERE audit_id = $1 OR audit_id = $2) GROUP BY reference),
  pairs AS (
    SELECT has_old, has_new, old_cause, new_cause, count(*) AS images, sum(is_other) AS others,
        min(reference) AS first_one, max(reference) AS last_one
      FROM both_sides WHERE has_old <> has_new OR coalesce(old_cause, 0) <> coalesce(new_cause, 0)
      GROUP BY has_old, has_new, old_cause, new_cause),
  named AS (
    SELECT pairs.*, old.outcome AS old_outcome, old.code AS old_code, old.reason AS old_reason,
        new.outcome AS new_outcome, new.code AS new_code, new.reason AS new_reason
      FROM pairs LEFT JOIN causes AS old ON old.id = pairs.old_cause LEFT JOIN causes AS new ON new.id = pairs.new_cause),
  ranked AS (
    SELECT named.*, row_number() OVER (PARTITION BY has_old, has_new, old_outcome, old_code, new_outcome, new_code
        ORDER BY images DESC, first_one) AS place FROM named),
  folded AS (
    SELECT has_old, has_new, old_outcome, old_code, new_outcome, new_code, CASE WHEN place <= $3 THEN place END AS place,
        min(CASE WHEN place <= $3 + 1 THEN old_reason END) AS old_reason, min(CASE WHEN place <= $3 + 1 THEN new_reason END) AS new_reason,
        count(*) AS reasons, sum(images) AS images, sum(others) AS others, min(first_one) AS first_one, max(last_one) AS last_one
      FROM ranked GROUP BY has_old, has_new, old_outcome, old_code, new_outcome, new_code, CASE WHEN place <= $3 THEN place END)
  SELECT folded.*, count(*) OVER () AS of_all, sum(images) OVER () AS all_images, sum(others) OVER () AS all_others FROM folded
    ORDER BY CASE WHEN has_old = 0 OR has_new = 0 OR old_outcome IS NULL OR new_outcome IS NULL THEN 3
        WHEN old_outcome = 'accepted' AND new_outcome <> 'accepted' THEN 0
        WHEN old_outcome <> 'accepted' AND new_outcome = 'accepted' THEN 1 ELSE 2 END,
      images DESC, first_one LIMIT $4`;

function changeOf(row: SqlRow): Change {
  const [first, last] = [textIn(row, "first_one"), textIn(row, "last_one")];
  return {
    before: sideOf(row, "old"),
    after: sideOf(row, "new"),
    reasons: numberIn(row, "reasons"),
    images: numberIn(row, "images"),
    otherImages: numberIn(row, "others"),
    examples: first === last ? [first] : [first, last],
  };
}

function sideOf(row: SqlRow, name: "old" | "new"): ChangeSide | null {
  if (valueIn(row, `has_${name}`) === 0) return null;
  return {
    outcome: outcomeIn({ outcome: valueIn(row, `${name}_outcome`) }),
    code: textOrNullIn(row, `${name}_code`),
    reason: textOrNullIn(row, `${name}_reason`),
  };
}
