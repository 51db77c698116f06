import type { SqlSession, SqlValue } from "../database/database.ts";
import { numberOrNullIn, textOrNullIn } from "../database/row.ts";
import type { Audit } from "./audit.ts";
import { type AuditResult, resultOf } from "./results.ts";
import { withoutDocker } from "./without-docker.ts";

/** An image of an audit, and where what was fetched of it is kept, once it is. */
export interface AuditImage {
  readonly result: AuditResult;
  readonly evidence: string | null;
  readonly judgedMs: number | null;
}

/** As many as are named to whoever meant one of them. */
const mostFound = 5;

/**
 * By its reference, with or without `docker://`; or those that lie on machines and are judged as that, a few of them if there are more.
 */
export async function findImages(session: SqlSession, audit: Audit, reference: string): Promise<readonly AuditImage[]> {
  const name = withoutDocker(reference);
  const named = await imagesWhere(session, "images.reference = $2", [audit.id, name]);
  if (named.length > 0) return named;
  return imagesWhere(session, "images.identity IN ($2, $3)", [audit.id, reference, `docker://${name}`]);
}

async function imagesWhere(
  session: SqlSession,
  condition: string,
  values: readonly SqlValue[],
): Promise<readonly AuditImage[]> {
  const rows = await session.query(
    `SELECT images.*, causes.code, causes.reason FROM images LEFT JOIN causes ON causes.id = images.cause_id
      WHERE images.audit_id = $1 AND ${condition} ORDER BY images.reference LIMIT ${mostFound}`,
    values,
  );
  return rows.map((row) => ({
    result: resultOf(row),
    evidence: textOrNullIn(row, "evidence"),
    judgedMs: numberOrNullIn(row, "judged_ms"),
  }));
}
