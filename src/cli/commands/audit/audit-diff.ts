import { auditDifferences } from "../../../audit/audits/differences.ts";
import { printableJson } from "../../../report/document.ts";
import { differenceText, noDifferenceText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** Says which images two audits say different things of. @returns the exit code: 0 if there are none. */
export function auditDiff(
  names: { readonly before: string; readonly after: string },
  options: Options,
  io: Io,
): Promise<number> {
  return withDatabase(options, io, async (database) => {
    const before = await chosenAudit(database, names.before);
    const after = await chosenAudit(database, names.after);
    let count = 0;
    for await (const difference of auditDifferences(database, before, after)) {
      count += 1;
      const line = options.format === "jsonl" ? printableJson(JSON.stringify(difference)) : differenceText(difference);
      if (!(await io.stdout.write(`${line}\n`))) return undeliveredExitCode;
    }
    if (count > 0) return 1;
    if (options.format === "jsonl") return 0;
    return (await io.stdout.write(`${noDifferenceText(before.name, after.name)}\n`)) ? 0 : undeliveredExitCode;
  });
}
