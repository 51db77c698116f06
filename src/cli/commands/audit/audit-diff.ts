import type { Audit } from "../../../audit/audits/audit.ts";
import { policyNameOf } from "../../../audit/audits/audits.ts";
import { auditChanges } from "../../../audit/audits/changes.ts";
import { auditDifferences } from "../../../audit/audits/differences.ts";
import { auditStatus, unjudgedImages } from "../../../audit/audits/status.ts";
import type { AuditDatabase } from "../../../audit/database/database.ts";
import { printableJson } from "../../../report/document.ts";
import { wrapLines } from "../../../report/wrap.ts";
import {
  type AuditPolicyFacts,
  changesHeadText,
  changeText,
  leftChangesText,
  noChangesText,
} from "../../../words/audit-report-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** Kinds of change, and pairs of reasons of each pair of verdicts: as many as anybody reads. */
const bounds = { reasonsOfCodes: 5, groups: 50 };
const boundsVerbose = { reasonsOfCodes: 1000, groups: 10_000 };

/** Says which images two audits say different things of, and why. @returns the exit code: 0 if there are none. */
export function auditDiff(
  names: { readonly before: string; readonly after: string },
  options: Options,
  io: Io,
): Promise<number> {
  return withDatabase(options, io, async (database) => {
    const before = await chosenAudit(database, names.before);
    const after = await chosenAudit(database, names.after);
    const said =
      options.format === "jsonl" ? everyImage(database, before, after) : grouped(database, [before, after], options);
    let isSame = true;
    for await (const { line, isDifference } of said) {
      if (isDifference) isSame = false;
      if (!(await io.stdout.write(`${line}\n`))) return undeliveredExitCode;
    }
    return isSame ? 0 : 1;
  });
}

interface Said {
  readonly line: string;
  readonly isDifference: boolean;
}

async function* everyImage(database: AuditDatabase, before: Audit, after: Audit): AsyncGenerator<Said> {
  for await (const difference of auditDifferences(database, before, after)) {
    yield { line: printableJson(JSON.stringify(difference)), isDifference: true };
  }
}

async function* grouped(
  database: AuditDatabase,
  audits: readonly [Audit, Audit],
  options: Options,
): AsyncGenerator<Said> {
  const isVerbose = options.verbose === true;
  const changes = await auditChanges(database, audits, isVerbose || options.format === "json" ? boundsVerbose : bounds);
  const sides: [Audit, AuditPolicyFacts][] = [];
  for (const audit of audits) {
    sides.push([audit, await policyNameOf(database, audit)]);
  }
  const [before, after] = audits;
  const isDifference = changes.images > 0;
  if (options.format === "json") {
    const [from, to] = sides.map(([{ name, createdMs }, policy]) => ({ audit: name, createdMs, policy }));
    yield { line: printableJson(JSON.stringify({ version: 1, before: from, after: to, ...changes })), isDifference };
    return;
  }
  const unjudged: { name: string; images: number }[] = [];
  for (const audit of audits) {
    const images = unjudgedImages(await auditStatus(database, audit));
    if (images > 0) unjudged.push({ name: audit.name, images });
  }
  yield {
    line: isDifference ? wrapLines(changesHeadText(sides, changes, unjudged)) : noChangesText(before.name, after.name),
    isDifference,
  };
  for (const change of changes.groups) {
    yield { line: `\n${wrapLines(changeText(change, isVerbose))}`, isDifference };
  }
  if (changes.leftGroups > 0) yield { line: `\n${leftChangesText(changes.leftGroups)}`, isDifference };
}
