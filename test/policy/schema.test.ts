import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { fixturePolicy, fixtures } from "../support/images.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "policy.schema.json"), "utf8"));
const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schema);

/** What JSON.parse forgets, or what is no JSON at all. */
const beyondSchema: Readonly<Record<string, string>> = {
  "invalid-comment.json": "not JSON",
  "invalid-duplicate-key.json": "a key twice",
  "invalid-duplicate-scope.json": "a key twice",
  "invalid-empty.json": "not JSON",
  "invalid-not-json.json": "not JSON",
  "invalid-trailing-comma.json": "not JSON",
  "invalid-trailing-data.json": "not JSON",
};

describe("docs/policy.schema.json and parsePolicy agree on", () => {
  for (const name of readdirSync(join(fixtures, "policies"))) {
    if (name in beyondSchema) continue;
    it(name, () => {
      const bytes = fixturePolicy(name);
      const isValid = validate(JSON.parse(Buffer.from(bytes).toString()));
      assert.equal(isValid, parsePolicy(bytes, {}).ok, JSON.stringify(validate.errors));
    });
  }
});

const signedBy = (fields: object) => ({ type: "signedBy", keyType: "GPGKeys", ...fields });
const sigstore = (fields: object) => ({ type: "sigstoreSigned", ...fields });
const fulcio = { caPath: "/ca", oidcIssuer: "https://i", subjectEmail: "a@b" };
const pki = { caRootsPath: "/ca", subjectEmail: "a@b" };
const identity = (signedIdentity: object) => signedBy({ keyPath: "/k", signedIdentity });

describe("docs/policy.schema.json and parsePolicy agree on the requirement", () => {
  const rows: readonly object[] = [
    signedBy({ keyPath: "/k" }),
    signedBy({ keyPath: "" }),
    signedBy({ keyPath: null }),
    signedBy({ keyPaths: [] }),
    signedBy({ keyPaths: [null] }),
    signedBy({ keyPaths: null }),
    signedBy({ keyData: "" }),
    signedBy({ keyData: null }),
    signedBy({ keyData: [1, null, 255] }),
    signedBy({ keyData: [256] }),
    signedBy({ keyData: "aGk=" }),
    signedBy({ keyData: "aG-_" }),
    signedBy({ keyPath: "/k", keyData: "" }),
    sigstore({ keyPath: "/k" }),
    sigstore({ keyPath: "" }),
    sigstore({ keyPath: "", keyData: "aGk=" }),
    sigstore({ keyPath: "/k", keyData: null }),
    sigstore({ keyPath: "/k", keyData: "" }),
    sigstore({ keyPaths: [] }),
    sigstore({ keyPaths: [""] }),
    sigstore({ keyPaths: null }),
    sigstore({ keyDatas: ["aGk="] }),
    sigstore({ keyDatas: [] }),
    sigstore({ keyPath: "/k", keyDatas: ["aGk="] }),
    sigstore({ keyPath: "/k", fulcio }),
    sigstore({ keyPath: "/k", rekorPublicKeyPath: "" }),
    sigstore({ keyPath: "/k", rekorPublicKeyData: null }),
    sigstore({ keyPath: "/k", rekorPublicKeyPath: "/r", rekorPublicKeyData: "aGk=" }),
    sigstore({ keyPath: "/k", rekorPublicKeyPath: "/r", rekorPublicKeyData: null }),
    sigstore({ keyPath: "/k", rekorPublicKeyPaths: null }),
    sigstore({ fulcio, rekorPublicKeyPath: "/r" }),
    sigstore({ fulcio, rekorPublicKeyPath: "" }),
    sigstore({ fulcio }),
    sigstore({ fulcio: null, rekorPublicKeyPath: "/r" }),
    sigstore({ fulcio: { ...fulcio, caPath: "", caData: "aGk=" }, rekorPublicKeyPath: "/r" }),
    sigstore({ fulcio: { ...fulcio, caData: "aGk=" }, rekorPublicKeyPath: "/r" }),
    sigstore({ fulcio: { ...fulcio, subjectEmail: "" }, rekorPublicKeyPath: "/r" }),
    sigstore({ pki }),
    sigstore({ pki, rekorPublicKeyPath: "/r" }),
    sigstore({ pki, rekorPublicKeyPath: "" }),
    sigstore({ pki: { ...pki, subjectEmail: "" } }),
    sigstore({ pki: { ...pki, subjectEmail: null, subjectHostname: "h" } }),
    sigstore({ pki: { ...pki, caIntermediatesPath: "/i", caIntermediatesData: "aGk=" } }),
    sigstore({ pki: { ...pki, caIntermediatesPath: "/i", caIntermediatesData: null } }),
    { type: "reject", keyPath: "/k" },
    { type: "Reject" },
    { type: "signedBaseLayer", baseLayerIdentity: { type: "matchExact" } },
    { type: "signedBaseLayer" },
    identity({ type: "matchExact" }),
    identity({ type: "matchExact", dockerReference: "a/b:1" }),
    identity({ type: "exactReference", dockerReference: "a.example/b:1" }),
    identity({ type: "exactReference", dockerReference: "a.example:5000/b" }),
    identity({ type: "exactReference", dockerReference: "" }),
    identity({ type: "exactRepository", dockerRepository: "a.example/b" }),
    identity({ type: "exactRepository", dockerRepository: "" }),
    identity({ type: "remapIdentity", prefix: "a.example:5000/b", signedPrefix: "b" }),
    identity({ type: "remapIdentity", prefix: "a.example/b:1", signedPrefix: "b" }),
    identity({ type: "remapIdentity", prefix: "a.example/b@x", signedPrefix: "b" }),
    identity({ type: "remapIdentity", prefix: "", signedPrefix: "b" }),
  ];
  for (const requirement of rows) {
    it(JSON.stringify(requirement), () => {
      const policy = { default: [requirement] };
      const parsed = parsePolicy(Buffer.from(JSON.stringify(policy)), {});
      assert.equal(validate(policy), parsed.ok, JSON.stringify(parsed.ok ? validate.errors : parsed.problem));
    });
  }
});

describe("docs/policy.schema.json and parsePolicy agree on the scope", () => {
  const rows: readonly (readonly [transport: string, scope: string])[] = [
    ["docker", "anything goes"],
    ["nosuchtransport", "anything goes"],
    ["dir", ""],
    ["dir", "/a/b"],
    ["dir", "a"],
    ["dir", "/"],
    ["dir", "/a/"],
    ["dir", "/a//b"],
    ["docker-archive", ""],
    ["docker-archive", "/a"],
    ["tarball", "/a"],
    ["sif", "/a"],
  ];
  for (const [transport, scope] of rows) {
    it(`${transport} ${JSON.stringify(scope)}`, () => {
      const policy = { default: [{ type: "reject" }], transports: { [transport]: { [scope]: [{ type: "reject" }] } } };
      assert.equal(validate(policy), parsePolicy(Buffer.from(JSON.stringify(policy)), {}).ok);
    });
  }
});

it("the schema takes every policy that parsePolicy takes, and no key that it does not know", () => {
  const value = fc.constantFrom("/p", "", null, [], ["/p"], "aGk=", ["aGk="], 1, {}, fulcio, pki, {
    type: "matchExact",
  });
  const keys = ["keyType", "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki", "rekorPublicKeyPath"];
  const more = ["rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas", "signedIdentity", "other"];
  const requirement = fc
    .tuple(
      fc.constantFrom("signedBy", "sigstoreSigned", "reject", "signedBaseLayer"),
      fc.dictionary(fc.constantFrom(...keys, ...more), value, { maxKeys: 4, noNullPrototype: true }),
    )
    .map(([type, fields]) => ({ type, ...(type === "signedBy" ? { keyType: "GPGKeys" } : {}), ...fields }));
  fc.assert(
    fc.property(requirement, (fields) => {
      const policy = { default: [fields] };
      assert.equal(validate(policy), parsePolicy(Buffer.from(JSON.stringify(policy)), {}).ok, JSON.stringify(policy));
    }),
    { numRuns: 3000 },
  );
});
