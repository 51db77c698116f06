import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dependsOnTime } from "../../src/audit/judge/identity-rule.ts";
import type { Requirement, SigstoreTrust } from "../../src/policy/policy.ts";

const keys = { kind: "paths", field: "keyPath", paths: ["/key"] } as const;
const signedIdentity = { type: "matchExact" } as const;
const sigstore = (trust: SigstoreTrust, rekor?: typeof keys): Requirement => {
  return { type: "sigstoreSigned", trust, rekor, signedIdentity };
};
const bare = sigstore({ kind: "keys", keys });
const signedBy: Requirement = { type: "signedBy", keyType: "GPGKeys", keys, signedIdentity };
const pki = {
  kind: "pki",
  roots: keys,
  intermediates: undefined,
  subjectEmail: "a@b",
  subjectHostname: undefined,
} as const;

const rows: readonly (readonly [name: string, requirements: readonly Requirement[], depends: boolean])[] = [
  ["anything", [{ type: "insecureAcceptAnything" }], false],
  ["nothing", [{ type: "reject" }], false],
  ["a base layer, which always refuses", [{ type: "signedBaseLayer", baseLayerIdentity: signedIdentity }], false],
  ["a bare key", [bare], false],
  ["a bare key, and a log", [sigstore({ kind: "keys", keys }, keys)], true],
  ["Fulcio", [sigstore({ kind: "fulcio", ca: keys, oidcIssuer: "i", subjectEmail: "a@b" }, keys)], true],
  ["certificates", [sigstore(pki)], true],
  ["a keyring, whose keys end", [signedBy], true],
  ["one of several", [bare, signedBy], true],
];

describe("whether a judgement may be another one later", () => {
  for (const [name, requirements, depends] of rows) {
    it(name, () => assert.equal(dependsOnTime(requirements), depends));
  }
});
