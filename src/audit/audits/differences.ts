import type { AuditDatabase, SqlRow } from "../database/database.ts";
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

/** Images whose verdict, or its reason, differs between two audits, by their references. */
export async function* auditDifferences(
  database: AuditDatabase,
  before: Audit,
  after: Audit,
): AsyncGenerator<Difference> {
  for (let behind = ""; ; ) {
    const rows = await database.query(selectDifferences, [before.id, after.id, behind]);
    for (const row of rows) yield differenceOf(row);
    if (rows.length < rowsAtOnce) return;
    behind = textIn(rows.at(-1), "reference");
  }
}

const side = (
  name: string,
) => `SELECT images.reference, images.outcome, images.evidence, images.digest, causes.code, causes.reason
    FROM images LEFT JOIN causes ON causes.id = images.cause_id WHERE images.audit_id = ${name}`;

const selectDifferences = `
  SELECT coalesce(old.reference, new.reference) AS reference,
    CASE WHEN old.reference IS NULL THEN 0 ELSE 1 END AS has_old, CASE WHEN new.reference IS NULL THEN 0 ELSE 1 END AS has_new,
    CASE WHEN old.evidence = new.evidence THEN 0 ELSE 1 END AS is_other,
    old.outcome AS old_outcome, old.code AS old_code, old.reason AS old_reason, old.digest AS old_digest,
    new.outcome AS new_outcome, new.code AS new_code, new.reason AS new_reason, new.digest AS new_digest
  FROM (${side("$1")}) AS old FULL JOIN (${side("$2")}) AS new ON new.reference = old.reference
  WHERE coalesce(old.reference, new.reference) > $3
    AND (old.reference IS NULL OR new.reference IS NULL
      OR coalesce(old.outcome, '') <> coalesce(new.outcome, '') OR coalesce(old.code, '') <> coalesce(new.code, '')
      OR coalesce(old.reason, '') <> coalesce(new.reason, ''))
  ORDER BY 1 LIMIT ${rowsAtOnce}`;

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
