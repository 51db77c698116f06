import { policyOf } from "../../../audit/audits/audits.ts";
import { type AuditImage, findImages } from "../../../audit/audits/one-image.ts";
import { openEvidenceStore } from "../../../audit/evidence/open-store.ts";
import { AuditJudge } from "../../../audit/judge/audit-judge.ts";
import { exitCodeOf } from "../../../codes.ts";
import { auditWords } from "../../../report/audit-summary.ts";
import { checkedImage } from "../../../report/checked-document.ts";
import { printableJson } from "../../../report/document.ts";
import { wrap } from "../../../report/wrap.ts";
import type { Verdict } from "../../../verdict/verdict.ts";
import { keptVerdictText } from "../../../words/audit-report-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, printText } from "../../io.ts";
import { reportVerdict } from "../../report.ts";
import { version } from "../../version.ts";
import { AuditStopped } from "./audit-stopped.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** Judges one image of an audit again by what is kept of it, and says all of the verdict. @returns the exit code: that of the verdict. */
export function auditExplain(reference: string, options: Options, io: Io): Promise<number> {
  return withDatabase(options, io, async (database) => {
    const audit = await chosenAudit(database, options.audit);
    const [image, ...others] = await findImages(database, audit, reference);
    if (image === undefined) throw stopped("not-in-audit", reference, audit.name);
    if (others.length > 0) {
      const known = [image, ...others].map(({ result }) => result.reference);
      const why = { kind: "several-in-audit", value: reference, audit: audit.name, known } as const;
      throw new AuditStopped({ code: "usage.argument.value", argument: "REF", why });
    }
    const { evidence, result } = image;
    // What was never fetched may have a result all the same: the tags of a repository could not be listed.
    if (evidence === null) throw stopped(result.outcome === null ? "not-fetched" : "not-kept", reference, audit.name);
    const { environment, now } = io;
    const store = await openEvidenceStore(audit.settings.evidence, { environment, now: () => now() * 1000 });
    try {
      const policy = await policyOf(database, audit);
      const judge = new AuditJudge(audit, { policy, words: auditWords, store, environment, version, now });
      const judged = await judge.verdictOn(result, evidence, image.judgedMs === null ? now() : image.judgedMs / 1000);
      if (judged === undefined) throw stopped("no-image", reference, audit.name);
      const why = whyOther(image, judged.now.verdict, judged.earlier.verdict);
      if (options.format === "json") {
        const { outcome, code, judged_at } = result;
        const about = { name: audit.name, judged_at, outcome, code, agrees: why === "same", why };
        const document = { ...checkedImage(result.reference, judged.now.verdict, judged.now.opened), audit: about };
        return await printText(printableJson(JSON.stringify(document)), io, exitCodeOf(judged.now.verdict.code));
      }
      // All of an audit are judged for the same platform, whether they are indices or not.
      const exitCode = await reportVerdict({ ...judged.now.verdict, isPlatformUnused: false }, { format: "text" }, io);
      const { outcome, code } = result;
      const text = keptVerdictText({ name: audit.name, outcome, code, judgedMs: image.judgedMs }, why);
      return await printText(wrap(text), io, exitCode);
    } finally {
      store.close();
    }
  });
}

function stopped(
  kind: "not-in-audit" | "not-fetched" | "not-kept" | "no-image",
  value: string,
  audit: string,
): AuditStopped {
  return new AuditStopped({ code: "usage.argument.value", argument: "REF", why: { kind, value, audit } });
}

/** How the result of the audit and what is found now go together. */
function whyOther({ result }: AuditImage, now: Verdict, earlier: Verdict): "same" | "later" | "engine" | "waiting" {
  if (result.outcome === null) return "waiting";
  const isKept = ({ outcome, code }: Verdict) => outcome === result.outcome && code === result.code;
  if (isKept(now)) return "same";
  return isKept(earlier) ? "later" : "engine";
}
