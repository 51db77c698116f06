import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { AuditResult } from "../../src/audit/audits/results.ts";
import type { AuditCause } from "../../src/audit/audits/summary.ts";
import type { AuditFacts } from "../../src/report/audit/audit-facts.ts";
import { auditPagePieces } from "../../src/report/audit/html/audit-page.ts";
import { causePages } from "../../src/report/audit/html/cause-pages.ts";
import { becomesTrue, follow, noBrowser, startBrowser } from "../support/browser.ts";
import { hostileTexts } from "../support/checked-images.ts";
import { temporaryDirectory } from "../support/temporary.ts";

function causeOf(text: string, images: number, outcome: AuditCause["outcome"] = "rejected"): AuditCause {
  return { outcome, code: "requirement.reject", reason: text, reasons: 1, images, example: text, isRest: false };
}

function factsOf(texts: readonly string[], name = "weekly"): AuditFacts {
  const images = texts.length * 2000;
  return {
    audit: {
      ...{ id: 1, name, policyId: 1, policyFingerprint: "0".repeat(64), createdMs: 1_795_765_000_000 },
      settings: {
        ...{ requireSigned: false, platform: { kind: "all" }, blobs: "none", evidence: "/e", perRegistry: 1 },
        parkSeconds: 1,
      },
    },
    policy: { path: texts[0] ?? "", fingerprint: "0".repeat(64) },
    status: {
      ...{ audit: name, createdMs: 0, images, fetched: images, accepted: images / 2, rejected: images / 2, errors: 0 },
      ...{ unlisted: 0, isFetching: false, perSecond: 0, secondsLeft: undefined, registries: [] },
    },
    isFinished: true,
    causes: { items: texts.flatMap((text) => [causeOf(text, 1000), causeOf(text, 1000, "accepted")]), left: 3 },
    registries: {
      items: texts.map((text) => ({ registry: text, images: 2, accepted: 1, rejected: 1, errors: 0, waiting: 0 })),
      left: 7,
    },
    signers: { items: texts.map((text) => ({ signer: text, images: 1 })), left: 0 },
  };
}

function imagesOf(text: string, count: number): readonly AuditResult[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{
      reference: at === 0 ? text : `registry.example.com/app-${at}:1.0`,
      registry: text,
      identity: null,
      outcome: "rejected",
    },
    ...{
      code: "requirement.reject",
      reason: text,
      pinned: `${text}@${text}`,
      digest: text,
      served_by: text,
      fetched_at: null,
    },
    ...{ scope: text, signer: text, judged_at: "2026-11-27T07:38:00.000Z" },
  }));
}

describe("the pages of an audit in a browser", { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  /** Opens the summary, and hands over what was asked for besides files; nothing may be. */
  async function visit(
    texts: readonly string[],
    act: (page: Page) => Promise<void>,
    options: { readonly javaScriptEnabled?: boolean } = {},
  ): Promise<void> {
    const folder = temporaryDirectory();
    const path = join(folder, "a report.html");
    mkdirSync(`${path}.d`);
    const facts = factsOf(texts);
    for (const [at, cause] of facts.causes.items.entries()) {
      const place = { audit: "weekly", summary: "a report.html", nameOf: (page: number) => `${at}-${page}.html` };
      for (const { name, content } of causePages(cause, imagesOf(cause.reason, 1500), place)) {
        writeFileSync(join(`${path}.d`, name), content);
      }
    }
    const linkOf = (cause: AuditCause) => `a%20report.html.d/${facts.causes.items.indexOf(cause)}-1.html`;
    writeFileSync(path, [...auditPagePieces(facts, linkOf)].join(""));
    const page = await browser.newPage(options);
    const seen: string[] = [];
    page.on("request", (request) => seen.push(request.url()));
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(error.message));
    page.on("dialog", (dialog) => seen.push(dialog.message()));
    await page.goto(pathToFileURL(path).href);
    await act(page);
    await page.close();
    const base = pathToFileURL(folder).href;
    assert.deepEqual(
      seen.filter((url) => !url.startsWith(`${base}/`)),
      [],
    );
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`leads from the summary to the images of a cause and back, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () =>
      visit(
        ["the policy rejects registry.example.com", "there is no signature"],
        async (page) => {
          assert.equal(await page.textContent("h1"), "2,000 of 4,000 images are accepted");
          assert.equal(await page.locator("details.cause").count(), 4);
          await page.click("details.cause summary");
          await follow(page, "details.cause .all a");
          assert.equal(await page.locator("#images tbody tr").count(), 1000);
          assert.equal(await page.isVisible("#search"), javaScriptEnabled);
          await follow(page, "nav.pages a >> nth=0");
          assert.equal(await page.locator("#images tbody tr").count(), 500);
          assert.match(page.url(), /0-2\.html$/);
          await follow(page, "text=Summary");
          assert.match(page.url(), /a%20report\.html$/);
          assert.match((await page.textContent("main")) ?? "", /and 7 more/);
        },
        { javaScriptEnabled },
      ));
  }

  it("searches a page", () =>
    visit(["there is no signature"], async (page) => {
      await page.click("details.cause summary");
      await follow(page, "details.cause .all a");
      await page.keyboard.press("/");
      await page.keyboard.type("APP-77: registry");
      await becomesTrue(page, "document.getElementById('shown').textContent === '1 of 1,000 on this page'");
      assert.equal(await page.locator("#images tbody tr:visible").count(), 1);
      await page.keyboard.press("Escape");
      await becomesTrue(page, "document.getElementById('shown').textContent === '1,000 of 1,000 on this page'");
    }));

  it("nothing from a registry runs, is asked for, or deceives", () =>
    visit(hostileTexts, async (page) => {
      const counted = () =>
        page.evaluate("[document.scripts.length, document.images.length, document.styleSheets.length]");
      const shown = async () => {
        assert.equal(await page.evaluate("window.hacked"), undefined);
        assert.doesNotMatch(
          await page.evaluate<string>("document.body.innerText + document.title"),
          /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/,
        );
      };
      assert.deepEqual(await counted(), [0, 0, 1]);
      await shown();
      const all = "[...document.querySelectorAll('details.cause .all a')].map((link) => link.href)";
      const links = await page.evaluate<readonly string[]>(all);
      assert.ok(links.length > 0);
      for (const link of links) {
        await page.goto(link);
        assert.deepEqual(await counted(), [1, 0, 1]);
        await shown();
      }
    }));
});
