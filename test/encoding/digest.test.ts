import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Digest, digestText, parseDigest } from "../../src/encoding/digest.ts";
import { testRows } from "../identity/rows.ts";

const hex32 = "0123456789abcdef".repeat(2);
const hex64 = hex32.repeat(2);
const hex96 = hex32.repeat(3);
const hex128 = hex32.repeat(4);

describe("parseDigest", () => {
  const accepted: readonly { text: string; expected: Digest }[] = [
    { text: `sha256:${hex64}`, expected: { algorithm: "sha256", hex: hex64 } },
    { text: `sha384:${hex96}`, expected: { algorithm: "sha384", hex: hex96 } },
    { text: `sha512:${hex128}`, expected: { algorithm: "sha512", hex: hex128 } },
  ];
  testRows(
    accepted,
    (row) => row.text,
    ({ text, expected }) => {
      assert.deepEqual(parseDigest(text), expected);
      assert.equal(digestText(expected), text);
    },
  );

  const refused: readonly { text: string; why: string }[] = [
    { text: "", why: "nothing" },
    { text: ":", why: "no parts" },
    { text: hex64, why: "no algorithm" },
    { text: `:${hex64}`, why: "an empty algorithm" },
    { text: "sha256:", why: "no digits" },
    { text: "sha256", why: "no colon" },
    { text: `sha256:${hex64.slice(1)}`, why: "a digit too few" },
    { text: `sha256:${hex64}0`, why: "a digit too many" },
    { text: `sha256:${hex96}`, why: "the length of another algorithm" },
    { text: `sha512:${hex64}`, why: "the length of another algorithm" },
    { text: `sha256:${hex64.toUpperCase()}`, why: "upper case" },
    { text: `sha256:${hex64.slice(1)}g`, why: "no hex digit" },
    { text: `sha256:${hex64}\n`, why: "a line end" },
    { text: `sha256:${hex64.slice(1)}\n`, why: "a line end for a digit" },
    { text: ` sha256:${hex64}`, why: "a blank" },
    { text: `SHA256:${hex64}`, why: "the algorithm in upper case" },
    { text: `sha1:${hex64.slice(24)}`, why: "an algorithm that go-digest does not know" },
    { text: `md5:${hex32}`, why: "an algorithm that go-digest does not know" },
    { text: `sha256+b64:${hex64}`, why: "a compound algorithm" },
    { text: `sha256::${hex64}`, why: "two colons" },
    { text: `sha256:sha256:${hex64}`, why: "twice the algorithm" },
    { text: `__proto__:${hex64}`, why: "a name that objects have" },
    { text: `toString:${hex64}`, why: "a name that objects have" },
  ];
  testRows(
    refused,
    (row) => row.text,
    ({ text }) => assert.equal(parseDigest(text), undefined),
  );

  test("any text: undefined, or a digest whose text it is", () => {
    const nearly = fc.tuple(
      fc.constantFrom("sha256", "sha384", "sha512", "sha1", ""),
      fc.constantFrom(":", ""),
      fc.constantFrom(hex64, hex96, hex128),
      fc.constantFrom("", "\n", "0", "A"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          nearly.map((parts) => parts.join("")),
        ),
        (text) => {
          const digest = parseDigest(text);
          if (digest !== undefined) assert.equal(digestText(digest), text);
        },
      ),
    );
  });
});
