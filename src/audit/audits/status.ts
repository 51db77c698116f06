import type { AuditDatabase } from "../database/database.ts";
import { numberIn, textIn } from "../database/row.ts";
import { nowIn } from "../pace/registry-pace.ts";
import type { Audit } from "./audit.ts";

/** How far an audit has come. */
export interface AuditStatus {
  readonly audit: string;
  readonly createdMs: number;
  readonly images: number;
  readonly fetched: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: number;
  /** Repositories whose tags have not been listed. */
  readonly unlisted: number;
  /** Images judged a second, of late; 0 if none are. */
  readonly perSecond: number;
  /** Whether images were fetched of late that are to be judged. */
  readonly isFetching: boolean;
  /** As long as it goes on like that; `undefined` if nobody can tell. */
  readonly secondsLeft: number | undefined;
  readonly registries: readonly RegistryStatus[];
}

/** A registry that is waited for. */
export interface RegistryStatus {
  readonly host: string;
  /** Images that are not fetched yet. */
  readonly waiting: number;
  /** It does not answer, or wants to be left alone, for so long. */
  readonly restsSeconds: number;
}

/** Whether there is anything to audit, and nothing of it is left. */
export function isFinished(status: AuditStatus): boolean {
  return status.images > 0 && status.unlisted === 0 && unjudgedImages(status) === 0;
}

export function unjudgedImages({ images, accepted, rejected, errors }: AuditStatus): number {
  return images - accepted - rejected - errors;
}

/** Of how long the pace is taken. */
const recentMs = 120_000;

export async function auditStatus(database: AuditDatabase, audit: Audit): Promise<AuditStatus> {
  const now = nowIn(database);
  const isRecent = `judged_ms > ${now} - ${recentMs}`;
  const isFetched = `stage = 'fetch' AND fetched_ms > ${now} - ${recentMs}`;
  const [counts] = await database.query(
    `SELECT coalesce(sum(size), 0) AS images, coalesce(sum(fetched), 0) AS fetched, coalesce(sum(accepted), 0) AS accepted,
        coalesce(sum(rejected), 0) AS rejected, coalesce(sum(errors), 0) AS errors,
        count(CASE WHEN stage = 'expand' THEN 1 END) AS unlisted, count(CASE WHEN ${isFetched} THEN 1 END) AS fetching,
        coalesce(sum(CASE WHEN ${isRecent} THEN accepted + rejected + errors END), 0) AS recent,
        CAST(coalesce(max(CASE WHEN ${isRecent} THEN ${now} - judged_ms END), 0) AS double precision) AS since_first
      FROM chunks WHERE audit_id = $1`,
    [audit.id],
  );
  const images = numberIn(counts, "images");
  const done = numberIn(counts, "accepted") + numberIn(counts, "rejected") + numberIn(counts, "errors");
  const unlisted = numberIn(counts, "unlisted");
  const spanMs = numberIn(counts, "since_first");
  const perSecond = spanMs > 0 && done < images ? numberIn(counts, "recent") / (spanMs / 1000) : 0;
  return {
    audit: audit.name,
    createdMs: audit.createdMs,
    images,
    fetched: numberIn(counts, "fetched"),
    accepted: numberIn(counts, "accepted"),
    rejected: numberIn(counts, "rejected"),
    errors: numberIn(counts, "errors"),
    unlisted,
    perSecond,
    isFetching: numberIn(counts, "fetching") > 0,
    secondsLeft: unlisted > 0 || perSecond === 0 ? undefined : (images - done) / perSecond,
    registries: await waitingRegistries(database, audit),
  };
}

/** Those with most to do first. */
const maxRegistries = 20;

async function waitingRegistries(database: AuditDatabase, audit: Audit): Promise<readonly RegistryStatus[]> {
  const now = nowIn(database);
  const rest = `CASE WHEN registries.parked_until_ms > registries.paused_until_ms THEN registries.parked_until_ms ELSE registries.paused_until_ms END`;
  const rows = await database.query(
    `SELECT chunks.registry AS host, sum(chunks.size - chunks.fetched) AS waiting,
        CAST(coalesce(max(${rest} - ${now}), 0) AS double precision) AS rests_ms
      FROM chunks LEFT JOIN registries ON registries.host = chunks.registry
      WHERE chunks.audit_id = $1 AND chunks.stage = 'fetch'
      GROUP BY chunks.registry ORDER BY waiting DESC, host LIMIT ${maxRegistries}`,
    [audit.id],
  );
  return rows.map((row) => ({
    host: textIn(row, "host"),
    waiting: numberIn(row, "waiting"),
    restsSeconds: Math.max(0, numberIn(row, "rests_ms") / 1000),
  }));
}
