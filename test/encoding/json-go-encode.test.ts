import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeGoMap, encodeGoObject, encodeGoString } from "../../src/encoding/json-go-encode.ts";

describe("encodeGoString", () => {
  // What json.Marshal gives in Go 1.26.
  const rows: readonly (readonly [text: string, encoded: string])[] = [
    ["", '""'],
    ["abc", '"abc"'],
    ['"\\/', '"\\"\\\\/"'],
    ["<a>&", '"\\u003ca\\u003e\\u0026"'],
    ["\b\f\n\r\t", '"\\b\\f\\n\\r\\t"'],
    ["\u0000\u000b\u001f\u007f\u0080", '"\\u0000\\u000b\\u001f\u007f\u0080"'],
    ["\u2027\u2028\u2029\u202a", '"\u2027\\u2028\\u2029\u202a"'],
    ["ä漢😀\ufffd\ufeff", '"ä漢😀\ufffd\ufeff"'],
    ["$& $1 $$", '"$\\u0026 $1 $$"'],
  ];
  for (const [text, encoded] of rows) it(JSON.stringify(text), () => assert.equal(encodeGoString(text), encoded));
});

describe("encodeGoMap", () => {
  it("sorts by the bytes of UTF-8, not by the units of UTF-16", () => {
    const keys = ["😀", "\uffff", "b", "a", "B", "", "ab", "<"];
    const sorted = ["", "\\u003c", "B", "a", "ab", "b", "\uffff", "😀"];
    assert.equal(encodeGoMap(keys.map((key) => [key, "1"])), `{${sorted.map((key) => `"${key}":1`).join(",")}}`);
  });

  it("an object keeps its order", () => {
    assert.equal(
      encodeGoObject([
        ["b", "1"],
        ["a>", "null"],
      ]),
      '{"b":1,"a\\u003e":null}',
    );
  });

  it("nothing", () => assert.equal(encodeGoMap([]), "{}"));
});
