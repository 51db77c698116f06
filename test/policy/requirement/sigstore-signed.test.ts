import assert from "node:assert/strict";
import { describe } from "node:test";
import type { SigstoreSigned, TrustSource } from "../../../src/policy/policy.ts";
import { testRows } from "../../identity/rows.ts";
import { acceptedRequirement, requirementSummaries } from "../policies.ts";

const before = '{"type": "sigstoreSigned", ';
const at = before.length + 1;

const path = (field: string, ...paths: readonly string[]): TrustSource => ({ kind: "paths", field, paths });
const data = (field: string, ...texts: readonly string[]): TrustSource => ({
  kind: "data",
  field,
  data: texts.map((text) => new Uint8Array(Buffer.from(text))),
});

function acceptedSigstore(fields: string): SigstoreSigned {
  const requirement = acceptedRequirement(`${before}${fields}}`);
  assert.ok(requirement.type === "sigstoreSigned");
  return requirement;
}

describe("the keys of sigstoreSigned", () => {
  const rows: readonly { input: string; expected: TrustSource; why: string }[] = [
    { input: '"keyPath": "/k"', expected: path("keyPath", "/k"), why: "one file" },
    { input: '"keyPaths": ["/k", null]', expected: path("keyPaths", "/k", ""), why: 'null in a list is ""' },
    { input: '"keyData": "QUI="', expected: data("keyData", "AB"), why: "one key" },
    { input: '"keyData": [65, 66]', expected: data("keyData", "AB"), why: "a list of numbers" },
    { input: '"keyData": ""', expected: data("keyData", ""), why: "present, though empty" },
    { input: '"keyData": []', expected: data("keyData", ""), why: "an empty list of numbers is no empty list of keys" },
    {
      input: '"keyDatas": ["QUI=", "", null, [67]]',
      expected: data("keyDatas", "AB", "", "", "C"),
      why: "each item may be base64, numbers or null",
    },
    { input: '"keyPath": "", "keyData": "QUI="', expected: data("keyData", "AB"), why: '"" counts as absent' },
    { input: '"keyPath": null, "keyPaths": ["/k"]', expected: path("keyPaths", "/k"), why: "so does null" },
    { input: '"keyData": null, "keyPaths": ["/k"]', expected: path("keyPaths", "/k"), why: "and null for data" },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) =>
      assert.deepEqual(acceptedSigstore(input), {
        type: "sigstoreSigned",
        trust: { kind: "keys", keys: expected },
        rekor: undefined,
        signedIdentity: { type: "matchRepoDigestOrExact" },
      }),
  );
});

describe("the Rekor keys of sigstoreSigned", () => {
  const rows: readonly { input: string; expected: TrustSource | undefined; why: string }[] = [
    { input: '"rekorPublicKeyPath": "/r"', expected: path("rekorPublicKeyPath", "/r"), why: "one file" },
    {
      input: '"rekorPublicKeyPaths": ["/r", "/s"]',
      expected: path("rekorPublicKeyPaths", "/r", "/s"),
      why: "several files",
    },
    { input: '"rekorPublicKeyData": "Ug=="', expected: data("rekorPublicKeyData", "R"), why: "one key" },
    {
      input: '"rekorPublicKeyDatas": ["Ug==", "Uw=="]',
      expected: data("rekorPublicKeyDatas", "R", "S"),
      why: "several",
    },
    { input: '"rekorPublicKeyData": ""', expected: data("rekorPublicKeyData", ""), why: "present, though empty" },
    { input: '"rekorPublicKeyPath": ""', expected: undefined, why: "switches Rekor off, without a word" },
    { input: '"rekorPublicKeyPath": null', expected: undefined, why: "as does null" },
    { input: '"rekorPublicKeyData": null', expected: undefined, why: "and null for data" },
    {
      input: '"rekorPublicKeyPath": "", "rekorPublicKeyData": "Ug=="',
      expected: data("rekorPublicKeyData", "R"),
      why: "an unset field does not count",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(acceptedSigstore(`"keyPath": "/k", ${input}`).rekor, expected),
  );
});

const fulcio = '"fulcio": {"caPath": "/c", "oidcIssuer": "i", "subjectEmail": "e"}';
const pki = '"pki": {"caRootsPath": "/c", "subjectEmail": "e"}';

describe("sigstoreSigned is refused", () => {
  const rows: readonly { input: string; expected: readonly string[]; why: string }[] = [
    { input: '"signedIdentity": {"type": "matchExact"}', expected: ["policy.sources.none 1 /"], why: "no keys" },
    { input: '"keyPath": ""', expected: [`policy.value.empty ${at + 11} /keyPath`], why: '"" counts as absent' },
    {
      input: '"keyPath": null, "keyData": null',
      expected: [`policy.value.type ${at + 11} /keyPath`, `policy.value.type ${at + 28} /keyData`],
      why: "null counts as absent",
    },
    { input: '"keyPaths": []', expected: [`policy.value.empty ${at + 12} /keyPaths`], why: "signedBy allows it" },
    { input: '"keyDatas": []', expected: [`policy.value.empty ${at + 12} /keyDatas`], why: "no keys in the list" },
    { input: '"keyPaths": null', expected: [`policy.value.type ${at + 12} /keyPaths`], why: "null is no list" },
    { input: '"keyDatas": null', expected: [`policy.value.type ${at + 12} /keyDatas`], why: "null is no list" },
    { input: '"keyDatas": "QUI="', expected: [`policy.value.type ${at + 12} /keyDatas`], why: "not a single key" },
    {
      input: '"keyDatas": [65, "QUI", [256]]',
      expected: [
        `policy.value.type ${at + 13} /keyDatas/0`,
        `policy.value.base64 ${at + 17} /keyDatas/1`,
        `policy.value.base64 ${at + 25} /keyDatas/2/0`,
      ],
      why: "each item that holds no bytes",
    },
    {
      input: '"keyPath": "/k", "keyPaths": null',
      expected: [`policy.sources.several ${at + 17} /keyPaths`, `policy.value.type ${at + 29} /keyPaths`],
      why: "a list counts even when it is null",
    },
    {
      input: '"keyPath": "/k", "keyDatas": ["QUI="]',
      expected: [`policy.sources.several ${at + 17} /keyDatas`],
      why: "two sources",
    },
    {
      input: `"keyData": "", ${pki}`,
      expected: [`policy.sources.several ${at + 15} /pki`],
      why: "empty data is data",
    },
    {
      input: '"keyPath": "/k", "fulcio": null',
      expected: [
        `policy.sources.several ${at + 17} /fulcio`,
        `policy.rekor.missing ${at + 17} /fulcio`,
        `policy.value.type ${at + 27} /fulcio`,
      ],
      why: "null counts as fulcio, and is none",
    },
    {
      input: '"keyPath": "/k", "rekorPublicKeyPaths": []',
      expected: [`policy.value.empty ${at + 40} /rekorPublicKeyPaths`],
      why: "an empty list",
    },
    {
      input: '"keyPath": "/k", "rekorPublicKeyDatas": []',
      expected: [`policy.value.empty ${at + 40} /rekorPublicKeyDatas`],
      why: "an empty list",
    },
    {
      input: '"keyPath": "/k", "rekorPublicKeyPaths": null',
      expected: [`policy.value.type ${at + 40} /rekorPublicKeyPaths`],
      why: "null is no list",
    },
    {
      input: '"keyPath": "/k", "rekorPublicKeyPath": "/r", "rekorPublicKeyData": ""',
      expected: [`policy.sources.several ${at + 45} /rekorPublicKeyData`],
      why: "empty data is data",
    },
    { input: fulcio, expected: [`policy.rekor.missing ${at} /fulcio`], why: "fulcio needs Rekor for the time" },
    {
      input: `${fulcio}, "rekorPublicKeyPath": ""`,
      expected: [`policy.rekor.missing ${at} /fulcio`],
      why: '"" is no Rekor key',
    },
    {
      input: `"rekorPublicKeyPath": "/r", ${pki}`,
      expected: [`policy.rekor.unsupported ${at} /rekorPublicKeyPath`],
      why: "pki does not know Rekor",
    },
    {
      input: '"keyPath": "/k", "keyType": "GPGKeys"',
      expected: [`policy.key.unknown ${at + 17} /keyType`],
      why: "a key of signedBy",
    },
    {
      input: '"keyPath": "/k", "signedIdentity": null',
      expected: [`policy.value.type ${at + 35} /signedIdentity`],
      why: "null is not the default",
    },
    {
      input: '"keyPath": "/k", "rekorPublickeyPath": "/r"',
      expected: [`policy.key.unknown ${at + 17} /rekorPublickeyPath`],
      why: "the spelling in the reference's own messages",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual(requirementSummaries(`${before}${input}}`), expected),
  );
});

describe("fulcio and pki of sigstoreSigned", () => {
  const rows: readonly { input: string; expected: Partial<SigstoreSigned>; why: string }[] = [
    {
      input: `${fulcio}, "rekorPublicKeyPath": "/r"`,
      expected: {
        trust: { kind: "fulcio", ca: path("caPath", "/c"), oidcIssuer: "i", subjectEmail: "e" },
        rekor: path("rekorPublicKeyPath", "/r"),
      },
      why: "fulcio with Rekor",
    },
    {
      input: `${pki}, "rekorPublicKeyPath": "", "rekorPublicKeyData": null`,
      expected: { rekor: undefined },
      why: "pki without Rekor, spelled out",
    },
    { input: `"keyPath": "", ${pki}, "keyData": null`, expected: { rekor: undefined }, why: "unset fields beside pki" },
    {
      input: `${pki}, "signedIdentity": {"type": "matchRepository"}`,
      expected: { signedIdentity: { type: "matchRepository" } },
      why: "with an identity",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => assert.deepEqual({ ...acceptedSigstore(input), ...expected }, acceptedSigstore(input)),
  );
});
