import type { ImageProblem } from "../../image/problem.ts";
import { writeChunks } from "../audits/add-images.ts";
import { countAnew } from "../audits/chunk-counts.ts";
import type { AuditDatabase, SqlSession } from "../database/database.ts";
import { givenRows, matchesGiven, rowsValue } from "../database/given-rows.ts";
import { numberIn, textIn, textOrNullIn } from "../database/row.ts";
import { noEvidence } from "../evidence/collect.ts";
import { saveEvidence } from "../evidence/encode-evidence.ts";
import { Breaker } from "../pace/breaker.ts";
import type { ChunkJob, ChunkQueue, TakenJob } from "../queue/chunk-queue.ts";
import type { AuditTools, TaskSignals } from "./audit-tools.ts";
import { expandRepository } from "./expand-chunk.ts";
import { fetchChunk } from "./fetch-chunk.ts";
import { judgeChunk, writeJudgedChunk } from "./judge-chunk.ts";
import { writeResults } from "./results.ts";

interface ChunkRow {
  readonly id: number;
  readonly auditId: number;
  readonly registry: string;
  readonly source: string;
}

/** The chunk as it is in the database; `undefined` if there is none any more. */
export async function readChunk(database: AuditDatabase, id: number): Promise<ChunkRow | undefined> {
  const [row] = await database.query("SELECT audit_id, registry, source FROM chunks WHERE id = $1", [id]);
  if (row === undefined) return undefined;
  return {
    id,
    auditId: numberIn(row, "audit_id"),
    registry: textIn(row, "registry"),
    source: textOrNullIn(row, "source") ?? "",
  };
}

/** Does what a chunk is there for. All that comes of it is written with its end in one transaction, or nothing is. */
export function workOn(job: TakenJob, chunk: ChunkRow, tools: AuditTools, signals: TaskSignals): Promise<void> {
  switch (job.stage) {
    case "expand":
      return expand(job, chunk, tools, signals);
    case "fetch":
      return fetchImages(job, chunk, tools, signals);
    case "judge":
      return judgeImages(job, chunk, tools, signals);
  }
}

async function expand(job: TakenJob, chunk: ChunkRow, tools: AuditTools, { signal }: TaskSignals): Promise<void> {
  const { database, queue, audit, store } = tools;
  const expanded = await expandRepository(chunk.source, tools.registries, signal);
  if (expanded.ok) {
    await database.transaction(async (session) => {
      await writeChunks(session, audit, expanded.value, tools);
      await setStage(session, chunk.id, "done");
      await queue.done(session, job);
    });
    return;
  }
  if (isUnavailable(expanded.problem) && (await parked(job, chunk, tools))) return;
  const key = await saveEvidence(store, noEvidence("docker", expanded.problem));
  await database.transaction(async (session) => {
    await session.query(
      `INSERT INTO images (audit_id, reference, chunk_id, registry, evidence, fetched_ms) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (audit_id, reference) DO NOTHING`,
      [audit.id, chunk.source, chunk.id, chunk.registry, key, Math.trunc(tools.now() * 1000)],
    );
    await countAnew(session, database, chunk.id);
    await passOn(session, job, queue);
  });
}

async function fetchImages(job: TakenJob, chunk: ChunkRow, tools: AuditTools, signals: TaskSignals): Promise<void> {
  const { database, queue } = tools;
  let fetched = await fetchChunk(chunk.id, { ...tools, ...signals }, false);
  if (fetched.hasWorked) await breakerOf(tools).worked(chunk.registry);
  if (fetched.end === "no-answer") {
    if (await parked(job, chunk, tools)) return;
    fetched = await fetchChunk(chunk.id, { ...tools, ...signals }, true);
  }
  if (fetched.end === "gaps") {
    if (await askAgain(job, tools)) return;
    await fetched.writeRest();
  }
  const isWhole = fetched.end === "whole" || fetched.end === "gaps";
  await database.transaction((session) => (isWhole ? passOn(session, job, queue) : queue.putBack(session, job, 0)));
}

/** After which time images of a registry that answers others are asked for again, in those for which a registry is left alone. */
const againAfterParks = [1, 5];

/** Whether a chunk is given back, to ask for those images again that were not answered for. */
async function askAgain(job: TakenJob, { database, queue, audit }: AuditTools): Promise<boolean> {
  return database.transaction(async (session) => {
    const [row] = await session.query("UPDATE chunks SET tries = tries + 1 WHERE id = $1 RETURNING tries", [job.chunk]);
    const parks = againAfterParks[numberIn(row, "tries") - 1];
    if (parks !== undefined) await queue.putBack(session, job, parks * audit.settings.parkSeconds);
    return parks !== undefined;
  });
}

function isUnavailable({ code }: ImageProblem): boolean {
  return code === "source.unreachable" || code === "source.timeout" || code === "source.throttled";
}

function breakerOf({ database, audit }: AuditTools): Breaker {
  return new Breaker(database, audit.settings.parkSeconds);
}

/** Whether a registry that gave no answer is left alone for a while, and the chunk with it. */
async function parked(job: TakenJob, chunk: ChunkRow, tools: AuditTools): Promise<boolean> {
  const { database, queue } = tools;
  const breaking = await breakerOf(tools).trip(chunk.registry);
  if (breaking.kind === "given-up") return false;
  await database.transaction((session) => queue.putBack(session, job, breaking.seconds));
  return true;
}

async function judgeImages(job: TakenJob, chunk: ChunkRow, tools: AuditTools, { signal }: TaskSignals): Promise<void> {
  const { database, queue, judge, now } = tools;
  const judged = await judgeChunk(chunk, { database, judge, now, signal });
  await database.transaction(async (session) => {
    await writeJudgedChunk(session, database, judged, Math.trunc(now() * 1000));
    await queue.done(session, job);
    if (judged.spoiled.length === 0) await setStage(session, chunk.id, "done");
    else await fetchAgain(session, { job, audit: chunk.auditId, references: judged.spoiled }, tools);
    await countAnew(session, database, chunk.id);
  });
}

/** Images of which what was kept is of no use: the rest of their chunk has its verdicts. */
async function fetchAgain(
  session: SqlSession,
  {
    job,
    audit,
    references,
  }: { readonly job: TakenJob; readonly audit: number; readonly references: readonly string[] },
  { database, queue }: AuditTools,
): Promise<void> {
  const rows = await session.query(
    `UPDATE images SET evidence = NULL, fetched_ms = NULL, pinned = NULL, served_by = NULL
      FROM ${givenRows(database, "$1", ["reference"])}
      WHERE images.audit_id = $2 AND images.outcome IS NULL
        AND ${matchesGiven(database, "images.reference", { placeholder: "$1", of: "reference" })} RETURNING images.registry`,
    [rowsValue(references.map((reference) => ({ reference }))), audit],
  );
  const registry = textIn(rows[0], "registry");
  await session.query("UPDATE chunks SET stage = 'fetch', registry = $1 WHERE id = $2", [registry, job.chunk]);
  await queue.put(session, [{ stage: "fetch", chunk: job.chunk, registry }]);
}

/** Fetched: what is next asks no registry. */
async function passOn(session: SqlSession, job: TakenJob, queue: ChunkQueue): Promise<void> {
  const next: ChunkJob = { stage: "judge", chunk: job.chunk, registry: "" };
  await setStage(session, job.chunk, "judge");
  await queue.done(session, job);
  await queue.put(session, [next]);
}

/** Ends a chunk that nobody could end: whoever had it did not live to say why. */
export async function giveUp(
  job: TakenJob,
  { auditId }: ChunkRow,
  tools: Pick<AuditTools, "database" | "queue" | "now">,
): Promise<void> {
  const { database, queue, now } = tools;
  const rows = await database.query("SELECT reference FROM images WHERE chunk_id = $1 AND outcome IS NULL", [
    job.chunk,
  ]);
  const reason = `the worker that had it ended without a word, ${job.earlierAttempts} times`;
  const judged = {
    outcome: "error",
    cause: { code: "internal.error", reason },
    digest: null,
    scope: null,
    signer: null,
    validUntilMs: 0,
  } as const;
  const results = rows.map((row) => ({ reference: textIn(row, "reference"), judged }));
  await database.transaction(async (session) => {
    await writeResults(session, database, { auditId, judgedMs: Math.trunc(now() * 1000), results });
    await countAnew(session, database, job.chunk);
    await setStage(session, job.chunk, "done");
    await queue.done(session, job);
  });
}

async function setStage(session: SqlSession, chunk: number, stage: ChunkJob["stage"] | "done"): Promise<void> {
  await session.query("UPDATE chunks SET stage = $1 WHERE id = $2", [stage, chunk]);
}
