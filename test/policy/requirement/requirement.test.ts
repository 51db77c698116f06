import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Requirement } from "../../../src/policy/policy.ts";
import { testRows } from "../../identity/rows.ts";
import { acceptedRequirement, policyOf, problemsOf, requirementSummaries } from "../policies.ts";

describe("a requirement is accepted", () => {
  const rows: readonly { input: string; expected: Requirement; why: string }[] = [
    { input: '{"type": "insecureAcceptAnything"}', expected: { type: "insecureAcceptAnything" }, why: "nothing asked" },
    { input: '{"type": "reject"}', expected: { type: "reject" }, why: "never met" },
    { input: '{"t\\u0079pe": "re\\u006aect"}', expected: { type: "reject" }, why: "escapes are resolved first" },
    {
      input: '{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}',
      expected: { type: "signedBaseLayer", baseLayerIdentity: { type: "matchExact" } },
      why: "parses, and always refuses",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(acceptedRequirement(input), expected),
  );
});

describe("a requirement is refused", () => {
  const rows: readonly { input: string; expected: readonly string[]; why: string }[] = [
    { input: "null", expected: ["policy.value.type 1 /"], why: "null is no requirement" },
    { input: "[]", expected: ["policy.value.type 1 /"], why: "nor is a list" },
    { input: '"reject"', expected: ["policy.value.type 1 /"], why: "nor its name alone" },
    { input: "{}", expected: ["policy.key.missing 1 /"], why: "no type" },
    { input: '{"keyType": "GPGKeys"}', expected: ["policy.key.missing 1 /"], why: "keyType is not like type" },
    { input: '{"type": null}', expected: ["policy.value.type 10 /type"], why: 'null counts as the type ""' },
    { input: '{"type": ["reject"]}', expected: ["policy.value.type 10 /type"], why: "a list of types" },
    { input: '{"type": ""}', expected: ["policy.value.unknown 10 /type"], why: "no type has no name" },
    { input: '{"type": "Reject"}', expected: ["policy.value.unknown 10 /type"], why: "letter case matters" },
    { input: '{"type": "reject "}', expected: ["policy.value.unknown 10 /type"], why: "so do blanks" },
    { input: '{"Type": "reject"}', expected: ["policy.key.unknown 2 /Type"], why: "letter case of the key" },
    {
      input: '{"Type": "nothing"}',
      expected: ["policy.key.unknown 2 /Type", "policy.value.unknown 10 /Type"],
      why: "key and type are wrong",
    },
    {
      input: '{"type": "reject", "type": "reject"}',
      expected: ["policy.key.duplicate 20 /type"],
      why: "a duplicate, though it says the same",
    },
    {
      input: '{"type": "reject", "\\u0074ype": "insecureAcceptAnything"}',
      expected: ["policy.key.duplicate 20 /type"],
      why: "a duplicate behind an escape: the first lenient look of the reference takes the last",
    },
    {
      input: '{"type": "reject", "TYPE": "insecureAcceptAnything"}',
      expected: ["policy.key.unknown 20 /TYPE"],
      why: "that look also ignores letter case, and the strict one refuses it",
    },
    {
      input: '{"type": "reject", "keyPath": "/k"}',
      expected: ["policy.key.unknown 20 /keyPath"],
      why: "a key of another type",
    },
    {
      input: '{"type": "insecureAcceptAnything", "__proto__": {}}',
      expected: ["policy.key.unknown 36 /__proto__"],
      why: "a key like any other",
    },
    {
      input: '{"type": "signedBaseLayer"}',
      expected: ["policy.key.missing 1 /"],
      why: "baseLayerIdentity has no default",
    },
    {
      input: '{"type": "signedBaseLayer", "baseLayerIdentity": null}',
      expected: ["policy.value.type 50 /baseLayerIdentity"],
      why: "null is not the default either",
    },
    {
      input: '{"type": "signedBaseLayer", "signedIdentity": {"type": "matchExact"}}',
      expected: ["policy.key.missing 1 /", "policy.key.unknown 29 /signedIdentity"],
      why: "it goes by another name here",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(requirementSummaries(input), expected),
  );

  test("what is known, and what is near", () => {
    const types = ["insecureAcceptAnything", "reject", "signedBy", "signedBaseLayer", "sigstoreSigned"];
    const [value, key] = problemsOf(policyOf('{"type": "sigstoresigned", "keypath": "/k"}'));
    assert.ok(value?.code === "policy.value.unknown" && key?.code === "policy.key.unknown");
    assert.deepEqual([value.value, value.nearest, value.known], ["sigstoresigned", "sigstoreSigned", types]);
    assert.deepEqual([key.key, key.nearest, key.known.length], ["keypath", "keyPath", 12]);
  });

  test("the first place of a duplicate", () => {
    const [problem] = problemsOf('{"default": [{"type": "reject"}],\n "default": []}');
    assert.ok(problem?.code === "policy.key.duplicate");
    assert.deepEqual(problem.first, { offset: 1, line: 1, column: 2 });
    assert.deepEqual(problem.at, { offset: 35, line: 2, column: 2 });
  });
});
