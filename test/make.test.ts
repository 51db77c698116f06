import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, globSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { temporaryDirectory } from "./support/temporary.ts";

// What whoever has only just cloned the sources calls. make itself is needed for some of it only here: `node scripts/test.ts`
// runs the tests too.

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const noMake = find("make") === undefined ? "make is not on PATH" : false;

/** All that a machine must have, by README.md and CONTRIBUTING.md; `sh` is where every Unix has it. */
const tools = ["node", "npm", "cat", "cp", "dirname", "mkdir", "mkfifo", "mktemp", "rm", "touch", "sed"];

function find(tool: string): string | undefined {
  const { PATH = "" } = process.env;
  return PATH.split(":")
    .map((directory) => join(directory, tool))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A directory for PATH with these programs and no others. A text is a script in place of the program. */
function pathOf(programs: Readonly<Record<string, string | undefined>>): string {
  const directory = temporaryDirectory();
  for (const [name, program] of Object.entries(programs)) {
    if (program?.startsWith("#!")) writeFileSync(join(directory, name), program, { mode: 0o755 });
    else if (program !== undefined) symlinkSync(program, join(directory, name));
  }
  return directory;
}

const all = (): Record<string, string | undefined> => Object.fromEntries(tools.map((tool) => [tool, find(tool)]));

function checkPrerequisites(programs: Readonly<Record<string, string | undefined>>) {
  const { status, stdout, stderr } = spawnSync("/bin/sh", [join(root, "scripts/prerequisites.sh")], {
    env: { PATH: pathOf(programs) },
    encoding: "utf8",
  });
  return { status, stdout, lines: stderr.split("\n").slice(0, -1) };
}

describe("scripts/prerequisites.sh", () => {
  it("says nothing where everything is there", () => {
    assert.deepEqual(checkPrerequisites(all()), { status: 0, stdout: "", lines: [] });
  });

  for (const tool of tools) {
    it(`one line if there is no ${tool}`, () => {
      const { status, stdout, lines } = checkPrerequisites({ ...all(), [tool]: undefined });
      assert.deepEqual({ status, stdout, count: lines.length }, { status: 1, stdout: "", count: 1 });
      assert.ok(lines[0]?.startsWith(`setup: ${tool} is not on PATH: `), lines[0]);
    });
  }

  it("one line for each, if there is nothing at all", () => {
    const { status, lines } = checkPrerequisites({});
    assert.equal(status, 1);
    assert.deepEqual(
      lines.map((line) => line.split(" ")[1]),
      tools,
    );
  });

  for (const [version, accepted] of Object.entries({
    "v6.17.1": false,
    "v18.20.8": false,
    "v20.0.0": true,
    "v100.1.2": true,
  })) {
    it(`Node ${version} is ${accepted ? "enough" : "too old"}`, () => {
      const { status, lines } = checkPrerequisites({ ...all(), node: `#!/bin/sh\necho ${version}\n` });
      const said = accepted ? [] : [`setup: Node ${version} is too old: install Node 20 or newer`];
      assert.deepEqual({ status, lines }, { status: accepted ? 0 : 1, lines: said });
    });
  }

  it("a node that does not run", () => {
    const { status, lines } = checkPrerequisites({ ...all(), node: "#!/bin/sh\nexit 1\n" });
    assert.deepEqual({ status, count: lines.length }, { status: 1, count: 1 });
  });

  it("make calls it before anything else", { skip: noMake }, () => {
    const path = pathOf({ ...all(), sed: undefined, make: find("make"), sh: "/bin/sh" });
    const { status, stdout, stderr } = spawnSync("make", ["demo"], {
      cwd: root,
      env: { PATH: path },
      encoding: "utf8",
    });
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /^setup: sed is not on PATH: .*\nmake: \*\*\* .*\n$/);
  });
});

describe("Makefile", () => {
  const targets = /^\.PHONY: (.*)$/m.exec(read("Makefile"))?.[1]?.split(" ") ?? [];
  assert.ok(targets.length > 10);

  it("make help has each target that is meant to be called", { skip: noMake }, () => {
    const { stdout } = make(["help"]);
    const internal = ["help", "prerequisites", "check", "clean"];
    const shown = [...stdout.matchAll(/^make (\w+) /gm)].map(([, target]) => target);
    assert.deepEqual(shown.sort(), targets.filter((target) => !internal.includes(target)).sort());
  });

  // `--assume-old`: what is installed is what there is, also where the sources are newer.
  const built = ["dist/sealcheck", "dist/sealcheck.mjs", "dist/lib/index.js"].map((file) => `--assume-old=${file}`);
  const places: readonly { what: string; variables: readonly string[]; below: string; prefix: string }[] = [
    { what: "to /usr/local, if nothing is said", variables: [], below: "/stage", prefix: "/usr/local" },
    { what: "to PREFIX", variables: ["PREFIX=/usr"], below: "/stage", prefix: "/usr" },
    {
      what: "to a directory with blanks in it",
      variables: ["PREFIX=/opt/a b"],
      below: "/the stage",
      prefix: "/opt/a b",
    },
  ];
  for (const { what, variables, below, prefix } of places) {
    it(`make install DESTDIR=… ${what}, and make uninstall takes all of it away`, { skip: noMake }, () => {
      const stage = `${temporaryDirectory()}${below}`;
      const args = [...variables, `DESTDIR=${stage}`, ...built];
      const installed = make(["install", ...args]);
      assert.equal(installed.status, 0, installed.stderr);
      const share = join(prefix, "share");
      const expected = [
        join(prefix, "bin/sealcheck"),
        join(share, "bash-completion/completions/sealcheck"),
        join(share, "zsh/site-functions/_sealcheck"),
        join(share, "fish/vendor_completions.d/sealcheck.fish"),
        ...globSync("man/*.1", { cwd: root }).map((page) => join(share, "man/man1", basename(page))),
      ];
      assert.deepEqual(filesBelow(stage), expected.sort());
      const modes = expected.map((path) => (statSync(join(stage, path)).mode & 0o777).toString(8));
      assert.deepEqual(
        modes,
        expected.map((path) => (path.includes("/bin/") ? "755" : "644")),
      );
      const { stdout } = spawnSync(join(stage, prefix, "bin/sealcheck"), ["--version"], { encoding: "utf8" });
      assert.match(stdout, /^sealcheck \d/);

      const own = join(stage, prefix, "bin/other");
      writeFileSync(own, "");
      assert.equal(make(["uninstall", ...args]).status, 0);
      assert.deepEqual(filesBelow(stage), [join(prefix, "bin/other")]);
    });
  }

  it("each place can be named", { skip: noMake }, () => {
    const stage = temporaryDirectory();
    const names = ["BINDIR", "MANDIR", "BASH_COMPLETIONS", "ZSH_COMPLETIONS", "FISH_COMPLETIONS"];
    const args = [...names.map((name) => `${name}=/${name}`), `DESTDIR=${stage}`, ...built];
    assert.equal(make(["install", ...args]).status, 0);
    const found = new Set(filesBelow(stage).map((path) => path.split("/")[1]));
    assert.deepEqual([...found].sort(), names.sort());
  });
});

function make(args: readonly string[]) {
  // What a make around this one says to its children is not for this one.
  const { MAKEFLAGS: _, MAKELEVEL: __, MFLAGS: ___, PREFIX: ____, DESTDIR: _____, ...env } = process.env;
  return spawnSync("make", ["--no-print-directory", ...args], { cwd: root, env, encoding: "utf8" });
}

function filesBelow(directory: string): readonly string[] {
  return globSync("**/*", { cwd: directory, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .sort();
}
