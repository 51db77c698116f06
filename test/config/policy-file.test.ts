import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { type PolicyEnvironment, readDefaultPolicy, readPolicyFile } from "../../src/config/policy-file.ts";
import { readTrustFile, type UnreadableTrustFile } from "../../src/host/trust-file.ts";
import { maxPolicyBytes, maxTrustFileBytes } from "../../src/limits.ts";
import { makeFifo, temporaryDirectory } from "../support/temporary.ts";

const place = temporaryDirectory();
const ignore = (): void => undefined;
const at = (path: string): string => join(place, path);
for (const path of ["home/.config/containers/policy.json", "xdg/containers/policy.json", "named.json"]) {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), path);
}
mkdirSync(at("odd/.config/containers/policy.json"), { recursive: true });
writeFileSync(at("file"), "");
symlinkSync("named.json", at("link.json"));
symlinkSync("nowhere", at("dangling.json"));
writeFileSync(at("large"), "");
truncateSync(at("large"), Math.max(maxPolicyBytes, maxTrustFileBytes) + 1);
makeFifo(at("fifo"));

describe("readDefaultPolicy", () => {
  const rows: readonly { environment: PolicyEnvironment; expected: string; why: string }[] = [
    { environment: { HOME: at("home") }, expected: "home/.config/containers/policy.json", why: "the user's" },
    {
      environment: { HOME: at("home"), XDG_CONFIG_HOME: "" },
      expected: "home/.config/containers/policy.json",
      why: "empty is unset",
    },
    {
      environment: { HOME: at("home"), XDG_CONFIG_HOME: at("xdg") },
      expected: "xdg/containers/policy.json",
      why: "instead of ~/.config",
    },
    {
      environment: { HOME: at("home"), CONTAINERS_POLICY_JSON: at("named.json") },
      expected: "named.json",
      why: "named by the caller",
    },
    {
      environment: { HOME: at("home"), CONTAINERS_POLICY_JSON: "" },
      expected: "home/.config/containers/policy.json",
      why: "empty is unset",
    },
    {
      environment: { HOME: at("home"), CONTAINERS_POLICY_JSON: at("none") },
      expected: "policy.unreadable",
      why: "named, so it must be there",
    },
    { environment: { HOME: at("odd") }, expected: "policy.unreadable", why: "a directory; the next might allow more" },
    {
      environment: { HOME: at("file") },
      expected: "policy.unreadable",
      why: "HOME is a file: not the same as missing",
    },
    { environment: { HOME: "home" }, expected: "policy.unreadable", why: "relative to where root happens to stand" },
    { environment: { HOME: "/", XDG_CONFIG_HOME: "xdg" }, expected: "policy.unreadable", why: "the same" },
  ];
  for (const { environment, expected, why } of rows) {
    it(`${JSON.stringify(environment).replaceAll(place, "")}: ${why}`, () => {
      const policy = readDefaultPolicy(environment, ignore);
      if (policy.ok) assert.deepEqual(policy.value, { path: at(expected), bytes: Buffer.from(expected) });
      else assert.equal(policy.problem.code, expected);
    });
  }

  it("goes on to the system's, and says where it looked", () => {
    const policy = readDefaultPolicy({ HOME: at("none") }, ignore);
    const system = ["/etc/containers/policy.json", "/usr/share/containers/policy.json"];
    if (policy.ok) assert.ok(system.includes(policy.value.path));
    else
      assert.deepEqual(policy.problem, {
        code: "policy.missing",
        searched: [at("none/.config/containers/policy.json"), ...system],
      });
  });
});

describe("readPolicyFile", () => {
  const rows: readonly { name: string; expected: string }[] = [
    { name: "named.json", expected: "named.json" },
    { name: "link.json", expected: "named.json" },
    { name: "none", expected: "policy.unreadable" },
    { name: "dangling.json", expected: "policy.unreadable" },
    { name: "home", expected: "policy.unreadable" },
    { name: "fifo", expected: "policy.unreadable" },
    { name: "large", expected: "policy.too-large" },
  ];
  for (const { name, expected } of rows) {
    it(name, () => {
      const policy = readPolicyFile(at(name), ignore);
      assert.equal(policy.ok ? Buffer.from(policy.value.bytes).toString() : policy.problem.code, expected);
    });
  }
});

describe("readTrustFile", () => {
  const rows: readonly { name: string; expected: string }[] = [
    { name: "link.json", expected: "named.json" },
    { name: "none", expected: "unreadable: no such file or directory" },
    { name: "home", expected: "a directory" },
    { name: "fifo", expected: "unreadable: not a regular file" },
    { name: "large", expected: "too-large" },
  ];
  const textOf = (problem: UnreadableTrustFile): string => {
    if (problem.kind === "too-large") return problem.kind;
    return problem.isDirectory === true ? "a directory" : `${problem.kind}: ${problem.reason}`;
  };
  for (const { name, expected } of rows) {
    it(name, () => {
      const read = readTrustFile(at(name), ignore);
      assert.equal(read.ok ? Buffer.from(read.value).toString() : textOf(read.problem), expected);
    });
  }
});

it("a variable that is not UTF-8 is refused, not taken for another path", () => {
  for (const environment of [
    { CONTAINERS_POLICY_JSON: "/etc/\ufffd.json" },
    { HOME: "/home/\ufffd" },
    { XDG_CONFIG_HOME: "/\ufffd" },
  ]) {
    const found = readDefaultPolicy(environment, () => undefined);
    assert.ok(!found.ok);
    assert.equal(found.problem.code, "policy.unreadable");
  }
});
