import { type Code, codes } from "../../../codes.ts";
import {
  type CheckedKind,
  durationText,
  forExample,
  imagesText,
  interruptedText,
  kindWords,
  momentText,
  moreText,
  numberText,
  uncheckedText,
  unpromised,
} from "../../../words/check-words.ts";
import { plain } from "../../../words/quote.ts";
import type { CheckRun } from "../../checked-image.ts";
import type { Cause, Counted } from "../causes.ts";
import { html } from "./escape.ts";

/** In the order of the bar. */
export const kinds: readonly CheckedKind[] = ["accepted", "rejected", "unreachable", "unverified"];

/** Causes that the page names; where each image has a reason of its own, the table of images is clearer. */
const maxCausesShown = 200;

/** Of these, so many that the table can still be seen. */
const maxCausesUnfolded = 12;

/** What can be seen of a run without a script: how many of each, and why. */
export function* summaryPieces(run: CheckRun, counted: Counted, policies: readonly string[]): Iterable<string> {
  const { counts, uncheckedCount, causes } = counted;
  const done = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  yield "<header>\n";
  yield `<p class="brand"><b>sealcheck</b> verify-policy</p>\n`;
  yield `<h1>${headline(counts.accepted, done)}</h1>\n`;
  yield metaLine(run, policies);
  if (uncheckedCount > 0) {
    yield `<p class="unchecked">Of those accepted, ${html(uncheckedText(uncheckedCount))} (<code>insecureAcceptAnything</code>).</p>\n`;
  }
  if (!run.isComplete) yield `<p class="interrupted">${html(interruptedText(done, run.total))}</p>\n`;
  yield '</header>\n<section aria-label="Summary">\n';
  yield bar(counts, done);
  yield `<div class="kinds" role="group" aria-label="Show only">\n${kinds.map((kind) => kindCard(kind, counts[kind], done)).join("")}</div>\n`;
  yield "</section>\n";
  if (causes.length > 0) yield* causesPieces(causes);
}

function headline(accepted: number, done: number): string {
  if (done === 0) return "No image was looked at";
  if (accepted === done) return done === 1 ? "The image is accepted" : `All ${numberText(done)} images are accepted`;
  return `${numberText(accepted)} of ${imagesText(done)} ${accepted === 1 ? "is" : "are"} accepted`;
}

function metaLine({ startedAt, finishedAt }: CheckRun, policies: readonly string[]): string {
  const [policy] = policies;
  const others = policies.length - 1;
  const more = others > 0 ? ` ${html(moreText(others))}` : "";
  const parts = [
    ...(policy === undefined ? [] : [`Policy <code>${html(plain(policy))}</code>${more}`]),
    `<time datetime="${startedAt.toISOString()}">${html(momentText(startedAt.getTime()))}</time>`,
    `took ${html(durationText((finishedAt.getTime() - startedAt.getTime()) / 1000))}`,
  ];
  return `<p class="meta">${parts.map((part) => `<span>${part}</span>`).join("")}</p>\n`;
}

/** As SVG: a `style` attribute is more than the page's Content-Security-Policy allows. */
export function bar(counts: Counted["counts"], done: number): string {
  const width = 1000;
  const present = kinds.filter((kind) => counts[kind] > 0);
  // One image in ten thousand has to be seen too.
  const least = 6;
  const wanted = present.map((kind) => ({ kind, size: Math.max(least, (counts[kind] / Math.max(1, done)) * width) }));
  const sum = wanted.reduce((all, { size }) => all + size, 0);
  let x = 0;
  const parts = wanted.map(({ kind, size }, index) => {
    const scaled = (size / sum) * width;
    const gap = index === wanted.length - 1 ? 0 : 1.5;
    const part = `<rect class="fill-${kind}" x="${x.toFixed(2)}" y="0" width="${(scaled - gap).toFixed(2)}" height="10"/>`;
    x += scaled;
    return part;
  });
  const said = present.map((kind) => `${numberText(counts[kind])} ${kindWords[kind]}`).join(", ");
  return (
    `<svg class="bar" viewBox="0 0 ${width} 10" preserveAspectRatio="none" role="img" aria-label="${html(said)}">` +
    `${parts.join("")}</svg>\n`
  );
}

function kindCard(kind: CheckedKind, count: number, done: number): string {
  const share = done === 0 ? "" : shareText(count, done);
  return (
    `<button type="button" class="kind ${kind}" data-kind="${kind}" aria-pressed="false"${count === 0 ? " disabled" : ""}>` +
    `<span class="label">${icon(kind)}${html(kindWords[kind])}</span>` +
    `<span class="number">${numberText(count)}</span><span class="share">${share}</span></button>\n`
  );
}

/** Never 0 % of something, nor 100 % of nearly all. */
export function shareText(count: number, done: number): string {
  const percent = (count / done) * 100;
  if (count > 0 && percent < 0.1) return "&lt; 0.1 %";
  if (count < done && percent > 99.9) return "&gt; 99.9 %";
  return `${percent.toFixed(count === 0 || count === done ? 0 : 1)} %`;
}

export function icon(kind: CheckedKind): string {
  return `<svg class="icon ${kind}" aria-hidden="true"><use href="#icon-${kind}"/></svg>`;
}

/** Drawn once, and used by their names. */
export const iconSymbols =
  `<svg class="symbols" aria-hidden="true">` +
  `<symbol id="icon-accepted" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/><path d="M4.5 8.3l2.4 2.4 4.6-5"/></symbol>` +
  `<symbol id="icon-rejected" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/><path d="M5.2 5.2l5.6 5.6m0-5.6l-5.6 5.6"/></symbol>` +
  `<symbol id="icon-unreachable" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/><path d="M3.6 8h2.6m1 0h.1m1.4 0h.1m1 0h2.6"/></symbol>` +
  `<symbol id="icon-unverified" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8"/><path d="M8 4.2v4.6m0 2.6v.1"/></symbol>` +
  `<symbol id="icon-search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.6"/><path d="M10.5 10.5L14 14"/></symbol>` +
  "</svg>\n";

function* causesPieces(causes: readonly Cause[]): Iterable<string> {
  const most = causes[0]?.count ?? 1;
  yield `<section class="causes" aria-label="Why images were not accepted">\n<h2>Why not accepted <span class="dim">${numberText(causes.length)} ${causes.length === 1 ? "cause" : "causes"}, commonest first</span></h2>\n`;
  const shown = causes.slice(0, maxCausesShown);
  for (const [place, cause] of shown.slice(0, maxCausesUnfolded).entries()) yield causeHtml(cause, place, most);
  const folded = shown.slice(maxCausesUnfolded);
  if (folded.length > 0) {
    const images = folded.reduce((sum, { count }) => sum + count, 0);
    yield `<details class="rare"><summary>${numberText(folded.length)} rarer ${folded.length === 1 ? "cause" : "causes"}, ${imagesText(images)}</summary>\n`;
    for (const [place, cause] of folded.entries()) yield causeHtml(cause, maxCausesUnfolded + place, most);
    yield "</details>\n";
  }
  const left = causes.slice(maxCausesShown);
  if (left.length > 0) {
    const images = left.reduce((sum, { count }) => sum + count, 0);
    yield `<p class="dim">${imagesText(images)} more, for ${numberText(left.length)} other reasons: they are in the table.</p>\n`;
  }
  yield "</section>\n";
}

function causeHtml(cause: Cause, place: number, most: number): string {
  const { kind, count, parts, untrustedReferences } = cause;
  const width = Math.max(1.5, (count / most) * 100);
  const references = untrustedReferences.map((reference) => `<li><code>${html(plain(reference))}</code></li>`).join("");
  const left = count - untrustedReferences.length;
  return (
    `<details class="cause ${kind}"><summary>${icon(kind)}<span class="count">${numberText(count)}</span>` +
    `<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-${kind}" width="${width.toFixed(1)}" height="4"/></svg>` +
    `<span class="title"><span>${html(causeTitle(cause))}</span><span class="where">${html(causePlace(cause))}</span></span>` +
    `<code class="code">${html(cause.signatureCodes.length === 1 ? (cause.signatureCodes[0] ?? "") : cause.code)}</code></summary>\n<div class="body">` +
    (cause.isSameExplanation ? "" : `<p class="dim">${html(forExample)}</p>`) +
    `<div class="explanation">${parts.explanation.map((text) => `<p>${html(text)}</p>`).join("")}</div>` +
    (parts.next === undefined ? "" : `<p class="next"><b>Next</b> ${html(parts.next)}</p>`) +
    (parts.command === undefined ? "" : `<p class="command"><b>See also</b> <code>${html(parts.command)}</code></p>`) +
    `<ul class="references">${references}${left > 0 ? `<li class="dim">${html(moreText(left))}</li>` : ""}</ul>` +
    `<p><button type="button" class="show" data-cause="${place}">Show ${count === 1 ? "it" : `all ${numberText(count)}`} in the table</button></p>` +
    "</div></details>\n"
  );
}

/** Where not all have the same reason, what is common to them is what the code means. */
function causeTitle({ isSameReason, reason, code, signatureCodes }: Cause): string {
  if (isSameReason) return sentence(reason);
  const [only] = signatureCodes.filter((found) => found !== "signature.format.other");
  return meaning(signatureCodes.length === 1 && only !== undefined ? only : code);
}

function meaning(code: Code): string {
  return Object.hasOwn(codes, code) ? codes[code].meaning : code;
}

/** With a capital, if it begins with a word of ours and not with a name. */
function sentence(text: string): string {
  const isWord = /^[a-z]+ /.test(text);
  return `${isWord ? text.charAt(0).toUpperCase() : text.charAt(0)}${text.slice(1)}${/[.)]$/.test(text) ? "" : "."}`;
}

function causePlace({ kind, untrustedScope, untrustedRegistry }: Cause): string {
  if (kind === "unreachable") return plain(untrustedRegistry);
  return untrustedScope === undefined ? "" : plain(untrustedScope);
}

/** What the check does not promise. */
export function footer(): string {
  return `<footer>${unpromised.map((text) => `<p>${html(text)}</p>`).join("")}</footer>\n`;
}
