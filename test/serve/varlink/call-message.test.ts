import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseCall } from "../../../src/serve/varlink/call-message.ts";
import { parseMessageJson } from "../../../src/serve/varlink/message-json.ts";

const plain = { more: false, oneway: false, upgrade: false };

describe("calls", () => {
  const rows: readonly (readonly [string, object])[] = [
    ['{"method":"a.B"}', { untrustedMethod: "a.B", untrustedParameters: {}, ...plain }],
    ['{"method":"a.B","parameters":null}', { untrustedMethod: "a.B", untrustedParameters: {}, ...plain }],
    ['{"method":"a.B","parameters":{}}', { untrustedMethod: "a.B", untrustedParameters: {}, ...plain }],
    ['{"parameters":{"a":[1]},"method":""}', { untrustedMethod: "", untrustedParameters: { a: [1] }, ...plain }],
    [' {"method":"a.B","more":true}\n', { untrustedMethod: "a.B", untrustedParameters: {}, ...plain, more: true }],
    [
      '{"method":"a.B","oneway":true,"more":false}',
      { untrustedMethod: "a.B", untrustedParameters: {}, ...plain, oneway: true },
    ],
    ['{"method":"a.B","upgrade":true}', { untrustedMethod: "a.B", untrustedParameters: {}, ...plain, upgrade: true }],
  ];
  for (const [text, expected] of rows) {
    it(text, () => assert.deepEqual(parseCall(Buffer.from(text)), { ok: true, value: expected }));
  }
});

describe("what is no call", () => {
  const rows: readonly (readonly [string | Uint8Array, string])[] = [
    ["", "not JSON"],
    ["{", "not JSON"],
    ['{"method":"a.B"}{}', "not JSON"],
    ['{"method":"a.B",}', "not JSON"],
    ["\ufeff{}", "not JSON"],
    ['"method', "not JSON"],
    [Buffer.from([0x22, 0xff, 0x22]), "not UTF-8"],
    [Buffer.from('{"method":"\xff"}', "latin1"), "not UTF-8"],
    ["[]", "not an object"],
    ["null", "not an object"],
    ['"a.B"', "not an object"],
    ["{}", "no method"],
    ['{"method":null}', "method has another type"],
    ['{"method":["a.B"]}', "method has another type"],
    ['{"method":"a.B","parameters":[]}', "parameters has another type"],
    ['{"method":"a.B","parameters":""}', "parameters has another type"],
    ['{"method":"a.B","more":null}', "more has another type"],
    ['{"method":"a.B","oneway":1}', "oneway has another type"],
    ['{"method":"a.B","upgrade":"true"}', "upgrade has another type"],
    ['{"method":"a.B","continues":true}', "an unknown key"],
    ['{"method":"a.B","error":null}', "an unknown key"],
    ['{"method":"a.B","__proto__":{}}', "an unknown key"],
    ['{"Method":"a.B"}', "an unknown key"],
    ['{"method":"a.B","method":"a.B"}', "a key is there twice"],
    ['{"method":"a.B","m\\u0065thod":"a.C"}', "a key is there twice"],
    ['{"method":"a.B","parameters":{"a":[{"b":1,"b":1}]}}', "a key is there twice"],
    ['{"method":"a.B","parameters":{"__proto__":1,"__proto__":2}}', "a key is there twice"],
    ['{"method":"a.B","more":true,"oneway":true}', "more than one of more, oneway and upgrade"],
    ['{"method":"a.B","more":true,"upgrade":true}', "more than one of more, oneway and upgrade"],
  ];
  for (const [input, reason] of rows) {
    it(JSON.stringify(Buffer.from(input).toString("latin1")), () => {
      const parsed = parseCall(Buffer.from(input));
      assert.deepEqual(parsed, { ok: false, problem: { kind: "malformed", reason } });
    });
  }
});

describe("bounds", () => {
  const limits = { maxDepth: 3, maxValues: 10 };
  const rows: readonly (readonly [string, string])[] = [
    ["[[[1]]]", "ok"],
    ["[[[[1]]]]", "depth"],
    ["[[[{}]]]", "depth"],
    ["[[[[", "depth"],
    ["[1,2,3,4,5,6,7,8,9]", "ok"],
    ["[1,2,3,4,5,6,7,8,9,10]", "values"],
    [`[${",".repeat(20)}`, "values"],
    ['{"a":"[[[[,,,,,,,,,,,,,,::::\\"[[[["}', "ok"],
    ['{"a":"\\\\","b":"\\\\\\""}', "ok"],
  ];
  for (const [text, expected] of rows) {
    it(text, () => {
      const parsed = parseMessageJson(text, limits);
      assert.equal(parsed.ok ? "ok" : parsed.problem, expected);
    });
  }
  it("of a call are those of src/limits.ts", () => {
    const call = (parameters: string) => parseCall(Buffer.from(`{"method":"a.B","parameters":{"a":${parameters}}}`));
    assert.ok(call(`${"[".repeat(62)}${"]".repeat(62)}`).ok);
    assert.deepEqual(call(`${"[".repeat(63)}${"]".repeat(63)}`), {
      ok: false,
      problem: { kind: "over-limit", limit: "depth" },
    });
    assert.deepEqual(call(`[${"1,".repeat(250_000)}1]`), {
      ok: false,
      problem: { kind: "over-limit", limit: "values" },
    });
  });
  it("hold for a hundred thousand levels", () => {
    assert.deepEqual(parseMessageJson("[".repeat(100_000), limits), { ok: false, problem: "depth" });
  });
});

it("any JSON is read as JSON.parse does, and refused only if a key is there twice", () => {
  const limits = { maxDepth: 1000, maxValues: 1_000_000 };
  fc.assert(
    fc.property(fc.json(), fc.boolean(), (text, isSpaced) => {
      const value: unknown = JSON.parse(text);
      const spaced = isSpaced ? JSON.stringify(value, undefined, 2) : JSON.stringify(value);
      assert.deepEqual(parseMessageJson(spaced, limits), { ok: true, value });
    }),
  );
});
