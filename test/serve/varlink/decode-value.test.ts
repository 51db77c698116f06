import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { prepareDecoder } from "../../../src/serve/varlink/decode-value.ts";
import { parseIdl } from "../../../src/serve/varlink/parse-idl.ts";

function decoder(fields: string) {
  const parsed = parseIdl(
    `interface a.b\ntype Tree (left: ?Tree, right: []Tree)\ntype Kind (one, two)\nmethod M(${fields}) -> ()`,
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const method = parsed.value.methods.get("M");
  assert.ok(method !== undefined);
  return prepareDecoder(method.parameters, parsed.value.types);
}

describe("values, and what becomes of them", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["a: int", '{"a": 1}', '{"a":1}'],
    ["a: int", '{"a": 1.0}', '{"a":1}'],
    ["a: int", '{"a": 9007199254740991}', '{"a":9007199254740991}'],
    ["a: int", '{"a": -9007199254740991}', '{"a":-9007199254740991}'],
    ["a: float", '{"a": 1}', '{"a":1}'],
    ["a: float", '{"a": -1.5e300}', '{"a":-1.5e+300}'],
    ["a: bool, b: string", '{"b": "", "a": false}', '{"a":false,"b":""}'],
    ["a: ?int", "{}", '{"a":null}'],
    ["a: ?int", '{"a": null}', '{"a":null}'],
    ["a: ?int", '{"a": 1}', '{"a":1}'],
    ["a: []?int", '{"a": [1, null]}', '{"a":[1,null]}'],
    ["a: [string]()", '{"a": {"x": {}, "__proto__": {}}}', '{"a":{"x":{},"__proto__":{}}}'],
    ["a: object", '{"a": {"b": [null, {"c": 1.5}]}}', '{"a":{"b":[null,{"c":1.5}]}}'],
    ["a: Kind, b: ?(x, y)", '{"a": "two", "b": "x"}', '{"a":"two","b":"x"}'],
    ["a: Tree", '{"a": {"right": [{"right": []}]}}', '{"a":{"left":null,"right":[{"left":null,"right":[]}]}}'],
    ["constructor: ?int", "{}", '{"constructor":null}'],
    ["a: string", '{"a": "\\ud83d\\ude00"}', '{"a":"😀"}'],
  ];
  for (const [fields, given, expected] of rows) {
    it(`(${fields}) ${given}`, () => {
      const decoded = decoder(fields)(JSON.parse(given));
      assert.ok(decoded.ok, JSON.stringify(decoded));
      assert.equal(JSON.stringify(decoded.value), expected);
    });
  }
});

describe("values that are not of the type, and where", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["a: int", "{}", "a"],
    ["a: int", '{"a": null}', "a"],
    ["a: int", '{"a": "1"}', "a"],
    ["a: int", '{"a": 1.5}', "a"],
    ["a: int", '{"a": 9007199254740992}', "a"],
    ["a: int", '{"a": 9007199254740993}', "a"],
    ["a: int", '{"a": 9223372036854775807}', "a"],
    ["a: int", '{"a": 1e999}', "a"],
    ["a: float", '{"a": 1e999}', "a"],
    ["a: bool", '{"a": 0}', "a"],
    ["a: string", '{"a": "\\ud800"}', "a"],
    ["a: object", '{"a": []}', "a"],
    ["a: object", '{"a": null}', "a"],
    ["a: []int", '{"a": {}}', "a"],
    ["a: []int", '{"a": [1, null]}', "a[1]"],
    ["a: [string]int", '{"a": []}', "a"],
    ["a: [string]int", '{"a": {"x": "y"}}', "a.x"],
    ["a: [string]()", '{"a": {"x": {"y": 1}}}', "a.x.y"],
    ["a: Kind", '{"a": "three"}', "a"],
    ["a: Kind", '{"a": "constructor"}', "a"],
    ["a: (b: []Tree)", '{"a": {"b": [{"right": []}, {"right": [{}]}]}}', "a.b[1].right[0].right"],
    ["a: ?int", '{"b": 1}', "b"],
    ["a: ?int", '{"A": 1}', "A"],
    ["", '{"__proto__": 1}', "__proto__"],
    ["", '{"toString": 1}', "toString"],
    ["constructor: int", "{}", "constructor"],
    ["", `{"${"x".repeat(1000)}": 1}`, "x".repeat(300)],
    ["", '{"\\ud800": 1}', "\ufffd"],
  ];
  for (const [fields, given, expected] of rows) {
    it(`(${fields}) ${given.slice(0, 80)}`, () => {
      assert.deepEqual(decoder(fields)(JSON.parse(given)), { ok: false, problem: expected });
    });
  }
});
