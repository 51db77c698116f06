import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { htmlPieces } from "../../../src/report/check/html/page.ts";
import type { CheckRun } from "../../../src/report/checked-image.ts";
import { becomesTrue, noBrowser, startBrowser } from "../../support/browser.ts";
import { checkedImage, checkRun, hostileRun, hostileTexts, runOf } from "../../support/checked-images.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

type Options = NonNullable<Parameters<Browser["newPage"]>[0]>;

const run = checkRun(2000);
const images = [...run.results];
const refused = images.filter(({ outcome }) => outcome !== "accepted");

describe("the page in a browser", { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  /** Opens the page of a run, hands it over, and sees to it that nothing else was asked for, and nothing complained. */
  async function visit(shown: CheckRun, act: (page: Page) => Promise<void>, options: Options = {}): Promise<void> {
    const path = join(temporaryDirectory(), "report.html");
    writeFileSync(path, [...htmlPieces(shown)].join(""));
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...options });
    const seen: string[] = [];
    page.on("request", (request) => seen.push(request.url()));
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(error.message));
    page.on("dialog", (dialog) => seen.push(dialog.message()));
    const url = pathToFileURL(path).href;
    await page.goto(url);
    await act(page);
    await page.close();
    assert.deepEqual(seen, [url]);
  }

  const references = (page: Page): Promise<string[]> =>
    page.evaluate(
      "[...document.querySelectorAll('.row:not([hidden])')].sort((a, b) => a.dataset.place - b.dataset.place).map((row) => row.querySelector('.reference').textContent)",
    );
  const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement.id");
  const active = (page: Page): Promise<string | null> =>
    page.evaluate("document.querySelector('.row[aria-selected=true]:not([hidden]) .reference')?.textContent ?? null");

  it("has a row for each image, and elements only for those that can be seen", () =>
    visit(run, async (page) => {
      assert.equal(await page.textContent("#shown"), "2,000 images");
      const count = await page.locator(".row").count();
      assert.ok(count < 80, `${count} elements`);
      const last = images.at(-1)?.reference ?? "";
      await page.evaluate("window.scrollTo(0, document.body.scrollHeight)");
      await becomesTrue(
        page,
        `[...document.querySelectorAll('.row:not([hidden]) .reference')].some((found) => found.textContent === ${JSON.stringify(last)})`,
      );
      await page.evaluate("window.scrollTo(0, document.getElementById('images').offsetTop)");
      await becomesTrue(page, "document.querySelector('.row[data-place=\"0\"]:not([hidden])')");
      assert.deepEqual(
        (await references(page)).slice(0, 5),
        images.slice(0, 5).map(({ reference }) => reference),
      );
    }));

  for (const { query, isFound } of [
    { query: "billing-0:4.9.8", isFound: (text: string) => text.includes("billing-0:4.9.8") },
    {
      query: "MIRROR.example.net  scheduler",
      isFound: (text: string) => text.includes("mirror.example.net") && text.includes("scheduler"),
    },
    { query: "mallory@", isFound: (text: string) => text.includes("mallory@") },
    { query: "signature.certificate.email", isFound: (text: string) => text.includes("signature.certificate.email") },
    { query: "no such thing", isFound: () => false },
  ]) {
    it(`searches for ${query}`, () =>
      visit(run, async (page) => {
        await page.fill("#search", query);
        const expected = images.filter((image) => isFound(JSON.stringify(image))).map(({ reference }) => reference);
        const found = await references(page);
        assert.deepEqual(found.slice(0, 10), expected.slice(0, 10));
        assert.equal(await page.textContent("#shown"), `${expected.length} of 2,000`);
      }));
  }

  it("filters by outcome, code, registry and cause, together, and forgets them", () =>
    visit(run, async (page) => {
      const shown = () => page.textContent("#shown");
      const count = (isFound: (image: (typeof images)[number]) => boolean) =>
        `${images.filter(isFound).length} of 2,000`;
      await page.click(".kind.rejected");
      assert.equal(
        await shown(),
        count(({ outcome }) => outcome === "rejected"),
      );
      assert.equal(await page.getAttribute(".kind.rejected", "aria-pressed"), "true");
      await page.selectOption("#code", "requirement.signature.missing");
      assert.equal(
        await shown(),
        count(({ code }) => code === "requirement.signature.missing"),
      );
      await page.selectOption("#registry", "quay.example.org");
      assert.equal(
        await shown(),
        count(({ code, reference }) => code === "requirement.signature.missing" && reference.includes("//quay.")),
      );
      await page.click("#reset");
      assert.equal(await shown(), "2,000 images");
      await page.click(".kind.unreachable");
      assert.equal(
        await shown(),
        count(({ code }) => code.startsWith("source.")),
      );
      await page.click("#reset");
      const [, first = ""] = /^([\d,]+)/.exec((await page.textContent("details.cause .count")) ?? "") ?? [];
      await page.click("details.cause summary");
      await page.click("details.cause .show");
      assert.equal(await shown(), `${first} of 2,000`);
      await page.click("#cause");
      assert.equal(await shown(), "2,000 images");
    }));

  it("is worked by keys alone", () =>
    visit(run, async (page) => {
      const expected = images.map(({ reference }) => reference);
      await page.keyboard.press("j");
      assert.equal(await active(page), expected[0]);
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.keyboard.press("k");
      assert.equal(await active(page), expected[1]);
      await page.focus("#list");
      await page.keyboard.press("ArrowDown");
      assert.equal(await active(page), expected[2]);
      const id = await page.getAttribute("#list", "aria-activedescendant");
      assert.equal(await page.textContent(`#${id} .reference`), expected[2]);
      await page.keyboard.press("Enter");
      assert.equal(await focused(page), "detail");
      assert.equal(await page.textContent("#detail h2"), expected[2]);
      await page.keyboard.press("j");
      assert.equal(await page.textContent("#detail h2"), expected[3]);
      await page.keyboard.press("Escape");
      assert.equal(await focused(page), "list");
      assert.ok(await page.isHidden("#detail"));
      await page.keyboard.press("End");
      assert.equal(await active(page), expected.at(-1));
      await page.keyboard.press("/");
      assert.equal(await focused(page), "search");
      await page.keyboard.type("unauthorized j/k");
      assert.equal(await page.inputValue("#search"), "unauthorized j/k");
      await page.fill("#search", "source.unauthorized");
      await page.keyboard.press("Enter");
      const found = images.find(({ code }) => code === "source.unauthorized");
      assert.equal(await page.textContent("#detail h2"), found?.reference);
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      await page.keyboard.press("Escape");
      assert.equal(await page.inputValue("#search"), "");
      assert.equal(await page.textContent("#shown"), "2,000 images");
    }));

  it("where the keys are can be seen, and the roles say what is what", () =>
    visit(checkRun(40), async (page) => {
      for (const id of ["#search", "#list", ".kind.accepted", "details.cause summary"]) {
        await page.keyboard.press("Tab");
        await page.focus(id);
        const style = await page.evaluate(
          `(() => { const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement); return outlineStyle + boxShadow; })()`,
        );
        assert.notEqual(style, "nonenone", id);
      }
      assert.equal(await page.getAttribute("#list", "role"), "listbox");
      assert.equal(await page.locator("#list > :not([role=option])").count(), 0);
      assert.equal(await page.locator("button:not([type=button])").count(), 0);
    }));

  it("tells of one image all that is known, and what is not verified as such", () =>
    visit(run, async (page) => {
      const image = images.find(({ requirements }) => requirements.length > 1);
      assert.ok(image !== undefined);
      await page.fill("#search", image.pinned ?? "");
      await page.click(".row:not([hidden])");
      const detail = (await page.textContent("#detail")) ?? "";
      const signatures = image.requirements.flatMap((requirement) => requirement.signatures);
      for (const text of [
        ...[image.reference, image.code, image.reason, image.pinned ?? "none", image.served_by ?? "none"],
        ...[image.manifest?.digest ?? "none", image.policy.scope],
        ...image.requirements.flatMap(({ type, message }) => [type, message]),
        ...signatures.flatMap(({ name, format, code, message }) => [name, format, code, message]),
      ]) {
        assert.ok(detail.includes(text), text);
      }
      assert.equal(await page.locator("#detail .requirement").count(), image.requirements.length);
      assert.equal(await page.locator("#detail .signature").count(), signatures.length);
      const signer = (await page.locator("#detail .signer").allTextContents()).join();
      assert.match(signer, /^Signed by.*Example Vendor Release.*D20A9D88224ADAF5CBFF78963ED8CDB920858415/);
      for (const claimed of await page.locator("#detail .claimed").allTextContents()) {
        assert.match(claimed, /^It says of itself.*Not verified\./);
      }
      assert.equal(
        await page.locator("#detail .claimed").count(),
        signatures.filter(({ claimed }) => Object.keys(claimed).length > 0).length,
      );
    }));

  it("lists the images of an index, and blobs", () => {
    const index = images.find(({ instances = [] }) => instances.length > 1);
    assert.ok(index?.instances !== undefined);
    const { instances } = index;
    const blobs = { checked: 9, missing: ["sha256:abc"], corrupt: ["sha256:def", "sha256:012"] };
    return visit(runOf([{ ...index, blobs }]), async (page) => {
      await page.click(".row");
      const rows = await page.locator("#detail .instances tr").allTextContents();
      assert.deepEqual(
        rows,
        instances.map(({ platform, digest }) => `${platform}${digest}`),
      );
      const text = (await page.textContent("#detail")) ?? "";
      assert.match(text, /9 compared with their digests1 missingsha256:abc2 corruptsha256:defsha256:012/);
    });
  });

  it("copies the pinned reference", () =>
    visit(run, async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.click(".row:not([hidden])");
      await page.click(".pinned .copy");
      await becomesTrue(page, "document.querySelector('.pinned .copy').textContent === 'Copied'");
      assert.equal(await page.evaluate("navigator.clipboard.readText()"), images[0]?.pinned);
    }));

  it("nothing from a registry runs, is asked for, or deceives", () =>
    visit(hostileRun(), async (page) => {
      const markup = () =>
        page.evaluate("[document.scripts.length, document.images.length, document.styleSheets.length]");
      const expected = await markup();
      assert.deepEqual(expected, [1, 0, 1]);
      for (const cause of await page.locator("details:not([open]) > summary").all()) {
        if (await cause.isVisible()) await cause.click();
      }
      await page.focus("#list");
      for (let place = 0; place < hostileTexts.length; place += 1) {
        await page.keyboard.press("j");
        if (place === 0) await page.keyboard.press("Enter");
        // What looks ordinary is shown as it is, as text; the rest is escaped.
        const text = hostileTexts[place] ?? "";
        const shown = (await page.textContent("#detail h2")) ?? "";
        if (/^[ -~]{1,480}$/.test(text)) assert.equal(shown, text);
        else assert.match(shown, /^".*"( \(\d+ more characters\) ".*")?$/);
        assert.doesNotMatch(
          (await page.textContent("#detail")) ?? "",
          /[\0-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/,
        );
      }
      await page.fill("#search", "<script>");
      assert.equal(await page.textContent("#shown"), `3 of ${hostileTexts.length}`);
      await page.emulateMedia({ media: "print" });
      await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
      assert.deepEqual(await markup(), expected);
      assert.equal(await page.evaluate("window.hacked"), undefined);
      assert.equal(await page.evaluate("document.title"), "sealcheck verify-policy");
    }));

  it("even what got into the page as markup would not run, nor ask for anything", async () => {
    const path = join(temporaryDirectory(), "report.html");
    const injected = `<script>window.hacked = 1</script><img src="https://evil.example/x.png" onerror="window.hacked = 2"><link rel="stylesheet" href="https://evil.example/x.css"><iframe src="https://evil.example/"></iframe>`;
    writeFileSync(path, [...htmlPieces(checkRun(5))].join("").replace("<main>", `<main>${injected}`));
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on("requestfinished", (request) => requests.push(request.url()));
    await page.route("https://evil.example/**", (route) => {
      requests.push(route.request().url());
      return route.abort();
    });
    await page.goto(pathToFileURL(path).href);
    assert.equal(await page.textContent("#shown"), "5 images");
    assert.equal(await page.evaluate("window.hacked"), undefined);
    assert.deepEqual(requests, [pathToFileURL(path).href]);
    await page.close();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has enough contrast in ${colorScheme}`, () =>
      visit(
        run,
        async (page) => {
          const contrast = await page.evaluate(`(() => {
            const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const luminance = (colour) => {
              canvas.fillStyle = colour;
              canvas.fillRect(0, 0, 1, 1);
              const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
              return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const style = getComputedStyle(document.documentElement);
            const value = (name) => luminance(style.getPropertyValue(name));
            const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            const pairs = ["--text", "--dim", "--accent", "--rejected", "--unreachable"].flatMap((ink) => ["--back", "--panel", "--raised", "--hover"].map((paper) => [ink, paper]));
            const badges = ["accepted", "rejected", "unreachable", "unverified"].map((kind) => ["--" + kind, "--" + kind + "-back"]);
            return [...pairs, ...badges, ["--dim", "--chosen"]].map(([ink, paper]) => [ink + " on " + paper, ratio(value(ink), value(paper))]);
          })()`);
          // WCAG 2.2, 1.4.3.
          const poor = (contrast as [string, number][]).filter(([, ratio]) => ratio < 4.5);
          assert.deepEqual(poor, []);
          const back = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
          assert.equal(back, colorScheme === "dark" ? "rgb(16, 18, 20)" : "rgb(247, 247, 245)");
        },
        { colorScheme },
      ));
  }

  it("fits a narrow window", () =>
    visit(
      run,
      async (page) => {
        const isWide = () => page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
        assert.equal(await isWide(), false);
        await page.evaluate("document.getElementById('images').scrollIntoView()");
        await page.click(".row:not([hidden])");
        assert.equal(await isWide(), false);
        assert.ok(await page.isVisible("#detail h2"));
      },
      { viewport: { width: 400, height: 800 } },
    ));

  it("shows the summary and every cause without JavaScript", () =>
    visit(
      run,
      async (page) => {
        assert.match((await page.textContent("h1")) ?? "", /of 2,000 images are accepted/);
        assert.ok(await page.isVisible("noscript p"));
        assert.ok(await page.isHidden("#images"));
        assert.ok(await page.isHidden("details.cause .show"));
        await page.click("details.cause summary");
        assert.ok(await page.locator("details.cause .next").first().isVisible());
      },
      { javaScriptEnabled: false },
    ));

  it("prints every cause in full, and all that was not accepted", () =>
    visit(run, async (page) => {
      const pdf = await page.pdf({ format: "A4" });
      assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
      assert.equal(await page.locator("#print tr").count(), 0, "it is cleared afterwards");
      await page.emulateMedia({ media: "print" });
      await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
      assert.deepEqual(
        await page.locator("#print .reference").allTextContents(),
        refused.map(({ reference }) => reference),
      );
      assert.ok(await page.isVisible("#print"));
      assert.ok(await page.isHidden("#images"));
      assert.equal(await page.locator("details:not([open])").count(), 0);
      await page.evaluate("window.dispatchEvent(new Event('afterprint'))");
      assert.ok((await page.locator("details.cause:not([open])").count()) > 5);
    }));

  it("a reference that is not ordinary cannot be copied", () => {
    const image = { ...checkedImage(0), pinned: "registry.example.com/\u202eapp@sha256:0" };
    return visit(runOf([image]), async (page) => {
      await page.click(".row");
      assert.ok(await page.isVisible(".pinned code"));
      assert.equal(await page.locator(".pinned .copy").count(), 0);
    });
  });
});
