import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type JsonNode, parseJson } from "../../src/encoding/json.ts";
import { testRows } from "../identity/rows.ts";

function parsed(text: string): JsonNode {
  const json = parseJson(text);
  if (!json.ok) assert.fail(JSON.stringify(json.problem));
  return json.value;
}

/** As JSON.parse gives it, but objects as lists of their members. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return { members: node.members.map(({ key, value }) => [key, plain(value)]) };
    case "array":
      return node.items.map(plain);
    case "number":
      return Number(node.text);
    case "null":
      return null;
    default:
      return node.value;
  }
}

describe("parseJson reads", () => {
  const rows: readonly { text: string; expected: unknown; why: string }[] = [
    { text: "null", expected: null, why: "any value may stand alone" },
    { text: "true", expected: true, why: "a keyword" },
    { text: " \t\r\n[ ]\n", expected: [], why: "the four blanks" },
    { text: "{}", expected: { members: [] }, why: "an empty object" },
    { text: "[1,[2,[]],{}]", expected: [1, [2, []], { members: [] }], why: "nesting" },
    { text: "-0.5e+3", expected: -500, why: "all parts of a number" },
    { text: "1e400", expected: Number.POSITIVE_INFINITY, why: "numbers are kept as text: no range" },
    { text: '"\\"\\\\\\/\\b\\f\\n\\r\\t"', expected: '"\\/\b\f\n\r\t', why: "short escapes" },
    { text: '"\\u00e9\\u00C9"', expected: "éÉ", why: "hex in both letter cases" },
    { text: '"\\ud83d\\ude00😀"', expected: "😀😀", why: "a pair of surrogates" },
    { text: '"\\ud800"', expected: "\ufffd", why: "a lone surrogate" },
    { text: '"\\ude00\\ud83d"', expected: "\ufffd\ufffd", why: "surrogates the wrong way round" },
    { text: '"\\ud800\\u0041"', expected: "\ufffdA", why: "only the surrogate is replaced" },
    { text: '"\\ud83d\\ud83d\\ude00"', expected: "\ufffd😀", why: "only the lone one is replaced" },
    { text: '"\u007f\u2028\u2029\ufeff"', expected: "\u007f\u2028\u2029\ufeff", why: "no control characters to JSON" },
    { text: '"\\u0000"', expected: "\0", why: "as an escape anything goes" },
    {
      text: '{"a":1,"\\u0061":2,"":3}',
      expected: {
        members: [
          ["a", 1],
          ["a", 2],
          ["", 3],
        ],
      },
      why: "duplicates are all kept",
    },
    {
      text: '{"__proto__":{"__proto__":1}}',
      expected: { members: [["__proto__", { members: [["__proto__", 1]] }]] },
      why: "a key like any other",
    },
    { text: '{"\\ud800":0}', expected: { members: [["\ufffd", 0]] }, why: "surrogates in keys too" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, expected }) => assert.deepEqual(plain(parsed(text)), expected),
  );

  test("places are those of the first and after the last character", () => {
    assert.deepEqual(parsed(' {"😀" : [1, "a"], "b":{}} '), {
      kind: "object",
      at: 1,
      end: 26,
      members: [
        {
          key: "😀",
          keyAt: 2,
          keyEnd: 6,
          value: {
            kind: "array",
            at: 9,
            end: 17,
            items: [
              { kind: "number", text: "1", at: 10, end: 11 },
              { kind: "string", value: "a", at: 13, end: 16 },
            ],
          },
        },
        { key: "b", keyAt: 19, keyEnd: 22, value: { kind: "object", at: 23, end: 25, members: [] } },
      ],
    });
  });
});

describe("parseJson refuses", () => {
  const rows: readonly { text: string; at: number; found: string; why: string }[] = [
    { text: "", at: 0, found: "", why: "nothing" },
    { text: " \n", at: 2, found: "", why: "blanks only" },
    { text: "\ufeff{}", at: 0, found: "\ufeff", why: "a byte order mark" },
    { text: "\u00a0{}", at: 0, found: "\u00a0", why: "another blank" },
    { text: "{}\u2028", at: 2, found: "\u2028", why: "another line end" },
    { text: "[1]\v", at: 3, found: "\v", why: "another blank of C" },
    { text: "{}{}", at: 2, found: "{", why: "two values" },
    { text: "[]x", at: 2, found: "x", why: "something behind" },
    { text: "[]\0", at: 2, found: "\0", why: "a zero byte" },
    { text: "[1,]", at: 3, found: "]", why: "a comma at the end of a list" },
    { text: '{"a":1,}', at: 7, found: "}", why: "a comma at the end of an object" },
    { text: "[,1]", at: 1, found: ",", why: "a comma at the start" },
    { text: "[1 2]", at: 3, found: "2", why: "no comma" },
    { text: "[1", at: 2, found: "", why: "cut off" },
    { text: "[1}", at: 2, found: "}", why: "the wrong bracket" },
    { text: "]", at: 0, found: "]", why: "no bracket to close" },
    { text: '{"a"}', at: 4, found: "}", why: "a key without a value" },
    { text: '{"a" 1}', at: 5, found: "1", why: "no colon" },
    { text: '{"a":}', at: 5, found: "}", why: "no value" },
    { text: '{"a":1 "b":2}', at: 7, found: '"b"', why: "no comma between members" },
    { text: "{a:1}", at: 1, found: "a", why: "a key without quotes" },
    { text: "{1:1}", at: 1, found: "1", why: "a number as a key" },
    { text: "{'a':1}", at: 1, found: "'a'", why: "single quotes" },
    { text: "{,}", at: 1, found: ",", why: "no member" },
    { text: "// x\n1", at: 0, found: "//", why: "a comment" },
    { text: "[1/* x */]", at: 1, found: "1/*", why: "a comment inside" },
    { text: "True", at: 0, found: "True", why: "letter case" },
    { text: "nul", at: 0, found: "nul", why: "cut off" },
    { text: "NaN", at: 0, found: "NaN", why: "no number of JSON" },
    { text: "01", at: 0, found: "01", why: "a leading zero" },
    { text: "-", at: 0, found: "-", why: "a sign alone" },
    { text: "+1", at: 0, found: "+1", why: "a plus sign" },
    { text: ".5", at: 0, found: ".5", why: "nothing before the point" },
    { text: "1.", at: 0, found: "1.", why: "nothing after the point" },
    { text: "1e", at: 0, found: "1e", why: "an empty exponent" },
    { text: "0x1", at: 0, found: "0x1", why: "hex" },
    { text: '"a', at: 0, found: '"a', why: "an open string" },
    { text: '"a\nb"', at: 0, found: '"a', why: "a line end in a string" },
    { text: '"a\tb"', at: 0, found: '"a\tb"', why: "a tab in a string" },
    { text: '"\0"', at: 0, found: '"\0"', why: "a control character in a string" },
    { text: '"\\x41"', at: 0, found: '"\\x41"', why: "an escape of other languages" },
    { text: '"\\u12"', at: 0, found: '"\\u12"', why: "a short escape" },
    { text: '"\\U0041"', at: 0, found: '"\\U0041"', why: "an escape in upper case" },
    { text: '"\\', at: 0, found: '"\\', why: "cut off in an escape" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, at, found }) => {
      const json = parseJson(text);
      assert.ok(!json.ok && json.problem.kind === "syntax", JSON.stringify(json));
      assert.deepEqual([json.problem.at, json.problem.found], [at, found]);
    },
  );

  test("what is found is cut, what is expected is told", () => {
    const json = parseJson(`[1 ${"x".repeat(100)}]`);
    assert.deepEqual(json, {
      ok: false,
      problem: { kind: "syntax", at: 3, found: "x".repeat(40), expected: '"," or "]"' },
    });
  });

  test("depth, at the first bracket too many", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    parsed(nested(10_000));
    assert.deepEqual(parseJson(nested(10_001)), {
      ok: false,
      problem: { kind: "depth", at: 10_000, maxDepth: 10_000 },
    });
    assert.deepEqual(parseJson('[{"a":[]}]', { maxDepth: 2 }), {
      ok: false,
      problem: { kind: "depth", at: 6, maxDepth: 2 },
    });
    parsed('{"a":'.repeat(10_000).concat("1", "}".repeat(10_000)));
  });
});

describe("properties of parseJson", () => {
  /** JSON.parse is as strict (RFC 8259); it keeps the last of duplicates, as filling a map does, and lone surrogates. */
  const reference = (text: string): unknown => {
    try {
      return { value: JSON.parse(text, wellFormed) };
    } catch {
      return "refused";
    }
  };
  const wellFormed = (_: string, value: unknown) => (typeof value === "string" ? value.toWellFormed() : value);
  const ours = (text: string): unknown => {
    const json = parseJson(text);
    return json.ok ? { value: asObject(json.value) } : "refused";
  };
  const asObject = (node: JsonNode): unknown => {
    if (node.kind === "array") return node.items.map(asObject);
    if (node.kind !== "object") return plain(node);
    const object = {};
    for (const { key, value } of node.members) {
      Object.defineProperty(object, key, {
        value: asObject(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return object;
  };

  test("any JSON is read as JSON.parse reads it", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => assert.deepEqual(ours(text), reference(text))));
  });

  test("pieces of JSON in any order are read, or refused, as by JSON.parse", () => {
    const pieces = [
      ...["{", "}", "[", "]", ",", ":", '"a"', '"b"', '"', "\\", "\\u00", "41", "1", "0", "-", ".", "e", "E+", "true"],
      ...["null", "nul", " ", "\n", "\t", "\v", "\0", "\u00a0", "\ufeff", "//", "/*", "*/", "'", '{"a":', '"\\ud800"'],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
        const text = chosen.join("");
        assert.deepEqual(ours(text), reference(text));
      }),
      { numRuns: 3000 },
    );
  });

  test("one character changed is read, or refused, as by JSON.parse", () => {
    const whole = '{"a":[1,-2.5e3,{"b":null,"c":"x\\u0041\\n"}],"d":true,"":[[],{}]}';
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(0x7f), fc.boolean(), (at, code, replaces) => {
        const text = whole.slice(0, at) + String.fromCharCode(code) + whole.slice(replaces ? at + 1 : at);
        assert.deepEqual(ours(text), reference(text));
      }),
      { numRuns: 3000 },
    );
  });

  test("each place holds exactly its value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const walk = (node: JsonNode): void => {
          assert.deepEqual(ours(text.slice(node.at, node.end)), { value: asObject(node) });
          if (node.kind === "array") node.items.forEach(walk);
          if (node.kind !== "object") return;
          for (const { key, keyAt, keyEnd, value } of node.members) {
            assert.equal(JSON.parse(text.slice(keyAt, keyEnd), wellFormed), key);
            walk(value);
          }
        };
        walk(parsed(text));
      }),
    );
  });

  const hostile = ["[", '{"a":', '"', "\\", "/", "/*", " ", "\n", "1", "-", "a", ",", '"\\u0041', "[[],", "\0"];
  testRows(
    hostile,
    (piece) => `a megabyte of ${piece}`,
    (piece) => {
      const startedAt = performance.now();
      assert.equal(typeof parseJson(piece.repeat(2 ** 20 / piece.length)).ok, "boolean");
      assert.ok(performance.now() - startedAt < 10_000);
    },
  );
});
