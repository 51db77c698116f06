import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Script } from "node:vm";
import { htmlPieces } from "../../../src/report/check/html/page.ts";
import { pageScript } from "../../../src/report/check/html/page-script.ts";
import { pageStyle } from "../../../src/report/check/html/page-style.ts";
import type { CheckRun } from "../../../src/report/checked-image.ts";
import { checkedImage, checkRun, hostileRun, hostileTexts, runOf } from "../../support/checked-images.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const page = (run: CheckRun) => [...htmlPieces(run)].join("");
const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const root = join(import.meta.dirname, "..", "..", "..");

describe("the page's script and style", () => {
  it("the script parses", () => assert.ok(new Script(pageScript)));

  it("the linter finds nothing in the script", () => {
    const path = join(temporaryDirectory(), "page.js");
    writeFileSync(path, pageScript);
    const { status, stdout, stderr } = spawnSync(
      join(root, "node_modules/.bin/biome"),
      // It is in a template, and no module.
      [
        "lint",
        "--colors=off",
        "--error-on-warnings",
        "--skip=style/useTemplate",
        "--skip=suspicious/noRedundantUseStrict",
        path,
      ],
      { cwd: root, encoding: "utf8" },
    );
    assert.equal(status, 0, `${stdout.slice(-2000)}\n${stderr}`);
  });

  it("the script makes no markup of text, and asks for nothing", () => {
    assert.doesNotMatch(
      pageScript,
      /innerHTML|outerHTML|insertAdjacent|document\.write|parseFromString|createContextualFragment|setHTML|srcdoc|eval|Function\(|import|fetch|XMLHttp|WebSocket|sendBeacon|\.src\b|location|open\("/,
    );
    assert.doesNotMatch(pageScript, /setTimeout\("|setAttribute\("(on|style|src)/);
  });

  it("neither can end its element, and both are ASCII, as a bundle wants it", () => {
    assert.doesNotMatch(pageScript + pageStyle, /<\/|<!--|<script|[^\n\x20-\x7e]/);
    assert.doesNotMatch(pageStyle, /url\(|@import|expression/);
  });
});

const runs: Readonly<Record<string, CheckRun>> = {
  "of many kinds": checkRun(2000),
  hostile: hostileRun(),
  "of nothing": checkRun(0),
  interrupted: checkRun(3, { isComplete: false, total: 9 }),
};

describe("the page", () => {
  for (const [name, run] of Object.entries(runs)) {
    it(`of a run ${name} lets run exactly what was written here`, () => {
      const text = page(run);
      const [, policy = ""] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(text) ?? [];
      const expected = [
        "default-src 'none'",
        `script-src ${hash(pageScript)}`,
        `style-src ${hash(pageStyle)}`,
        "base-uri 'none'",
        "form-action 'none'",
      ];
      assert.deepEqual(policy.replaceAll("&#39;", "'").split("; "), expected);
      assert.ok(text.indexOf("<style") > text.indexOf("Content-Security-Policy"), "the policy comes first");
      assert.equal(text.match(/<style/g)?.length, 1);
      assert.equal(text.match(/<script>/g)?.length, 1);
      assert.equal(text.match(/<script(?! type="application\/json" class="(rows|texts|settings)">)/g)?.length, 1);
      assert.ok(text.includes(`<style>${pageStyle}</style>`) && text.includes(`<script>${pageScript}</script>`));
    });

    it(`of a run ${name} has no address, handler or style attribute`, () => {
      const markup = page(run).replaceAll(/<script[^>]*>.*?<\/script>|<style>.*?<\/style>/gs, "");
      const tags = [...markup.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag);
      for (const tag of tags) assert.doesNotMatch(tag, / (on\w+|style|src|srcset|action|formaction)=| href="(?!#)/);
      assert.ok(tags.length > 20);
    });
  }

  it("shows in its markup, without a script, the counts and what each cause is", () => {
    const text = page(checkRun(2000)).replaceAll(/<script.*?<\/script>/gs, "");
    const images = [...checkRun(2000).results];
    const accepted = images.filter(({ outcome }) => outcome === "accepted").length;
    assert.ok(text.includes(`<h1>${accepted.toLocaleString("en")} of 2,000 images are accepted</h1>`));
    const causes = [...text.matchAll(/<details class="cause .*?<span class="count">([\d,]+)<\/span>/gs)];
    assert.equal(
      causes.reduce((sum, [, count = ""]) => sum + Number(count.replaceAll(",", "")), 0),
      2000 - accepted,
    );
    assert.match(text, /The image has no signature\./);
    assert.match(text, /<b>Next<\/b> If the image is signed/);
    assert.match(text, /<noscript>/);
  });

  it("says what it does not promise, and that a run was interrupted", () => {
    const text = page(checkRun(3, { isComplete: false, total: 9 }));
    assert.match(text, /A tag can be moved/);
    assert.match(text, /Interrupted after 3 of 9 images/);
    assert.doesNotMatch(page(checkRun(3)), /Interrupted/);
  });

  for (const [count, headline] of [
    [0, "No image was looked at"],
    [1, "The image is accepted"],
    [3, "All 3 images are accepted"],
  ] as const) {
    it(`${count} images, all accepted: ${headline}`, () => {
      const accepted = Array.from({ length: 50 }, (_, number) => checkedImage(number));
      const run = runOf(accepted.filter(({ outcome }) => outcome === "accepted").slice(0, count));
      assert.ok(page(run).includes(`<h1>${headline}</h1>`));
    });
  }

  it("is bounded whatever a registry says", () => {
    assert.ok(page(hostileRun()).length < hostileTexts.length * 30_000);
    const signature = [...hostileRun().results][0]?.requirements[0]?.signatures[0];
    assert.ok(signature !== undefined);
    const [image] = hostileRun().results;
    assert.ok(image?.instances?.[0] !== undefined && image.blobs !== undefined);
    const many = {
      ...image,
      requirements: image.requirements.map((requirement) => ({
        ...requirement,
        signatures: Array(1000).fill(signature),
      })),
      instances: Array(50_000).fill(image.instances[0]),
      blobs: { checked: 1, missing: Array(50_000).fill("sha256:x"), corrupt: [] },
    };
    assert.ok(page(runOf([many])).length < 200_000);
  });

  it("comes in pieces", () => {
    for (const piece of htmlPieces(checkRun(5000))) assert.ok(piece.length < 1_000_000);
  });
});
