import { basename } from "node:path";
import type { Audit } from "../../../audit/audits/audit.ts";
import { type AuditCause, imagesOfCause } from "../../../audit/audits/summary.ts";
import type { AuditDatabase } from "../../../audit/database/database.ts";
import { OutputPages } from "../../../host/output-pages.ts";
import type { AuditFacts } from "../../../report/audit/audit-facts.ts";
import { AuditStopped } from "./audit-stopped.ts";

interface Written {
  readonly database: AuditDatabase;
  readonly audit: Audit;
  readonly facts: AuditFacts;
  /** That the causes were found with. */
  readonly reasonsOfCode: number;
}

/** Causes whose images are on pages: with those of a cause that is a bound of all pages. */
const maxCausesOnPages = 100;

/** Writes the page for `--report`, and beside it those with the images: all of them, or nothing. @throws {@link AuditStopped} */
export async function writeAuditPage(path: string, { database, audit, facts, reasonsOfCode }: Written): Promise<void> {
  const { auditPagePieces } = await import("../../../report/audit/html/audit-page.ts");
  const { causePages, maxImagesOfCause } = await import("../../../report/audit/html/cause-pages.ts");
  const opened = OutputPages.open(path);
  if (!opened.ok) throw unwritable(opened.problem);
  const pages = opened.value;
  const links = new Map<AuditCause, string>();
  let isDone = false;
  try {
    for (const [at, cause] of facts.causes.items.slice(0, maxCausesOnPages).entries()) {
      const nameOf = (page: number) => `cause-${at + 1}-page-${page}`;
      const images = await imagesOfCause(database, audit, cause, { reasonsOfCode, images: maxImagesOfCause });
      if (images.length === 0) continue;
      const place = {
        audit: audit.name,
        summary: basename(path),
        nameOf: (page: number) => pages.nameOf(nameOf(page)),
      };
      for (const { name, content } of causePages(cause, images, place)) {
        const added = pages.add(name, content);
        if (!added.ok) throw unwritable(added.problem);
      }
      links.set(cause, pages.linkTo(nameOf(1)));
    }
    const pieces = Array.from(
      auditPagePieces(facts, (cause) => links.get(cause)),
      (piece) => Buffer.from(piece),
    );
    const finished = pages.finish(Buffer.concat(pieces));
    if (!finished.ok) throw unwritable(finished.problem);
    isDone = true;
  } finally {
    if (!isDone) pages.giveUp();
  }
}

function unwritable(problem: { readonly path: string; readonly reason: string }): AuditStopped {
  return new AuditStopped({ code: "usage.output.unwritable", ...problem, isReport: true });
}
