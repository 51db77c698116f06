import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { IdlType } from "../../../src/serve/varlink/idl.ts";
import { parseIdl } from "../../../src/serve/varlink/parse-idl.ts";

function parsed(text: string) {
  const result = parseIdl(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

describe("types of a field", () => {
  const int: IdlType = { kind: "int" };
  const rows: readonly (readonly [string, IdlType])[] = [
    ["bool", { kind: "bool" }],
    ["int", int],
    ["float", { kind: "float" }],
    ["string", { kind: "string" }],
    ["object", { kind: "object" }],
    ["?int", { kind: "nullable", element: int }],
    ["[]int", { kind: "array", element: int }],
    ["[string]int", { kind: "map", element: int }],
    ["[string]()", { kind: "map", element: { kind: "struct", fields: [] } }],
    ["?[]?[string]int", nested("nullable", "array", "nullable", "map")],
    ["T", { kind: "named", name: "T" }],
    ["[]T", { kind: "array", element: { kind: "named", name: "T" } }],
    ["(a: int)", { kind: "struct", fields: [{ name: "a", documentation: "", type: int }] }],
    ["(a)", { kind: "enum", values: [{ name: "a", documentation: "" }] }],
    ["( a , b_2 )", { kind: "enum", values: ["a", "b_2"].map((name) => ({ name, documentation: "" })) }],
  ];
  function nested(...kinds: readonly ("nullable" | "array" | "map")[]): IdlType {
    return kinds.reduceRight<IdlType>((element, kind) => ({ kind, element }), int);
  }
  for (const [text, expected] of rows) {
    it(text, () => {
      const { methods } = parsed(`interface a.b\ntype T (x: ?T)\nmethod M(f: ${text}) -> ()`);
      assert.deepEqual(methods.get("M")?.parameters.fields[0]?.type, expected);
    });
  }
});

describe("what is no description", () => {
  const deep = `interface a.b\nmethod M(f: ${"[]".repeat(40)}int) -> ()`;
  const rows: readonly (readonly [string, string])[] = [
    ["", '1:1 "interface" was expected, not the end'],
    ["interface", "1:10 an interface name, such as com.example.service was expected, not the end"],
    ["interface a", '1:11 an interface name, such as com.example.service was expected, not "a"'],
    ["interface a..b\ntype T ()", '1:11 an interface name, such as com.example.service was expected, not "a..b"'],
    ["interface a.b", '1:14 "type", "method" or "error" was expected, not the end'],
    ["interface a.b method M() -> ()", '1:15 "method" does not begin a line'],
    ["interface a.b\nMethod M() -> ()", '2:1 "type", "method" or "error" was expected, not "Method"'],
    ["interface a.b\nmethod m() -> ()", '2:8 a name that begins with a capital letter was expected, not "m"'],
    ["interface a.b\nmethod M_x() -> ()", '2:8 a name that begins with a capital letter was expected, not "M_x"'],
    ["interface a.b\nmethod M()", '2:11 "->" was expected, not the end'],
    ["interface a.b\nmethod M() -> (a, b)", "2:15 fields with types were expected, not an enum"],
    ["interface a.b\nerror E (a)", "2:9 fields with types were expected, not an enum"],
    ["interface a.b\nerror E", '2:8 "(" was expected, not the end'],
    ["interface a.b\ntype T int", '2:8 "(" was expected, not "int"'],
    ["interface a.b\ntype T (a: int,)", '2:16 a field name was expected, not ")"'],
    ["interface a.b\ntype T (a: int b: int)", '2:16 "," or ")" was expected, not "b"'],
    ["interface a.b\ntype T (a: int, b)", '2:18 ":" was expected, not ")"'],
    ["interface a.b\ntype T (a, b: int)", '2:13 "," or ")" was expected, not ":"'],
    ["interface a.b\ntype T (a: int, a: int)", "2:17 a is there twice"],
    ["interface a.b\ntype T (a, a)", "2:12 a is there twice"],
    ["interface a.b\ntype T ()\nerror T ()", "3:7 T is there twice"],
    ["interface a.b\ntype T (_a: int)", '2:9 a field name was expected, not "_"'],
    ["interface a.b\ntype T (a_: int)", '2:9 a field name was expected, not "a_"'],
    ["interface a.b\ntype T (a__b: int)", '2:9 a field name was expected, not "a__b"'],
    ["interface a.b\ntype T (1a: int)", '2:9 a field name was expected, not "1a"'],
    ["interface a.b\ntype T (a: ??int)", '2:13 a type was expected, not "?"'],
    ["interface a.b\ntype T (a: int[])", '2:15 "," or ")" was expected, not "[]"'],
    ["interface a.b\ntype T (a: [int]int)", '2:12 a type was expected, not "["'],
    ["interface a.b\ntype T (a: Integer)", "2:12 there is no type Integer"],
    ["interface a.b\ntype T (a: integer)", '2:12 a type was expected, not "integer"'],
    ["interface a.b\ntype T (a: E)\nerror E ()", "2:12 there is no type E"],
    ["interface a.b\ntype T (a: T)", "2:12 the type T contains itself"],
    ["interface a.b\ntype T (a: (b: U))\ntype U (a: T)", "3:12 the type T contains itself"],
    ["interface a.b\ntype T (a: int); ", '2:16 "type", "method" or "error" was expected, not ";"'],
    ["interface a.b\ntype T (ä: int)", '2:9 a field name was expected, not "ä"'],
    ["interface a.b\u00a0\ntype T ()", '1:14 "type", "method" or "error" was expected, not "\u00a0"'],
    [`interface a.${"b".repeat(254)}\ntype T ()`, "1:11 the interface name is too long"],
    [deep, `2:${13 + 64} types are nested too deep`],
  ];
  for (const [text, expected] of rows) {
    it(JSON.stringify(text.slice(0, 80)), () => {
      const result = parseIdl(text);
      assert.ok(!result.ok, "it was taken");
      const { line, column, message } = result.problem;
      assert.equal(`${line}:${column} ${message}`, expected);
    });
  }
});

it("a type may contain itself where a value can end", () => {
  parsed("interface a.b\ntype T (a: ?T, b: []T, c: [string]T, d: [](e: T))");
});

describe("comments", () => {
  const { documentation, methods, types } = parsed(
    [
      "# Of the interface,",
      "#   two lines.",
      "interface a.b # not this",
      "",
      "# Far from everything.",
      "",
      "# Of the method. [Requires 'more' flag]",
      "method M( # nor this",
      "  # Of the field.",
      "  a: int,",
      "  b: int",
      ") -> ()",
      "#Of the type.\r",
      "type T (one, # after one",
      "  # Of two.",
      "  two)",
      "method N() -> ()",
      "# The end.",
    ].join("\n"),
  );
  it("directly above are documentation", () => {
    assert.equal(documentation, "Of the interface,\n  two lines.");
    assert.equal(methods.get("M")?.documentation, "Of the method. [Requires 'more' flag]");
    assert.deepEqual(
      methods.get("M")?.parameters.fields.map((field) => field.documentation),
      ["Of the field.", ""],
    );
    assert.equal(types.get("T")?.documentation, "Of the type.");
    assert.deepEqual(types.get("T")?.type, {
      kind: "enum",
      values: [
        { name: "one", documentation: "" },
        { name: "two", documentation: "Of two." },
      ],
    });
  });
  it("say which methods need more", () => {
    assert.deepEqual(
      [...methods].map(([name, { requiresMore }]) => [name, requiresMore]),
      [
        ["M", true],
        ["N", false],
      ],
    );
  });
});

describe("real descriptions", () => {
  for (const path of globSync(["docs/varlink/*.varlink", "test/support/varlink/*.varlink"]).sort()) {
    it(path, () => assert.ok(path.endsWith(`/${parsed(readFileSync(path, "utf8")).name}.varlink`)));
  }
});

it("a long hostile text takes linear time", () => {
  const started = process.cpuUsage();
  for (const text of ["a-".repeat(500_000), "a.".repeat(500_000), "#".repeat(1_000_000), "(".repeat(1_000_000)]) {
    assert.ok(!parseIdl(`interface a.b\ntype T ${text}`).ok);
    assert.ok(!parseIdl(`interface ${text}`).ok);
  }
  const { user } = process.cpuUsage(started);
  assert.ok(user < 5_000_000, `${user} µs`);
});
