import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { temporaryDirectory } from "./support/temporary.ts";

const script = join(import.meta.dirname, "../scripts/test.ts");
const head = `import assert from "node:assert/strict"; import { before, describe, it } from "node:test";\n`;

/** Runs test files in a directory of their own. `NODE_TEST_CONTEXT` would make the runner a part of this one. */
function runTests(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const cwd = temporaryDirectory();
  for (const [name, code] of Object.entries(files)) writeFileSync(join(cwd, name), head + code);
  const args = [script, ...Object.keys(files)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd, env: { ...env }, encoding: "utf8" });
  return { status, stdout };
}

const passing = 'it("adds", () => assert.equal(1 + 1, 2));';

describe("make test", () => {
  it("says nothing of what passes", () => {
    assert.deepEqual(runTests({ "a.test.mjs": passing, "b.test.mjs": `console.log("noise"); ${passing}` }), {
      status: 0,
      stdout: "2 passed, 0 failed\n",
    });
  });

  it("says which test fails, where, and the difference; what its file printed; and the failures again at the end", () => {
    const failing = `
      console.log("a hint");
      describe("outer", () => { describe("inner", () => {
        it("differs", () => assert.deepEqual({ a: [1, 2] }, { a: [1, 3] }));
        ${passing}
      }); });`;
    const { status, stdout } = runTests({ "a.test.mjs": failing, "b.test.mjs": passing });
    assert.equal(status, 1);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines[0], "FAILED a.test.mjs:5 outer > inner > differs");
    for (const line of ["  +     2", "  -     3"]) assert.ok(lines.includes(line), stdout);
    assert.match(stdout, /^ +at .*a\.test\.mjs:5:/m);
    assert.doesNotMatch(stdout, /node:internal/);
    assert.deepEqual(lines.slice(-4), [
      "printed by a.test.mjs:",
      "  a hint",
      "failed: a.test.mjs:5 outer > inner > differs",
      "2 passed, 1 failed",
    ]);
  });

  it("lists what was skipped by its reason", () => {
    const skipping = `
      it("one", { skip: "no gcc" }, () => {});
      it("two", { skip: "no gcc" }, () => {});
      describe("three", { skip: "no skopeo" }, () => { it("four", () => {}); });
      it("five", { skip: true }, () => {});`;
    assert.deepEqual(runTests({ "a.test.mjs": skipping + passing, "b.test.mjs": `it("x", { skip: "no gcc" });` }), {
      status: 0,
      stdout: [
        "skipped: no gcc",
        "  a.test.mjs: 2",
        "  b.test.mjs: 1",
        "skipped: no skopeo",
        "  a.test.mjs: 1",
        "skipped: no reason given",
        "  a.test.mjs: 1",
        "1 passed, 0 failed, 5 skipped",
        "",
      ].join("\n"),
    });
  });

  const broken: readonly { what: string; code: string; total: RegExp; says: RegExp }[] = [
    {
      what: "does not load",
      code: 'import "./nowhere.mjs";',
      total: /^1 passed, 1 failed$/,
      says: /Cannot find module/,
    },
    { what: "ends early", code: "process.exit(3);", total: /^1 passed, 1 failed$/, says: /^FAILED a\.test\.mjs$/m },
    {
      what: "fails before its tests",
      code: `describe("s", () => { before(() => { throw new Error("no set-up"); }); ${passing} });`,
      total: /^1 passed, [12] failed$/,
      says: /no set-up/,
    },
    {
      what: "takes too long",
      code: `it("slow", { timeout: 10 }, () => new Promise((done) => setTimeout(done, 1000)));`,
      total: /^1 passed, 1 failed$/,
      says: /timed out after 10ms/,
    },
    {
      what: "throws no error",
      code: `it("odd", () => { throw "text"; });`,
      total: /^1 passed, 1 failed$/,
      says: /text/,
    },
  ];
  for (const { what, code, total, says } of broken) {
    it(`fails if a file ${what}`, () => {
      const { status, stdout } = runTests({ "a.test.mjs": code, "b.test.mjs": passing });
      assert.equal(status, 1, stdout);
      assert.match(stdout.trimEnd().split("\n").at(-1) ?? "", total);
      assert.match(stdout, says);
    });
  }

  it("fails if nothing passed, or there is no test", () => {
    assert.deepEqual(runTests({ "a.test.mjs": `it("x", { skip: "why" });` }).status, 1);
    assert.deepEqual(runTests({}).status, 1);
  });

  it("prints everything with VERBOSE=1, and ends with the same line", () => {
    const { status, stdout } = runTests({ "a.test.mjs": passing }, { VERBOSE: "1" });
    assert.equal(status, 0);
    assert.match(stdout, /adds/);
    assert.match(stdout, /\n1 passed, 0 failed\n$/);
  });
});
