import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeUtf8AsGo } from "../../src/encoding/utf8.ts";
import { testRows } from "../identity/rows.ts";

const x = "\ufffd";

describe("decodeUtf8AsGo", () => {
  const rows: readonly { hex: string; expected: string; why: string }[] = [
    { hex: "", expected: "", why: "nothing" },
    { hex: "61c3a9e282acf09f9880", expected: "aé€😀", why: "one to four bytes" },
    { hex: "efbbbf61", expected: "\ufeffa", why: "a byte order mark stays" },
    { hex: "efbfbd", expected: x, why: "U+FFFD itself" },
    { hex: "00", expected: "\0", why: "a zero byte" },
    { hex: "80", expected: x, why: "a continuation alone" },
    { hex: "61ff62", expected: `a${x}b`, why: "a byte that never stands in UTF-8" },
    { hex: "c3", expected: x, why: "cut off after one byte" },
    { hex: "e282", expected: x + x, why: "cut off after two: one for each byte (TextDecoder makes one)" },
    { hex: "f09f98", expected: x + x + x, why: "cut off after three" },
    { hex: "e28261", expected: `${x}${x}a`, why: "the same before a letter" },
    { hex: "c080", expected: x + x, why: "an overlong zero" },
    { hex: "c1bf", expected: x + x, why: "an overlong letter" },
    { hex: "e09fbf", expected: x + x + x, why: "overlong in three bytes" },
    { hex: "e0a080", expected: "\u0800", why: "the first of three bytes" },
    { hex: "ed9fbf", expected: "\ud7ff", why: "the last before the surrogates" },
    { hex: "eda080", expected: x + x + x, why: "a high surrogate" },
    { hex: "edbfbf", expected: x + x + x, why: "a low surrogate" },
    { hex: "eda0bdedb880", expected: x.repeat(6), why: "a pair of surrogates (CESU-8)" },
    { hex: "ee8080", expected: "\ue000", why: "the first after the surrogates" },
    { hex: "f08fbfbf", expected: x.repeat(4), why: "overlong in four bytes" },
    { hex: "f0908080", expected: "\u{10000}", why: "the first of four bytes" },
    { hex: "f48fbfbf", expected: "\u{10ffff}", why: "the last character" },
    { hex: "f4908080", expected: x.repeat(4), why: "beyond it" },
    { hex: "f5808080", expected: x.repeat(4), why: "far beyond" },
    { hex: "f8888080", expected: x.repeat(4), why: "five bytes" },
    { hex: "f09f98f09f9880", expected: `${x}${x}${x}😀`, why: "a whole one behind a broken one" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, expected }) => assert.equal(decodeUtf8AsGo(Buffer.from(hex, "hex")), expected),
  );

  test("any text comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.equal(decodeUtf8AsGo(new TextEncoder().encode(text)), text.toWellFormed());
      }),
    );
  });

  test("broken bytes beside whole text leave it whole", () => {
    const broken = fc.constantFrom("\xff", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: "grapheme" }), broken)), (parts) => {
        const bytes = parts.flatMap(([text, tail]) => [Buffer.from(`${text}.`), Buffer.from(tail, "latin1")]);
        const expected = parts.map(([text, tail]) => `${text}.${x.repeat(tail.length)}`);
        assert.equal(decodeUtf8AsGo(Buffer.concat(bytes)), expected.join(""));
      }),
    );
  });

  test("any bytes: no lone surrogates, and no more characters than bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = decodeUtf8AsGo(bytes);
        assert.ok(text.isWellFormed() && text.length <= bytes.length);
      }),
    );
  });

  test("megabytes of broken bytes take no long time", () => {
    const startedAt = performance.now();
    assert.equal(decodeUtf8AsGo(new Uint8Array(2 ** 21).fill(0xff)).length, 2 ** 21);
    assert.ok(performance.now() - startedAt < 10_000);
  });
});
