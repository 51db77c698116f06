import { sha256Hex } from "../../runtime/sha256.ts";
import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { givenRows, matchesGiven, rowsValue } from "../database/given-rows.ts";
import { numberIn, textIn } from "../database/row.ts";
import type { Judged } from "../judge/audit-judge.ts";

/** A verdict on an image of an audit. */
export interface ImageResult {
  readonly reference: string;
  readonly judged: KeptJudgement;
}

/** A verdict as it is kept: what it says, or where that stands. */
export type KeptJudgement = Omit<Judged, "reason" | "code"> & {
  readonly cause: { readonly id: number } | { readonly code: string; readonly reason: string };
};

type Dialect = Pick<AuditDatabase, "dialect">;

/** The numbers of causes by {@link causeKey}, which are added where they are new. */
async function causeIds(
  session: SqlSession,
  dialect: Dialect,
  results: readonly KeptJudgement[],
): Promise<ReadonlyMap<string, number>> {
  const causes = new Map<string, { fingerprint: string; outcome: string; code: string; reason: string }>();
  for (const { outcome, cause } of results) {
    if ("id" in cause) continue;
    const fingerprint = causeKey(outcome, cause);
    causes.set(fingerprint, { fingerprint, outcome, ...cause });
  }
  if (causes.size === 0) return new Map();
  // In the same order by everybody: two that wait for each other would be in each other's way.
  const given = rowsValue([...causes.values()].sort((left, right) => (left.fingerprint < right.fingerprint ? -1 : 1)));
  const columns = ["fingerprint", "outcome", "code", "reason"];
  await session.query(
    `INSERT INTO causes (fingerprint, outcome, code, reason)
      SELECT fingerprint, outcome, code, reason FROM ${givenRows(dialect, "$1", columns)} WHERE true
      ON CONFLICT (fingerprint) DO NOTHING`,
    [given],
  );
  const rows = await session.query(
    `SELECT causes.id, causes.fingerprint FROM causes JOIN ${givenRows(dialect, "$1", ["fingerprint"])}
      ON ${matchesGiven(dialect, "causes.fingerprint", { placeholder: "$1", of: "fingerprint" })}`,
    [given],
  );
  return new Map(rows.map((row) => [textIn(row, "fingerprint"), numberIn(row, "id")]));
}

function causeKey(outcome: string, { code, reason }: { readonly code: string; readonly reason: string }): string {
  return sha256Hex(Buffer.from(JSON.stringify([outcome, code, reason])));
}

/** The number of a verdict's cause. */
export function causeIdOf({ outcome, cause }: KeptJudgement, ids: ReadonlyMap<string, number>): number {
  const id = "id" in cause ? cause.id : ids.get(causeKey(outcome, cause));
  if (id === undefined) throw new Error("a cause was not kept");
  return id;
}

/** Writes verdicts of images that have none yet: the first stays. */
export async function writeResults(
  session: SqlSession,
  dialect: Dialect,
  {
    auditId,
    judgedMs,
    results,
  }: { readonly auditId: number; readonly judgedMs: number; readonly results: readonly ImageResult[] },
): Promise<ReadonlyMap<string, number>> {
  const ids = await causeIds(
    session,
    dialect,
    results.map(({ judged }) => judged),
  );
  const rows = results.map(({ reference, judged }) => {
    const { outcome, digest, scope, signer } = judged;
    return { reference, outcome, cause_id: causeIdOf(judged, ids), digest, scope, signer };
  });
  const columns = ["reference", "outcome", "cause_id", "digest", "scope", "signer"];
  await session.query(
    `UPDATE images SET outcome = given.outcome, cause_id = CAST(given.cause_id AS bigint), digest = given.digest,
        scope = given.scope, signer = given.signer, judged_ms = $1
      FROM ${givenRows(dialect, "$2", columns)}
      WHERE images.audit_id = $3 AND images.outcome IS NULL
        AND ${matchesGiven(dialect, "images.reference", { placeholder: "$2", of: "reference" })}`,
    [judgedMs, rowsValue(rows), auditId],
  );
  return ids;
}
