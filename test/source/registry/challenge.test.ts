import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseChallenges } from "../../../src/source/registry/challenge.ts";

/** What docker/wwwauthenticate.go of containers/image v5.42.1 (`iterateAuthHeader`) makes of a header: scheme and parameters. */
const rows: readonly (readonly [string, readonly (readonly [string, Readonly<Record<string, string>>])[]])[] = [
  ['Basic realm="r"', [["basic", { realm: "r" }]]],
  ['basic realm="r"', [["basic", { realm: "r" }]]],
  ["BASIC", [["basic", {}]]],
  ["Basic", [["basic", {}]]],
  ['Bearer realm="https://a/t",service="s"', [["bearer", { realm: "https://a/t", service: "s" }]]],
  ['Bearer realm="https://a/t", service="s"', [["bearer", { realm: "https://a/t", service: "s" }]]],
  ['Bearer  realm="x" ,  service="s"', [["bearer", { realm: "x", service: "s" }]]],
  ["Bearer realm=x,service=s", [["bearer", { realm: "x", service: "s" }]]],
  ['Bearer Realm="x",SERVICE="s"', [["bearer", { realm: "x", service: "s" }]]],
  ['Bearer realm="a\\"b"', [["bearer", { realm: 'a"b' }]]],
  ['Bearer realm="a\\\\b"', [["bearer", { realm: "a\\b" }]]],
  ['Bearer realm="x","service"="s"', [["bearer", { realm: "x" }]]],
  ['Bearer realm="unclosed', [["bearer", {}]]],
  ['Bearer realm=,service="s"', [["bearer", {}]]],
  ['Bearer realm="",service="s"', [["bearer", {}]]],
  ['Bearer service="s",realm="x",', [["bearer", { realm: "x", service: "s" }]]],
  ['Bearer ,realm="x"', [["bearer", {}]]],
  ["Negotiate abc", [["negotiate", {}]]],
  ['Negotiate abc, Basic realm="r"', [["negotiate", {}]]],
  ['Basic realm="r", Bearer realm="x"', [["basic", { realm: "r" }]]],
  ["", []],
  [" Basic", []],
  ['"x"', []],
  ["=", []],
  ['Basic realm = "r"', [["basic", {}]]],
  ['Bearer realm="x";service="s"', [["bearer", { realm: "x" }]]],
  ['Bearer realm="x" service="s"', [["bearer", { realm: "x" }]]],
  ['Bearer realm="a,b",service="s"', [["bearer", { realm: "a,b", service: "s" }]]],
  ['Bearer realm="x",realm="y"', [["bearer", { realm: "y" }]]],
  [
    'Bearer error="insufficient_scope",scope="repository:a:pull"',
    [["bearer", { error: "insufficient_scope", scope: "repository:a:pull" }]],
  ],
  ['Bäsic realm="r"', [["b", {}]]],
  ['Bearer realm="ü"', [["bearer", { realm: "ü" }]]],
  ['Bearer\trealm="x"', [["bearer", { realm: "x" }]]],
  ['Bearer realm="x",,service="s"', [["bearer", { realm: "x" }]]],
  ['Bearer/1 realm="x"', [["bearer", {}]]],
  ['Bearer realm="x\\', [["bearer", {}]]],
  ['Basic realm="r"x,service="s"', [["basic", { realm: "r" }]]],
];

const read = (...headers: readonly string[]) =>
  parseChallenges(headers).map(({ scheme, untrustedParameters }) => [scheme, Object.fromEntries(untrustedParameters)]);

describe("a challenge", () => {
  for (const [header, expected] of rows) {
    it(JSON.stringify(header), () => assert.deepEqual(read(header), expected));
  }

  it("each header is one", () => {
    assert.deepEqual(read("Negotiate abc", "", 'Basic realm="r"'), [
      ["negotiate", {}],
      ["basic", { realm: "r" }],
    ]);
    assert.deepEqual(read(), []);
  });

  it("a long one takes no longer than its length", () => {
    const before = performance.now();
    for (const part of [",", 'a="\\"', "a=b,", " ", 'a="b",', "\\"]) read(`Basic ${part.repeat(200_000)}`);
    assert.ok(performance.now() - before < 5000);
  });
});
