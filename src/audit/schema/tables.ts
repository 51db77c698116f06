import type { AuditDatabase } from "../database/database.ts";

/**
 * The tables of audits, for both databases: types are those that PostgreSQL has, which SQLite takes for its own (INTEGER, TEXT, REAL by their
 * names). docs/audit.md says what is in them. Times are milliseconds since 1970; the views say them as times.
 */
export function tablesFor({ dialect }: Pick<AuditDatabase, "dialect">): readonly string[] {
  const ownId = dialect === "postgres" ? "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY";
  return [
    // Whatever decides a verdict beside the image: texts of policies and keys, not where they lay.
    `CREATE TABLE policies (
      id ${ownId},
      fingerprint TEXT NOT NULL UNIQUE,
      path TEXT,
      content TEXT NOT NULL,
      files TEXT NOT NULL
    )`,
    `CREATE TABLE audits (
      id ${ownId},
      name TEXT NOT NULL UNIQUE,
      policy_id BIGINT NOT NULL REFERENCES policies (id),
      settings TEXT NOT NULL,
      per_registry BIGINT NOT NULL,
      based_on BIGINT REFERENCES audits (id),
      created_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE chunks (
      id ${ownId},
      audit_id BIGINT NOT NULL REFERENCES audits (id),
      stage TEXT NOT NULL CHECK (stage IN ('expand', 'fetch', 'judge', 'done')),
      registry TEXT NOT NULL,
      size BIGINT NOT NULL,
      fetched BIGINT NOT NULL DEFAULT 0,
      accepted BIGINT NOT NULL DEFAULT 0,
      rejected BIGINT NOT NULL DEFAULT 0,
      errors BIGINT NOT NULL DEFAULT 0,
      fetched_ms BIGINT,
      judged_ms BIGINT,
      tries BIGINT NOT NULL DEFAULT 0,
      source TEXT,
      copied_from BIGINT
    )`,
    "CREATE INDEX chunks_by_audit ON chunks (audit_id, stage)",
    // Texts are long, and a million images are refused for a handful of reasons.
    `CREATE TABLE causes (
      id ${ownId},
      fingerprint TEXT NOT NULL UNIQUE,
      outcome TEXT NOT NULL,
      code TEXT NOT NULL,
      reason TEXT NOT NULL
    )`,
    `CREATE TABLE images (
      audit_id BIGINT NOT NULL REFERENCES audits (id),
      reference TEXT NOT NULL,
      chunk_id BIGINT NOT NULL,
      registry TEXT NOT NULL,
      identity TEXT,
      evidence TEXT,
      fetched_ms BIGINT,
      pinned TEXT,
      served_by TEXT,
      outcome TEXT CHECK (outcome IN ('accepted', 'rejected', 'error')),
      cause_id BIGINT REFERENCES causes (id),
      digest TEXT,
      scope TEXT,
      signer TEXT,
      judged_ms BIGINT,
      PRIMARY KEY (audit_id, reference)
    )`,
    "CREATE INDEX images_by_chunk ON images (chunk_id)",
    "CREATE INDEX images_by_cause ON images (audit_id, cause_id)",
    // The same image under many tags, and again in the next audit.
    `CREATE TABLE judgements (
      key TEXT PRIMARY KEY NOT NULL,
      outcome TEXT NOT NULL,
      cause_id BIGINT NOT NULL REFERENCES causes (id),
      digest TEXT,
      scope TEXT,
      signer TEXT,
      valid_until_ms BIGINT NOT NULL
    )`,
    `CREATE TABLE registries (
      host TEXT PRIMARY KEY NOT NULL,
      per_second DOUBLE PRECISION,
      next_ms DOUBLE PRECISION NOT NULL DEFAULT 0,
      paused_until_ms BIGINT NOT NULL DEFAULT 0,
      failures BIGINT NOT NULL DEFAULT 0,
      parks BIGINT NOT NULL DEFAULT 0,
      parked_until_ms BIGINT NOT NULL DEFAULT 0
    )`,
    ...(dialect === "sqlite" ? queueTables : []),
  ];
}

/** What pg-boss keeps in PostgreSQL. `free_ms`: when anybody may take it; that is when its lease ends, if it has one. */
const queueTables: readonly string[] = [
  `CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    chunk_id BIGINT NOT NULL,
    stage TEXT NOT NULL,
    registry TEXT NOT NULL,
    free_ms BIGINT NOT NULL,
    lease TEXT,
    attempts BIGINT NOT NULL DEFAULT 0
  )`,
  "CREATE INDEX queue_by_registry ON queue (registry, stage, free_ms)",
  "CREATE INDEX queue_leased ON queue (registry, free_ms) WHERE lease IS NOT NULL",
];

/** Counts and results, for people and their dashboards (docs/audit.md): what they select is not the tables. */
export function viewsFor({ dialect }: Pick<AuditDatabase, "dialect">): readonly string[] {
  const time = (column: string): string =>
    dialect === "postgres"
      ? `to_timestamp(${column} / 1000.0)`
      : `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
  return [
    `CREATE VIEW audit_results AS
      SELECT audits.name AS audit, images.reference, images.registry, images.identity, images.outcome, causes.code, causes.reason,
        images.pinned, images.digest, images.served_by, images.scope, images.signer,
        ${time("images.fetched_ms")} AS fetched_at, ${time("images.judged_ms")} AS judged_at
      FROM images JOIN audits ON audits.id = images.audit_id LEFT JOIN causes ON causes.id = images.cause_id`,
    `CREATE VIEW audit_by_cause AS
      SELECT audits.name AS audit, images.outcome, causes.code, causes.reason, count(*) AS images, min(images.reference) AS example
      FROM images JOIN audits ON audits.id = images.audit_id JOIN causes ON causes.id = images.cause_id
      GROUP BY audits.name, images.outcome, causes.code, causes.reason`,
    `CREATE VIEW audit_by_registry AS
      SELECT audits.name AS audit, images.registry, count(*) AS images,
        count(CASE WHEN images.outcome = 'accepted' THEN 1 END) AS accepted,
        count(CASE WHEN images.outcome = 'rejected' THEN 1 END) AS rejected,
        count(CASE WHEN images.outcome = 'error' THEN 1 END) AS errors,
        count(CASE WHEN images.outcome IS NULL THEN 1 END) AS waiting
      FROM images JOIN audits ON audits.id = images.audit_id
      GROUP BY audits.name, images.registry`,
    `CREATE VIEW audit_by_signer AS
      SELECT audits.name AS audit, images.signer, count(*) AS images
      FROM images JOIN audits ON audits.id = images.audit_id
      WHERE images.outcome = 'accepted' GROUP BY audits.name, images.signer`,
    `CREATE VIEW audit_progress AS
      SELECT audits.name AS audit, chunks.stage, chunks.registry, count(*) AS chunks, sum(chunks.size) AS images
      FROM chunks JOIN audits ON audits.id = chunks.audit_id
      GROUP BY audits.name, chunks.stage, chunks.registry`,
  ];
}
