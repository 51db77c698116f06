import type { AuditResult } from "../../../audit/audits/results.ts";
import type { AuditCause } from "../../../audit/audits/summary.ts";
import { causeReasonText, outcomeWords } from "../../../words/audit-report-words.ts";
import { imagesText, moreText, numberText } from "../../../words/check-words.ts";
import { plain } from "../../../words/quote.ts";
import { html } from "../../check/html/escape.ts";
import { pageHead } from "../../check/html/page-head.ts";
import { shownText } from "../../check/shown.ts";
import { auditScript } from "./audit-script.ts";
import { auditStyle } from "./audit-style.ts";

/** Images on a page: as many as a browser shows at once. */
const imagesPerPage = 1000;

/** Pages of one cause. */
const maxPages = 10;

/** Images of one cause that are on pages. */
export const maxImagesOfCause = imagesPerPage * maxPages;

/** How to come by those that are on no page. */
export const allImagesHint =
  "sealcheck audit report --format=jsonl has all of them, and so has the view audit_results of the database";

export interface CausePage {
  readonly name: string;
  readonly content: string;
}

/** Pages with the images of a cause, and how they find each other and the summary. */
export interface CausePlace {
  readonly audit: string;
  /** The file of the summary, which is one folder up. */
  readonly summary: string;
  readonly nameOf: (page: number) => string;
}

/** @param images the first {@link maxImagesOfCause} of them */
export function* causePages(cause: AuditCause, images: readonly AuditResult[], place: CausePlace): Iterable<CausePage> {
  const count = Math.ceil(images.length / imagesPerPage);
  for (let page = 1; page <= count; page += 1) {
    const some = images.slice((page - 1) * imagesPerPage, page * imagesPerPage);
    yield { name: place.nameOf(page), content: pageOf(cause, some, { ...place, page, count, listed: images.length }) };
  }
}

interface Shown extends CausePlace {
  readonly page: number;
  readonly count: number;
  readonly listed: number;
}

function pageOf(cause: AuditCause, images: readonly AuditResult[], shown: Shown): string {
  const { audit, summary, listed } = shown;
  const left = cause.images - listed;
  return (
    pageHead({ title: `sealcheck audit: ${cause.code}`, script: auditScript, style: auditStyle }) +
    `<main>\n<header>\n<p class="brand"><b>sealcheck</b> audit ${html(plain(audit))}</p>\n` +
    `<h1>${html(outcomeWords[cause.outcome])}: ${imagesText(cause.images)}</h1>\n` +
    `<p><code>${html(shownText(cause.code))}</code></p>\n<p class="explanation">${html(shownText(causeReasonText(cause)))}</p>\n` +
    `<p class="pages"><a href="../${html(encodeURIComponent(summary))}">Summary</a></p>\n</header>\n` +
    `${pagesLine(shown)}` +
    `<p class="filter"><input id="search" type="search" placeholder="Search this page" aria-label="Search this page" autocomplete="off" spellcheck="false"><output id="shown" aria-live="polite"></output></p>\n` +
    `<div class="scroll images"><table class="table" id="images"><thead><tr><th>Image</th><th>Digest</th><th>Registry</th><th>${html(aboutOf(cause))}</th><th>Judged</th></tr></thead>\n<tbody>\n` +
    images.map((image) => rowOf(cause, image)).join("") +
    "</tbody></table></div>\n" +
    (left > 0 ? `<p class="more">${html(moreText(left))}: ${html(allImagesHint)}.</p>\n` : "") +
    `${pagesLine(shown)}</main>\n<script>${auditScript}</script>\n</body>\n</html>\n`
  );
}

function pagesLine({ page, count, nameOf }: Shown): string {
  if (count < 2) return "";
  const links = Array.from({ length: count }, (_, at) =>
    at + 1 === page ? `<b>${numberText(page)}</b>` : `<a href="${html(nameOf(at + 1))}">${numberText(at + 1)}</a>`,
  );
  return `<nav class="pages" aria-label="Pages"><span>Page</span>${links.join("")}</nav>\n`;
}

/** Where all have the same reason, it is at the top. */
function aboutOf({ outcome, reasons }: AuditCause): string {
  if (outcome === "accepted") return "Signed by";
  return reasons === 1 ? "Scope" : "Reason";
}

function rowOf(cause: AuditCause, image: AuditResult): string {
  const { reference, pinned, digest, registry, signer, scope, reason, judged_at } = image;
  const about = cause.outcome === "accepted" ? signer : cause.reasons === 1 ? scope : reason;
  return (
    `<tr><td><code>${html(plain(reference))}</code></td><td><code>${html(digestShown(pinned, digest))}</code></td>` +
    `<td>${registry === "" ? "" : html(plain(registry))}</td><td>${html(shownText(about ?? ""))}</td>` +
    `<td>${html((judged_at ?? "").slice(0, 16).replace("T", " "))}</td></tr>\n`
  );
}

/** What was judged; of an index that is in the pinned reference, what it led to. */
function digestShown(pinned: string | null, digest: string | null): string {
  const shown = pinned === null ? digest : pinned.slice(pinned.lastIndexOf("@") + 1);
  return shown === null ? "" : plain(shown);
}
