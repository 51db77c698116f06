import assert from "node:assert/strict";
import { describe } from "node:test";
import type { SigstoreTrust, TrustSource } from "../../src/policy/policy.ts";
import { testRows } from "../identity/rows.ts";
import { acceptedRequirement, requirementSummaries } from "./policies.ts";

const path = (field: string, only: string): TrustSource => ({ kind: "paths", field, paths: [only] });
const data = (field: string, text: string): TrustSource => ({
  kind: "data",
  field,
  data: [new Uint8Array(Buffer.from(text))],
});

interface AcceptedRow {
  readonly input: string;
  readonly expected: SigstoreTrust;
  readonly why: string;
}
interface RefusedRow {
  readonly input: string;
  /** Columns and paths within the object. */
  readonly expected: readonly string[];
  readonly why: string;
}

function testTrust(kind: "fulcio" | "pki", accepted: readonly AcceptedRow[], refused: readonly RefusedRow[]): void {
  const before = `{"type": "sigstoreSigned", "${kind}": `;
  const after = kind === "fulcio" ? ', "rekorPublicKeyPath": "/r"}' : "}";
  describe(`${kind} is accepted`, () => {
    testRows(
      accepted,
      (row) => row.input,
      ({ input, expected }) => {
        const requirement = acceptedRequirement(`${before}${input}${after}`);
        assert.ok(requirement.type === "sigstoreSigned");
        assert.deepEqual(requirement.trust, expected);
      },
    );
  });
  describe(`${kind} is refused`, () => {
    testRows(
      refused,
      (row) => row.input,
      ({ input, expected }) => {
        const within = expected.map((summary) => {
          const [code, column, place] = summary.split(" ");
          const rest = place === "/" ? "" : place;
          return `${code} ${Number(column) + before.length} /${kind}${rest}`;
        });
        assert.deepEqual(requirementSummaries(`${before}${input}${after}`), within);
      },
    );
  });
}

const who = '"oidcIssuer": "i", "subjectEmail": "e"';
const fulcio = (ca: TrustSource): SigstoreTrust => ({ kind: "fulcio", ca, oidcIssuer: "i", subjectEmail: "e" });
testTrust(
  "fulcio",
  [
    { input: `{"caPath": "/c", ${who}}`, expected: fulcio(path("caPath", "/c")), why: "a file" },
    { input: `{"caData": "QUI=", ${who}}`, expected: fulcio(data("caData", "AB")), why: "data" },
    { input: `{"caData": [65], ${who}}`, expected: fulcio(data("caData", "A")), why: "data as numbers" },
    { input: `{"caData": "", ${who}}`, expected: fulcio(data("caData", "")), why: "fails only when used" },
    { input: `{"caPath": "", "caData": "QUI=", ${who}}`, expected: fulcio(data("caData", "AB")), why: '"" is absent' },
    { input: `{${who}, "caPath": "/c", "caData": null}`, expected: fulcio(path("caPath", "/c")), why: "so is null" },
  ],
  [
    { input: "null", expected: ["policy.value.type 1 /"], why: "null is no object" },
    { input: '"/c"', expected: ["policy.value.type 1 /"], why: "nor is a path" },
    {
      input: "{}",
      expected: ["policy.key.missing 1 /", "policy.key.missing 1 /", "policy.sources.none 1 /"],
      why: "nothing at all",
    },
    { input: `{${who}}`, expected: ["policy.sources.none 1 /"], why: "no CA" },
    { input: `{"caPath": "", ${who}}`, expected: ["policy.value.empty 12 /caPath"], why: "an empty path" },
    { input: `{"caData": null, ${who}}`, expected: ["policy.value.type 12 /caData"], why: "null for data" },
    {
      input: `{"caPath": "/c", "caData": "", ${who}}`,
      expected: ["policy.sources.several 18 /caData"],
      why: "empty data is data",
    },
    {
      input: '{"caPath": "/c", "oidcIssuer": "", "subjectEmail": null}',
      expected: ["policy.value.empty 32 /oidcIssuer", "policy.value.type 52 /subjectEmail"],
      why: "both must say something",
    },
    {
      input: '{"caPath": "/c", "oidcIssuer": "i", "subjectEmail": ["e"]}',
      expected: ["policy.value.type 53 /subjectEmail"],
      why: "one address only",
    },
    {
      input: `{"caPath": "/c", ${who}, "subjectHostname": "h"}`,
      expected: ["policy.key.unknown 58 /subjectHostname"],
      why: "a key of pki",
    },
    {
      input: '{"caPath": "/c", "oidcissuer": "i", "subjectEmail": "e", "subjectEmail": "f"}',
      expected: ["policy.key.unknown 18 /oidcissuer", "policy.key.duplicate 58 /subjectEmail"],
      why: "strict as everywhere",
    },
  ],
);

const pki = (parts: Partial<Extract<SigstoreTrust, { kind: "pki" }>>): SigstoreTrust => ({
  kind: "pki",
  roots: path("caRootsPath", "/c"),
  intermediates: undefined,
  subjectEmail: undefined,
  subjectHostname: undefined,
  ...parts,
});
testTrust(
  "pki",
  [
    { input: '{"caRootsPath": "/c", "subjectEmail": "e"}', expected: pki({ subjectEmail: "e" }), why: "an address" },
    { input: '{"caRootsPath": "/c", "subjectHostname": "h"}', expected: pki({ subjectHostname: "h" }), why: "a host" },
    {
      input: '{"caRootsPath": "/c", "subjectEmail": "e", "subjectHostname": "h"}',
      expected: pki({ subjectEmail: "e", subjectHostname: "h" }),
      why: "both",
    },
    {
      input: '{"caRootsPath": "/c", "subjectEmail": "", "subjectHostname": "h"}',
      expected: pki({ subjectHostname: "h" }),
      why: 'an address of "" asks for nothing',
    },
    {
      input: '{"caRootsData": "QUI=", "caRootsPath": null, "subjectEmail": "e"}',
      expected: pki({ roots: data("caRootsData", "AB"), subjectEmail: "e" }),
      why: "roots as data",
    },
    {
      input: '{"caRootsPath": "/c", "caIntermediatesPath": "/i", "subjectEmail": "e"}',
      expected: pki({ intermediates: path("caIntermediatesPath", "/i"), subjectEmail: "e" }),
      why: "intermediates",
    },
    {
      input: '{"caRootsPath": "/c", "caIntermediatesPath": "", "caIntermediatesData": "QUI=", "subjectEmail": "e"}',
      expected: pki({ intermediates: data("caIntermediatesData", "AB"), subjectEmail: "e" }),
      why: "intermediates as data",
    },
    {
      input: '{"caRootsPath": "/c", "caIntermediatesPath": "", "caIntermediatesData": null, "subjectEmail": "e"}',
      expected: pki({ subjectEmail: "e" }),
      why: "no intermediates, spelled out",
    },
  ],
  [
    { input: "null", expected: ["policy.value.type 1 /"], why: "null is no object" },
    { input: "{}", expected: ["policy.sources.none 1 /", "policy.key.missing 1 /"], why: "nothing at all" },
    { input: '{"caRootsPath": "/c"}', expected: ["policy.key.missing 1 /"], why: "anybody's certificate" },
    {
      input: '{"caRootsPath": "/c", "subjectEmail": "", "subjectHostname": null}',
      expected: ["policy.value.empty 39 /subjectEmail", "policy.value.type 62 /subjectHostname"],
      why: "anybody's, spelled out",
    },
    {
      input: '{"caRootsPath": "/c", "subjectEmail": 1}',
      expected: ["policy.value.type 39 /subjectEmail"],
      why: "no address",
    },
    {
      input: '{"caRootsPath": "/c", "caRootsData": "", "subjectEmail": "e"}',
      expected: ["policy.sources.several 23 /caRootsData"],
      why: "empty data is data",
    },
    {
      input: '{"caRootsPath": "/c", "caIntermediatesPath": "/i", "caIntermediatesData": "", "subjectEmail": "e"}',
      expected: ["policy.sources.several 52 /caIntermediatesData"],
      why: "empty data is data",
    },
    {
      input: '{"caRootsPath": "", "subjectEmail": "e"}',
      expected: ["policy.value.empty 17 /caRootsPath"],
      why: "no path",
    },
    {
      input: '{"caIntermediatesPath": "/i", "subjectEmail": "e"}',
      expected: ["policy.sources.none 1 /"],
      why: "intermediates are no roots",
    },
    {
      input: '{"caRootsPath": "/c", "subjectEmail": "e", "oidcIssuer": "i"}',
      expected: ["policy.key.unknown 44 /oidcIssuer"],
      why: "a key of fulcio",
    },
  ],
);
