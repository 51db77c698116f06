import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

/** The executable's runtime has another cryptography (BoringSSL), other regular expressions, another `Buffer`, and calls C in its own way. */
const rooms = [
  "crypto",
  "encoding",
  "host/descriptors",
  "identity",
  "image",
  "judge",
  "library",
  "policy",
  "signature",
  "source/storage/layers",
].map((room) => `./test/${room}`);

test("the tests of the core pass on Bun", { timeout: 300_000 }, () => {
  const bun = execFileSync("sh", [join(root, "scripts/tool.sh"), "bun"], { encoding: "utf8", cwd: root }).trim();
  // It prints a line for each test.
  const how = { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, stderr } = spawnSync(bun, ["test", "--timeout=60000", ...rooms], how);
  assert.deepEqual(stderr.match(/^\(fail\).*/gm) ?? [], []);
  assert.match(stderr, /^ *0 fail$/m);
  const passed = Number(/^ *(\d+) pass$/m.exec(stderr)?.[1]);
  assert.ok(passed > 3500, `${passed} passed`);
  assert.equal(status, 0);
});
