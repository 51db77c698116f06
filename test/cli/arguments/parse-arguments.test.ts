import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Invocation, parseArguments } from "../../../src/cli/arguments/parse-arguments.ts";
import { commandNames, commandTable, globalOptions, optionNames } from "../../../src/cli/arguments/table.ts";
import { version } from "../../../src/cli/version.ts";

const verify = (options: object, operand = "DIR"): Invocation => ({
  kind: "run",
  command: "verify-installable",
  options: { identity: "REF", ...options },
  operands: [operand],
});
const words = (line: string): string[] => (line === "" ? [] : line.split(" "));

describe("parseArguments takes", () => {
  const rows: readonly { line: string; expected: Invocation }[] = [
    { line: "verify-installable --identity=REF DIR", expected: verify({}) },
    { line: "verify-installable --identity REF DIR", expected: verify({}) },
    { line: "verify-installable DIR --identity REF", expected: verify({}) },
    { line: "verify-installable --identity=REF -- --DIR", expected: verify({}, "--DIR") },
    { line: "verify-installable --identity=REF -", expected: verify({}, "-") },
    { line: "verify-installable --identity= DIR", expected: verify({ identity: "" }) },
    { line: "verify-installable --identity=--REF DIR", expected: verify({ identity: "--REF" }) },
    { line: "verify-installable --identity=a=b DIR", expected: verify({ identity: "a=b" }) },
    { line: "--policy P verify-installable --identity=REF DIR", expected: verify({ policy: "P" }) },
    { line: "verify-installable --policy P --identity=REF DIR", expected: verify({ policy: "P" }) },
    {
      line: "--require-signed --debug verify-installable --identity=REF DIR",
      expected: verify({ "require-signed": true, debug: true }),
    },
    {
      line: "verify-installable --require-signed=true --identity=REF DIR",
      expected: verify({ "require-signed": true }),
    },
    {
      line: "verify-installable --require-signed=false --identity=REF DIR",
      expected: verify({ "require-signed": false }),
    },
    { line: "--debug verify-installable --debug --identity=REF DIR", expected: verify({ debug: true }) },
    {
      line: "verify-installable -q --format=json --identity=REF DIR",
      expected: verify({ quiet: true, format: "json" }),
    },
    {
      line: "verify-installable --digest-file F --manifest-out M --identity=REF DIR",
      expected: verify({ "digest-file": "F", "manifest-out": "M" }),
    },
    {
      line: "--tmpdir /t --override-os linux --command-timeout=5m verify-installable --identity=REF DIR",
      expected: verify({ tmpdir: "/t", "override-os": "linux", "command-timeout": "5m" }),
    },
    { line: "batch", expected: { kind: "run", command: "batch", options: {}, operands: [] } },
    {
      line: "batch --jobs=2 --policy=P",
      expected: { kind: "run", command: "batch", options: { jobs: 2, policy: "P" }, operands: [] },
    },
    { line: "--help", expected: { kind: "help", command: undefined, isAlone: true } },
    { line: "-h", expected: { kind: "help", command: undefined, isAlone: true } },
    { line: "help", expected: { kind: "help", command: undefined, isAlone: true } },
    { line: "help batch", expected: { kind: "help", command: "batch", isAlone: true } },
    { line: "batch --help", expected: { kind: "help", command: "batch", isAlone: true } },
    { line: "verify-installable --help", expected: { kind: "help", command: "verify-installable", isAlone: true } },
    { line: "policy --help", expected: { kind: "help", command: "policy", isAlone: true } },
    { line: "help policy", expected: { kind: "help", command: "policy", isAlone: true } },
    { line: "help policy check", expected: { kind: "help", command: "policy check", isAlone: true } },
    { line: "policy check -h", expected: { kind: "help", command: "policy check", isAlone: true } },
    {
      line: "--debug policy --policy=P check --strict F",
      expected: {
        kind: "run",
        command: "policy check",
        options: { debug: true, policy: "P", strict: true },
        operands: ["F"],
      },
    },
    {
      line: "policy diff A --identities F B",
      expected: { kind: "run", command: "policy diff", options: { identities: "F" }, operands: ["A", "B"] },
    },
    { line: "--version", expected: { kind: "version", isAlone: true } },
    { line: "-v", expected: { kind: "version", isAlone: true } },
    // A SOURCE out of a variable, without "--": nothing may say that it is accepted.
    { line: "verify-installable --identity=REF -v", expected: { kind: "version", isAlone: false } },
    {
      line: "verify-installable --identity=REF DIR --help",
      expected: { kind: "help", command: "verify-installable", isAlone: false },
    },
  ];
  for (const { line, expected } of rows) {
    it(line, () => assert.deepEqual(parseArguments(words(line)).invocation, { ok: true, value: expected }));
  }
});

describe("parseArguments refuses", () => {
  const rows: readonly { line: string; code: string; names: string; why: string }[] = [
    { line: "", code: "usage.argument.missing", names: "COMMAND", why: "nothing asked for" },
    {
      line: "verify-installable --identity=REF d/\ufffd",
      code: "usage.argument.encoding",
      names: "d/\ufffd",
      why: "what the runtimes make of a path that is not UTF-8",
    },
    { line: "verify", code: "usage.command.unknown", names: "verify", why: "no such command" },
    { line: "toString", code: "usage.command.unknown", names: "toString", why: "what every object has is no command" },
    { line: "__proto__", code: "usage.command.unknown", names: "__proto__", why: "nor this" },
    { line: "help nothing", code: "usage.command.unknown", names: "nothing", why: "no such command" },
    {
      line: "--polcy P verify-installable",
      code: "usage.option.unknown",
      names: "--polcy",
      why: "the first error is told",
    },
    {
      line: "verify-installable --require-signatures --identity=REF DIR",
      code: "usage.option.unknown",
      names: "--require-signatures",
      why: "a typo must not weaken",
    },
    {
      line: "verify-installable --toString --identity=REF DIR",
      code: "usage.option.unknown",
      names: "--toString",
      why: "what every object has is no option",
    },
    {
      line: "verify-installable --no-debug --identity=REF DIR",
      code: "usage.option.unknown",
      names: "--no-debug",
      why: "no negations",
    },
    {
      line: "verify-installable -x --identity=REF DIR",
      code: "usage.option.unknown",
      names: "-x",
      why: "short ones too",
    },
    {
      line: "--identity=REF verify-installable DIR",
      code: "usage.option.unknown",
      names: "--identity",
      why: "not global",
    },
    { line: "batch --identity=REF", code: "usage.option.unknown", names: "--identity", why: "another command's" },
    {
      line: "verify-installable --jobs=2 --identity=REF DIR",
      code: "usage.option.unknown",
      names: "--jobs",
      why: "another command's",
    },
    {
      line: "verify-installable --policy A --policy B --identity=REF DIR",
      code: "usage.option.repeated",
      names: "policy",
      why: "which one?",
    },
    {
      line: "--policy A verify-installable --policy A --identity=REF DIR",
      code: "usage.option.repeated",
      names: "policy",
      why: "even the same",
    },
    {
      line: "verify-installable --identity=A --identity=B DIR",
      code: "usage.option.repeated",
      names: "identity",
      why: "which one?",
    },
    {
      line: "verify-installable --debug --debug=false --identity=REF DIR",
      code: "usage.option.repeated",
      names: "debug",
      why: "contradicts itself",
    },
    {
      line: "verify-installable --identity=REF --policy",
      code: "usage.option.value",
      names: "policy",
      why: "no value",
    },
    {
      line: "verify-installable --policy --identity=REF DIR",
      code: "usage.option.value",
      names: "policy",
      why: "the value was forgotten",
    },
    {
      line: "verify-installable --policy= --identity=REF DIR",
      code: "usage.option.value",
      names: "policy",
      why: "empty",
    },
    {
      line: "verify-installable --debug=1 --identity=REF DIR",
      code: "usage.option.value",
      names: "debug",
      why: "a flag",
    },
    {
      line: "verify-installable --format=xml --identity=REF DIR",
      code: "usage.option.value",
      names: "format",
      why: "no such format",
    },
    {
      line: "verify-installable --format=JSON --identity=REF DIR",
      code: "usage.option.value",
      names: "format",
      why: "letter case",
    },
    {
      line: "--insecure-policy verify-installable --identity=REF DIR",
      code: "usage.option.value",
      names: "insecure-policy",
      why: "there is nothing to verify",
    },
    {
      line: "--insecure-policy=false verify-installable --identity=REF DIR",
      code: "usage.option.value",
      names: "insecure-policy",
      why: "in any form",
    },
    { line: "batch --jobs=0", code: "usage.option.value", names: "jobs", why: "none" },
    { line: "batch --jobs=65", code: "usage.option.value", names: "jobs", why: "too many" },
    { line: "batch --jobs=1.5", code: "usage.option.value", names: "jobs", why: "no whole number" },
    { line: "batch --jobs=-1", code: "usage.option.value", names: "jobs", why: "negative" },
    { line: "batch --jobs=0x2", code: "usage.option.value", names: "jobs", why: "hexadecimal" },
    { line: "verify-installable --identity=REF", code: "usage.argument.missing", names: "SOURCE", why: "required" },
    { line: "verify-installable --identity=REF A B", code: "usage.argument.unexpected", names: "B", why: "one source" },
    { line: "batch FILE", code: "usage.argument.unexpected", names: "FILE", why: "it reads standard input" },
    { line: "help batch batch", code: "usage.argument.unexpected", names: "batch", why: "one command" },
    { line: "policy", code: "usage.argument.missing", names: "COMMAND", why: "a group does nothing" },
    { line: "policy chekc", code: "usage.command.unknown", names: "policy chekc", why: "no such command of the group" },
    { line: "policy toString", code: "usage.command.unknown", names: "policy toString", why: "nor this" },
    { line: "help policy chekc", code: "usage.command.unknown", names: "policy chekc", why: "no such command" },
    { line: "policy --strict check", code: "usage.option.unknown", names: "--strict", why: "its options follow it" },
    { line: "policy diff A --identities=F", code: "usage.argument.missing", names: "NEW", why: "two policies" },
    { line: "policy diff A B C --identities=F", code: "usage.argument.unexpected", names: "C", why: "only two" },
  ];
  for (const { line, code, names, why } of rows) {
    it(`${JSON.stringify(line)}: ${why}`, () => {
      const parsed = parseArguments(words(line)).invocation;
      assert.ok(!parsed.ok);
      assert.equal(parsed.problem.code, code);
      assert.ok(Object.values(parsed.problem).includes(names), JSON.stringify(parsed.problem));
    });
  }

  const nearest: readonly { line: string; meant: string }[] = [
    { line: "verify", meant: "verify-installable" },
    { line: "verify x", meant: "verify-installable" },
    { line: "polcy check", meant: "policy" },
    { line: "policy chek", meant: "policy check" },
    { line: "explain x", meant: "policy explain" },
    { line: "untrusted", meant: "untrusted-signature-dump" },
    { line: "help polcy", meant: "policy" },
    { line: "verify-instalable", meant: "verify-installable" },
    { line: "--polcy", meant: "policy" },
    { line: "verify-installable --require-sign", meant: "require-signed" },
    { line: "verify-installable --digestfile", meant: "digest-file" },
  ];
  for (const { line, meant } of nearest) {
    it(`${line}, and asks for ${meant}`, () => {
      const parsed = parseArguments(words(line)).invocation;
      assert.ok(!parsed.ok && "nearest" in parsed.problem);
      assert.equal(parsed.problem.nearest, meant);
    });
  }
});

describe("of a line that makes no sense is known", () => {
  const rows: readonly [line: string, told: { command?: string; json?: true; skopeo?: true }][] = [
    ["", {}],
    ["verify-installable", { command: "verify-installable" }],
    ["verify-installable --format=json", { command: "verify-installable", json: true }],
    ["verify-installable --format jsonl", { command: "verify-installable", json: true }],
    ["verify-installable --identity --format json SRC", { command: "verify-installable", json: true }],
    ["verify-installable --identity --policy --format=json", { command: "verify-installable", json: true }],
    ["verify-installable --identity=REF -- --format=json b", { command: "verify-installable" }],
    ["verify-installable --nonsense batch", { command: "verify-installable" }],
    ["--nonsense batch x", { command: "batch" }],
    ["--policy batch", {}],
    ["nonsense policy check", { command: "policy check" }],
    ["policy chekc", {}],
    ["standalone-verify", { command: "standalone-verify", skopeo: true }],
    ["--insecure-policy standalone-verify", { command: "standalone-verify", skopeo: true }],
    ["standalone-verify --exit-codes=detailed", { command: "standalone-verify" }],
    ["standalone-verify --exit-codes detailed a b c", { command: "standalone-verify" }],
    ["standalone-verify --system-signature-policy", { command: "standalone-verify" }],
    ["standalone-verify --system-signature-policy=false", { command: "standalone-verify", skopeo: true }],
    ["standalone-verify --help", { command: "standalone-verify" }],
  ];
  for (const [line, { command, json = false, skopeo = false }] of rows) {
    it(line, () => {
      const told = parseArguments(words(line));
      assert.deepEqual([told.command, told.asksForJson, told.failsAsSkopeo], [command, json, skopeo]);
    });
  }
});

describe("the table", () => {
  it("has no option that no command takes", () => {
    const taken = new Set([...globalOptions, ...commandNames.flatMap((name) => commandTable[name].options)]);
    assert.deepEqual(
      optionNames.filter((name) => !taken.has(name)),
      [],
    );
  });

  it("has the version of package.json", () => {
    const path = join(import.meta.dirname, "..", "..", "..", "package.json");
    assert.equal(JSON.parse(readFileSync(path, "utf8")).version, version);
  });
});
