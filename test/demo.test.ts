import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const isBuilt = existsSync(join(root, "dist/sealcheck"));

describe("make demo", { skip: isBuilt ? false : "dist/sealcheck is not built" }, () => {
  const directory = mkdtempSync(join(tmpdir(), "sealcheck-demo-"));
  after(() => rmSync(directory, { recursive: true }));

  it("shows every outcome, from any directory, and leaves nothing behind", () => {
    const options = { cwd: directory, encoding: "utf8", env: { ...process.env, TMPDIR: directory } } as const;
    const demo = spawnSync("sh", [join(root, "demo/run.sh")], options);
    assert.equal(demo.status, 0, demo.stdout + demo.stderr);
    assert.equal(demo.stderr, "");
    const codes = demo.stdout.match(/^\(exit code \d+\)$/gm) ?? [];
    assert.deepEqual([...new Set(codes)].sort(), ["(exit code 0)", "(exit code 1)", "(exit code 2)", "(exit code 3)"]);
    assert.match(demo.stdout, /^Accepted: /m);
    assert.match(demo.stdout, /made by another key; it claims to be by 4C2B 153C 7539 9714/);
    assert.match(
      demo.stdout,
      /but for\s+registry\.example\.com\/vendor\/other:1\.0, not for\s+registry\.example\.com\/vendor\/app:1\.0/,
    );
    assert.match(demo.stdout, /did you mean "keyPaths"\?/);
    assert.match(demo.stdout, /^\{"version":1,"outcome":"accepted",/m);
    assert.deepEqual(readdirSync(directory), []);
  });
});
