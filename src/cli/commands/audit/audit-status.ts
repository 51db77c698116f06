import { auditStatus, isFinished } from "../../../audit/audits/status.ts";
import { auditStatusText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** Says how far an audit has come. @returns the exit code: 0 if it is finished. */
export async function auditStatusCommand(options: Options, io: Io): Promise<number> {
  const status = await withDatabase(options, io, async (database) =>
    auditStatus(database, await chosenAudit(database, options.audit)),
  );
  const finished = isFinished(status);
  const text =
    options.format === "json" ? JSON.stringify({ version: 1, finished, ...status }) : auditStatusText(status, finished);
  if (!(await io.stdout.write(`${text}\n`))) return undeliveredExitCode;
  return finished ? 0 : 1;
}
