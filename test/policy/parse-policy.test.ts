import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { testRows } from "../identity/rows.ts";
import { accepted, policyOf, problemsOf, summaries } from "./policies.ts";

const reject = '[{"type": "reject"}]';
const hex = "0123456789abcdef".repeat(4);

/** Text whose characters stand for one byte each. */
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("a policy is accepted", () => {
  const rows: readonly { input: string; transports: readonly string[]; why: string }[] = [
    { input: `{"default": ${reject}}`, transports: [], why: "the least there is" },
    { input: ` \t\r\n{"default"\n:${reject}}\n`, transports: [], why: "blanks of JSON" },
    { input: `{"transports": {}, "default": ${reject}}`, transports: [], why: "any order" },
    { input: `{"d\\u0065fault": ${reject}}`, transports: [], why: "escapes in keys" },
    {
      input: `{"default": ${reject}, "transports": {"docker": {}, "dir": {"": ${reject}}}}`,
      transports: ["docker", "dir"],
      why: "no scopes, and the transport's default",
    },
    {
      input: `{"default": ${reject}, "transports": {"dokcer": {"any thing": ${reject}}, "": {"/": ${reject}}}}`,
      transports: ["dokcer", ""],
      why: "unknown transports take any scope",
    },
    {
      input: `{"default": ${reject}, "transports": {"__proto__": {"constructor": ${reject}}, "toString": {}}}`,
      transports: ["__proto__", "toString"],
      why: "names that objects of JavaScript already have",
    },
    {
      input: `{"default": ${reject}, "transports": {"docker": {"\xff": ${reject}, "\xff\xfe": ${reject}}}}`,
      transports: ["docker"],
      why: "each invalid byte becomes one U+FFFD: two different keys",
    },
    {
      input: `{"default": ${reject}, "transports": {"x": {"\\ud800": ${reject}, "\xed\xbf\xbf": ${reject}}}}`,
      transports: ["x"],
      why: "a lone surrogate is one U+FFFD as an escape, and three as bytes",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, transports }) => {
      const policy = accepted(bytes(input));
      assert.deepEqual(policy.default, [{ type: "reject" }]);
      assert.deepEqual([...policy.transports.keys()], transports);
    },
  );

  test("the path is kept, and nothing is done with it", () => {
    const parsed = parsePolicy(bytes(`{"default": ${reject}}`), { path: "/no/such/file" });
    assert.ok(parsed.ok);
    assert.equal(parsed.value.path, "/no/such/file");
  });

  test("requirements and scopes keep their order", () => {
    const two = '[{"type": "reject"}, {"type": "insecureAcceptAnything"}]';
    const { transports } = accepted(`{"default": ${reject}, "transports": {"docker": {"b": ${two}, "a": ${reject}}}}`);
    const scopes = [...(transports.get("docker") ?? [])];
    assert.deepEqual(scopes, [
      ["b", [{ type: "reject" }, { type: "insecureAcceptAnything" }]],
      ["a", [{ type: "reject" }]],
    ]);
  });
});

describe("a policy is refused", () => {
  const deep = `{"default": ${"[".repeat(10_001)}`;
  const rows: readonly { input: string; expected: readonly string[]; why: string }[] = [
    { input: "", expected: ["policy.json.syntax 1:1 /"], why: "an empty file" },
    { input: "\n\n ", expected: ["policy.json.syntax 3:2 /"], why: "blanks only" },
    { input: "default: reject", expected: ["policy.json.syntax 1:1 /"], why: "YAML" },
    { input: `\xef\xbb\xbf{"default": ${reject}}`, expected: ["policy.json.syntax 1:1 /"], why: "a byte order mark" },
    { input: `{"default": ${reject},}`, expected: ["policy.json.syntax 1:34 /"], why: "a comma at the end" },
    { input: `{\n// why\n"default": ${reject}}`, expected: ["policy.json.syntax 2:1 /"], why: "a comment" },
    { input: `{"default": ${reject}}\n{}`, expected: ["policy.json.syntax 2:1 /"], why: "something after it" },
    { input: `{"default": ${reject}}\0`, expected: ["policy.json.syntax 1:34 /"], why: "a zero byte after it" },
    { input: `{"default": ${reject}`, expected: ["policy.json.syntax 1:33 /"], why: "cut off" },
    { input: '{"default": "a\nb"}', expected: ["policy.json.syntax 1:13 /"], why: "a line end in a string" },
    { input: deep, expected: ["policy.json.depth 1:10012 /"], why: "one level too deep" },
    { input: "null", expected: ["policy.value.type 1:1 /"], why: "null" },
    { input: "[]", expected: ["policy.value.type 1:1 /"], why: "a list" },
    { input: "{}", expected: ["policy.key.missing 1:1 /"], why: "no default" },
    { input: '{"default": null}', expected: ["policy.value.type 1:13 /default"], why: "null is no list" },
    { input: '{"default": []}', expected: ["policy.value.empty 1:13 /default"], why: "an empty list" },
    { input: '{"default": {"type": "reject"}}', expected: ["policy.value.type 1:13 /default"], why: "no list" },
    {
      input: '{"default": [null, {"type": "reject"}, 1]}',
      expected: ["policy.value.type 1:14 /default/0", "policy.value.type 1:40 /default/2"],
      why: "each item that is no requirement",
    },
    {
      input: `{"default": ${reject}, "transports": null}`,
      expected: ["policy.value.type 1:49 /transports"],
      why: "null is not the same as none",
    },
    {
      input: `{"default": ${reject}, "transports": {"docker": null}}`,
      expected: ["policy.value.type 1:60 /transports/docker"],
      why: "null for scopes",
    },
    {
      input: `{"default": ${reject}, "transports": {"x": {"": null, "y": []}}}`,
      expected: ["policy.value.type 1:60 /transports/x/", "policy.value.empty 1:71 /transports/x/y"],
      why: "null and nothing for requirements, of an unknown transport too",
    },
    {
      input: `{"default": ${reject}, "Transports": {"docker": {"x": 1}}}`,
      expected: ["policy.key.unknown 1:35 /Transports", "policy.value.type 1:66 /Transports/docker/x"],
      why: "letter case; what stands there is looked at too",
    },
    {
      input: `{"default": ${reject}, "comment": ""}`,
      expected: ["policy.key.unknown 1:35 /comment"],
      why: "no room for comments",
    },
    {
      input: `{"default": ${reject}, "__proto__": {}}`,
      expected: ["policy.key.unknown 1:35 /__proto__"],
      why: "a key like any other",
    },
    {
      input: `{"default": ${reject}, "def\\u0061ult": ${reject}}`,
      expected: ["policy.key.duplicate 1:35 /default"],
      why: "a duplicate behind an escape",
    },
    {
      input: `{"default": ${reject}, "transports": {"docker": {}, "docker": {}}}`,
      expected: ["policy.key.duplicate 1:64 /transports/docker"],
      why: "a transport twice",
    },
    {
      input: `{"default": ${reject}, "transports": {"x": {"\xff": ${reject},\n"\xfe": ${reject}}}}`,
      expected: ["policy.key.duplicate 2:1 /transports/x/\ufffd"],
      why: "different bytes, the same U+FFFD",
    },
    {
      input: `{"default": ${reject}, "transports": {"x": {"\\ud800": ${reject},\n"\\udfff": ${reject}}}}`,
      expected: ["policy.key.duplicate 2:1 /transports/x/\ufffd"],
      why: "different lone surrogates, the same U+FFFD",
    },
    {
      input: `{"default": ${reject}, "transports": {"x": {"__proto__": ${reject},\n"__proto__": ${reject}}}}`,
      expected: ["policy.key.duplicate 2:1 /transports/x/__proto__"],
      why: "a duplicate like any other",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, expected }) => {
      assert.deepEqual(summaries(bytes(input)), expected);
    },
  );

  test("what is no JSON says what was found and expected", () => {
    const [problem] = problemsOf('{"default": [{"type": "reject"} {"type": "reject"}]}');
    assert.ok(problem?.code === "policy.json.syntax");
    assert.deepEqual([problem.found, problem.expected, problem.at.offset], ["{", '"," or "]"', 32]);
  });

  test("what is too deep says how deep is allowed", () => {
    const [problem] = problemsOf(deep);
    assert.ok(problem?.code === "policy.json.depth");
    assert.equal(problem.maxDepth, 10_000);
  });

  test("places count UTF-16 units, and lines end in a line feed", () => {
    const [problem] = problemsOf('{"default": [],\r\n"😀": 1}');
    assert.deepEqual(problem?.at, { offset: 12, line: 1, column: 13 });
    const [, second] = problemsOf('{"default": [],\r\n"😀": {}, "é": {}}');
    assert.deepEqual(second?.at, { offset: 17, line: 2, column: 1 });
    assert.deepEqual(problemsOf('{"default": [],\r\n"😀": {}, "é": {}}')[2]?.at, { offset: 27, line: 2, column: 11 });
  });
});

describe("scopes of known transports", () => {
  const rows: readonly { input: string; flaw: string | undefined; why: string }[] = [
    {
      input: "docker registry.*.example.com",
      flaw: undefined,
      why: "docker takes any string, also one that never matches",
    },
    { input: "docker /", flaw: undefined, why: "docker takes any string" },
    { input: "docker-daemon registry.example.com", flaw: undefined, why: "a host" },
    { input: `docker-daemon sha256:${hex}`, flaw: "digest-as-scope", why: "a digest is no namespace" },
    { input: "docker-archive /x", flaw: "scopes-unsupported", why: "only the default" },
    { input: "docker-archive ", flaw: undefined, why: "the default" },
    { input: "tarball /x", flaw: "scopes-unsupported", why: "only the default" },
    { input: "dir /x/y", flaw: undefined, why: "a clean path" },
    { input: "dir x", flaw: "path-relative", why: "a relative path" },
    { input: "dir /", flaw: "path-root", why: 'the same as ""' },
    { input: "dir /x/", flaw: "path-unclean", why: "a final slash" },
    { input: "oci /x/../y", flaw: "path-unclean", why: "dots" },
    { input: "oci-archive x", flaw: "path-relative", why: "a relative path" },
    { input: "sif x", flaw: "path-relative", why: "a relative path" },
    { input: "ostree x", flaw: undefined, why: "the reference kept only its name" },
    { input: "atomic host/ns/stream:tag", flaw: undefined, why: "a whole name" },
    { input: "atomic host/ns/stream:tag/more", flaw: "openshift-shape", why: "too many parts" },
    { input: "containers-storage [overlay@/var]", flaw: undefined, why: "a store" },
    { input: "containers-storage docker.io/x", flaw: "store-missing", why: "no store" },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ input, flaw }) => {
      const [transport = "", scope = ""] = input.split(" ");
      const text = JSON.stringify({ default: [{ type: "reject" }], transports: { [transport]: { [scope]: 1 } } });
      const found = problemsOf(text).flatMap((problem) => (problem.code === "policy.scope.invalid" ? problem : []));
      assert.deepEqual(
        found.map((problem) => [problem.transport, problem.scope, problem.flaw]),
        flaw === undefined ? [] : [[transport, scope, flaw]],
      );
      for (const { at } of found) assert.equal(at.offset, text.indexOf(JSON.stringify(scope)));
      assert.equal(problemsOf(text).at(-1)?.code, "policy.value.type", "its requirements are read all the same");
    },
  );

  test("a path that is not clean comes with the clean one", () => {
    const [problem] = problemsOf(`{"default": ${reject}, "transports": {"dir": {"/a//b/": ${reject}}}}`);
    assert.ok(problem?.code === "policy.scope.invalid");
    assert.equal(problem.nearest, "/a/b");
  });
});

describe("the policies among the fixtures", () => {
  const folder = fileURLToPath(new URL("../fixtures/policies/", import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.ok(names.length > 100, "the fixtures were not found");
  for (const name of names) {
    test(name, () => {
      const text = readFileSync(`${folder}${name}`, "utf8").replaceAll("@FIXTURES@", "/fixtures");
      const parsed = parsePolicy(Buffer.from(text), {});
      assert.equal(parsed.ok, !name.startsWith("invalid-"), JSON.stringify(parsed));
      if (!parsed.ok) assert.equal(parsed.problem.length, 1, "each has one thing wrong");
    });
  }
});

describe("hostile policies", () => {
  const million = 1_000_000;
  const rows: readonly { input: string; text: () => string; problems: number; why: string }[] = [
    {
      input: "a hundred thousand times the same key",
      text: () => `{${'"a":1,'.repeat(100_000)}"default":${reject}}`,
      problems: 100,
      why: "the rest is not reported",
    },
    {
      input: "a hundred thousand unknown keys",
      text: () => `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join(",")}}`,
      problems: 100,
      why: "suggestions take time, and are made for those reported only",
    },
    {
      input: "a requirement of a hundred thousand keys without a type",
      text: () => policyOf(`{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`).join(",")}}`),
      problems: 1,
      why: "all are looked at for a mistyped one",
    },
    {
      input: "a hundred thousand numbers",
      text: () => `{"default":[1${",1".repeat(100_000)}]}`,
      problems: 100,
      why: "a cap",
    },
    {
      input: "a million numbers",
      text: () => `{"default":[1${",1".repeat(million)}]}`,
      problems: 1,
      why: "more values than a policy may hold",
    },
    { input: "a million brackets", text: () => "[".repeat(million), problems: 1, why: "depth costs no stack" },
    {
      input: "a key of a megabyte",
      text: () => `{"${"default".repeat(150_000)}":1}`,
      problems: 2,
      why: "not compared",
    },
    {
      input: "a prefix of a megabyte",
      text: () =>
        policyOf(
          `{"type":"signedBaseLayer","baseLayerIdentity":{"type":"remapIdentity","prefix":"${"a-.".repeat(350_000)}","signedPrefix":"a"}}`,
        ),
      problems: 1,
      why: "no backtracking",
    },
  ];
  testRows(
    rows,
    (row) => row.input,
    ({ text, problems }) => {
      const input = Buffer.from(text());
      const startedAt = performance.now();
      assert.equal(problemsOf(input).length, problems);
      assert.ok(performance.now() - startedAt < 20_000);
    },
  );

  test("thousands of scopes are no problem", () => {
    const scopes = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [
        `registry${i}.example.com/vendor`,
        [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/k", signedIdentity: { type: "matchRepository" } }],
      ]),
    );
    const text = JSON.stringify({ default: [{ type: "reject" }], transports: { docker: scopes } });
    const startedAt = performance.now();
    assert.equal(accepted(text).transports.get("docker")?.size, 5000);
    assert.ok(performance.now() - startedAt < 2000);
  });
});

describe("properties", () => {
  const codes = /^policy\.(json|key|value|scope|sources|rekor)\./;
  const holds = (input: Uint8Array) => {
    const parsed = parsePolicy(input, {});
    if (parsed.ok) return;
    assert.ok(parsed.problem.length > 0 && parsed.problem.length <= 100);
    let before = 0;
    for (const { code, at } of parsed.problem) {
      assert.match(code, codes);
      assert.ok(at.offset >= before && at.line >= 1 && at.column >= 1, "in the order of the file");
      before = at.offset;
    }
  };

  test("any bytes: a policy or problems, in order", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), holds));
  });

  test("any JSON: a policy or problems, in order", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => holds(Buffer.from(text))));
  });

  const whole = Buffer.from(
    `{"default": ${reject}, "transports": {"docker": {"a.com": [{"type": "signedBy", "keyType": "GPGKeys", ` +
      `"keyPath": "/k", "signedIdentity": {"type": "remapIdentity", "prefix": "a.com", "signedPrefix": "b.com"}}]}}}`,
  );

  test("a valid policy cut anywhere is not JSON", () => {
    for (let length = 0; length < whole.length; length++) {
      const [problem] = problemsOf(whole.subarray(0, length));
      assert.equal(problem?.code, "policy.json.syntax");
      assert.ok((problem?.at.offset ?? -1) <= length);
    }
  });

  test("a valid policy with any byte changed: a policy or problems, in order", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        holds(changed);
      }),
    );
  });

  test("an unknown key anywhere is found where it stands", () => {
    const text = whole.toString();
    const braces = [...text.matchAll(/\{/g)].map(({ index }) => index);
    assert.equal(braces.length, 6);
    for (const brace of braces) {
      const changed = `${text.slice(0, brace + 1)}"nobody knows": 0, ${text.slice(brace + 1)}`;
      const [problem] = problemsOf(changed);
      assert.ok(problem !== undefined);
      // As a transport or scope any key is allowed, but not its value.
      const isMap = problem.path.length <= 3 && problem.path[0] === "transports";
      assert.equal(problem.code, isMap ? "policy.value.type" : "policy.key.unknown");
      assert.equal(problem.path.at(-1), "nobody knows");
    }
  });
});
