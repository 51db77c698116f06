import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

/** The executable's runtime has another cryptography (BoringSSL), other regular expressions, and another `Buffer`. */
const rooms = ["crypto", "encoding", "identity", "image", "judge", "library", "policy", "signature"].map(
  (room) => `./test/${room}`,
);

test("the tests of the core pass on Bun", { timeout: 300_000 }, () => {
  const bun = execFileSync("sh", [join(root, "scripts/tool.sh"), "bun"], { encoding: "utf8", cwd: root }).trim();
  const { status, stderr } = spawnSync(bun, ["test", "--timeout=60000", ...rooms], { cwd: root, encoding: "utf8" });
  assert.deepEqual(stderr.match(/^\(fail\).*/gm) ?? [], []);
  assert.match(stderr, /^ *0 fail$/m);
  const passed = Number(/^ *(\d+) pass$/m.exec(stderr)?.[1]);
  assert.ok(passed > 3500, `${passed} passed`);
  assert.equal(status, 0);
});
