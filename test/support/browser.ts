import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const { CHROMIUM = "" } = process.env;

/** Where distributions put it, or what CHROMIUM names. */
const places = [CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const executablePath = places.find((path) => path !== "" && existsSync(path));

/** Why tests in a browser are skipped; false if there is one. */
export const noBrowser = executablePath === undefined ? "chromium is not installed" : false;

/** A browser that asks nobody for anything by itself. */
export function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("chromium is not installed");
  return chromium.launch({
    executablePath,
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}

/** Waits for an expression of the page; not by a function of the page's own, which its policy may not let make any from text. */
export async function becomesTrue(page: Page, expression: string): Promise<void> {
  for (const end = Date.now() + 20_000; !(await page.evaluate(`Boolean(${expression})`)); ) {
    if (Date.now() > end) throw new Error(`waited in vain: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Clicks a link, and waits until the page it leads to is there with its script: a click by itself may end before. */
export async function follow(page: Page, link: string): Promise<void> {
  const from = page.url();
  await page.click(link);
  await page.waitForURL((url) => url.href !== from);
}
