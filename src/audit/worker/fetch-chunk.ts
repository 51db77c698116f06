import { digestText } from "../../encoding/digest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { readReference } from "../../inventory/read-reference.ts";
import { errorText } from "../../result.ts";
import type { KnownContents } from "../../source/registry/endpoint.ts";
import type { Audit } from "../audits/audit.ts";
import { countAnew } from "../audits/chunk-counts.ts";
import { type AuditDatabase, DatabaseFailed, type SqlSession } from "../database/database.ts";
import { givenRows, matchesGiven, rowsValue } from "../database/given-rows.ts";
import { numberIn, textIn } from "../database/row.ts";
import { collect, noEvidence } from "../evidence/collect.ts";
import { saveEvidence } from "../evidence/encode-evidence.ts";
import { type Evidence, StoreFailed } from "../evidence/evidence.ts";
import { isComplete, isWithoutAnswer } from "../evidence/is-complete.ts";
import type { AuditTools, TaskSignals } from "./audit-tools.ts";

interface AskedImage {
  readonly reference: string;
  /** By another audit in this database: what it is may be kept already. */
  readonly wasFetched: boolean;
}

/** What was found of an image. */
interface FetchedImage {
  readonly reference: string;
  readonly evidence: string;
  readonly pinned: string | null;
  readonly servedBy: string | null;
}

type FetchContext = AuditTools & TaskSignals;

/** How fetching a chunk ended. */
type FetchEnd =
  | "whole"
  /** Told to stop; the rest is for somebody else. */
  | "stopped"
  /** Some got no answer, or not to all that they were asked for, and others did: perhaps the registry was away for a moment. */
  | "gaps"
  /** The registry does not answer. */
  | "no-answer";

interface Fetched {
  readonly end: FetchEnd;
  readonly hasWorked: boolean;
  /** Takes what was found of those with gaps for what there is. */
  writeRest(): Promise<void>;
}

/** So many in a row that do not get an answer are taken for a registry that gives none. */
const maxUnanswered = 8;

/** In how many audits an image is looked for that was fetched before: it is most likely in the last one. */
const auditsLookedBack = 4;

/** Images that were fetched and are not written yet, at most; and for how long at most, as far as others come. */
const imagesPerWrite = 100;
const secondsPerWrite = 5;

/**
 * Fetches the images of a chunk that have not been fetched yet, and writes what is there from time to time: what is lost with a worker is
 * asked for again, and nothing else is.
 *
 * @param isGivenUp that the registry does not answer is a result like others
 */
export async function fetchChunk(chunk: number, context: FetchContext, isGivenUp: boolean): Promise<Fetched> {
  const { database, audit, now } = context;
  const rows = await database.query(
    "SELECT reference FROM images WHERE chunk_id = $1 AND evidence IS NULL AND outcome IS NULL ORDER BY reference DESC",
    [chunk],
  );
  const references = rows.map((row) => textIn(row, "reference"));
  const earlier = await fetchedBefore(database, audit, references);
  const left = references.map((reference): AskedImage => ({ reference, wasFetched: earlier.has(reference) }));
  let fetched: FetchedImage[] = [];
  // They are results only if the registry answers others, and does not answer them: or else it is asked again for them.
  const unfetched: FetchedImage[] = [];
  let unanswered = 0;
  let hasGaps = false;
  let hasWorked = false;
  let hasFailed = false;
  let writtenAt = now();
  const write = async (): Promise<void> => {
    const some = fetched;
    fetched = [];
    writtenAt = now();
    if (some.length === 0) return;
    const fetchedMs = Math.trunc(now() * 1000);
    await database.transaction(async (session) => {
      await writeFetched(session, database, { auditId: audit.id, images: some, fetchedMs });
      await countAnew(session, database, chunk);
    });
  };
  const isEnding = () => hasFailed || context.stop.aborted || (!isGivenUp && unanswered >= maxUnanswered);
  const count = (answer: Answer): void => {
    if (answer === "none") unanswered += 1;
    else if (answer === "gaps") hasGaps = true;
    else {
      unanswered = 0;
      hasWorked = true;
    }
  };
  const work = async (): Promise<void> => {
    for (let asked = left.pop(); asked !== undefined; asked = left.pop()) {
      context.signal.throwIfAborted();
      const image = await fetchImage(asked, context);
      count(image.answer);
      if (image.answer !== "whole" && !isGivenUp) unfetched.push(image.fetched);
      else fetched.push(image.fetched);
      if (fetched.length >= imagesPerWrite || now() >= writtenAt + secondsPerWrite) await write();
      if (isEnding()) return;
    }
  };
  const workOrFail = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // The others would go on beside whoever has the chunk next.
      hasFailed = true;
      throw error;
    }
  };
  const lanes = Array.from({ length: Math.min(context.concurrency, left.length) }, workOrFail);
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  await write();
  const hasRest = unfetched.length > 0;
  const isNoneAnswered = hasRest && !hasWorked && !hasGaps;
  if (!isGivenUp && (unanswered >= maxUnanswered || (left.length === 0 && isNoneAnswered))) {
    return { end: "no-answer", hasWorked, writeRest: nothing };
  }
  const end = left.length > 0 ? "stopped" : hasRest ? "gaps" : "whole";
  const writeRest = async (): Promise<void> => {
    fetched.push(...unfetched);
    await write();
  };
  return { end, hasWorked, writeRest };
}

const nothing = async (): Promise<void> => undefined;

/** Those that another audit has an image of. */
async function fetchedBefore(
  database: AuditDatabase,
  audit: Audit,
  references: readonly string[],
): Promise<ReadonlySet<string>> {
  const others = await database.query(
    `SELECT id FROM audits WHERE id <> $1 ORDER BY id DESC LIMIT ${auditsLookedBack}`,
    [audit.id],
  );
  if (others.length === 0 || references.length === 0) return new Set();
  const rows = await database.query(
    `SELECT DISTINCT images.reference FROM images JOIN ${givenRows(database, "$1", ["reference"])}
        ON ${matchesGiven(database, "images.reference", { placeholder: "$1", of: "reference" })}
      WHERE images.audit_id IN (${others.map((row) => numberIn(row, "id")).join(", ")}) AND images.pinned IS NOT NULL`,
    [rowsValue(references.map((reference) => ({ reference })))],
  );
  return new Set(rows.map((row) => textIn(row, "reference")));
}

/** How far an image was answered for. */
type Answer = "whole" | "gaps" | "none";

async function fetchImage(
  asked: AskedImage,
  context: FetchContext,
): Promise<{ readonly fetched: FetchedImage; readonly answer: Answer }> {
  const { reference } = asked;
  const evidence = await evidenceOf(asked, context);
  const opened = evidence.kind === "image" ? evidence.opened : undefined;
  const fetched = {
    reference,
    evidence: await saveEvidence(context.store, evidence),
    pinned: opened === undefined ? null : `${opened.name}@${digestText(opened.digest)}`,
    servedBy: opened?.servedBy ?? null,
  };
  return { fetched, answer: answerOf(evidence) };
}

function answerOf(evidence: Evidence): Answer {
  if (evidence.kind === "problem") return isWithoutAnswer(evidence.problem) ? "none" : "whole";
  return isComplete(evidence) ? "whole" : "gaps";
}

async function evidenceOf(
  { reference, wasFetched }: AskedImage,
  { registries, store, audit, blobMemo, signal }: FetchContext,
): Promise<Evidence> {
  const read = readReference(reference);
  // What names no image has no evidence of its own, and is told when it is judged.
  if (!read.ok || read.value.kind !== "registry") return noEvidence(transport, noImage);
  const { platform, blobs } = audit.settings;
  try {
    // What cannot be read back is fetched, and written anew.
    const known: KnownContents = ({ hex }) => store.get(hex).catch(() => undefined);
    const opened = await registries.open(read.value.reference, signal, wasFetched ? known : undefined);
    if (!opened.ok) return noEvidence(transport, opened.problem);
    return await collect(
      opened.value,
      { transport, opened: opened.value },
      { store, platform, blobs, blobMemo, signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    // Of the image nothing is known then: whoever asks for its turn at a registry asks the database.
    if (error instanceof StoreFailed || error instanceof DatabaseFailed) throw error;
    // A bug must not take the other images with it.
    return noEvidence(transport, { code: "source.malformed", from: "", detail: errorText(error) });
  }
}

const transport = "docker";
const noImage: ImageProblem = { code: "image.source.malformed", name: "", detail: "the reference names no image" };

async function writeFetched(
  session: SqlSession,
  dialect: Pick<AuditDatabase, "dialect">,
  {
    auditId,
    images,
    fetchedMs,
  }: { readonly auditId: number; readonly images: readonly FetchedImage[]; readonly fetchedMs: number },
): Promise<void> {
  const columns = ["reference", "evidence", "pinned", "served_by"];
  const rows = images.map(({ reference, evidence, pinned, servedBy }) => {
    return { reference, evidence, pinned, served_by: servedBy };
  });
  await session.query(
    `UPDATE images SET evidence = given.evidence, pinned = given.pinned, served_by = given.served_by, fetched_ms = $1
      FROM ${givenRows(dialect, "$2", columns)}
      WHERE images.audit_id = $3 AND images.evidence IS NULL
        AND ${matchesGiven(dialect, "images.reference", { placeholder: "$2", of: "reference" })}`,
    [fetchedMs, rowsValue(rows), auditId],
  );
}
