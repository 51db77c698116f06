import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { causes, causesMarkdown, runCause } from "./support/causes.ts";
import { fixtures } from "./support/images.ts";
import { runtimes } from "./support/run.ts";

/** docs/causes.md is what is printed here; `UPDATE=1 node --test test/causes.test.ts` writes it anew. */
const path = new URL("../docs/causes.md", import.meta.url);
const mark = "<!-- causes -->\n\n";
const recorded: readonly { readonly id: string; readonly expected: string }[] = JSON.parse(
  readFileSync(join(fixtures, "cases.json"), "utf8"),
);

for (const runtime of runtimes) {
  describe(`the causes of docs/causes.md (${runtime.name})`, () => {
    const said = new Map(causes.map((cause) => [cause, runCause(runtime, cause)]));

    for (const [cause, { exit, document }] of said) {
      it(cause.name, () => {
        assert.deepEqual([document.code, exit], [cause.code, cause.exit]);
        const codes = document.requirements.flatMap(({ signatures }) => signatures.map(({ code }) => code));
        assert.equal(codes.at(-1), cause.signature);
        if (cause.recorded === undefined) return;
        const expected = recorded.find(({ id }) => id === cause.recorded)?.expected;
        assert.equal(expected, cause.exit === 1 ? "rejected" : "error", `${cause.recorded} is not as here`);
      });
    }

    it("are told there as they are printed", () => {
      const made = causesMarkdown(new Map([...said].map(([cause, { text }]) => [cause, text])));
      const page = readFileSync(path, "utf8");
      const begin = page.indexOf(mark) + mark.length;
      const { UPDATE } = process.env;
      if (UPDATE === "1") writeFileSync(path, page.slice(0, begin) + made);
      else assert.equal(page.slice(begin), made);
    });
  });
}
