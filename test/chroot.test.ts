import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fixturePolicy, fixtures } from "./support/images.ts";
import { forms } from "./support/run.ts";
import { temporaryDirectory } from "./support/temporary.ts";

// What an initramfs or a chroot must have for sealcheck to run in it, by docs/threat-model.md ("Where it runs"): the smallest
// root directory is made, with a namespace of its own for what is mounted in it.

const image = "/data/image";
const args = [
  "verify-installable",
  "--policy=/data/policy.json",
  "--identity=registry.example.com/vendor/app:1.0",
  image,
];

/** chroot(8) is for administrators, and so not on everybody's PATH. */
const { PATH = "" } = process.env;
const env = { PATH: `${PATH}:/usr/sbin:/sbin` };

/** The smallest root directory that has these programs, with the libraries that they name, an image and a policy. */
function smallRoot(programs: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory();
  for (const directory of ["proc", "dev", "data"]) mkdirSync(join(root, directory));
  for (const [name, program] of Object.entries(programs)) {
    copyFileSync(program, join(root, name));
    for (const library of librariesOf(program)) {
      mkdirSync(dirname(join(root, library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
  }
  cpSync(join(fixtures, "images/gpg-release-oci"), join(root, image), { recursive: true });
  cpSync(join(fixtures, "keys"), join(root, "data/keys"), { recursive: true });
  writeFileSync(
    join(root, "data/policy.json"),
    fixturePolicy("rhel-like.json").toString().replaceAll(fixtures, "/data"),
  );
  return root;
}

/** By ldd(1): the loader and the libraries, with their paths. None of a script. */
function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(?:^\t|=> )(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}

/** Runs a command in that root directory. `before` is done in the namespace first, and `$1` is the directory. */
function runIn(root: string, command: readonly string[], { before = ":", redirections = "" } = {}) {
  const script = `${before} || exit 99; root=$1; shift; chroot "$root" "$@" ${redirections}`;
  const unshare = ["--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, "sh", root, ...command];
  const { status, stdout, stderr } = spawnSync("unshare", unshare, { env, encoding: "utf8", timeout: 60_000 });
  return { status, stdout, stderr };
}

const withProc = 'mount --rbind /proc "$1/proc"';

function notPossible(): string | false {
  if (process.platform !== "linux") return "there is no chroot of this kind but on Linux";
  const probe = temporaryDirectory();
  mkdirSync(join(probe, "proc"));
  const script = `${withProc} && chroot "$1" /nowhere; [ $? = 127 ]`;
  const probed = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "/bin/sh", "-c", script, "sh", probe], {
    env,
  });
  if (probed.status !== 0) return "user namespaces, in which anybody may chroot and mount, are not to be had here";
  return spawnSync("ldd", ["--version"]).error === undefined ? false : "ldd is not installed";
}

const impossible = notPossible();

describe("in a chroot: the executable", { skip: impossible }, () => {
  const root = impossible === false ? smallRoot({ sealcheck: program("executable") }) : "";

  it("needs nothing but the C library and /proc", () => {
    const out = ["--manifest-out=/data/verified.json", "--digest-file=/data/digest"];
    const { status, stdout, stderr } = runIn(root, ["/sealcheck", ...args, ...out], { before: withProc });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^Accepted: /);
    assert.deepEqual(readFileSync(join(root, "data/verified.json")), readFileSync(join(root, image, "manifest.json")));
  });

  it("refuses there what it refuses elsewhere", () => {
    const { status, stdout } = runIn(root, ["/sealcheck", ...args, "--identity=x"], { before: withProc });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
  });

  it("ends without /proc before our first line, with 134 and no verdict", () => {
    for (const command of [
      ["/sealcheck", ...args],
      ["/sealcheck", ...args, "--quiet"],
      ["/sealcheck", "batch"],
    ]) {
      const { status, stdout } = runIn(root, command);
      assert.deepEqual({ status, stdout }, { status: 134, stdout: "" });
    }
  });

  it("needs /dev/null too where one of the three standard descriptors is closed", () => {
    const closed = ["<&-", "2>&-"];
    for (const redirections of closed) {
      const { status, stdout } = runIn(root, ["/sealcheck", ...args], { before: withProc, redirections });
      assert.deepEqual({ status, stdout }, { status: 134, stdout: "" });
    }
    writeFileSync(join(root, "dev/null"), "");
    const before = `${withProc} && mount --bind /dev/null "$1/dev/null"`;
    for (const redirections of closed) {
      assert.equal(runIn(root, ["/sealcheck", ...args], { before, redirections }).status, 0, redirections);
    }
  });
});

describe("in a chroot: sealcheck.mjs with Node", { skip: impossible }, () => {
  it("needs no /proc", () => {
    const root = smallRoot({ node: process.execPath, "sealcheck.mjs": program("bundle") });
    const { status, stdout, stderr } = runIn(root, ["/node", "/sealcheck.mjs", ...args]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^Accepted: /);
    // What there is not is named, and not looked for elsewhere.
    const { status: failed, stdout: verdict } = runIn(root, [
      "/node",
      "/sealcheck.mjs",
      ...args.slice(0, 3),
      "--format=json",
      "/proc/self/fd/0",
    ]);
    assert.equal(failed, 4);
    assert.equal(JSON.parse(verdict).code, "image.source.unreadable");
  });
});

function program(name: (typeof forms)[number]["name"]): string {
  const path = forms.find((form) => form.name === name)?.command.at(-1) ?? "";
  assert.ok(existsSync(path), path);
  return path;
}
