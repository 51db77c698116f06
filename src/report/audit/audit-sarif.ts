import type { AuditResult } from "../../audit/audits/results.ts";
import type { AuditCause } from "../../audit/audits/summary.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { causeReasonText } from "../../words/audit-report-words.ts";
import { imagesText } from "../../words/check-words.ts";
import { json, logicalPlace, markdownless, ruleOf, sarifHead, sarifTail } from "../check/sarif.ts";
import { shownText } from "../check/shown.ts";
import type { AuditFacts } from "./audit-facts.ts";

/**
 * SARIF 2.1.0, in pieces: a result for each cause, with the first of its images as locations. Readers take some thousand results at most, and a
 * million images have few causes.
 *
 * @param imagesOf the first images of a cause
 */
export async function* auditSarifPieces(
  { audit, causes, isFinished, status }: AuditFacts,
  imagesOf: (cause: AuditCause) => Promise<readonly AuditResult[]>,
  version: string,
): AsyncGenerator<string> {
  const rules = new Map<string, number>();
  yield sarifHead;
  let separator = "\n";
  for (const cause of causes.items) {
    if (cause.outcome === "accepted") continue;
    const rule = rules.get(cause.code) ?? rules.size;
    rules.set(cause.code, rule);
    yield `${separator}${json(causeResult(cause, rule, await imagesOf(cause)))}`;
    separator = ",\n";
  }
  const driver = { name: "sealcheck", version, rules: [...rules.keys()].map(ruleOf) };
  const notes = [
    ...(isFinished ? [] : [`The audit is not finished: ${imagesText(status.images)}, and not all are judged.`]),
    ...(causes.left === 0
      ? []
      : [`${causes.left} rarer causes are left out: audit report --format=jsonl has every image.`]),
  ];
  const invocation = {
    executionSuccessful: isFinished,
    startTimeUtc: new Date(audit.createdMs).toISOString(),
    ...(notes.length === 0
      ? {}
      : {
          toolExecutionNotifications: notes.map((text) => ({
            level: isFinished ? "warning" : "error",
            message: { text },
          })),
        }),
  };
  yield sarifTail([invocation], driver);
}

function causeResult(cause: AuditCause, ruleIndex: number, images: readonly AuditResult[]): unknown {
  const { outcome, code, images: count } = cause;
  const reason = shownText(causeReasonText(cause));
  const left = count - images.length;
  const listed = left > 0 ? ` The first ${images.length} are its locations; audit report --format=jsonl has all.` : "";
  return {
    ruleId: code,
    ruleIndex,
    level: "error",
    message: { text: markdownless(`${imagesText(count)}: ${reason}.${listed}`) },
    locations: images.map(({ reference }) => logicalPlace(shownText(reference))),
    // The same cause in the next audit, whichever images it has then.
    partialFingerprints: {
      "cause/v1": sha256Hex(Buffer.from(JSON.stringify([code, cause.isRest ? null : cause.reason]))),
    },
    properties: { outcome, images: count, reasons: cause.reasons },
  };
}
