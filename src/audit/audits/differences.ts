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
    const stretch = [behind, ...(upTo === null ? [] : [upTo])];
    const old = await database.query(selectSide(upTo !== null), [before.id, ...stretch]);
    const fresh = await database.query(selectSide(upTo !== null), [after.id, ...stretch]);
    yield* differencesOf(byReference(old), byReference(fresh));
    if (upTo === null) return;
    behind = upTo;
  }
}

const reachedIn = (audit: string) =>
  `SELECT reference FROM (SELECT reference FROM images WHERE audit_id = ${audit} AND reference > $3 ORDER BY reference LIMIT 1 OFFSET ${rowsAtOnce}) AS reached`;

/** By the order of the database, which is not always that of this program. */
const selectEnd = `SELECT min(reference) AS reference FROM (${reachedIn("$1")} UNION ALL ${reachedIn("$2")}) AS ends`;

const selectSide = (isBounded: boolean) =>
  `SELECT images.reference, images.outcome, images.evidence, images.digest, images.cause_id, causes.code, causes.reason
    FROM images LEFT JOIN causes ON causes.id = images.cause_id
    WHERE images.audit_id = $1 AND images.reference > $2 ${isBounded ? "AND images.reference <= $3" : ""} ORDER BY images.reference`;

function byReference(rows: readonly SqlRow[]): ReadonlyMap<string, SqlRow> {
  return new Map(rows.map((row) => [textIn(row, "reference"), row]));
}

function* differencesOf(old: ReadonlyMap<string, SqlRow>, fresh: ReadonlyMap<string, SqlRow>): Iterable<Difference> {
  for (const reference of [...new Set([...old.keys(), ...fresh.keys()])].sort()) {
    const [before, after] = [old.get(reference), fresh.get(reference)];
    // A cause is an outcome, a code and a reason; none is what was not judged yet.
    if (before !== undefined && after !== undefined && valueIn(before, "cause_id") === valueIn(after, "cause_id"))
      continue;
    yield {
      reference,
      isOtherImage:
        before !== undefined && after !== undefined && valueIn(before, "evidence") !== valueIn(after, "evidence"),
      before: before === undefined ? null : sideOf(before),
      after: after === undefined ? null : sideOf(after),
    };
  }
}

function sideOf(row: SqlRow): Side {
  return {
    outcome: outcomeIn(row),
    code: textOrNullIn(row, "code"),
    reason: textOrNullIn(row, "reason"),
    digest: textOrNullIn(row, "digest"),
  };
}
