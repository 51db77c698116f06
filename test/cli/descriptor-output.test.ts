import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../support/images.ts";
import { acceptAnything } from "../support/policies.ts";
import { forms, sealcheck } from "../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const image = join(fixtures, "images/gpg-release-oci");
const manifest = readFileSync(join(image, "manifest.json"));
const digest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2\n";
const base = ["verify-installable", `--identity=${identity}`];
const args = [...base, `--policy=${fixturePolicyFile("rhel-like.json")}`];

for (const runtime of forms) {
  /** With what else is open in it, from descriptor 3 on. */
  const runWith = (open: readonly ("pipe" | number)[], words: readonly string[]) => {
    const [file = "", ...rest] = [...runtime.command, ...words];
    const { status, stdout, stderr, output } = spawnSync(file, rest, {
      env: {},
      stdio: ["ignore", "pipe", "pipe", ...open],
      maxBuffer: 16 * 1024 * 1024,
    });
    return {
      status,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      given: output.slice(3).map((text) => text ?? ""),
    };
  };

  describe(`outputs to /dev/fd/N (${runtime.name})`, () => {
    it("are handed over where the caller listens", () => {
      const outputs = ["--manifest-out=/dev/fd/3", "--digest-file=/proc/self/fd/4"];
      const { status, stdout, given } = runWith(["pipe", "pipe"], [...args, ...outputs, image]);
      assert.equal(status, 0);
      assert.match(stdout, /^Accepted: /);
      assert.deepEqual(given.map(String), [manifest.toString(), digest]);
    });

    it("go into a file that the caller opened, and a file of a name beside it", () => {
      const place = temporaryDirectory();
      const descriptor = openSync(join(place, "manifest"), "w");
      const outputs = ["--manifest-out=/dev/fd/3", `--digest-file=${join(place, "digest")}`];
      assert.equal(runWith([descriptor], [...args, ...outputs, image]).status, 0);
      closeSync(descriptor);
      assert.deepEqual(readFileSync(join(place, "manifest")), manifest);
      assert.equal(readFileSync(join(place, "digest"), "utf8"), digest);
    });

    it("are whole, however large", () => {
      const source = temporaryDirectory();
      const large = Buffer.from(`{"schemaVersion": 2, "x": "${"x".repeat(3_000_000)}"}`);
      writeFileSync(join(source, "manifest.json"), large);
      const words = [...base, `--policy=${acceptAnything}`, "--manifest-out=/dev/fd/3", source];
      const { status, given } = runWith(["pipe"], words);
      assert.equal(status, 0);
      assert.ok(Buffer.from(given[0] ?? "").equals(large));
      const shell = '"$@" --quiet --manifest-out=/dev/fd/3 3>&1 >/dev/null | { sleep 0.3; cat; }';
      assert.equal(sealcheck(runtime, [...words.slice(0, 3), source], { shell }).stdout, large.toString());
    });

    it("get nothing of what is not accepted", () => {
      for (const [name, code] of [
        ["gpg-unknown-key", 1],
        ["missing-manifest", 4],
      ] as const) {
        const { status, given } = runWith(["pipe"], [...args, "--manifest-out=/dev/fd/3", join(image, "..", name)]);
        assert.deepEqual({ status, given: given.map(String) }, { status: code, given: [""] });
      }
    });

    it("that cannot be written to are no acceptance, and nothing is left beside them", () => {
      const place = temporaryDirectory();
      mkdirSync(join(place, "out"));
      const open = [openSync("/dev/null", "r"), openSync(place, "r")];
      const paths = ["/dev/fd/3", "/dev/fd/4", "/dev/fd/1", "/dev/fd/2", "/dev/stdout", "/dev/fd/03", "/dev/fd/3/x"];
      // Not open here, or open in the runtime for itself.
      for (let descriptor = 5; descriptor < 30; descriptor += 1) paths.push(`/dev/fd/${descriptor}`);
      for (const path of paths) {
        const outputs = [`--manifest-out=${path}`, `--digest-file=${join(place, "out/digest")}`, "--format=json"];
        const { status, stdout } = runWith(open, [...args, ...outputs, image]);
        assert.equal(status, 2, path);
        assert.equal(JSON.parse(stdout).code, "usage.output.unwritable", path);
        assert.deepEqual(readdirSync(join(place, "out")), [], path);
      }
      open.forEach((descriptor) => void closeSync(descriptor));
    });

    it("that nobody reads are no acceptance", () => {
      const shell = '{ sleep 0.5; "$@" 3>&1 >/dev/null; echo $? >&2; } | true';
      const { stderr } = sealcheck(runtime, [...args, "--manifest-out=/dev/fd/3", image], { shell });
      assert.match(stderr, /\/dev\/fd\/3 cannot be written: nobody reads from it\.\n2\n$/);
    });
  });
}
