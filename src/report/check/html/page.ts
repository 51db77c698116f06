import { claimsWarning, kindWords } from "../../../words/check-words.ts";
import type { CheckRun } from "../../checked-image.ts";
import { type Counted, countResults, resultsOf } from "../causes.ts";
import { scriptJson } from "./escape.ts";
import { pageHead } from "./page-head.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { rowData, SharedTexts } from "./row-data.ts";
import { footer, iconSymbols, kinds, summaryPieces } from "./summary.ts";

/** References that a cause spells out; all are in the table. */
const maxNamed = 10;

/** Policies are kept until the page is written; a run has one. */
const maxPolicies = 100;

/** Rows in one `script` element of data. */
const rowsPerBlock = 500;

/**
 * One page that needs nothing else, in pieces: `--report FILE.html`. What came from a registry is text in it and can be nothing else: the
 * Content-Security-Policy lets run only the script that is written here, allows no request, and the script only ever sets `textContent`.
 */
export function* htmlPieces(run: CheckRun): Iterable<string> {
  const counted = countResults(run, maxNamed);
  yield pageHead({ title: "sealcheck verify-policy", script: pageScript, style: pageStyle });
  yield iconSymbols;
  yield "<main>\n";
  yield* summaryPieces(run, counted, policiesOf(run));
  yield tableSection;
  yield "</main>\n";
  yield footer();
  yield* dataPieces(run, counted);
  yield `<script>${pageScript}</script>\n</body>\n</html>\n`;
}

function policiesOf(run: CheckRun): readonly string[] {
  const policies = new Set<string>();
  for (const { policy } of resultsOf(run)) {
    if (policy.path !== null && policies.size < maxPolicies) policies.add(policy.path);
  }
  return [...policies];
}

/** The script shows it, once it can fill it. */
const tableSection = `<noscript><p class="noscript">The table of all images needs JavaScript. What is above does not.</p></noscript>
<section id="images" aria-label="Images" hidden>
<div class="toolbar">
<div class="field search"><svg class="icon" aria-hidden="true"><use href="#icon-search"/></svg><input id="search" type="search" placeholder="Search references, digests, reasons, signers" aria-label="Search" autocomplete="off" spellcheck="false"><kbd aria-hidden="true">/</kbd></div>
<select id="code" aria-label="Code"></select>
<select id="registry" aria-label="Registry"></select>
<button type="button" id="cause" hidden></button>
<button type="button" id="reset" hidden>Clear</button>
<output id="shown" aria-live="polite"></output>
</div>
<div class="columns">
<div id="list" role="listbox" tabindex="0" aria-label="Images: arrows or j and k move, Enter opens, Escape closes"></div>
<aside id="detail" role="region" aria-label="Details" tabindex="-1" hidden></aside>
</div>
</section>
<table id="print" hidden></table>
`;

function* dataPieces(run: CheckRun, { places }: Counted): Iterable<string> {
  const texts = new SharedTexts();
  let block: string[] = [];
  for (const result of resultsOf(run)) {
    block.push(scriptJson(rowData(result, places, texts)));
    if (block.length < rowsPerBlock) continue;
    yield dataBlock("rows", block);
    block = [];
  }
  if (block.length > 0) yield dataBlock("rows", block);
  let shared: string[] = [];
  for (const text of texts.all()) {
    shared.push(scriptJson(text));
    if (shared.length < rowsPerBlock) continue;
    yield dataBlock("texts", shared);
    shared = [];
  }
  if (shared.length > 0) yield dataBlock("texts", shared);
  yield dataBlock("settings", [scriptJson({ kinds, kindWords, claimsWarning })]);
}

function dataBlock(name: string, items: readonly string[]): string {
  return `<script type="application/json" class="${name}">[${items.join(",")}]</script>\n`;
}
