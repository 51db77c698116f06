import type { AuditDatabase, SqlRow } from "../database/database.ts";
import { numberOrNullIn, textIn, textOrNullIn, valueIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";

/** What is known of one image of an audit. */
export interface AuditResult {
  readonly reference: string;
  readonly registry: string;
  /** What it is judged as; `null`: as its reference says. */
  readonly identity: string | null;
  /** `null`: not judged yet. */
  readonly outcome: "accepted" | "rejected" | "error" | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly pinned: string | null;
  readonly digest: string | null;
  readonly served_by: string | null;
  readonly scope: string | null;
  readonly signer: string | null;
  readonly fetched_at: string | null;
  readonly judged_at: string | null;
}

const rowsAtOnce = 5000;

/** What {@link resultOf} reads. */
export const resultSource = `SELECT images.reference, images.registry, images.identity, images.outcome, causes.code, causes.reason, images.pinned,
    images.digest, images.served_by, images.scope, images.signer, images.fetched_ms, images.judged_ms
  FROM images LEFT JOIN causes ON causes.id = images.cause_id`;

/** All images of an audit by their references, a few thousand at a time: there may be more than fit into memory. */
export async function* auditResults(database: AuditDatabase, audit: Audit): AsyncGenerator<AuditResult> {
  for (let after = ""; ; ) {
    const rows = await database.query(
      `${resultSource}
        WHERE images.audit_id = $1 AND images.reference > $2 ORDER BY images.reference LIMIT ${rowsAtOnce}`,
      [audit.id, after],
    );
    for (const row of rows) yield resultOf(row);
    if (rows.length < rowsAtOnce) return;
    after = textIn(rows.at(-1), "reference");
  }
}

export function resultOf(row: SqlRow): AuditResult {
  return {
    reference: textIn(row, "reference"),
    registry: textIn(row, "registry"),
    identity: textOrNullIn(row, "identity"),
    outcome: outcomeIn(row),
    code: textOrNullIn(row, "code"),
    reason: textOrNullIn(row, "reason"),
    pinned: textOrNullIn(row, "pinned"),
    digest: textOrNullIn(row, "digest"),
    served_by: textOrNullIn(row, "served_by"),
    scope: textOrNullIn(row, "scope"),
    signer: textOrNullIn(row, "signer"),
    fetched_at: momentIn(row, "fetched_ms"),
    judged_at: momentIn(row, "judged_ms"),
  };
}

function momentIn(row: SqlRow, column: string): string | null {
  const milliseconds = numberOrNullIn(row, column);
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

export function outcomeIn(row: SqlRow): AuditResult["outcome"] {
  const outcome = valueIn(row, "outcome");
  if (outcome === "accepted" || outcome === "rejected" || outcome === "error" || outcome === null) return outcome;
  throw new Error("an image has an outcome that there is not");
}
