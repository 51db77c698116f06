import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { commandNames, commandTable, idleOptions } from "../src/cli/arguments/table.ts";

// That the committed pages are the generated ones is held by docs.test.ts.

const root = fileURLToPath(new URL("../", import.meta.url));
const pages = readdirSync(join(root, "man")).sort();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const nameOf = (command: string): string => `sealcheck-${command.replace(" ", "-")}`;

it("each command has a page, and there are no others", () => {
  assert.deepEqual(pages, ["sealcheck.1", ...commandNames.map((command) => `${nameOf(command)}.1`)].sort());
});

it("package.json lists the pages, and ships the completions", () => {
  const manifest: { man: readonly string[]; files: readonly string[] } = JSON.parse(read("package.json"));
  assert.deepEqual(
    manifest.man,
    pages.map((page) => `man/${page}`),
  );
  for (const path of ["man", "completions"]) assert.ok(manifest.files.includes(path), path);
});

describe("the page of", () => {
  for (const command of commandNames) {
    const page = read(`man/${nameOf(command)}.1`);
    const { description, options, globals, examples } = commandTable[command];

    it(`${command} has the sections that it has text for`, () => {
      const sections = [...page.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
      assert.deepEqual(sections, [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        ...(description.length > 0 ? ["EXIT STATUS"] : []),
        ...(examples.length > 0 ? ["EXAMPLES"] : []),
        "SEE ALSO",
      ]);
    });

    it(`${command} has its options, the global ones that say something to it, and the rest in one paragraph`, () => {
      const found = [...page.replaceAll("\\-", "-").matchAll(/^(?:\\fB-.\\fR, )?\\fB--([a-z.-]+)\\fR/gm)];
      assert.deepEqual(
        found.map(([, name]) => name),
        [...options, ...globals],
      );
      const rest = page.replaceAll("\\-", "-").match(/^Other options of skopeo and sealcheck .*$/m)?.[0] ?? "";
      for (const name of idleOptions(command)) assert.ok(rest.includes(`--${name}`), name);
    });

    it(`${command} is listed in sealcheck(1)`, () => {
      assert.ok(read("docs/manual.md").includes(`${nameOf(command)}(1)`));
    });
  }
});

describe("man formats without warnings", () => {
  for (const page of pages) {
    it(page, { skip: manIsMissing() }, () => {
      const args = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", join(root, "man", page)];
      const { status, stderr, stdout } = spawnSync("man", args, {
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8", MANWIDTH: "80" },
      });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      assert.ok(stdout.length > 500);
    });
  }
});

/** Some containers have a `man` that only says that there are no manual pages, or one without groff. */
function manIsMissing(): string | false {
  const man = spawnSync("man", ["--version"], { encoding: "utf8" });
  if (man.error !== undefined || !/^man \d/.test(man.stdout)) return "man-db is not installed";
  return spawnSync("groff", ["--version"]).error === undefined ? false : "groff is not installed";
}
