import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wrap } from "../../src/report/wrap.ts";
import { groupedHex, listText, sizeText, timeText } from "../../src/words/format.ts";

describe("timeText", () => {
  const rows: readonly [seconds: number, expected: string][] = [
    [0, "1970-01-01T00:00:00Z"],
    [1_706_788_860, "2024-02-01T12:01:00Z"],
    [1_706_788_860.9, "2024-02-01T12:01:00Z"],
    [-62_135_596_800, "0001-01-01T00:00:00Z"],
    [253_402_300_799, "9999-12-31T23:59:59Z"],
    [253_402_300_800, "@253402300800"],
    [-62_167_219_201, "@-62167219201"],
    [2 ** 53, "@9007199254740992"],
  ];
  for (const [seconds, expected] of rows) it(expected, () => assert.equal(timeText(seconds), expected));
});

describe("listText", () => {
  const many = Array.from({ length: 18 }, (_, index) => `${index}`);
  const rows: readonly [items: readonly string[], expected: string][] = [
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a or b"],
    [["a", "b", "c"], "a, b or c"],
    [many, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 or 2 more"],
  ];
  for (const [items, expected] of rows) it(`"${expected}"`, () => assert.equal(listText(items, "or"), expected));
});

describe("sizeText and groupedHex", () => {
  it("4 MiB", () => assert.equal(sizeText(4 * 1024 * 1024), "4 MiB"));
  it("1 byte", () => assert.equal(sizeText(1), "1 byte"));
  it("1000 bytes", () => assert.equal(sizeText(1000), "1000 bytes"));
  it("1234 5678 9", () => assert.equal(groupedHex("123456789"), "1234 5678 9"));
});

describe("wrap", () => {
  const rows: readonly { text: string; expected: string; why: string }[] = [
    { text: "one two three", expected: "one two\n  three", why: "at a blank" },
    { text: " one two", expected: " one two", why: "the blank at the start stays" },
    { text: 'a "b c d e f" g', expected: 'a\n  "b c d e f"\n  g', why: "not inside quotation marks" },
    { text: 'a "b \\" c d" e', expected: 'a\n  "b \\" c d"\n  e', why: "an escaped mark does not end the quotation" },
    { text: 'say "one two three', expected: 'say "one\n  two\n  three', why: "a mark without partner is a letter" },
    { text: "a-very-long-path", expected: "a-very-long-path", why: "a word stays whole" },
  ];
  for (const { text, expected, why } of rows) it(`${text}: ${why}`, () => assert.equal(wrap(text, "  ", 10), expected));
});
