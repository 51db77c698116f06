/** Files that change under the reader, that are not to be read, or that others than root can change. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileWarning } from "../../src/host/file-warning.ts";
import { maxSignatures } from "../../src/limits.ts";
import { fixtures } from "../support/images.ts";
import { type Runtime, runtimes, sealcheck } from "../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../support/temporary.ts";
import { identity } from "./requests.ts";

const signed = join(fixtures, "images", "sigstore-key-tag");
const policy = fixturePolicyFile("sigstore-key.json");
const accepted = verdictsOf(runtimes[0], [signed])[0];
assert.equal(accepted?.code, "accepted");
const goodDigest = accepted.manifest.digest;
const isRoot = process.getuid?.() === 0;
const asRootOnly = isRoot ? {} : { skip: "only root can become another user" };

interface Judged {
  readonly code: string;
  readonly outcome: string;
  readonly manifest: { readonly digest: string };
}

function verdictsOf(runtime: Runtime, sources: readonly string[]): Judged[] {
  const input = sources.map((source) => `${JSON.stringify({ identity, source, policy })}\n`).join("");
  const { stdout } = sealcheck(runtime, ["batch"], { input });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A copy of the signed image with this done to it. */
function image(change: (path: string) => void = () => undefined): string {
  const path = join(temporaryDirectory(), "image");
  cpSync(signed, path, { recursive: true });
  change(path);
  return path;
}

const swaps = `
  const { renameSync: rename } = require("node:fs");
  const [here, there] = process.argv.slice(1);
  for (const end = Date.now() + 30_000; Date.now() < end; ) { rename(here, here + ".x"); rename(there, here); rename(here + ".x", there); }`;
const rewrites = `
  const { openSync, writeSync, ftruncateSync, readFileSync } = require("node:fs");
  const [path, other] = process.argv.slice(1);
  const contents = [readFileSync(path), readFileSync(other)];
  const file = openSync(path, "r+");
  for (const end = Date.now() + 30_000; Date.now() < end; ) for (const content of contents) {
    writeSync(file, content, 0, content.length, 0); ftruncateSync(file, content.length); ftruncateSync(file, content.length >> 1);
    writeSync(file, content, 0, content.length, 0);
  }`;

describe("an image that changes while it is read is only accepted as what was signed", () => {
  const other = Buffer.from(
    '{"schemaVersion":2,"evil":true}'.padEnd(readFileSync(join(signed, "manifest.json")).length),
  );
  const rows: readonly { what: string; script: string; prepare: () => { source: string; args: readonly string[] } }[] =
    [
      {
        what: "the directory is swapped for another",
        script: swaps,
        prepare: () => {
          const source = image();
          return { source, args: [source, image((path) => writeFileSync(join(path, "manifest.json"), other))] };
        },
      },
      {
        what: "the manifest is swapped for another",
        script: swaps,
        prepare: () => {
          const source = image((path) => writeFileSync(join(path, "other"), other));
          return { source, args: [join(source, "manifest.json"), join(source, "other")] };
        },
      },
      {
        what: "the manifest is overwritten, cut and grown in place",
        script: rewrites,
        prepare: () => {
          const source = image((path) => writeFileSync(join(path, "other"), other));
          return { source, args: [join(source, "manifest.json"), join(source, "other")] };
        },
      },
      {
        what: "the signature is overwritten, cut and grown in place",
        script: rewrites,
        prepare: () => {
          const source = image((path) => writeFileSync(join(path, "other"), Buffer.alloc(1_000_000, "x")));
          return { source, args: [join(source, "signature-1"), join(source, "other")] };
        },
      },
    ];
  for (const runtime of runtimes) {
    for (const { what, script, prepare } of rows) {
      it(`${what} (${runtime.name})`, { timeout: 60_000 }, () => {
        const { source, args } = prepare();
        const attacker = spawn(process.execPath, ["-e", script, ...args], { stdio: "ignore" });
        try {
          const verdicts = verdictsOf(
            runtime,
            Array.from({ length: 500 }, () => source),
          );
          assert.equal(verdicts.length, 500);
          for (const { code, outcome, manifest } of verdicts) {
            if (outcome === "accepted") assert.equal(manifest.digest, goodDigest);
            assert.notEqual(code, "internal.error");
          }
        } finally {
          attacker.kill();
        }
      });
    }
  }
});

describe("odd directories", () => {
  const rows: readonly { what: string; change: (path: string) => void; code: string }[] = [
    {
      what: "10,000 signatures",
      change: (path) => {
        const first = readFileSync(join(path, "signature-1"));
        for (let i = 1; i <= 10_000; i++)
          writeFileSync(join(path, `signature-${i}`), i === 1 ? "=" : first.subarray(0, 20));
      },
      code: "image.signature.too-many",
    },
    {
      what: `${maxSignatures} signatures, the last of which is good`,
      change: (path) => {
        const good = readFileSync(join(path, "signature-1"));
        for (let i = 1; i < maxSignatures; i++) writeFileSync(join(path, `signature-${i}`), "=");
        writeFileSync(join(path, `signature-${maxSignatures}`), good);
      },
      code: "accepted",
    },
    {
      what: "a hard link as manifest, which is as good as the file",
      change: (path) => linkSync(join(path, "manifest.json"), join(path, "same")),
      code: "accepted",
    },
    {
      what: "a signature that is a directory, behind the good one",
      change: (path) => mkdirSync(join(path, "signature-2")),
      code: "image.file.special",
    },
    {
      what: "2,000 other files",
      change: (path) => Array.from({ length: 2000 }, (_, i) => writeFileSync(join(path, `x${i}`), "")),
      code: "accepted",
    },
  ];
  for (const runtime of runtimes) {
    for (const { what, change, code } of rows) {
      it(`${what} (${runtime.name})`, () => assert.equal(verdictsOf(runtime, [image(change)])[0]?.code, code));
    }
  }
});

describe("as a user who may read less", () => {
  const shell = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"';
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const rows: readonly { what: string; hide: string; code: string }[] = [
    { what: "an image", hide: "", code: "image.source.unreadable" },
    { what: "a manifest", hide: "manifest.json", code: "image.file.unreadable" },
    { what: "a signature", hide: "signature-1", code: "image.file.unreadable" },
  ];
  const open = (path: string): string => {
    for (const folder of [join(path, ".."), join(path, "..", "..")]) chmodSync(folder, 0o755);
    return path;
  };
  for (const runtime of runtimes) {
    for (const { what, hide, code } of rows) {
      it(`${what} (${runtime.name})`, asRootOnly, (test) => {
        const source = open(image((path) => chmodSync(join(path, hide), 0)));
        const input = `${JSON.stringify({ identity, source, policyText: readFileSync(policy, "utf8") })}\n`;
        if (sealcheck(runtime, ["--version"], { shell, env }).code !== 0)
          return test.skip("this checkout cannot be read by others");
        assert.equal(JSON.parse(sealcheck(runtime, ["batch"], { shell, env, input }).stdout).code, code);
      });
    }
  }
});

describe("files that others than root can change", () => {
  const rows: readonly {
    uid: number;
    mode: number;
    userId: number | undefined;
    expected: string | undefined;
    why: string;
  }[] = [
    { uid: 0, mode: 0o100644, userId: 0, expected: undefined, why: "root's own" },
    { uid: 0, mode: 0o100666, userId: 0, expected: "writable-by-all", why: "anybody may write" },
    { uid: 1000, mode: 0o100666, userId: 0, expected: "writable-by-all", why: "the wider door is named" },
    { uid: 1000, mode: 0o100600, userId: 0, expected: "foreign-owner", why: "its owner may write, or may allow it" },
    { uid: 0, mode: 0o100664, userId: 0, expected: undefined, why: "the group is root's choice" },
    { uid: 1000, mode: 0o100666, userId: 1000, expected: undefined, why: "only root's trust is at stake" },
    { uid: 0, mode: 0o100666, userId: undefined, expected: undefined, why: "a system without user ids" },
  ];
  for (const { uid, mode, userId, expected, why } of rows) {
    it(`of ${uid}, mode ${mode.toString(8)}, read by ${userId}: ${why}`, () =>
      assert.equal(fileWarning("f", { uid, mode }, userId)?.kind, expected));
  }

  for (const runtime of runtimes) {
    it(`are told of on standard error, and nothing else changes (${runtime.name})`, asRootOnly, () => {
      const folder = temporaryDirectory();
      const key = join(folder, "key.pub");
      const open = join(folder, "policy.json");
      cpSync(join(fixtures, "keys", "sigstore", "release.pub"), key);
      chownSync(key, 65534, 65534);
      writeFileSync(open, JSON.stringify({ default: [{ type: "sigstoreSigned", keyPath: key }] }));
      const judge = (...more: readonly string[]) =>
        sealcheck(runtime, [
          "verify-installable",
          "--identity",
          identity,
          "--policy",
          open,
          "--format",
          "json",
          ...more,
          signed,
        ]);
      chmodSync(open, 0o644);
      chownSync(key, 0, 0);
      const quiet = judge();
      chmodSync(open, 0o666);
      chownSync(key, 65534, 65534);
      const warned = judge();
      assert.equal(quiet.stderr, "");
      assert.equal(warned.stdout, quiet.stdout);
      assert.equal(warned.code, 0);
      assert.match(
        warned.stderr,
        /^sealcheck: warning: .*policy\.json can be changed by every user.*\nsealcheck: warning: .*key\.pub belongs to user 65534.*\n$/,
      );
      assert.equal(judge("--quiet").stderr, "");
      const input = `${JSON.stringify({ identity, source: signed, policy: open })}\n`.repeat(3);
      assert.equal(sealcheck(runtime, ["batch"], { input }).stderr, warned.stderr);
    });
  }
});
