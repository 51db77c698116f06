import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { forms } from "../support/run.ts";

/** On Node: the executable has its own runtime. */
const onNode = forms.filter(({ name }) => name !== "executable");

/** Older Nodes have no `process.getBuiltinModule`, which sealcheck.mjs begins with; nobody can give them one here. */
function pretending(version: string): readonly string[] {
  const preload = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
    delete Object.getPrototypeOf(process).getBuiltinModule;
    delete process.getBuiltinModule;`;
  return ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
}

function run(node: string, options: readonly string[], program: readonly string[], args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node, [...options, ...program.slice(1), ...args], {
    env: {},
    encoding: "utf8",
    input: '{"identity": "a.example.com/b", "source": "/nowhere"}\n',
  });
  return { status, stdout, stderr };
}

const refusal = (version: string) => ({
  status: 2,
  stdout: "",
  stderr: `sealcheck needs Node 22.3 or newer, and this is Node ${version}: nothing was verified.\n`,
});

const commands = [["verify-installable", "--identity=a.example.com/b", "/nowhere"], ["batch"], ["--version"], []];

for (const { name, command } of onNode) {
  describe(`a Node that is too old gets one line and exit code 2 (${name})`, () => {
    for (const version of ["16.20.2", "20.20.2", "22.2.0"]) {
      for (const args of commands) {
        it(`${version}: sealcheck ${args.join(" ")}`, () => {
          assert.deepEqual(run(process.execPath, pretending(version), command, args), refusal(version));
        });
      }
    }

    const old = oldNode();
    const reason = "the node on PATH is not older than 22.3";
    it("and so does a real one", { skip: old === undefined ? reason : false }, () => {
      assert.ok(old !== undefined);
      for (const args of commands) assert.deepEqual(run(old.path, [], command, args), refusal(old.version));
    });
  });
}

it("the first Node that will do goes on", () => {
  const [{ command } = assert.fail("no form")] = onNode;
  for (const version of ["22.3.0", "23.0.0", "100.1.0"]) {
    const preload = `Object.defineProperty(process, "versions", { value: { node: "${version}" } });`;
    const options = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
    assert.equal(run(process.execPath, options, command, ["--version"]).status, 0, version);
  }
});

it("package.json asks for the same", () => {
  const root = join(import.meta.dirname, "../..");
  const { engines }: { engines: { node: string } } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(engines.node, ">=22.3");
});

function oldNode(): { path: string; version: string } | undefined {
  const { PATH = "" } = process.env;
  for (const directory of PATH.split(":")) {
    const path = join(directory, "node");
    const { status, stdout } = spawnSync(path, ["-p", "process.versions.node"], { encoding: "utf8" });
    const [major = 0, minor = 0] = (stdout ?? "").split(".").map(Number);
    if (status === 0 && (major < 22 || (major === 22 && minor < 3))) return { path, version: stdout.trim() };
  }
  return undefined;
}
