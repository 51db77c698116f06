import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { digestText } from "../../src/encoding/digest.ts";
import { indexInstances } from "../../src/image/index-instances.ts";

const a = `sha256:${"a".repeat(64)}`;
const b = `sha512:${"b".repeat(128)}`;
const many = Array.from({ length: 1200 }, (_, i) => `sha256:${i.toString(16).padStart(64, "0")}`);
const index = (manifests: unknown) => JSON.stringify({ schemaVersion: 2, manifests });

describe("indexInstances", () => {
  const rows: readonly { text: string; digests: readonly string[] }[] = [
    { text: index([{ digest: a }, { digest: b }]), digests: [a, b] },
    { text: index([{ digest: a }, { digest: a }]), digests: [a] },
    { text: index([{ digest: "sha256:x" }, { digest: 1 }, {}, null, "x"]), digests: [] },
    { text: index({}), digests: [] },
    { text: "[]", digests: [] },
    { text: "no JSON", digests: [] },
    { text: index(many.map((digest) => ({ digest }))), digests: many.slice(0, 1000) },
  ];
  for (const { text, digests } of rows) {
    it(text.slice(0, 60), () => assert.deepEqual(indexInstances(Buffer.from(text)).map(digestText), digests));
  }

  it("never throws", () => {
    fc.assert(fc.property(fc.json(), (text) => void indexInstances(Buffer.from(`{"manifests":${text}}`))));
  });
});
