import { resolve } from "node:path";
import type { AuditSettings } from "../../../audit/audits/audit.ts";
import { createAudit } from "../../../audit/audits/audits.ts";
import { isPostgresUrl } from "../../../audit/database/postgres-address.ts";
import { openEvidenceStore } from "../../../audit/evidence/open-store.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { auditBegunText } from "../../../words/audit-words.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { perSecondOf } from "../../arguments/rate-option.ts";
import { type Io, printText } from "../../io.ts";
import { reportPolicyError } from "../../report.ts";
import { AuditStopped, defaultDatabase } from "./audit-stopped.ts";
import { nameOf, withDatabase } from "./open-audit.ts";
import { readKeptPolicy, warnOfUnread } from "./read-kept-policy.ts";

const defaultPerRegistry = 4;
const defaultParkSeconds = 60;

/** Begins an audit. @returns the exit code. */
export async function auditInit(options: Options, io: Io): Promise<number> {
  const settings = settingsOf(options);
  if (!settings.ok) throw new AuditStopped(settings.problem);
  const policy = await readKeptPolicy(options, io);
  if (!policy.ok) return reportPolicyError(policy.problem, options.format === "json" ? "json" : "text", io);
  // What nobody can write to is found now, and not by a worker.
  (
    await openEvidenceStore(settings.value.evidence, {
      environment: io.environment,
      now: () => io.now() * 1000,
      mayMake: true,
    })
  ).close();
  const createdMs = Math.trunc(io.now() * 1000);
  const name = nameOf(options, createdMs);
  const audit = await withDatabase(
    options,
    io,
    (database) =>
      database.transaction((session) =>
        createAudit(session, { name, policy: policy.value, settings: settings.value, createdMs }),
      ),
    { isNew: true },
  );
  if (audit === undefined) throw new AuditStopped({ code: "usage.audit.exists", name });
  const text =
    options.format === "json"
      ? JSON.stringify({ version: 1, audit: name, evidence: settings.value.evidence })
      : auditBegunText(name, policy.value.path, settings.value.evidence);
  await warnOfUnread(policy.value, io);
  return printText(text, io);
}

function settingsOf(options: Options): Result<AuditSettings, CommandProblem> {
  const chosen = imageOptionsOf(options);
  if (!chosen.ok) return chosen;
  const perSecond = options.rate === undefined ? undefined : perSecondOf(options.rate);
  if (perSecond === "none") {
    return fail({ code: "usage.option.value", option: "rate", why: { kind: "no-rate", value: options.rate ?? "" } });
  }
  const evidence = evidenceOf(options);
  if (evidence !== undefined && /^(?!s3:)[a-z][a-z0-9+.-]*:\/\//i.test(options.evidence ?? "")) {
    return fail({ code: "usage.option.value", option: "evidence", why: { kind: "no-place", value: evidence } });
  }
  if (evidence === undefined) return fail({ code: "usage.option.missing", option: "evidence" });
  const openPgp = openPgpOf(options);
  return ok({
    requireSigned: options["require-signed"] === true,
    platform: chosen.value.platform ?? { kind: "all" },
    blobs: options.blobs === "none" ? "none" : "head",
    ...(openPgp === undefined ? {} : { openPgp }),
    evidence,
    perRegistry: options["per-registry"] ?? defaultPerRegistry,
    ...(perSecond === undefined ? {} : { perSecond }),
    parkSeconds: options.park ?? defaultParkSeconds,
  });
}

/** Beside a database that is a file; where a server's workers all find it, nobody can guess. */
function evidenceOf({ evidence, db = defaultDatabase }: Options): string | undefined {
  if (evidence !== undefined) return evidence.startsWith("s3://") ? evidence : resolve(evidence);
  return isPostgresUrl(db) ? undefined : resolve(`${db}.evidence`);
}
