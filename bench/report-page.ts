/**
 * How long the HTML report of a check takes to make, and how long somebody waits who opens it and searches in it, in Chromium: of IMAGES
 * (10000) images. A search is measured from the key to the next frame.
 *
 *     node bench/report-page.ts [IMAGES]
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { htmlPieces } from "../src/report/check/html/page.ts";
import { startBrowser } from "../test/support/browser.ts";
import { checkRun } from "../test/support/checked-images.ts";

const scrolling = `new Promise((done) => {
  document.getElementById('reset').click();
  const frames = [];
  let last = performance.now();
  const next = () => {
    const now = performance.now();
    frames.push(now - last);
    last = now;
    window.scrollBy(0, 700);
    if (frames.length < 120) requestAnimationFrame(next);
    else done(frames);
  };
  requestAnimationFrame(next);
})`;

const [count = "10000"] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "sealcheck-bench-"));
try {
  const path = join(directory, "report.html");
  makePage(path);
  await measure(path);
} finally {
  rmSync(directory, { recursive: true });
}

function makePage(path: string): void {
  const run = checkRun(Number(count));
  const file = openSync(path, "w");
  const start = performance.now();
  for (const piece of htmlPieces(run)) writeSync(file, piece);
  const milliseconds = performance.now() - start;
  closeSync(file);
  console.log(`${count} images: ${(statSync(path).size / 1e6).toFixed(1)} MB in ${milliseconds.toFixed(0)} ms`);
}

async function measure(path: string): Promise<void> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(pathToFileURL(path).href);
    const loaded = await page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd");
    console.log(`opened in ${Number(loaded).toFixed(0)} ms`);
    await page.evaluate("document.getElementById('images').scrollIntoView()");
    // As long as it takes to put the hand on the keyboard.
    await page.waitForTimeout(500);
    for (const query of ["s", "sc", "scheduler", "scheduler mirror", "no such image", "docker", ""]) {
      const milliseconds = await page.evaluate(searching(query));
      console.log(
        `search ${JSON.stringify(query)}: ${(milliseconds as number[]).map((time) => time.toFixed(1)).join(", ")} ms`,
      );
    }
    const filtered = await page.evaluate(timed("document.querySelector('.kind.rejected').click()"));
    console.log(`rejected only: ${(filtered as number[]).map((time) => time.toFixed(1)).join(", ")} ms`);
    const frames = await page.evaluate(scrolling);
    console.log(
      `scrolling: longest frame ${Math.max(...(frames as number[])).toFixed(1)} ms of ${(frames as number[]).length}`,
    );
  } finally {
    await browser.close();
  }
}

function searching(query: string): string {
  return timed(
    `(() => { const search = document.getElementById('search'); search.value = ${JSON.stringify(query)}; search.dispatchEvent(new Event('input')); })()`,
  );
}

/** The time of the work itself, and until after the next frame. */
function timed(work: string): string {
  return `new Promise((done) => {
    const start = performance.now();
    ${work};
    const worked = performance.now() - start;
    requestAnimationFrame(() => setTimeout(() => done([worked, performance.now() - start])));
  })`;
}
