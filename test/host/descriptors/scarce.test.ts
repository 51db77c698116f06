import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { temporaryDirectory } from "../../support/temporary.ts";

/** In a process that may have 64 descriptors open. */
function run(...args: readonly string[]): unknown {
  const program = join(import.meta.dirname, "scarce.run.ts");
  const command = ["-c", 'ulimit -n 64 && exec "$@"', "sh", process.execPath, program, ...args];
  const { stdout, stderr } = spawnSync("sh", command, { encoding: "utf8", timeout: 30_000 });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

it("too few descriptors for those that come (MSG_CTRUNC): none of them is kept, it is told, and all goes on", () => {
  assert.deepEqual(run("receive"), [["cut", 0, true], ["whole", 1, false], [5]]);
});

it("too few descriptors for a connection (EMFILE): it is taken when there is one again, and nobody spins", () => {
  const found = run("accept", join(temporaryDirectory(), "socket")) as Record<string, number | boolean>;
  const { accepted, works, waited, busy } = found;
  assert.deepEqual({ accepted, works }, { accepted: true, works: true });
  assert.ok(typeof waited === "number" && waited > 900 && waited < 5000, `waited ${waited} ms`);
  assert.ok(typeof busy === "number" && busy < 500, `busy for ${busy} of ${waited} ms`);
});
