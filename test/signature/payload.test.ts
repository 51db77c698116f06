import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseSignedPayload, simpleSigningPayload } from "../../src/signature/payload.ts";

const hex = "0123456789abcdef".repeat(4);
const types = { "simple-signing": "atomic container signature", sigstore: "cosign container image signature" } as const;
type Kind = keyof typeof types;

/** A valid payload with one thing replaced. */
function payload(kind: Kind, from = "", to = ""): string {
  const valid =
    `{"critical":{"type":"${types[kind]}","image":{"docker-manifest-digest":"sha256:${hex}"},` +
    `"identity":{"docker-reference":"r.example.com/a:1"}},"optional":{"creator":"me","timestamp":1}}`;
  assert.ok(valid.includes(from), `nothing to replace: ${from}`);
  return valid.replace(from, to);
}

const accepts = (kind: Kind, text: string) => parseSignedPayload(Buffer.from(text, "latin1"), kind).ok;

const rows: [from: string, to: string, accepted: boolean, why: string][] = [
  ["", "", true, "valid"],
  ["{", " \n{", true, "blanks around"],
  ['"timestamp":1}}', '"timestamp":1}} x', false, "trailing data"],
  ["}}", "}}}", false, "a brace too many"],
  ['"type"', '"Type"', false, "keys are exact"],
  ['"type"', '"\\u0074ype"', true, "but may be escaped"],
  ['"critical":', '"critical":{},"critical":', false, "a duplicate"],
  ['"type":', '"type":"x","type":', false, "a duplicate further in"],
  ['"optional":', '"more":1,"optional":', false, "an unknown key"],
  ['"image":', '"more":1,"image":', false, "an unknown key in critical"],
  ['"docker-manifest-digest":', '"more":1,"docker-manifest-digest":', false, "an unknown key in image"],
  ['"docker-reference":', '"more":1,"docker-reference":', false, "an unknown key in identity"],
  ['"identity":{"docker-reference":"r.example.com/a:1"}', '"identity":null', false, "null is no object"],
  ['"docker-reference":"r.example.com/a:1"', "", false, "a missing key"],
  ['"r.example.com/a:1"', "null", true, "null is an empty reference, which matches nothing"],
  ['"r.example.com/a:1"', "7", false, "a number is no reference"],
  ['"r.example.com/a:1"', '"\xff"', true, "invalid UTF-8 is replaced"],
  [`"sha256:${hex}"`, "null", false, "null is no digest"],
  [`sha256:${hex}`, `SHA256:${hex}`, false, "an upper-case algorithm"],
  [hex, hex.toUpperCase(), false, "upper-case hex"],
  [hex, hex.slice(1), false, "too short"],
  [`sha256:${hex}`, `sha512:${hex}${hex}`, true, "another algorithm parses (and never matches)"],
  [`sha256:${hex}`, `sha512:${hex}`, false, "of its own length"],
  [`sha256:${hex}`, `md5:${hex.slice(32)}`, false, "an unknown algorithm"],
  ['"creator":"me"', '"creator":null', true, "creator may be null"],
  ['"creator":"me"', '"creator":1', false, "but nothing else"],
  ['"creator":"me"', '"creator":"me","creator":"me"', false, "a duplicate in optional"],
  ['"creator":"me"', '"x":{"y":[1,{"y":1,"y":2}]}', true, "anything else in optional"],
  ['"creator":"me"', '"x":1e999', false, "but no number beyond float64"],
  ['"timestamp":1', '"timestamp":null', true, "null"],
  ['"timestamp":1', '"timestamp":"1"', false, "a string"],
  ['"timestamp":1', '"timestamp":1e3', true, "an exponent"],
  ['"timestamp":1', '"timestamp":1.0', true, "a fraction of nothing"],
  ['"timestamp":1', '"timestamp":1.5', false, "a fraction"],
  ['"timestamp":1', '"timestamp":-9223372036854775808', true, "-2^63"],
  ['"timestamp":1', '"timestamp":9223372036854775807', false, "2^63-1 is 2^63 as a float64"],
  ['"timestamp":1', '"timestamp":9223372036854774784', true, "the largest float64 below"],
  ['"timestamp":1', '"timestamp":1e999', false, "beyond float64"],
  ['{"creator":"me","timestamp":1}', "{}", true, "nothing optional"],
  ['{"creator":"me","timestamp":1}', "[]", false, "optional is an object"],
];

for (const kind of ["simple-signing", "sigstore"] as const) {
  describe(`parseSignedPayload: ${kind}`, () => {
    for (const [from, to, accepted, why] of rows) {
      it(`${JSON.stringify(from)} → ${JSON.stringify(to)}: ${why}`, () => {
        assert.equal(accepts(kind, payload(kind, from, to)), accepted);
      });
    }
    it("optional is null: as cosign writes it, not simple signing", () => {
      assert.equal(accepts(kind, payload(kind, '{"creator":"me","timestamp":1}', "null")), kind === "sigstore");
    });
    it("refuses the type of the other kind", () => {
      assert.equal(accepts(kind, payload(kind === "sigstore" ? "simple-signing" : "sigstore")), false);
    });
    it("gives what is said, as written", () => {
      const said = { dockerManifestDigest: { algorithm: "sha256", hex }, dockerReference: "r.example.com/a:1" };
      const remarks: readonly (readonly [string, object])[] = [
        ['{"creator":"me","timestamp":1}', { creator: "me", timestampSeconds: 1 }],
        ['{"timestamp":1e3}', { creator: undefined, timestampSeconds: 1000 }],
        ['{"creator":null,"timestamp":null}', { creator: "", timestampSeconds: 0 }],
        ["{}", { creator: undefined, timestampSeconds: undefined }],
      ];
      for (const [optional, expected] of remarks) {
        const parsed = parseSignedPayload(Buffer.from(payload(kind, '{"creator":"me","timestamp":1}', optional)), kind);
        assert.deepEqual(parsed, { ok: true, value: { ...said, ...expected } });
      }
    });
  });
}

it("parseSignedPayload never throws, and needs all of critical", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(parseSignedPayload(bytes, "sigstore").ok, false)));
  fc.assert(
    fc.property(fc.json(), (text) => assert.equal(parseSignedPayload(Buffer.from(text), "sigstore").ok, false)),
  );
});

it("simpleSigningPayload is what parseSignedPayload reads, whatever the reference", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (dockerReference, timestampSeconds) => {
      const said = {
        dockerManifestDigest: { algorithm: "sha256", hex },
        dockerReference,
        creator: "c",
        timestampSeconds,
      } as const;
      const parsed = parseSignedPayload(Buffer.from(simpleSigningPayload(said)), "simple-signing");
      assert.deepEqual(parsed, { ok: true, value: said });
    }),
  );
});
