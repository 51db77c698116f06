import assert from "node:assert/strict";
import { describe } from "node:test";
import { referenceText } from "../../../src/identity/docker-reference.ts";
import type { SignedIdentity } from "../../../src/policy/policy.ts";
import { testRows } from "../../identity/rows.ts";
import { acceptedRequirement, policyOf, problemsOf, requirementSummaries } from "../policies.ts";

const before = '{"type": "signedBaseLayer", "baseLayerIdentity": ';
const hex = "0123456789abcdef".repeat(4);

function acceptedIdentity(text: string): SignedIdentity {
  const requirement = acceptedRequirement(`${before}${text}}`);
  assert.ok(requirement.type === "signedBaseLayer");
  return requirement.baseLayerIdentity;
}

/** References as text, as rows have them. */
function plain(identity: SignedIdentity): unknown {
  switch (identity.type) {
    case "exactReference":
      return { ...identity, dockerReference: referenceText(identity.dockerReference) };
    case "exactRepository":
      return { ...identity, dockerRepository: referenceText(identity.dockerRepository) };
    default:
      return identity;
  }
}

describe("a signed identity is accepted", () => {
  const rows: readonly { input: string; expected: unknown; why: string }[] = [
    ...["matchExact", "matchRepoDigestOrExact", "matchRepository"].map((type) => ({
      input: `{"type": "${type}"}`,
      expected: { type },
      why: "says all",
    })),
    {
      input: '{"type": "exactReference", "dockerReference": "a.com/x:1"}',
      expected: { type: "exactReference", dockerReference: "a.com/x:1" },
      why: "a tag",
    },
    {
      input: `{"dockerReference": "a.com/x@sha256:${hex}", "type": "exactReference"}`,
      expected: { type: "exactReference", dockerReference: `a.com/x@sha256:${hex}` },
      why: "a digest",
    },
    {
      input: `{"type": "exactReference", "dockerReference": "busybox:1@sha256:${hex}"}`,
      expected: { type: "exactReference", dockerReference: `docker.io/library/busybox:1@sha256:${hex}` },
      why: "both, and a short name",
    },
    {
      input: '{"type": "exactRepository", "dockerRepository": "a.com/x"}',
      expected: { type: "exactRepository", dockerRepository: "a.com/x" },
      why: "a repository",
    },
    {
      input: '{"type": "exactRepository", "dockerRepository": "busybox:1"}',
      expected: { type: "exactRepository", dockerRepository: "docker.io/library/busybox:1" },
      why: "the tag means nothing",
    },
    ...[
      ["a.com", "b.com:5000/x/y"],
      ["localhost", "localhost:5000"],
      ["a.com/x", "short/name"],
      ["shortname", "UPPER"],
    ].map(([prefix, signedPrefix]) => ({
      input: JSON.stringify({ type: "remapIdentity", prefix, signedPrefix }),
      expected: { type: "remapIdentity", prefix, signedPrefix },
      why: "hosts and names; short ones never match",
    })),
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(plain(acceptedIdentity(input)), expected),
  );
});

describe("a signed identity is refused", () => {
  const remap = (prefix: string) => `{"type": "remapIdentity", "signedPrefix": "a.com", "prefix": ${prefix}}`;
  const exact = (reference: string) => `{"type": "exactReference", "dockerReference": ${reference}}`;
  const repository = (reference: string) => `{"type": "exactRepository", "dockerRepository": ${reference}}`;
  const rows: readonly { input: string; expected: readonly string[]; why: string }[] = [
    { input: '"matchExact"', expected: ["policy.value.type 1 /"], why: "a name alone" },
    { input: "{}", expected: ["policy.key.missing 1 /"], why: "no type" },
    { input: '{"type": null}', expected: ["policy.value.type 10 /type"], why: "null" },
    { input: '{"type": "matchAnything"}', expected: ["policy.value.unknown 10 /type"], why: "no such type" },
    { input: '{"type": "matchexact"}', expected: ["policy.value.unknown 10 /type"], why: "letter case" },
    { input: '{"TYPE": "matchExact"}', expected: ["policy.key.unknown 2 /TYPE"], why: "letter case of the key" },
    {
      input: '{"type": "matchExact", "type": "matchRepository"}',
      expected: ["policy.key.duplicate 24 /type"],
      why: "twice",
    },
    {
      input: '{"type": "matchExact", "dockerReference": "a:1"}',
      expected: ["policy.key.unknown 24 /dockerReference"],
      why: "a key of another type",
    },
    { input: '{"type": "exactReference"}', expected: ["policy.key.missing 1 /"], why: "no reference" },
    { input: '{"type": "exactRepository"}', expected: ["policy.key.missing 1 /"], why: "no repository" },
    { input: exact("null"), expected: ["policy.value.type 47 /dockerReference"], why: 'null counts as ""' },
    { input: exact('""'), expected: ["policy.value.empty 47 /dockerReference"], why: "no reference" },
    { input: exact('"a.com/x"'), expected: ["policy.value.reference 47 /dockerReference"], why: "no tag or digest" },
    { input: exact('"a.com/X:1"'), expected: ["policy.value.reference 47 /dockerReference"], why: "upper case" },
    { input: exact('"docker://a:1"'), expected: ["policy.value.reference 47 /dockerReference"], why: "no transports" },
    { input: exact('"[::1]/x:1"'), expected: ["policy.value.reference 47 /dockerReference"], why: "no IPv6 hosts" },
    { input: repository(`"${hex}"`), expected: ["policy.value.reference 49 /dockerRepository"], why: "an image ID" },
    { input: repository('""'), expected: ["policy.value.empty 49 /dockerRepository"], why: "no repository" },
    {
      input: '{"type": "remapIdentity", "prefix": "a.com"}',
      expected: ["policy.key.missing 1 /"],
      why: "nothing to replace it with",
    },
    { input: '{"type": "remapIdentity"}', expected: ["policy.key.missing 1 /", "policy.key.missing 1 /"], why: "both" },
    { input: remap("null"), expected: ["policy.value.type 62 /prefix"], why: 'null counts as ""' },
    { input: remap('""'), expected: ["policy.value.empty 62 /prefix"], why: "everything has that prefix" },
    { input: remap('"a.com/x:1"'), expected: ["policy.value.prefix 62 /prefix"], why: "a tag" },
    { input: remap('"a.com/"'), expected: ["policy.value.prefix 62 /prefix"], why: "a final slash" },
    { input: remap('"a.com/X"'), expected: ["policy.value.prefix 62 /prefix"], why: "upper case in a name" },
    { input: remap('"*.com"'), expected: ["policy.value.prefix 62 /prefix"], why: "no wildcards" },
    { input: remap('"a.com\\n"'), expected: ["policy.value.prefix 62 /prefix"], why: "to the very end" },
    {
      input: '{"type": "remapIdentity", "prefix": "-", "signedPrefix": 1, "x": 0}',
      expected: ["policy.value.prefix 37 /prefix", "policy.value.type 58 /signedPrefix", "policy.key.unknown 61 /x"],
      why: "all in one run",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => {
      const within = expected.map((summary) => {
        const [code, column, place] = summary.split(" ");
        return `${code} ${Number(column) + before.length} /baseLayerIdentity${place === "/" ? "" : place}`;
      });
      assert.deepEqual(requirementSummaries(`${before}${input}}`), within);
    },
  );

  const flaws: readonly { input: string; flaw: string }[] = [
    { input: exact('"busybox"'), flaw: "tag-or-digest-missing" },
    { input: exact(`"${hex}"`), flaw: "identifier" },
  ];
  testRows(
    flaws,
    (row) => `flaw of ${row.input}`,
    ({ input, flaw }) => {
      const [problem] = problemsOf(policyOf(`${before}${input}}`));
      assert.ok(problem?.code === "policy.value.reference");
      assert.equal(problem.flaw, flaw);
      assert.ok(input.includes(`"${problem.value}"`), "the value as written");
    },
  );
});
