import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { codes } from "../../src/codes.ts";
import { lints } from "../../src/inspect/findings.ts";
import * as limits from "../../src/limits.ts";

const text = readFileSync(join(import.meta.dirname, "..", "..", "docs", "limits.md"), "utf8");
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

describe("docs/limits.md", () => {
  it("lists the constants of src/limits.ts, each once", () => {
    assert.deepEqual(
      rows.map(([, name]) => name).sort(),
      Object.keys(limits)
        .map((name) => `\`${name}\``)
        .sort(),
    );
  });

  for (const [name, value] of Object.entries(limits)) {
    it(`${name}: its value and code`, () => {
      const row = rows.find(([, cell]) => cell === `\`${name}\``);
      assert.equal(row?.[2], bound(name, value));
      const cell = row?.[4] ?? "";
      const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
      if (named.length === 0) assert.match(cell, /^none: /);
      for (const code of named) assert.ok(code in codes || code in lints, `${code} is no code`);
    });
  }
});

function bound(name: string, value: number): string {
  if (!name.endsWith("Bytes")) return value.toLocaleString("en-US");
  const mebibytes = value / 1024 ** 2;
  return mebibytes >= 1 ? `${mebibytes} MiB` : `${value / 1024} KiB`;
}
