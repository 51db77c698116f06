import type { Audit } from "../../../audit/audits/audit.ts";
import { auditCauses, auditResults } from "../../../audit/audits/results.ts";
import { auditStatus } from "../../../audit/audits/status.ts";
import type { AuditDatabase } from "../../../audit/database/database.ts";
import { printableJson } from "../../../report/document.ts";
import { auditStatusText, causeText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** Of causes, as many as anybody reads. */
const maxCauses = 50;
const maxCausesVerbose = 10_000;

const unfinishedExitCode = 4;

/** Prints what an audit found. @returns the exit code: 0 if all was accepted. */
export function auditReport(options: Options, io: Io): Promise<number> {
  return withDatabase(options, io, async (database) => {
    const audit = await chosenAudit(database, options.audit);
    const status = await auditStatus(database, audit);
    const judged = status.accepted + status.rejected + status.errors;
    const isFinished = status.unlisted === 0 && judged === status.images;
    for await (const piece of pieces({ database, audit }, options)) {
      if (!(await io.stdout.write(piece))) return undeliveredExitCode;
    }
    if (!isFinished) return unfinishedExitCode;
    return status.accepted === status.images ? 0 : 1;
  });
}

interface Reported {
  readonly database: AuditDatabase;
  readonly audit: Audit;
}

async function* pieces({ database, audit }: Reported, options: Options): AsyncGenerator<string> {
  switch (options.format ?? "text") {
    case "jsonl":
      for await (const result of auditResults(database, audit)) yield `${printableJson(JSON.stringify(result))}\n`;
      return;
    case "json": {
      const status = await auditStatus(database, audit);
      const causes = await auditCauses(database, audit, maxCausesVerbose);
      yield `${printableJson(JSON.stringify({ version: 1, ...status, causes }))}\n`;
      return;
    }
    default: {
      const status = await auditStatus(database, audit);
      const isFinished = status.unlisted === 0 && status.accepted + status.rejected + status.errors === status.images;
      yield `${auditStatusText(status, isFinished)}\n`;
      const limit = options.verbose === true ? maxCausesVerbose : maxCauses;
      for (const cause of await auditCauses(database, audit, limit)) yield `\n${causeText(cause)}\n`;
    }
  }
}
