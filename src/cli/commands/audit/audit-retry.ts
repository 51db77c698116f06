import { retryImages } from "../../../audit/audits/again.ts";
import { retriedText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, printText } from "../../io.ts";
import { chosenAudit, withQueue } from "./open-audit.ts";

/** Gives the images of which nothing could be found out to the workers again. @returns the exit code. */
export async function auditRetry(options: Options, io: Io): Promise<number> {
  const retried = await withQueue(options, io, async ({ database, queue }) => {
    const audit = await chosenAudit(database, options.audit);
    return { audit: audit.name, found: await retryImages(audit, { database, queue }) };
  });
  return printText(retriedText(retried.audit, retried.found), io);
}
