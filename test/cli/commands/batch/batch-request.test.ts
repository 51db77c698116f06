import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type BatchDefaults, parseBatchRequest } from "../../../../src/cli/commands/batch/batch-request.ts";
import { maxManifestBytes, maxRequestLineBytes, maxSignatureBytes, maxSignatures } from "../../../../src/limits.ts";

const defaults: BatchDefaults = {
  policy: { kind: "default" },
  requireSigned: false,
  image: { platform: undefined, blobs: "none", useAttachments: false },
};
const source = { kind: "source", manifestDigest: undefined, useAttachments: false };
const parse = (line: string | Uint8Array, own: Partial<BatchDefaults> = {}) =>
  parseBatchRequest(Buffer.from(line), { ...defaults, ...own });
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("parseBatchRequest takes", () => {
  const plain = {
    identity: "REF",
    image: { ...source, source: "DIR" },
    ...{ platform: undefined, blobs: "none" },
    policy: { kind: "default" },
    requireSigned: false,
  };
  const rows: readonly { line: string; expected: object; id?: string }[] = [
    { line: '{"identity":"REF","source":"DIR"}', expected: plain },
    { line: ' {"source" : "DIR", "identity":"REF"}\r', expected: plain },
    { line: '{"id":"","identity":"REF","source":"DIR"}', expected: plain, id: "" },
    { line: '{"id":"\\u0000\\n€","identity":"REF","source":"DIR"}', expected: plain, id: "\0\n€" },
    { line: '{"\\u0069d":"escaped","identity":"REF","source":"DIR"}', expected: plain, id: "escaped" },
    {
      line: '{"identity":"REF","source":"DIR","policy":"P"}',
      expected: { ...plain, policy: { kind: "file", path: "P" } },
    },
    {
      line: '{"identity":"REF","source":"DIR","policyText":""}',
      expected: { ...plain, policy: { kind: "text", text: "" } },
    },
    { line: '{"identity":"REF","source":"DIR","requireSigned":true}', expected: { ...plain, requireSigned: true } },
    {
      line: '{"identity":"","source":""}',
      expected: { ...plain, identity: "", image: { ...source, source: "" } },
    },
  ];
  for (const { line, expected, id } of rows) {
    it(JSON.stringify(line), () => {
      assert.deepEqual(parse(line), { id, request: { ok: true, value: expected } });
    });
  }

  it("the bytes themselves", () => {
    const line = { identity: "REF", manifest: base64("{}"), signatures: [base64("one"), ""] };
    const { request } = parse(JSON.stringify(line));
    const image = request.ok ? request.value.image : undefined;
    assert.ok(image?.kind === "bytes" && image.signatures.ok && !("digest" in image.manifest));
    assert.equal(Buffer.from(image.manifest).toString(), "{}");
    const signatures = image.signatures.value.map((bytes) => Buffer.from(bytes).toString());
    assert.deepEqual(signatures, ["one", ""]);
  });

  it("no signatures as none", () => {
    const { request } = parse(JSON.stringify({ identity: "REF", manifest: "" }));
    assert.ok(request.ok && "manifest" in request.value.image);
    assert.deepEqual(request.value.image.signatures, { ok: true, value: [] });
  });

  it("a demand for signatures from either side, and a waiver from none", () => {
    const asked = [true, false].flatMap((own) =>
      ["true", "false"].map((line) => {
        const { request } = parse(`{"identity":"REF","source":"DIR","requireSigned":${line}}`, { requireSigned: own });
        return request.ok && request.value.requireSigned;
      }),
    );
    assert.deepEqual(asked, [true, true, true, false]);
  });

  const tooMuch: readonly { what: string; signatures: readonly string[]; code: string }[] = [
    {
      what: "a signature that is too large",
      signatures: ["", Buffer.alloc(maxSignatureBytes + 1).toString("base64")],
      code: "image.signature.too-large",
    },
    {
      what: "too many signatures",
      signatures: Array.from({ length: maxSignatures + 1 }, () => ""),
      code: "image.signature.too-many",
    },
  ];
  for (const { what, signatures, code } of tooMuch) {
    it(`${what}, for policies that do not look at them`, () => {
      const { request } = parse(JSON.stringify({ identity: "REF", manifest: "", signatures }));
      assert.ok(request.ok && "manifest" in request.value.image && !request.value.image.signatures.ok);
      assert.equal(request.value.image.signatures.problem.code, code);
    });
  }
});

describe("parseBatchRequest refuses", () => {
  const rows: readonly { line: string | Uint8Array; why: string; id?: string }[] = [
    { line: "", why: "a blank line" },
    { line: "   ", why: "blanks" },
    { line: "{", why: "cut off" },
    { line: "[]", why: "no object" },
    { line: "null", why: "no object" },
    { line: '"x"', why: "no object" },
    { line: '{"identity":"REF","source":"DIR"} {}', why: "two values" },
    { line: '{"identity":"REF","source":"DIR",}', why: "a trailing comma" },
    { line: '\u{feff}{"identity":"REF","source":"DIR"}', why: "a byte order mark" },
    { line: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), why: "not UTF-8" },
    { line: "[".repeat(100_000), why: "deep" },
    { line: '{"id":"a","source":"DIR"}', why: "no identity", id: "a" },
    { line: '{"id":"a","identity":"REF"}', why: "no source", id: "a" },
    { line: '{"id":"a","identity":"REF","signatures":[]}', why: "no manifest", id: "a" },
    { line: '{"id":1,"identity":"REF","source":"DIR"}', why: "id is no string" },
    { line: '{"id":"a","identity":null,"source":"DIR"}', why: "null is no string", id: "a" },
    { line: '{"id":"a","identity":"REF","source":["DIR"]}', why: "a list", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","requireSigned":"true"}', why: "no boolean", id: "a" },
    {
      line: '{"id":"a","identity":"REF","source":"DIR","requiresigned":true}',
      why: "letter case: it must not be overlooked",
      id: "a",
    },
    { line: '{"id":"a","identity":"REF","source":"DIR","__proto__":{}}', why: "an unknown field", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","source":"DIR"}', why: "twice", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","\\u0073ource":"X"}', why: "twice, by an escape", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","policy":"P","policyText":"{}"}', why: "two policies", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","manifest":""}', why: "two images", id: "a" },
    { line: '{"id":"a","identity":"REF","source":"DIR","signatures":[]}', why: "two images", id: "a" },
    { line: '{"id":"a","identity":"REF","manifest":"%%%%"}', why: "not base64", id: "a" },
    { line: '{"id":"a","identity":"REF","manifest":"YQ"}', why: "no padding", id: "a" },
    { line: '{"id":"a","identity":"REF","manifest":"","signatures":["?"]}', why: "not base64", id: "a" },
    { line: '{"id":"a","identity":"REF","manifest":"","signatures":[1]}', why: "a number", id: "a" },
    { line: '{"id":"a","identity":"REF","manifest":"","signatures":"YQ=="}', why: "no list", id: "a" },
  ];
  for (const { line, why, id } of rows) {
    it(`${JSON.stringify(Buffer.from(line).toString().slice(0, 90))}: ${why}`, () => {
      const parsed = parse(line);
      assert.equal(parsed.request.ok ? "taken" : parsed.request.problem.code, "usage.request.malformed");
      assert.equal(parsed.id, id);
    });
  }

  it("a line that is too long", () => {
    const { request } = parse(Buffer.alloc(maxRequestLineBytes + 1, " "));
    assert.equal(request.ok ? "taken" : request.problem.code, "usage.request.malformed");
  });

  it("a manifest that is too large", () => {
    const manifest = Buffer.alloc(maxManifestBytes + 1).toString("base64");
    const { request } = parse(JSON.stringify({ identity: "REF", manifest }));
    assert.equal(request.ok ? "taken" : request.problem.code, "image.manifest.too-large");
  });

  it("and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        parse(text);
      }),
    );
  });
});
