import type { SqlSession } from "../database/database.ts";
import { numberOrNullIn, textOrNullIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";
import { type AuditResult, resultOf } from "./results.ts";

/** An image of an audit, and where what was fetched of it is kept, once it is. */
export interface AuditImage {
  readonly result: AuditResult;
  readonly evidence: string | null;
  readonly judgedMs: number | null;
}

const scheme = "docker://";

/** By its reference, as it was added or with or without `docker://`. */
export async function findImage(session: SqlSession, audit: Audit, reference: string): Promise<AuditImage | undefined> {
  const other = reference.startsWith(scheme) ? reference.slice(scheme.length) : `${scheme}${reference}`;
  for (const name of [reference, other]) {
    const [row] = await session.query(
      `SELECT images.*, causes.code, causes.reason FROM images LEFT JOIN causes ON causes.id = images.cause_id
        WHERE images.audit_id = $1 AND images.reference = $2`,
      [audit.id, name],
    );
    if (row === undefined) continue;
    return {
      result: resultOf(row),
      evidence: textOrNullIn(row, "evidence"),
      judgedMs: numberOrNullIn(row, "judged_ms"),
    };
  }
  return undefined;
}
