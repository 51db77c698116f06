import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gnupgHome, gpg, lacks } from "../../../support/gpg.ts";
import { fixtures } from "../../../support/images.ts";
import { runtimes, sealcheck } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const manifest = join(fixtures, "images", "gpg-release-oci", "manifest.json");
const reference = "registry.example.com/vendor/app:1.0";
const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";
const secretKey = "private-test-only/TEST-gpg-release-rsa4096.secret.asc";

for (const runtime of runtimes) {
  describe(`standalone-sign (${runtime.name})`, { skip: lacks("gpg") }, () => {
    const { env } = gnupgHome(secretKey);
    const sign = (args: readonly string[], more: { readonly shell?: string; readonly input?: Uint8Array } = {}) => {
      const cwd = temporaryDirectory();
      return { ...sealcheck(runtime, ["standalone-sign", ...args], { env, cwd, ...more }), cwd };
    };
    const verify = (signature: string, fingerprint = release) =>
      sealcheck(runtime, ["standalone-verify", manifest, reference, fingerprint, signature], { env });

    it("signs what standalone-verify accepts, and the reference's payload", () => {
      const { code, stdout, stderr, cwd } = sign([manifest, reference, release, "-o", "signature"]);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
      const signature = join(cwd, "signature");
      assert.match(verify(signature).stdout, /^Signature verified using fingerprint D20A/);
      assert.equal(statSync(signature).mode & 0o777, 0o644 & ~process.umask());
      assert.deepEqual(readdirSync(cwd), ["signature"]);
      const payload = JSON.parse(gpg(env, ["--decrypt", signature]));
      const { creator, timestamp } = payload.optional;
      assert.match(creator, /^sealcheck [0-9]/);
      assert.ok(Math.abs(timestamp - Date.now() / 1000) < 600);
      assert.deepEqual(payload.critical, {
        identity: { "docker-reference": reference },
        image: { "docker-manifest-digest": sealcheck(runtime, ["manifest-digest", manifest]).stdout.trim() },
        type: "atomic container signature",
      });
    });

    it("is verified by skopeo, and the other way round", { skip: lacks("skopeo") }, () => {
      const { cwd } = sign(["-", reference, release, "--output=ours"], { input: readFileSync(manifest) });
      const skopeo = (args: readonly string[]) => spawnSync("skopeo", args, { env, cwd, encoding: "utf8" });
      const theirs = skopeo(["standalone-verify", manifest, reference, release, "ours"]);
      assert.equal(theirs.status, 0, theirs.stderr);
      assert.equal(skopeo(["standalone-sign", manifest, reference, release, "-o", "theirs"]).status, 0);
      assert.equal(verify(join(cwd, "theirs")).code, 0);
    });

    it("takes a passphrase from the first line of a file", () => {
      const made = gnupgHome(secretKey);
      const create = [
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "pass word",
        "--quick-gen-key",
        "t@example.com",
        "rsa2048",
      ];
      gpg(made.env, [...create, "sign", "never"]);
      const args = [manifest, reference, "t@example.com", "-o", "signature", "--passphrase-file"];
      const rows: readonly (readonly [content: string, code: number])[] = [
        ["pass word\nmore", 0],
        ["pass word", 0],
        ["pass", 1],
        ["x".repeat(70_000), 1],
      ];
      for (const [content, code] of rows) {
        spawnSync("gpgconf", ["--kill", "gpg-agent"], { env: made.env });
        const cwd = temporaryDirectory();
        writeFileSync(join(cwd, "passphrase"), content);
        const outcome = sealcheck(runtime, ["standalone-sign", ...args, "passphrase"], { env: made.env, cwd });
        assert.equal(outcome.code, code, outcome.stderr);
        assert.equal(existsSync(join(cwd, "signature")), code === 0);
        assert.doesNotMatch(outcome.stderr, /pass word/);
      }
    });

    it("replaces a signature whole, follows a link, and writes to a pipe", () => {
      const cwd = temporaryDirectory();
      const here = (name: string) => join(cwd, name);
      writeFileSync(here("old"), "old");
      symlinkSync("old", here("link"));
      assert.equal(sign([manifest, reference, release, "-o", here("link")]).code, 0);
      assert.ok(lstatSync(here("link")).isSymbolicLink());
      assert.equal(verify(here("old")).code, 0);
      const piped = sign([manifest, reference, release, "-o", "/dev/stdout"], {
        shell: `"$@" | /bin/cat >'${here("piped")}'`,
      });
      assert.equal(piped.code, 0, piped.stderr);
      assert.equal(verify(here("piped")).code, 0);
    });

    it("warns of a reference that nothing accepts", () => {
      const { code, stderr } = sign([manifest, "UPPER\u{1b}[2J", release, "-o", "signature"]);
      assert.equal(code, 0);
      assert.match(stderr, /^sealcheck: WARNING: "UPPER\\u\{1b\}\[2J" is not a docker reference: [^\n]+\n$/);
    });

    // What makes "usage.signing.failed" in all its forms.
    const failures: readonly { what: string; args: readonly string[]; says: RegExp; exit?: number }[] = [
      { what: "no such key", args: [manifest, reference, "0".repeat(40), "-o", "s"], says: /no secret key "0{40}"/ },
      {
        what: "an option for a key",
        args: [manifest, reference, "-o", "s", "--", "--version"],
        says: /no secret key "--version"/,
      },
      { what: "no manifest", args: ["/nowhere", reference, release, "-o", "s"], says: /cannot be read/, exit: 4 },
      {
        what: "no passphrase file",
        args: [manifest, reference, release, "-o", "s", "--passphrase-file=/nowhere"],
        says: /passphrase file/,
      },
      {
        what: "nowhere to write",
        args: [manifest, reference, release, "-o", "/nowhere/s"],
        says: /cannot be written to/,
      },
      { what: "a directory", args: [manifest, reference, release, "-o", "/"], says: /cannot be written to/ },
      { what: "no output", args: [manifest, reference, release], says: /--output is missing/ },
    ];
    for (const { what, args, says, exit = 2 } of failures) {
      it(`fails with 1, and in detail with ${exit}: ${what}`, () => {
        const { code, stderr, cwd } = sign(args);
        assert.equal(code, 1);
        assert.match(stderr, says);
        assert.equal(sign(["--exit-codes=detailed", ...args]).code, exit);
        assert.deepEqual(readdirSync(cwd), []);
      });
    }
  });
}
