import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gnupgHome, lacks } from "../support/gpg.ts";
import { fixtures } from "../support/images.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/**
 * Scripts that call skopeo, run with skopeo and with sealcheck in its place: what they print must be the same. Where skopeo is
 * older than the form of the success line that we have, only what follows from it is compared (mirror-check.sh).
 */
const scripts = join(import.meta.dirname, "scripts");
const image = join(fixtures, "images", "gpg-release-oci");
const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";

/** Without what skopeo 1.9 takes for a digest and later versions do not, and two signers, which no back end but one takes. */
const dumped = globSync(
  ["images/{gpg-payload,gpg-signature,gpg-message}-*/signature-1", "images/*manifest*/manifest.json"],
  {
    cwd: fixtures,
  },
)
  .filter((path) => !/explicit-format|two-signers-in-one|bad-digest/.test(path))
  .sort()
  .map((path) => join(fixtures, path));

interface Row {
  readonly script: string;
  readonly args: readonly string[];
}

const rows: readonly Row[] = [
  { script: "mirror-check.sh", args: [join(image, "manifest.json"), "registry.example.com/vendor/app:1.0", release] },
  { script: "wrong-calls.sh", args: [join(image, "manifest.json"), join(image, "signature-1")] },
  { script: "dump.sh", args: dumped },
];

/** A program that is called by one name, as a script would. */
function named(name: string, command: readonly string[]): string {
  const path = join(temporaryDirectory(), name);
  const words = command.map((word) => `'${word}'`).join(" ");
  writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return path;
}

describe("scripts that call skopeo run unchanged", { skip: lacks("skopeo", "gpg") }, () => {
  const { env } = gnupgHome("private-test-only/TEST-gpg-release-rsa4096.secret.asc");
  const run = (program: string, { script, args }: Row): string => {
    const cwd = join(temporaryDirectory(), "work");
    mkdirSync(cwd);
    const { status, stdout, stderr } = spawnSync("/bin/sh", [join(scripts, script), program, ...args], {
      cwd,
      env: { ...env, TZ: "Asia/Kolkata" },
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /./);
    return stdout;
  };

  it("all of them are here", () => {
    assert.deepEqual(globSync("*.sh", { cwd: scripts }).sort(), rows.map(({ script }) => script).sort());
    assert.ok(dumped.length > 30 && dumped.every((path) => existsSync(path)));
  });

  for (const row of rows) {
    const expected = () => run("skopeo", row);
    let known: string | undefined;
    for (const runtime of runtimes) {
      it(`${row.script} (${runtime.name})`, () => {
        known ??= expected();
        assert.equal(run(named("sealcheck", runtime.command), row), known);
      });
    }
  }
});
