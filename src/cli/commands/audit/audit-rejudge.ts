import { copyImages } from "../../../audit/audits/again.ts";
import { createAudit } from "../../../audit/audits/audits.ts";
import { rejudgedText } from "../../../words/audit-words.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, printText } from "../../io.ts";
import { reportPolicyError } from "../../report.ts";
import { AuditStopped } from "./audit-stopped.ts";
import { chosenAudit, nameOf, withQueue } from "./open-audit.ts";
import { readKeptPolicy, warnOfUnread } from "./read-kept-policy.ts";

/** Begins an audit of the same images by another policy. @returns the exit code. */
export async function auditRejudge(options: Options, io: Io): Promise<number> {
  const policy = await readKeptPolicy(options, io);
  if (!policy.ok) return reportPolicyError(policy.problem, options.format === "json" ? "json" : "text", io);
  const createdMs = Math.trunc(io.now() * 1000);
  const name = nameOf(options, createdMs);
  const openPgp = openPgpOf(options);
  const copied = await withQueue(options, io, async ({ database, queue }) => {
    const from = await chosenAudit(database, options.audit);
    const settings = {
      ...from.settings,
      requireSigned: options["require-signed"] ?? from.settings.requireSigned,
      ...(openPgp === undefined ? {} : { openPgp }),
    };
    return database.transaction(async (session) => {
      const audit = await createAudit(session, { name, policy: policy.value, settings, basedOn: from.id, createdMs });
      if (audit === undefined) throw new AuditStopped({ code: "usage.audit.exists", name });
      return { from: from.name, images: await copyImages(session, from, audit, queue) };
    });
  });
  const text =
    options.format === "json"
      ? JSON.stringify({ version: 1, audit: name, ...copied })
      : rejudgedText(name, { ...copied, policy: policy.value.path });
  await warnOfUnread(policy.value, io);
  return printText(text, io);
}
