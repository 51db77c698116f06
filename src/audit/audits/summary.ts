import type { SqlRow, SqlSession } from "../database/database.ts";
import { numberIn, textIn, textOrNullIn, valueIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";
import { type AuditResult, outcomeIn, resultOf, resultSource } from "./results.ts";

/** Images with one verdict for one reason, or with one code for reasons that few have. */
export interface AuditCause {
  readonly outcome: NonNullable<AuditResult["outcome"]>;
  readonly code: string;
  /** Of the commonest if there are several: they name the image, or its registry. */
  readonly reason: string;
  readonly reasons: number;
  readonly images: number;
  /** The first of them. */
  readonly example: string;
  /** Those with the same code that are causes of their own, if this one is the rest. */
  readonly isRest: boolean;
}

export interface AuditRegistry {
  readonly registry: string;
  readonly images: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: number;
  readonly waiting: number;
}

/** Who signed what was accepted; `null`: no signature was asked for. */
export interface AuditSigner {
  readonly signer: string | null;
  readonly images: number;
}

/** The largest, and how many others there are. */
export interface Largest<T> {
  readonly items: readonly T[];
  readonly left: number;
}

/** Reasons that are causes of their own, of each code, and causes. */
export interface CauseBounds {
  readonly reasonsOfCode: number;
  readonly causes: number;
}

const countedCauses = `counted AS (
    SELECT cause_id, count(*) AS images, min(reference) AS example FROM images
      WHERE audit_id = $1 AND cause_id IS NOT NULL GROUP BY cause_id),
  ranked AS (
    SELECT counted.cause_id, causes.outcome, causes.code, causes.reason, counted.images, counted.example,
        row_number() OVER (PARTITION BY causes.outcome, causes.code ORDER BY counted.images DESC, counted.example) AS place
      FROM counted JOIN causes ON causes.id = counted.cause_id)`;

/**
 * Why images have the verdicts that they have: those not accepted first, and then those with most images. Where reasons name the image there
 * are as many as images, so only the commonest of each code stand alone.
 */
export async function auditCauses(
  session: SqlSession,
  audit: Audit,
  { reasonsOfCode, causes }: CauseBounds,
): Promise<Largest<AuditCause>> {
  const rows = await session.query(
    `WITH ${countedCauses},
      folded AS (
        SELECT outcome, code, CASE WHEN place <= $2 THEN place END AS place, sum(images) AS images, count(*) AS reasons,
            min(CASE WHEN place <= $2 + 1 THEN reason END) AS reason, min(CASE WHEN place <= $2 + 1 THEN example END) AS example
          FROM ranked GROUP BY outcome, code, CASE WHEN place <= $2 THEN place END)
      SELECT folded.*, count(*) OVER () AS of_all FROM folded
        ORDER BY CASE outcome WHEN 'accepted' THEN 1 ELSE 0 END, images DESC, code, example LIMIT $3`,
    [audit.id, reasonsOfCode, causes],
  );
  return largest(rows, causeOf);
}

function causeOf(row: SqlRow): AuditCause {
  const outcome = outcomeIn(row);
  if (outcome === null) throw new Error("what is counted has an outcome");
  return {
    outcome,
    code: textIn(row, "code"),
    reason: textIn(row, "reason"),
    reasons: numberIn(row, "reasons"),
    images: numberIn(row, "images"),
    example: textIn(row, "example"),
    isRest: valueIn(row, "place") === null,
  };
}

/** The first images of a cause, by their references. @param bounds those that the causes were found with */
export async function imagesOfCause(
  session: SqlSession,
  audit: Audit,
  cause: AuditCause,
  { reasonsOfCode, images }: { readonly reasonsOfCode: number; readonly images: number },
): Promise<readonly AuditResult[]> {
  const { outcome, code, reason, isRest } = cause;
  const ids = isRest
    ? await session.query(
        `WITH ${countedCauses} SELECT cause_id FROM ranked WHERE outcome = $2 AND code = $3 AND place > $4 ORDER BY place LIMIT ${images}`,
        [audit.id, outcome, code, reasonsOfCode],
      )
    : await session.query("SELECT id AS cause_id FROM causes WHERE outcome = $1 AND code = $2 AND reason = $3", [
        ...[outcome, code, reason],
      ]);
  const list = ids.map((row) => numberIn(row, "cause_id")).join(", ");
  if (list === "") return [];
  // By what is no column: SQLite would go through all images in the order of their keys, for a cause that few have.
  const rows = await session.query(
    `${resultSource} WHERE images.audit_id = $1 AND images.cause_id IN (${list}) ORDER BY images.reference || '' LIMIT ${images}`,
    [audit.id],
  );
  return rows.map(resultOf);
}

export async function auditRegistries(
  session: SqlSession,
  audit: Audit,
  most: number,
): Promise<Largest<AuditRegistry>> {
  const rows = await session.query(
    `SELECT registry, count(*) AS images,
        count(CASE WHEN outcome = 'accepted' THEN 1 END) AS accepted,
        count(CASE WHEN outcome = 'rejected' THEN 1 END) AS rejected,
        count(CASE WHEN outcome = 'error' THEN 1 END) AS errors,
        count(CASE WHEN outcome IS NULL THEN 1 END) AS waiting,
        count(*) OVER () AS of_all
      FROM images WHERE audit_id = $1 GROUP BY registry ORDER BY images DESC, registry LIMIT $2`,
    [audit.id, most],
  );
  return largest(rows, (row) => ({
    registry: textIn(row, "registry"),
    images: numberIn(row, "images"),
    accepted: numberIn(row, "accepted"),
    rejected: numberIn(row, "rejected"),
    errors: numberIn(row, "errors"),
    waiting: numberIn(row, "waiting"),
  }));
}

export async function auditSigners(session: SqlSession, audit: Audit, most: number): Promise<Largest<AuditSigner>> {
  const rows = await session.query(
    `SELECT signer, count(*) AS images, count(*) OVER () AS of_all
      FROM images WHERE audit_id = $1 AND outcome = 'accepted' GROUP BY signer ORDER BY images DESC, signer LIMIT $2`,
    [audit.id, most],
  );
  return largest(rows, (row) => ({ signer: textOrNullIn(row, "signer"), images: numberIn(row, "images") }));
}

function largest<T>(rows: readonly SqlRow[], read: (row: SqlRow) => T): Largest<T> {
  const [first] = rows;
  return { items: rows.map(read), left: first === undefined ? 0 : numberIn(first, "of_all") - rows.length };
}
