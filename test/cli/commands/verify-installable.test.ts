import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { acceptAnything, rejectEverything } from "../../support/policies.ts";
import { type Runtime, runtimes, sealcheck } from "../../support/run.ts";
import { fixturePolicyFile, makeFifo, temporaryDirectory } from "../../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const signed = join(fixtures, "images", "sigstore-key-tag");
const unsigned = join(fixtures, "images", "unsigned");
const keyPolicy = fixturePolicyFile("sigstore-key.json");
const signedDigest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";

const verify = (runtime: Runtime, ...args: string[]) => sealcheck(runtime, ["verify-installable", ...args]);

/** A copy of the signed image, changed. */
function changed(change: (path: string) => void): string {
  const path = temporaryDirectory();
  cpSync(signed, path, { recursive: true });
  change(path);
  return path;
}

function replaced(name: string, make: (path: string) => void): string {
  return changed((path) => {
    rmSync(join(path, name), { force: true });
    make(join(path, name));
  });
}

const rows: readonly { what: string; args: readonly string[]; code: string; exitCode: number }[] = [
  {
    what: "signed by the key",
    args: ["--identity", identity, "--policy", keyPolicy, signed],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "the same by its transport",
    args: ["--identity", `docker://${identity}`, "--policy", keyPolicy, `dir:${signed}`],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "signature required, and verified",
    args: ["--identity", identity, "--policy", keyPolicy, "--require-signed", signed],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "by its digest",
    args: ["--identity", `registry.example.com/vendor/app@${signedDigest}`, "--policy", acceptAnything, signed],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "not signed",
    args: ["--identity", identity, "--policy", keyPolicy, unsigned],
    code: "requirement.signature.missing",
    exitCode: 1,
  },
  {
    what: "for another image",
    args: ["--identity", "registry.example.com/vendor/other:1.0", "--policy", keyPolicy, signed],
    code: "requirement.signature.not-accepted",
    exitCode: 1,
  },
  {
    what: "of another digest",
    args: [
      "--identity",
      `registry.example.com/vendor/app@sha256:${"0".repeat(64)}`,
      "--policy",
      acceptAnything,
      signed,
    ],
    code: "requirement.identity.digest-mismatch",
    exitCode: 1,
  },
  {
    what: "rejected as all",
    args: ["--identity", identity, "--policy", rejectEverything, signed],
    code: "requirement.reject",
    exitCode: 1,
  },
  {
    what: "signature required, and none looked at",
    args: ["--identity", identity, "--policy", acceptAnything, "--require-signed", signed],
    code: "requirement.signed.missing",
    exitCode: 1,
  },
  {
    what: "a registry",
    args: ["--identity", identity, "--policy", acceptAnything, `docker://${identity}`],
    code: "usage.source.registry",
    exitCode: 2,
  },
  {
    what: "another transport",
    args: ["--identity", identity, "--policy", acceptAnything, "docker-daemon:x:1"],
    code: "usage.source.unsupported",
    exitCode: 2,
  },
  { what: "no identity", args: ["--policy", acceptAnything, signed], code: "usage.option.missing", exitCode: 2 },
  {
    what: "an unknown option",
    args: ["--identity", identity, "--policy", acceptAnything, "--force", signed],
    code: "usage.option.unknown",
    exitCode: 2,
  },
  {
    what: "an empty identity",
    args: ["--identity=", "--policy", acceptAnything, signed],
    code: "identity.empty",
    exitCode: 2,
  },
  {
    what: "an unknown transport",
    args: ["--identity", "nosuch:x", "--policy", acceptAnything, signed],
    code: "identity.transport.unknown",
    exitCode: 2,
  },
  {
    what: "no reference",
    args: ["--identity", "docker://UPPER", "--policy", acceptAnything, signed],
    code: "identity.reference.invalid",
    exitCode: 2,
  },
  {
    what: "no policy there",
    args: ["--identity", identity, "--policy", "/nonexistent", signed],
    code: "policy.unreadable",
    exitCode: 3,
  },
  {
    what: "a directory as policy",
    args: ["--identity", identity, "--policy", "/", signed],
    code: "policy.unreadable",
    exitCode: 3,
  },
  {
    what: "no JSON as policy",
    args: ["--identity", identity, "--policy", join(signed, "signature-1"), signed],
    code: "policy.json.syntax",
    exitCode: 3,
  },
  {
    what: "another JSON as policy",
    args: ["--identity", identity, "--policy", join(signed, "manifest.json"), signed],
    code: "policy.key.missing",
    exitCode: 3,
  },
  {
    what: "no source there",
    args: ["--identity", identity, "--policy", acceptAnything, "/nonexistent"],
    code: "image.source.unreadable",
    exitCode: 4,
  },
  {
    what: "a file as source",
    args: ["--identity", identity, "--policy", acceptAnything, join(signed, "manifest.json")],
    code: "image.source.unreadable",
    exitCode: 4,
  },
  {
    what: "a source without manifest",
    args: ["--identity", identity, "--policy", acceptAnything, temporaryDirectory()],
    code: "image.manifest.missing",
    exitCode: 4,
  },
  {
    what: "a link as manifest",
    args: [
      "--identity",
      identity,
      "--policy",
      acceptAnything,
      replaced("manifest.json", (path) => symlinkSync(join(signed, "manifest.json"), path)),
    ],
    code: "image.file.symlink",
    exitCode: 4,
  },
  {
    what: "a FIFO as manifest",
    args: ["--identity", identity, "--policy", acceptAnything, replaced("manifest.json", makeFifo)],
    code: "image.file.special",
    exitCode: 4,
  },
  {
    what: "a link as signature",
    args: [
      "--identity",
      identity,
      "--policy",
      keyPolicy,
      replaced("signature-1", (path) => symlinkSync(join(signed, "signature-1"), path)),
    ],
    code: "image.file.symlink",
    exitCode: 4,
  },
  {
    what: "a link as second signature",
    args: [
      "--identity",
      identity,
      "--policy",
      keyPolicy,
      replaced("signature-2", (path) => symlinkSync("nowhere", path)),
    ],
    code: "image.file.symlink",
    exitCode: 4,
  },
  {
    what: "a FIFO as signature",
    args: ["--identity", identity, "--policy", keyPolicy, replaced("signature-1", makeFifo)],
    code: "image.file.special",
    exitCode: 4,
  },
  {
    what: "a FIFO as signature that nobody looks at",
    args: ["--identity", identity, "--policy", acceptAnything, replaced("signature-1", makeFifo)],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "a FIFO as signature of what is rejected anyway",
    args: ["--identity", identity, "--policy", rejectEverything, replaced("signature-1", makeFifo)],
    code: "requirement.reject",
    exitCode: 1,
  },
  {
    what: "a later version of the layout",
    args: [
      "--identity",
      identity,
      "--policy",
      acceptAnything,
      replaced("version", (path) => writeFileSync(path, "Directory Transport Version: 2.0\n")),
    ],
    code: "image.version.unsupported",
    exitCode: 4,
  },
];

for (const runtime of runtimes) {
  describe(`verify-installable (${runtime.name})`, () => {
    for (const { what, args, code, exitCode } of rows) {
      it(`${what}: ${code}`, () => {
        const text = verify(runtime, ...args);
        assert.equal(text.code, exitCode);
        const isError = exitCode > 1;
        assert.equal(text.stdout === "", isError, "a verdict goes to standard output, an error to standard error");
        assert.equal(text.stderr === "", !isError);

        const json = verify(runtime, "--format=json", ...args);
        const verdict = JSON.parse(json.stdout);
        assert.equal(json.code, exitCode);
        assert.equal(json.stdout.split("\n").length, 2);
        assert.equal(verdict.version, 1);
        assert.equal(verdict.code, code);
        assert.equal(verdict.exitCode, exitCode);
        assert.equal(verdict.outcome, ["accepted", "rejected"][exitCode] ?? "error");
      });
    }

    it("prints nothing with --quiet", () => {
      for (const { args, exitCode, code } of rows) {
        if (code.startsWith("usage.option")) continue;
        for (const format of ["text", "json"]) {
          const outcome = verify(runtime, "--quiet", "--debug", `--format=${format}`, ...args);
          assert.deepEqual(outcome, { code: exitCode, stdout: "", stderr: "" });
        }
      }
    });

    it("hands over what was verified", () => {
      const place = temporaryDirectory();
      const [digest, manifest] = [join(place, "digest"), join(place, "manifest")];
      writeFileSync(digest, "old");
      const outputs = ["--digest-file", digest, "--manifest-out", manifest];
      assert.equal(verify(runtime, "--identity", identity, "--policy", keyPolicy, ...outputs, signed).code, 0);
      assert.equal(readFileSync(digest, "utf8"), `${signedDigest}\n`);
      assert.deepEqual(readFileSync(manifest), readFileSync(join(signed, "manifest.json")));
      assert.equal(statSync(digest).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(place).sort(), ["digest", "manifest"]);
    });

    it("hands over nothing that was not accepted", () => {
      const place = temporaryDirectory();
      const outputs = ["--digest-file", join(place, "digest"), "--manifest-out", join(place, "manifest")];
      for (const { args, exitCode, code } of rows) {
        if (exitCode === 0 || code.startsWith("usage.option")) continue;
        verify(runtime, ...outputs, ...args);
        assert.deepEqual(readdirSync(place), [], code);
      }
    });

    it("accepts nothing whose outputs cannot be written", () => {
      const place = temporaryDirectory();
      const outputs = ["--digest-file", join(place, "digest"), "--manifest-out", join(place, "none", "manifest")];
      const args = ["--identity", identity, "--policy", keyPolicy, ...outputs, signed];
      const text = verify(runtime, ...args);
      assert.equal(text.code, 2);
      assert.equal(text.stdout, "");
      assert.match(text.stderr, /none\/manifest/);
      const json = verify(runtime, "--format=json", ...args);
      const { outcome, code, exitCode } = JSON.parse(json.stdout);
      assert.deepEqual({ outcome, code, exitCode }, { outcome: "error", code: "usage.output.unwritable", exitCode: 2 });
      assert.equal(verify(runtime, "--quiet", ...args).code, 2);
      assert.deepEqual(readdirSync(place), []);
    });

    it("does not write both outputs to one file", () => {
      const place = temporaryDirectory();
      mkdirSync(join(place, "real", "deep"), { recursive: true });
      mkdirSync(join(place, "other"));
      symlinkSync("real", join(place, "link"));
      symlinkSync("real/deep", join(place, "deep"));
      const before = readdirSync(place, { recursive: true });
      const run = (one: string, other: string) => {
        const outputs = [`--digest-file=${place}/${one}`, `--manifest-out=${place}/${other}`];
        return verify(runtime, "--format=json", "--identity", identity, "--policy", keyPolicy, ...outputs, signed);
      };
      for (const [one, other] of [
        ["file", "file"],
        ["file", "real/../file"],
        ["file", "none/../file"],
        ["real/file", "link/file"],
        ["link/file", "./real//file"],
        ["real/deep/file", "link/deep/file"],
        ["real/deep/file", "deep/file"],
        ["real/file", "deep/../file"],
      ] as const) {
        const { code, stdout } = run(one, other);
        assert.deepEqual([code, JSON.parse(stdout).code], [2, "usage.option.value"], `${one} and ${other}`);
        assert.deepEqual(readdirSync(place, { recursive: true }), before);
      }
      // Nor are two files taken for one.
      for (const [one, other] of [
        ["real/file", "link/else"],
        ["real/file", "other/file"],
        ["file", "deep/../file"],
      ] as const) {
        assert.equal(run(one, other).code, 0, `${one} and ${other}`);
        assert.equal(readFileSync(join(place, one), "utf8"), `${signedDigest}\n`);
        assert.deepEqual(readFileSync(`${place}/${other}`), readFileSync(join(signed, "manifest.json")));
      }
    });

    it("tells each step with --debug, on standard error", () => {
      const quiet = verify(runtime, "--identity", identity, "--policy", keyPolicy, signed);
      const debug = verify(runtime, "--debug", "--identity", identity, "--policy", keyPolicy, signed);
      assert.equal(debug.stdout, quiet.stdout);
      for (const told of [
        keyPolicy,
        signed,
        "release.pub",
        '"registry.example.com/vendor"',
        "signature-1",
        "signature.accepted",
      ]) {
        assert.ok(debug.stderr.includes(told), told);
      }
    });

    it("takes paths as they are named", () => {
      const place = temporaryDirectory();
      for (const name of ["with blank", "ünï", "-dash", "a:b", "oci:x", "quote\"'", "new\nline", "$(id)", "…"]) {
        cpSync(signed, join(place, name), { recursive: true });
        const args = ["verify-installable", "--identity", identity, "--policy", keyPolicy, "--", `dir:${name}`];
        assert.equal(sealcheck(runtime, args, { cwd: place }).code, 0, name);
      }
    });

    it("escapes what others named", () => {
      const { stderr } = verify(
        runtime,
        "--identity",
        identity,
        "--policy",
        acceptAnything,
        "/none\n\u001b[31mAccepted\u202e",
      );
      assert.doesNotMatch(stderr, /[\u001b\u202e]|\nAccepted/);
    });

    it("follows links to the source, and to the policy", () => {
      const place = temporaryDirectory();
      symlinkSync(signed, join(place, "image"));
      symlinkSync(keyPolicy, join(place, "policy"));
      const { code } = verify(runtime, "--identity", identity, "--policy", join(place, "policy"), join(place, "image"));
      assert.equal(code, 0);
    });

    it("says so if a file must not be read", { skip: process.getuid?.() === 0 && "root reads everything" }, () => {
      const path = changed((copy) => chmodSync(join(copy, "manifest.json"), 0));
      const { stdout } = verify(runtime, "--format=json", "--identity", identity, "--policy", acceptAnything, path);
      assert.equal(JSON.parse(stdout).code, "image.file.unreadable");
    });

    it("finds the user's policy", () => {
      const home = temporaryDirectory();
      const args = ["verify-installable", "--format=json", "--identity", identity, signed];
      mkdirSync(join(home, ".config", "containers"), { recursive: true });
      cpSync(rejectEverything, join(home, ".config", "containers", "policy.json"));
      const { stdout } = sealcheck(runtime, args, { env: { HOME: home } });
      assert.equal(JSON.parse(stdout).policy.path, join(home, ".config", "containers", "policy.json"));
      const named = sealcheck(runtime, ["--policy", keyPolicy, ...args], { env: { HOME: home } });
      assert.equal(JSON.parse(named.stdout).policy.path, keyPolicy);
    });
  });

  describe(`the command line (${runtime.name})`, () => {
    it("prints help and version to standard output", () => {
      for (const args of [["--help"], ["help"], ["help", "batch"], ["batch", "--help"], ["--version"], ["-v"]]) {
        const { code, stdout, stderr } = sealcheck(runtime, args);
        assert.equal(code, 0, args.join(" "));
        assert.match(stdout, args[0]?.includes("v") ? /^sealcheck [0-9]+\.[0-9]+\.[0-9]+\n$/ : /^Usage: sealcheck /);
        assert.equal(stderr, "");
      }
    });

    it("does not succeed with help or version instead of a verdict", () => {
      for (const source of ["-v", "--version", "-h", "--help"]) {
        const { code, stdout } = sealcheck(runtime, ["verify-installable", "--identity", identity, source]);
        assert.equal(code, 2, source);
        assert.notEqual(stdout, "");
      }
    });

    it("does not take a path that is not UTF-8 for another one", () => {
      const directory = temporaryDirectory();
      cpSync(signed, join(directory, "d\ufffd"), { recursive: true });
      const args = ["verify-installable", `--policy=${keyPolicy}`, `--identity=${identity}`];
      // printf makes what no string here can hold.
      const { code, stderr } = sealcheck(runtime, args, { cwd: directory, shell: 'exec "$@" "$(printf "d\\377")"' });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /not UTF-8/);
    });

    it("says what is wrong with it on standard error, and what was meant", () => {
      const { code, stdout, stderr } = sealcheck(runtime, ["verify-instalable"]);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /did you mean verify-installable\?\n/);
      assert.equal(sealcheck(runtime, []).code, 2);
    });
  });
}
