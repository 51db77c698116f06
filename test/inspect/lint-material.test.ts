import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DescribedPart } from "../../src/crypto/openpgp/listing.ts";
import { lintMaterial } from "../../src/inspect/lint-material.ts";
import { ok } from "../../src/result.ts";

function part(state: DescribedPart["state"], refusal?: string): DescribedPart {
  const refusals = refusal === undefined ? [] : [{ backEnd: "go", detail: refusal } as const];
  return { fingerprint: "AB", algorithm: "RSA 4096", isWeak: false, state, expiresAtSeconds: undefined, refusals };
}

function codesOf(parts: readonly [DescribedPart, ...DescribedPart[]]): readonly string[] {
  const listing = {
    keys: [{ fingerprint: "AB", userIds: ["A"], createdAtSeconds: 0, parts }],
    leftOut: [],
    unread: [],
  };
  const content = ok({ kind: "keyring", listing } as const);
  const material = { role: "openpgp", source: "/k", path: ["keyPath"], isFile: true, content } as const;
  const lints = lintMaterial(
    { ...material, isWritableByAll: false, privateKey: undefined, sha256: undefined },
    1_700_000_000,
  );
  return lints.map((lint) => lint.code);
}

describe("what is said of a key that cannot verify", () => {
  const rows: readonly { parts: readonly [DescribedPart, ...DescribedPart[]]; code: string; why: string }[] = [
    { parts: [part("revoked")], code: "lint.key.revoked", why: "the primary key is revoked" },
    { parts: [part("expired"), part("expired")], code: "lint.key.expired", why: "all of it has expired" },
    { parts: [part("not-for-signing"), part("expired")], code: "lint.key.expired", why: "its signing subkey has" },
    { parts: [part("not-for-signing"), part("revoked")], code: "lint.key.revoked", why: "its signing subkey is" },
    {
      parts: [part("good", "go-crypto refuses it"), part("revoked")],
      code: "lint.key.refused-by-build",
      why: "a revoked subkey is not the reason",
    },
    { parts: [part("unusable")], code: "lint.key.unusable", why: "no valid self-signature" },
    { parts: [part("not-for-signing")], code: "lint.key.unusable", why: "it only encrypts" },
    { parts: [part("future")], code: "lint.key.unusable", why: "dated in the future" },
    { parts: [part("ambiguous")], code: "lint.key.unusable", why: "a subkey of two keys" },
  ];
  for (const { parts, code, why } of rows) {
    it(`${code}: ${why}`, () => {
      assert.deepEqual(codesOf(parts), ["lint.keyring.no-usable-key", code]);
    });
  }
});

describe("what is said of a key of which a part verifies", () => {
  const rows: readonly {
    parts: readonly [DescribedPart, ...DescribedPart[]];
    codes: readonly string[];
    why: string;
  }[] = [
    { parts: [part("good"), part("good")], codes: [], why: "all of it does" },
    {
      parts: [part("good"), part("good", "refused")],
      codes: ["lint.key.refused-by-build"],
      why: "the publisher may sign with the subkey that some builds refuse",
    },
    {
      parts: [part("good", "refused"), part("good")],
      codes: ["lint.key.refused-by-build"],
      why: "or with the primary key",
    },
    { parts: [part("good"), part("revoked")], codes: [], why: "nobody is to sign with the other any more" },
  ];
  for (const { parts, codes, why } of rows) it(why, () => assert.deepEqual(codesOf(parts), codes));
});
