import { DatabaseFailed, type SqlRow, type SqlSession } from "../database/database.ts";
import { numberIn, textIn, textOrNullIn } from "../database/row.ts";
import type { Audit, AuditSettings } from "./audit.ts";
import { fingerprintOf, type KeptPolicy } from "./kept-policy.ts";

const selectAudit = `SELECT audits.id, audits.name, audits.policy_id, audits.settings, audits.created_ms, policies.fingerprint
  FROM audits JOIN policies ON policies.id = audits.policy_id`;

interface NewAudit {
  readonly name: string;
  readonly policy: KeptPolicy;
  readonly settings: AuditSettings;
  /** The audit whose images it is about, if there is one. */
  readonly basedOn?: number;
  readonly createdMs: number;
}

/** @returns `undefined` if there is one of this name. */
export async function createAudit(session: SqlSession, audit: NewAudit): Promise<Audit | undefined> {
  const policyId = await keepPolicy(session, audit.policy);
  const [row] = await session.query(
    `INSERT INTO audits (name, policy_id, settings, per_registry, based_on, created_ms) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (name) DO NOTHING RETURNING id`,
    [
      ...[audit.name, policyId, JSON.stringify(audit.settings), audit.settings.perRegistry],
      ...[audit.basedOn ?? null, audit.createdMs],
    ],
  );
  if (row === undefined) return undefined;
  const { perSecond } = audit.settings;
  // What is said last holds, for registries that are known already as well.
  if (perSecond !== undefined) await session.query("UPDATE registries SET per_second = $1", [perSecond]);
  const { name, settings, createdMs } = audit;
  return {
    id: numberIn(row, "id"),
    name,
    policyId,
    policyFingerprint: fingerprintOf(audit.policy),
    settings,
    createdMs,
  };
}

async function keepPolicy(session: SqlSession, policy: KeptPolicy): Promise<number> {
  const fingerprint = fingerprintOf(policy);
  await session.query(
    "INSERT INTO policies (fingerprint, path, content, files) VALUES ($1, $2, $3, $4) ON CONFLICT (fingerprint) DO NOTHING",
    [fingerprint, policy.path, policy.content, JSON.stringify(policy.files)],
  );
  const [row] = await session.query("SELECT id FROM policies WHERE fingerprint = $1", [fingerprint]);
  return numberIn(row, "id");
}

/** @param name the one that was made last unless it is given */
export async function findAudit(session: SqlSession, name: string | undefined): Promise<Audit | undefined> {
  const [row] =
    name === undefined
      ? await session.query(`${selectAudit} ORDER BY audits.id DESC LIMIT 1`)
      : await session.query(`${selectAudit} WHERE audits.name = $1`, [name]);
  return row && auditOf(row);
}

/** Those that there are, in the order in which they were made. */
export async function listAudits(session: SqlSession): Promise<readonly Audit[]> {
  return (await session.query(`${selectAudit} ORDER BY audits.id`)).map(auditOf);
}

export async function auditById(session: SqlSession, id: number): Promise<Audit> {
  const [row] = await session.query(`${selectAudit} WHERE audits.id = $1`, [id]);
  if (row === undefined) throw new Error(`there is no audit ${id}`);
  return auditOf(row);
}

/** What an audit is judged by. @throws if it is not what was kept. */
export async function policyOf(session: SqlSession, { policyId, policyFingerprint }: Audit): Promise<KeptPolicy> {
  const [row] = await session.query("SELECT path, content, files FROM policies WHERE id = $1", [policyId]);
  if (row === undefined) throw new DatabaseFailed({ kind: "damaged" });
  const policy: KeptPolicy = {
    path: textOrNullIn(row, "path"),
    content: textIn(row, "content"),
    files: JSON.parse(textIn(row, "files")),
  };
  if (fingerprintOf(policy) !== policyFingerprint) throw new DatabaseFailed({ kind: "damaged" });
  return policy;
}

/** Which one that is, for people. */
export async function policyNameOf(
  session: SqlSession,
  audit: Audit,
): Promise<{ readonly path: string | null; readonly fingerprint: string }> {
  return { path: (await policyOf(session, audit)).path, fingerprint: audit.policyFingerprint };
}

function auditOf(row: SqlRow): Audit {
  return {
    id: numberIn(row, "id"),
    name: textIn(row, "name"),
    policyId: numberIn(row, "policy_id"),
    policyFingerprint: textIn(row, "fingerprint"),
    settings: JSON.parse(textIn(row, "settings")),
    createdMs: numberIn(row, "created_ms"),
  };
}
