import type { Audit } from "../../../audit/audits/audit.ts";
import { policyNameOf } from "../../../audit/audits/audits.ts";
import { auditResults } from "../../../audit/audits/results.ts";
import { auditStatus, isFinished } from "../../../audit/audits/status.ts";
import { auditCauses, auditRegistries, auditSigners, imagesOfCause } from "../../../audit/audits/summary.ts";
import type { AuditDatabase } from "../../../audit/database/database.ts";
import type { AuditFacts } from "../../../report/audit/audit-facts.ts";
import { printableJson } from "../../../report/document.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { version } from "../../version.ts";
import { chosenAudit, withDatabase } from "./open-audit.ts";

/** How many causes, reasons of one code that stand alone, registries and signers. */
interface Bounds {
  readonly causes: number;
  readonly reasonsOfCode: number;
  readonly rows: number;
}

/** As many as anybody reads. */
const bounds: Bounds = { causes: 50, reasonsOfCode: 5, rows: 20 };
const boundsVerbose: Bounds = { causes: 1000, reasonsOfCode: 100, rows: 1000 };
const boundsOfDocument: Bounds = { causes: 10_000, reasonsOfCode: 1000, rows: 10_000 };
const boundsOfPage: Bounds = { causes: 200, reasonsOfCode: 20, rows: 200 };
const boundsOfSarif: Bounds = { causes: 500, reasonsOfCode: 20, rows: 0 };

/** Images that SARIF names of a cause. */
const maxLocations = 20;

const unfinishedExitCode = 4;

/** Prints what an audit found. @returns the exit code: 0 if all was accepted. */
export function auditReport(options: Options, io: Io): Promise<number> {
  return withDatabase(options, io, async (database) => {
    const audit = await chosenAudit(database, options.audit);
    const reported = { database, audit };
    const status = await auditStatus(database, audit);
    const finished = isFinished(status);
    const factsIn = async (within: Bounds): Promise<AuditFacts> => ({
      ...{ audit, status, isFinished: finished },
      policy: await policyNameOf(database, audit),
      causes: await auditCauses(database, audit, within),
      registries: await auditRegistries(database, audit, within.rows),
      signers: await auditSigners(database, audit, within.rows),
    });
    if (options.report !== undefined) {
      const { writeAuditPage } = await import("./write-audit-page.ts");
      const { reasonsOfCode } = boundsOfPage;
      await writeAuditPage(options.report, { ...reported, facts: await factsIn(boundsOfPage), reasonsOfCode });
    }
    for await (const piece of pieces(reported, factsIn, options)) {
      if (!(await io.stdout.write(piece))) return undeliveredExitCode;
    }
    if (!finished) return unfinishedExitCode;
    return status.accepted === status.images ? 0 : 1;
  });
}

async function* pieces(
  { database, audit }: { readonly database: AuditDatabase; readonly audit: Audit },
  factsIn: (within: Bounds) => Promise<AuditFacts>,
  options: Options,
): AsyncGenerator<string> {
  switch (options.format ?? "text") {
    case "jsonl":
      for await (const result of auditResults(database, audit)) yield `${printableJson(JSON.stringify(result))}\n`;
      return;
    case "json":
      yield `${printableJson(JSON.stringify(documentOf(await factsIn(boundsOfDocument))))}\n`;
      return;
    case "sarif": {
      const { auditSarifPieces } = await import("../../../report/audit/audit-sarif.ts");
      const { reasonsOfCode } = boundsOfSarif;
      const facts = await factsIn(boundsOfSarif);
      yield* auditSarifPieces(
        facts,
        (cause) => imagesOfCause(database, audit, cause, { reasonsOfCode, images: maxLocations }),
        version,
      );
      return;
    }
    default: {
      const { auditTextPieces } = await import("../../../report/audit/audit-text.ts");
      const isVerbose = options.verbose === true;
      yield* auditTextPieces(await factsIn(isVerbose ? boundsVerbose : bounds), isVerbose);
    }
  }
}

function documentOf({ status, isFinished, policy, causes, registries, signers }: AuditFacts): object {
  return {
    ...{ version: 1, finished: isFinished, ...status, policy },
    // That of status has those that are waited for.
    ...{ waitingFor: status.registries, registries: registries.items },
    ...{ causes: causes.items, signers: signers.items },
    left: { causes: causes.left, registries: registries.left, signers: signers.left },
  };
}
