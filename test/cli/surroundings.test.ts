import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../support/images.ts";
import { acceptAnything } from "../support/policies.ts";
import { runtimes, type Surroundings, sealcheck } from "../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const image = join(fixtures, "images", "sigstore-key-tag");
const keyPolicy = fixturePolicyFile("sigstore-key.json");
const args = ["verify-installable", "--identity", identity, "--policy", keyPolicy, image];

/** What a user's download folder may hold to take over a program that root runs in it. */
function hostileDirectory(): { path: string; marker: string } {
  const path = temporaryDirectory();
  const marker = join(path, "marker");
  const script = `require("node:fs").appendFileSync(${JSON.stringify(marker)}, "run\\n");\n`;
  const write = (name: string, content: string): void => {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), content);
  };
  write("preload.cjs", script);
  write("preload.ts", script);
  write(
    "bunfig.toml",
    'preload = ["./preload.cjs", "./preload.ts"]\n[test]\npreload = ["./preload.cjs"]\n[run]\nbun = true\n',
  );
  write(".bunfig.toml", 'preload = ["./preload.cjs"]\n');
  const environment = [
    "BUN_OPTIONS=--preload=./preload.cjs",
    "BUN_INSPECT_PRELOAD=./preload.cjs",
    "NODE_OPTIONS=--require=./preload.cjs",
    "BUN_BE_BUN=1",
    `CONTAINERS_POLICY_JSON=${acceptAnything}`,
    `HOME=${path}`,
    `XDG_CONFIG_HOME=${path}`,
    "NO_COLOR=1",
  ].join("\n");
  for (const name of [
    ".env",
    ".env.local",
    ".env.production",
    ".env.development",
    ".env.test",
    ".env.development.local",
  ])
    write(name, environment);
  write(
    "package.json",
    JSON.stringify({
      name: "x",
      type: "commonjs",
      main: "./preload.cjs",
      imports: { "#x": "./preload.cjs" },
      scripts: { "verify-installable": "touch marker", batch: "touch marker" },
    }),
  );
  write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions: { paths: { "*": ["./preload.ts"] }, jsxImportSource: "./preload" } }),
  );
  for (const name of ["openpgp", "yaml", "verify-installable"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js", exports: "./index.js" }));
    write(`node_modules/${name}/index.js`, script);
    write(`node_modules/.bin/${name}`, "#!/bin/sh\ntouch marker\n");
  }
  write("policy.json", '{"default":[{"type":"insecureAcceptAnything"}]}');
  write("containers/policy.json", '{"default":[{"type":"insecureAcceptAnything"}]}');
  write(".config/containers/policy.json", '{"default":[{"type":"insecureAcceptAnything"}]}');
  write("verify-installable", script);
  write("batch.js", script);
  return { path, marker };
}

const rows: readonly { what: string; surroundings: Surroundings }[] = [
  { what: "an empty environment", surroundings: {} },
  { what: "no HOME", surroundings: { env: { PATH: "/usr/bin:/bin" } } },
  { what: "a HOME that does not exist", surroundings: { env: { HOME: "/nonexistent" } } },
  { what: "an empty HOME", surroundings: { env: { HOME: "" } } },
  { what: "a broken locale", surroundings: { env: { LC_ALL: "xx_XX.nonsense", LANG: "\u001b" } } },
  { what: "a directory that cannot be written", surroundings: { cwd: "/proc/self" } },
  { what: "no standard input", surroundings: { shell: 'exec "$@" <&-' } },
  { what: "no standard error", surroundings: { shell: 'exec "$@" 2>&-' } },
  { what: "neither", surroundings: { shell: 'exec "$@" <&- 2>&-' } },
  { what: "a directory as standard input", surroundings: { shell: 'exec "$@" </' } },
  { what: "no file to write to", surroundings: { shell: 'ulimit -f 0; exec "$@"' } },
];

for (const runtime of runtimes) {
  describe(`surroundings (${runtime.name})`, () => {
    const expected = sealcheck(runtime, args);

    it("are accepted", () => assert.equal(expected.code, 0));

    for (const { what, surroundings } of rows) {
      it(what, () => {
        assert.deepEqual(sealcheck(runtime, args, surroundings), expected);
      });
    }

    it("a directory that is gone: Bun's runtime gives up before our first line, which is no acceptance", () => {
      const cwd = temporaryDirectory();
      const outcome = sealcheck(runtime, args, { cwd, shell: 'rmdir "$PWD" && exec "$@"' });
      if (runtime.name === "executable") assert.notEqual(outcome.code, 0);
      else assert.deepEqual(outcome, expected);
    });

    it("a directory full of hostile files, of which none is run or read", () => {
      const { path, marker } = hostileDirectory();
      for (const env of [{}, { HOME: "/nonexistent" }]) {
        assert.deepEqual(sealcheck(runtime, args, { cwd: path, env }), expected);
        const request = JSON.stringify({ identity, source: image, policy: keyPolicy });
        for (const jobs of ["1", "2"]) {
          const batch = sealcheck(runtime, ["batch", "--jobs", jobs], { cwd: path, env, input: request });
          assert.equal(batch.code, 0);
          assert.equal(JSON.parse(batch.stdout).code, "accepted");
        }
        // With OpenPGP, which is loaded only now.
        const loaded = sealcheck(
          runtime,
          [
            ...args.slice(0, 3),
            "--policy",
            fixturePolicyFile("rhel-like.json"),
            "--format=json",
            join(fixtures, "images", "gpg-unknown-key"),
          ],
          { cwd: path, env },
        );
        assert.equal(JSON.parse(loaded.stdout).code, "requirement.signature.not-accepted");
        const own = sealcheck(runtime, [...args.slice(0, 3), "--format=json", image], { cwd: path, env });
        assert.ok(!String(JSON.parse(own.stdout).policy.path).startsWith(path), "a policy of this directory was taken");
        for (const other of [["--version"], ["--help"], ["x.js"], ["run", "batch"]])
          sealcheck(runtime, other, { cwd: path, env });
      }
      assert.ok(!existsSync(marker), "something of this directory was run");
    });

    it("a closed or full standard output is no acceptance that anybody heard of", () => {
      for (const shell of ['exec "$@" >/dev/full', '"$@" | true; exit 0']) {
        const outcome = sealcheck(runtime, args, { shell });
        assert.doesNotMatch(outcome.stderr, /\bat |Error/);
        if (!shell.includes("full")) continue;
        assert.equal(outcome.code, 2);
        assert.match(outcome.stderr, /^sealcheck: Standard output cannot be written: no space left on device\.$/m);
      }
      for (const format of ["text", "json"]) {
        const gone = sealcheck(runtime, [...args, `--format=${format}`], {
          shell: '{ sleep 1; "$@"; echo $? >&2; } | true',
        });
        assert.deepEqual({ stdout: gone.stdout, stderr: gone.stderr }, { stdout: "", stderr: "2\n" });
      }
      const quiet = sealcheck(runtime, [...args, "--quiet"], { shell: 'exec "$@" >/dev/full' });
      assert.equal(quiet.code, 0);
    });

    it("variables name the policy as containers-policy.json(5) has it", () => {
      const home = temporaryDirectory();
      mkdirSync(join(home, "containers"));
      cpSync(acceptAnything, join(home, "containers", "policy.json"));
      const environments = [
        { XDG_CONFIG_HOME: home },
        { CONTAINERS_POLICY_JSON: join(home, "containers", "policy.json") },
      ];
      for (const env of environments) {
        const { stdout } = sealcheck(runtime, [...args.slice(0, 3), "--format=json", image], { env });
        assert.equal(JSON.parse(stdout).policy.path, join(home, "containers", "policy.json"));
      }
      rmSync(home, { recursive: true });
    });
  });
}

describe("the caller's environment and the executable (docs/threat-model.md)", () => {
  const [, executable] = runtimes;
  const place = temporaryDirectory();
  const [script, marker] = [join(place, "script.cjs"), join(place, "marker")];
  writeFileSync(script, `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");`);
  const variables: readonly { env: Readonly<Record<string, string>>; isRun: boolean }[] = [
    { env: { NODE_OPTIONS: `--require=${script}` }, isRun: false },
    { env: { BUN_INSPECT_PRELOAD: script }, isRun: false },
    { env: { NODE_PATH: place }, isRun: false },
    // What Bun's runtime does before our first line. Whoever sets these already runs as the caller.
    { env: { BUN_OPTIONS: `--preload=${script}` }, isRun: true },
  ];
  for (const { env, isRun } of variables) {
    it(`${Object.keys(env).join()} ${isRun ? "runs code" : "does nothing"}`, () => {
      rmSync(marker, { force: true });
      assert.equal(sealcheck(executable, args, { env }).code, 0);
      assert.equal(existsSync(marker), isRun);
    });
  }

  it("BUN_BE_BUN and BUN_OPTIONS make another program of it", () => {
    assert.match(sealcheck(executable, ["--version"], { env: { BUN_BE_BUN: "1" } }).stdout, /^[0-9.]+\n$/);
    assert.match(sealcheck(executable, args, { env: { BUN_OPTIONS: "--version" } }).stdout, /^[0-9.]+\n$/);
  });
});
