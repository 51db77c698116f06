import type { AuditDatabase, SqlRow } from "../database/database.ts";
import { numberIn, textIn, textOrNullIn, valueIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";

/** What is known of one image of an audit. */
export interface AuditResult {
  readonly reference: string;
  readonly registry: string;
  /** `null`: not judged yet. */
  readonly outcome: "accepted" | "rejected" | "error" | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly pinned: string | null;
  readonly digest: string | null;
  readonly served_by: string | null;
  readonly scope: string | null;
  readonly signer: string | null;
  readonly judged_at: string | null;
}

/** Why images have the verdict that they have, those with most images first. */
export interface CauseCount {
  readonly outcome: NonNullable<AuditResult["outcome"]>;
  readonly code: string;
  readonly reason: string;
  readonly images: number;
  /** The first of them. */
  readonly example: string;
}

const rowsAtOnce = 5000;

/** All images of an audit by their references, a few thousand at a time: there may be more than fit into memory. */
export async function* auditResults(database: AuditDatabase, audit: Audit): AsyncGenerator<AuditResult> {
  for (let after = ""; ; ) {
    const rows = await database.query(
      `SELECT images.reference, images.registry, images.outcome, causes.code, causes.reason, images.pinned, images.digest,
          images.served_by, images.scope, images.signer, images.judged_ms
        FROM images LEFT JOIN causes ON causes.id = images.cause_id
        WHERE images.audit_id = $1 AND images.reference > $2 ORDER BY images.reference LIMIT ${rowsAtOnce}`,
      [audit.id, after],
    );
    for (const row of rows) yield resultOf(row);
    if (rows.length < rowsAtOnce) return;
    after = textIn(rows.at(-1), "reference");
  }
}

function resultOf(row: SqlRow): AuditResult {
  const judged = valueIn(row, "judged_ms");
  return {
    reference: textIn(row, "reference"),
    registry: textIn(row, "registry"),
    outcome: outcomeIn(row),
    code: textOrNullIn(row, "code"),
    reason: textOrNullIn(row, "reason"),
    pinned: textOrNullIn(row, "pinned"),
    digest: textOrNullIn(row, "digest"),
    served_by: textOrNullIn(row, "served_by"),
    scope: textOrNullIn(row, "scope"),
    signer: textOrNullIn(row, "signer"),
    judged_at: typeof judged === "number" ? new Date(judged).toISOString() : null,
  };
}

export function outcomeIn(row: SqlRow): AuditResult["outcome"] {
  const outcome = valueIn(row, "outcome");
  if (outcome === "accepted" || outcome === "rejected" || outcome === "error" || outcome === null) return outcome;
  throw new Error("an image has an outcome that there is not");
}

/** @param maxCauses more are left out */
export async function auditCauses(
  database: AuditDatabase,
  audit: Audit,
  maxCauses: number,
): Promise<readonly CauseCount[]> {
  const rows = await database.query(
    `SELECT counted.outcome, causes.code, causes.reason, counted.images, counted.example FROM
        (SELECT outcome, cause_id, count(*) AS images, min(reference) AS example FROM images
          WHERE audit_id = $1 AND outcome IS NOT NULL GROUP BY outcome, cause_id) AS counted
      JOIN causes ON causes.id = counted.cause_id
      ORDER BY CASE counted.outcome WHEN 'error' THEN 0 WHEN 'rejected' THEN 1 ELSE 2 END, counted.images DESC, counted.example
      LIMIT $2`,
    [audit.id, maxCauses],
  );
  return rows.map((row) => {
    const outcome = outcomeIn(row);
    if (outcome === null) throw new Error("what is counted has an outcome");
    return {
      outcome,
      code: textIn(row, "code"),
      reason: textIn(row, "reason"),
      images: numberIn(row, "images"),
      example: textIn(row, "example"),
    };
  });
}
