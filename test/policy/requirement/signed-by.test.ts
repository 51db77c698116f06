import assert from "node:assert/strict";
import { describe } from "node:test";
import type { SignedBy, TrustSource } from "../../../src/policy/policy.ts";
import { testRows } from "../../identity/rows.ts";
import { acceptedRequirement, requirementSummaries } from "../policies.ts";

const before = '{"type": "signedBy", "keyType": "GPGKeys", ';

function data(bytes: readonly number[]): TrustSource {
  return { kind: "data", field: "keyData", data: [Uint8Array.from(bytes)] };
}

describe("the key source of signedBy", () => {
  const rows: readonly { input: string; expected: TrustSource; why: string }[] = [
    { input: '"keyPath": "/k"', expected: { kind: "paths", field: "keyPath", paths: ["/k"] }, why: "one file" },
    {
      input: '"keyPaths": ["/k", "/l"]',
      expected: { kind: "paths", field: "keyPaths", paths: ["/k", "/l"] },
      why: "several files",
    },
    { input: '"keyPaths": []', expected: { kind: "paths", field: "keyPaths", paths: [] }, why: "allowed, and no key" },
    { input: '"keyPaths": [null]', expected: { kind: "paths", field: "keyPaths", paths: [""] }, why: 'null is ""' },
    { input: '"keyData": "QUI="', expected: data([0x41, 0x42]), why: "base64" },
    { input: '"keyData": "Q\\nU\\r\\nI=\\n"', expected: data([0x41, 0x42]), why: "line ends are skipped" },
    { input: '"keyData": "QUJ="', expected: data([0x41, 0x42]), why: "bits under the padding may be anything" },
    { input: '"keyData": "\\u0051UI\\u003d"', expected: data([0x41, 0x42]), why: "escapes are resolved first" },
    { input: '"keyData": ""', expected: data([]), why: "present, though empty: fails only when used" },
    { input: '"keyData": []', expected: data([]), why: "an empty list of numbers" },
    { input: '"keyData": [0, 255, null]', expected: data([0, 255, 0]), why: "a list of numbers; null is 0" },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => {
      const requirement = acceptedRequirement(`${before}${input}}`);
      const signedIdentity = { type: "matchRepoDigestOrExact" } as const;
      const whole: SignedBy = { type: "signedBy", keyType: "GPGKeys", keys: expected, signedIdentity };
      assert.deepEqual(requirement, whole);
    },
  );
});

describe("signedBy refuses the key source", () => {
  const at = before.length + 1;
  const rows: readonly { input: string; expected: readonly string[]; why: string }[] = [
    { input: '"keyPath": ""', expected: [`policy.value.empty ${at + 11} /keyPath`], why: "a field, but no path" },
    { input: '"keyPath": null', expected: [`policy.value.type ${at + 11} /keyPath`], why: "null stands for no path" },
    { input: '"keyPath": ["/k"]', expected: [`policy.value.type ${at + 11} /keyPath`], why: "the list is keyPaths" },
    { input: '"keyPaths": null', expected: [`policy.value.type ${at + 12} /keyPaths`], why: "null is no list" },
    { input: '"keyPaths": "/k"', expected: [`policy.value.type ${at + 12} /keyPaths`], why: "nor is a path" },
    {
      input: '"keyPaths": ["/k", 1, {}]',
      expected: [`policy.value.type ${at + 19} /keyPaths/1`, `policy.value.type ${at + 22} /keyPaths/2`],
      why: "each item that is no path",
    },
    { input: '"keyData": null', expected: [`policy.value.type ${at + 11} /keyData`], why: "null stands for no data" },
    { input: '"keyData": {}', expected: [`policy.value.type ${at + 11} /keyData`], why: "an object" },
    { input: '"keyData": "QUI"', expected: [`policy.value.base64 ${at + 11} /keyData`], why: "padding is missing" },
    { input: '"keyData": "QU I"', expected: [`policy.value.base64 ${at + 11} /keyData`], why: "a blank" },
    { input: '"keyData": "-_8="', expected: [`policy.value.base64 ${at + 11} /keyData`], why: "URL-safe letters" },
    { input: '"keyData": [256]', expected: [`policy.value.base64 ${at + 12} /keyData/0`], why: "no byte" },
    { input: '"keyData": [-0]', expected: [`policy.value.base64 ${at + 12} /keyData/0`], why: "no sign, even for 0" },
    { input: '"keyData": [1.0]', expected: [`policy.value.base64 ${at + 12} /keyData/0`], why: "digits only" },
    { input: '"keyData": [1e0]', expected: [`policy.value.base64 ${at + 12} /keyData/0`], why: "no exponent" },
    { input: '"keyData": [1, "2"]', expected: [`policy.value.type ${at + 15} /keyData/1`], why: "not as text" },
    {
      input: '"keyDatas": ["QUI="]',
      expected: [`policy.key.unknown ${at} /keyDatas`, `policy.value.type ${at + 13} /keyDatas/0`],
      why: "sigstoreSigned has it; here it is taken for keyData, where a list is one of numbers",
    },
    {
      input: '"keyPath": "/k", "keyData": "QUI="',
      expected: [`policy.sources.several ${at + 17} /keyData`],
      why: "two sources",
    },
    {
      input: '"keyData": "QUI=", "keyPath": ""',
      expected: [`policy.sources.several ${at + 19} /keyPath`, `policy.value.empty ${at + 30} /keyPath`],
      why: "an empty field counts as a source, unlike in sigstoreSigned",
    },
    {
      input: '"keyPath": "/k", "keyPaths": null',
      expected: [`policy.sources.several ${at + 17} /keyPaths`, `policy.value.type ${at + 29} /keyPaths`],
      why: "so does null",
    },
    {
      input: '"keyPath": "/k", "note": 1',
      expected: [`policy.key.unknown ${at + 17} /note`],
      why: "no other keys",
    },
    {
      input: '"keypath": ""',
      expected: [`policy.key.unknown ${at} /keypath`, `policy.value.empty ${at + 11} /keypath`],
      why: "the value of a mistyped key is looked at too",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(requirementSummaries(`${before}${input}}`), expected),
  );
});

describe("signedBy", () => {
  const accepted: readonly { input: string; expected: Partial<SignedBy> }[] = [
    ...(["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"] as const).map((keyType) => ({
      input: `{"type": "signedBy", "keyType": "${keyType}", "keyPath": "/k"}`,
      expected: { keyType },
    })),
    {
      input: '{"signedIdentity": {"type": "matchExact"}, "keyPath": "/k", "keyType": "GPGKeys", "type": "signedBy"}',
      expected: { signedIdentity: { type: "matchExact" } },
    },
  ];
  testRows(
    accepted,
    (row) => row.input,
    ({ input, expected }) =>
      assert.deepEqual({ ...acceptedRequirement(input), ...expected }, acceptedRequirement(input)),
  );

  const refused: readonly { input: string; expected: readonly string[]; why: string }[] = [
    {
      input: '{"type": "signedBy"}',
      expected: ["policy.key.missing 1 /", "policy.sources.none 1 /"],
      why: "neither kind nor key",
    },
    {
      input: '{"type": "signedBy", "keyPath": "/k"}',
      expected: ["policy.key.missing 1 /"],
      why: "keyType has no default",
    },
    {
      input: '{"type": "signedBy", "keyType": null, "keyPath": "/k"}',
      expected: ["policy.value.type 33 /keyType"],
      why: "null is no kind",
    },
    {
      input: '{"type": "signedBy", "keyType": "gpgKeys", "keyPath": "/k"}',
      expected: ["policy.value.unknown 33 /keyType"],
      why: "letter case",
    },
    {
      input: '{"type": "signedBy", "keyType": "X.509Certificates", "keyPath": "/k"}',
      expected: ["policy.value.unknown 33 /keyType"],
      why: "a spelling from an old comment",
    },
    {
      input: '{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/k", "signedIdentity": null}',
      expected: ["policy.value.type 79 /signedIdentity"],
      why: "null is not the default",
    },
    {
      input: '{"type": "signedby", "keytype": "GPG", "keyPaht": 1, "signedidentity": {"type": "x"}}',
      expected: [
        "policy.value.unknown 10 /type",
        "policy.key.unknown 22 /keytype",
        "policy.value.unknown 33 /keytype",
        "policy.key.unknown 40 /keyPaht",
        "policy.value.type 51 /keyPaht",
        "policy.key.unknown 54 /signedidentity",
        "policy.value.unknown 81 /signedidentity/type",
      ],
      why: "all in one run",
    },
  ];
  testRows(
    refused,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(requirementSummaries(input), expected),
  );
});
