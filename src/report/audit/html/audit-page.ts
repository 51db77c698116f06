import type { AuditCause, AuditRegistry, AuditSigner, Largest } from "../../../audit/audits/summary.ts";
import { auditOriginText, causeReasonText, registryName, signerText } from "../../../words/audit-report-words.ts";
import { type CheckedKind, imagesText, kindWords, moreText, numberText } from "../../../words/check-words.ts";
import { plain } from "../../../words/quote.ts";
import { kindOf } from "../../check/causes.ts";
import { html } from "../../check/html/escape.ts";
import { pageHead } from "../../check/html/page-head.ts";
import { bar, footer, icon, iconSymbols, kinds, shareText } from "../../check/html/summary.ts";
import { shownText } from "../../check/shown.ts";
import type { AuditFacts } from "../audit-facts.ts";
import { auditStyle } from "./audit-style.ts";
import { allImagesHint } from "./cause-pages.ts";

type Counts = Readonly<Record<CheckedKind, number>>;

/**
 * What an audit found, as one page without a script: `audit report --report=FILE`. What came from registries is text in it and can be nothing
 * else, as on the page of verify-policy.
 *
 * @param linkOf the first page with the images of a cause; `undefined` if there is none
 */
export function* auditPagePieces(
  facts: AuditFacts,
  linkOf: (cause: AuditCause) => string | undefined,
): Iterable<string> {
  const { audit, policy, status, isFinished, causes, registries, signers } = facts;
  const counts = countsOf(facts);
  const done = status.accepted + status.rejected + status.errors;
  yield pageHead({ title: "sealcheck audit", style: auditStyle });
  yield `${iconSymbols}<main>\n<header>\n<p class="brand"><b>sealcheck</b> audit ${html(plain(audit.name))}</p>\n`;
  yield `<h1>${html(headline(status.accepted, done))}</h1>\n<p class="meta"><span>${html(auditOriginText(audit, policy))}</span></p>\n`;
  if (!isFinished) {
    const unlisted =
      status.unlisted === 0 ? "" : `, and the tags of ${numberText(status.unlisted)} repositories are not listed`;
    yield `<p class="interrupted">The audit is not finished: ${imagesText(status.images - done)} not judged yet${unlisted}.</p>\n`;
  }
  yield `</header>\n<section aria-label="Summary">\n${bar(counts, done)}`;
  yield `<div class="kinds">\n${kinds.map((kind) => kindCard(kind, counts[kind], done)).join("")}</div>\n</section>\n`;
  yield* causesPieces(
    "Why not accepted",
    causes.items.filter(({ outcome }) => outcome !== "accepted"),
    linkOf,
  );
  yield* causesPieces(
    "Why accepted",
    causes.items.filter(({ outcome }) => outcome === "accepted"),
    linkOf,
  );
  if (causes.left > 0) yield `<p class="more">${html(moreText(causes.left))} causes: ${html(allImagesHint)}.</p>\n`;
  yield* registriesPieces(registries);
  yield* signersPieces(signers);
  yield `</main>\n${footer()}</body>\n</html>\n`;
}

/** What could not be reached has its own colour, and is told by its code. Causes that are left out are not told apart. */
function countsOf({ status, causes }: AuditFacts): Counts {
  const unreachable = causes.items
    .filter(({ outcome, code }) => kindOf({ outcome, code }) === "unreachable")
    .reduce((sum, { images }) => sum + images, 0);
  const { accepted, rejected, errors } = status;
  return { accepted, rejected, unreachable, unverified: Math.max(0, errors - unreachable) };
}

function headline(accepted: number, done: number): string {
  if (done === 0) return "No image is judged yet";
  if (accepted === done) return done === 1 ? "The image is accepted" : `All ${numberText(done)} images are accepted`;
  return `${numberText(accepted)} of ${imagesText(done)} ${accepted === 1 ? "is" : "are"} accepted`;
}

function kindCard(kind: CheckedKind, count: number, done: number): string {
  return (
    `<div class="kind ${kind}"><span class="label">${icon(kind)}${html(kindWords[kind])}</span>` +
    `<span class="number">${numberText(count)}</span><span class="share">${done === 0 ? "" : shareText(count, done)}</span></div>\n`
  );
}

function* causesPieces(
  title: string,
  causes: readonly AuditCause[],
  linkOf: (cause: AuditCause) => string | undefined,
): Iterable<string> {
  if (causes.length === 0) return;
  const most = Math.max(...causes.map(({ images }) => images));
  yield `<section class="causes" aria-label="${html(title)}">\n<h2>${html(title)} <span class="dim">${numberText(causes.length)} ${causes.length === 1 ? "cause" : "causes"}, commonest first</span></h2>\n`;
  for (const cause of causes) yield causeHtml(cause, most, linkOf(cause));
  yield "</section>\n";
}

function causeHtml(cause: AuditCause, most: number, link: string | undefined): string {
  const { images, example, code } = cause;
  const kind = kindOf({ outcome: cause.outcome, code });
  const reason = html(shownText(causeReasonText(cause)));
  const all = images === 1 ? "Show it" : `Show the images`;
  return (
    `<details class="cause ${kind}"><summary>${icon(kind)}<span class="count">${numberText(images)}</span>` +
    `${share(kind, images, most)}<span class="title"><span>${reason}</span></span><code class="code">${html(shownText(code))}</code></summary>\n` +
    `<div class="body"><div class="explanation"><p>${reason}</p></div>` +
    `<p>Such as <code>${html(plain(example))}</code></p>` +
    (link === undefined
      ? `<p class="dim">${html(allImagesHint)}.</p>`
      : `<p class="all"><a href="${html(link)}">${all}</a></p>`) +
    "</div></details>\n"
  );
}

function share(kind: CheckedKind, count: number, most: number): string {
  const width = Math.max(1.5, (count / most) * 100).toFixed(1);
  return (
    `<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">` +
    `<rect class="fill-${kind}" width="${width}" height="4"/></svg>`
  );
}

function* registriesPieces({ items, left }: Largest<AuditRegistry>): Iterable<string> {
  if (items.length === 0) return;
  yield tableHead("Registries", [
    "Registry",
    "Images",
    "Accepted",
    "Rejected",
    "Not verified",
    "Waiting",
    "Accepted of all",
  ]);
  for (const { registry, images, accepted, rejected, errors, waiting } of items) {
    const numbers = [images, accepted, rejected, errors, waiting];
    yield `<tr><td>${html(registryName(registry))}</td>${numbers.map(numberCell).join("")}<td>${share("accepted", accepted, images)}</td></tr>\n`;
  }
  yield tableEnd(left);
}

function* signersPieces({ items, left }: Largest<AuditSigner>): Iterable<string> {
  if (items.length === 0) return;
  const most = items[0]?.images ?? 1;
  yield tableHead("Who signed what is accepted", ["Signed by", "Images", ""]);
  for (const { signer, images } of items) {
    yield `<tr><td>${html(shownText(signerText(signer)))}</td>${numberCell(images)}<td>${share("accepted", images, most)}</td></tr>\n`;
  }
  yield tableEnd(left);
}

function numberCell(count: number): string {
  return `<td class="number">${numberText(count)}</td>`;
}

function tableHead(title: string, heads: readonly string[]): string {
  const cells = heads
    .map((head, at) => `<th${at > 0 && head !== "" ? ' class="number"' : ""}>${html(head)}</th>`)
    .join("");
  return (
    `<section class="counts" aria-label="${html(title)}">\n<h2>${html(title)}</h2>\n` +
    `<div class="scroll"><table class="table"><thead><tr>${cells}</tr></thead>\n<tbody>\n`
  );
}

function tableEnd(left: number): string {
  return `</tbody></table>${left > 0 ? `<p class="more">${html(moreText(left))}</p>` : ""}</div>\n</section>\n`;
}
