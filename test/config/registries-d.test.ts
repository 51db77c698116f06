import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { signatureStoreOf } from "../../src/config/registries.ts";
import { readRegistries } from "../../src/config/registries-d.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** A directory with these files. */
function directory(files: Readonly<Record<string, string>>): string {
  const path = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

describe("readRegistries reads", () => {
  const rows: readonly { yaml: string; scope: string; expected: object; why: string }[] = [
    { yaml: "", scope: "a.example", expected: [undefined, false], why: "an empty file" },
    { yaml: "# nothing\n", scope: "a.example", expected: [undefined, false], why: "a comment alone" },
    {
      yaml: "docker:\n  a.example:\n    use-sigstore-attachments: true\n",
      scope: "a.example/b/c:1",
      expected: [undefined, true],
      why: "a wider namespace",
    },
    {
      yaml: "docker:\n  a.example:\n    use-sigstore-attachments: true\n  a.example/b:\n    use-sigstore-attachments: false\n",
      scope: "a.example/b/c",
      expected: [undefined, false],
      why: "the most specific that says something decides",
    },
    {
      yaml: "docker:\n  a.example:\n    use-sigstore-attachments: true\n  a.example/b:\n    lookaside: https://s\n",
      scope: "a.example/b/c",
      expected: ["https://s", true],
      why: "each setting is looked up on its own",
    },
    {
      yaml: "docker:\n  '*.example':\n    sigstore: file:///s\n",
      scope: "a.example/b",
      expected: ["file:///s", false],
      why: "the old name, under a wildcard",
    },
    {
      yaml: "docker:\n  a.example: {lookaside: '', sigstore: https://old}\n",
      scope: "a.example",
      expected: ["https://old", false],
      why: "an empty lookaside is none",
    },
    {
      yaml: "docker:\n  a.example: {lookaside: https://new, sigstore: https://old}\n",
      scope: "a.example",
      expected: ["https://new", false],
      why: "the new name wins",
    },
    {
      yaml: "default-docker:\n  lookaside: https://s\n  use-sigstore-attachments: yes\n",
      scope: "a.example",
      expected: ["https://s", true],
      why: "the default, and a boolean of YAML 1.1",
    },
    {
      yaml: "docker:\n  a.example:\n",
      scope: "a.example",
      expected: [undefined, false],
      why: "a namespace with nothing",
    },
    { yaml: "docker: {a.example: {other: 1}}", scope: "a.example", expected: [undefined, false], why: "unknown keys" },
    {
      yaml: "x: &x {lookaside: https://s}\ndocker: {a.example: *x}",
      scope: "a.example",
      expected: ["https://s", false],
      why: "an alias",
    },
    {
      yaml: "x: &x {lookaside: https://s, use-sigstore-attachments: false}\ndocker: {a.example: {<<: *x, use-sigstore-attachments: on}}",
      scope: "a.example",
      expected: ["https://s", true],
      why: "a merge, which yields to what is there itself",
    },
    {
      yaml: "docker: {a.example: {lookaside: 1e3, use-sigstore-attachments: 'yes'}}",
      scope: "a.example",
      expected: ["1e3", true],
      why: "a number for a text, as it is written, and a word in quotation marks",
    },
    {
      yaml: "docker: {a.example: {use-sigstore-attachments: ~}, '*.example': {use-sigstore-attachments: true}}",
      scope: "a.example/x",
      expected: [undefined, true],
      why: "null is as good as absent",
    },
    {
      yaml: "Docker: {a.example: 1}",
      scope: "a.example",
      expected: [undefined, false],
      why: "keys in their letter case",
    },
    {
      yaml: "docker: {a.example: {lookaside: https://s}}\n---\ndocker: 1\n",
      scope: "a.example",
      expected: ["https://s", false],
      why: "the first document only",
    },
  ];
  for (const { yaml, scope, expected, why } of rows) {
    it(why, async () => {
      const config = await readRegistries(directory({ "a.yaml": yaml, "b.yml": "docker: [", "c.yaml~": "[" }), {});
      assert.ok(config.ok, JSON.stringify(config));
      const { lookaside, useSigstoreAttachments } = signatureStoreOf(config.value, scope);
      assert.deepEqual([lookaside, useSigstoreAttachments], expected);
      assert.equal(config.value.files.length, 1);
    });
  }

  it("nothing where there is no directory", async () => {
    const config = await readRegistries("/nowhere", {});
    assert.ok(config.ok);
    assert.deepEqual(config.value.files, []);
    assert.equal(config.value.missing, "/nowhere");
  });

  it("nothing of a file whose name ends otherwise, but knows of it", async () => {
    const path = directory({
      "a.yml": "docker: {}",
      "b.YAML": "docker: {}",
      "c.yaml~": "",
      "d.yaml.rpmsave": "",
      README: "",
    });
    const config = await readRegistries(path, {});
    assert.ok(config.ok);
    assert.deepEqual(config.value.files, []);
    assert.deepEqual(config.value.passedOver, [join(path, "a.yml"), join(path, "b.YAML")]);
    assert.equal(config.value.missing, undefined);
  });

  it("says which key is no text", async () => {
    const config = await readRegistries(directory({ "a.yaml": "docker: {a: {sigstore: {public-key-file: /k}}}" }), {});
    assert.ok(!config.ok);
    assert.match(config.problem.reason, /^docker: a: sigstore is not a text: it is the old name of lookaside/);
  });

  it("the user's file in place of one of the same name", async () => {
    const home = temporaryDirectory();
    const own = join(home, "containers", "registries.d");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "own.yaml"), "docker: {a.example: {use-sigstore-attachments: true}}");
    const config = await readRegistries(undefined, { XDG_CONFIG_HOME: home });
    assert.ok(config.ok);
    assert.ok(config.value.files.includes(join(own, "own.yaml")));
  });
});

describe("readRegistries refuses, as a whole,", () => {
  const rows: readonly { files: Readonly<Record<string, string>>; file: string; why: string }[] = [
    {
      files: { "a.yaml": 'docker: {a: {use-sigstore-attachments: "true"}}' },
      file: "a.yaml",
      why: "a flag in quotation marks, which is a text",
    },
    { files: { "a.yaml": "docker: {a: {use-sigstore-attachments: 1}}" }, file: "a.yaml", why: "a number for a flag" },
    { files: { "a.yaml": "[]" }, file: "a.yaml", why: "a list" },
    { files: { "a.yaml": "docker:\n\ta: {}\n" }, file: "a.yaml", why: "a tab that indents" },
    { files: { "a.yaml": "docker: [" }, file: "a.yaml", why: "what is not YAML" },
    { files: { "a.yaml": "docker: 1" }, file: "a.yaml", why: "what is no mapping" },
    { files: { "a.yaml": "docker: {a: 1}" }, file: "a.yaml", why: "a namespace that is no mapping" },
    { files: { "a.yaml": "docker: {a: {}, a: {}}" }, file: "a.yaml", why: "a key twice" },
    {
      files: { "a.yaml": "docker: {a: {use-sigstore-attachments: maybe}}" },
      file: "a.yaml",
      why: "a flag that is neither",
    },
    {
      files: { "a.yaml": "docker: {a: {lookaside: https://s?x=1}}" },
      file: "a.yaml",
      why: "a question mark in braces",
    },
    {
      files: { "a.yaml": "docker: {a: {sigstore-staging: {}}}" },
      file: "a.yaml",
      why: "no text where it is not needed",
    },
    { files: { "a.yaml": "docker: {a: *x}" }, file: "a.yaml", why: "an alias of nothing" },
    { files: { "a.yaml": "docker: {a: &x {<<: *x}}" }, file: "a.yaml", why: "what merges itself" },
    { files: { "a.yaml": "docker: {a: {<<: 1}}" }, file: "a.yaml", why: "a merge of what is no mapping" },
    { files: { "a.yaml": "{a: b}: c" }, file: "a.yaml", why: "a key that is no text" },
    { files: { "a.yaml": "x: \u0001" }, file: "a.yaml", why: "a control character" },
    { files: { "a.yaml": 'x: "\\ud800"' }, file: "a.yaml", why: "half a character" },
    { files: { "a.yaml": "# x\u2028docker: {}" }, file: "a.yaml", why: "an end of line of YAML 1.1" },
    { files: { "a.yaml": "# x\rdocker: {}" }, file: "a.yaml", why: "a carriage return alone" },
    { files: { "a.yaml": "..." }, file: "a.yaml", why: "an end alone" },
    { files: { "a.yaml": "[".repeat(200_000) }, file: "a.yaml", why: "what is nested too deeply" },
    {
      files: { "a.yaml": "docker: {a: }", "b.yaml": "docker: {a: }" },
      file: "b.yaml",
      why: "nothing for a namespace, twice",
    },
    { files: { "a.yaml": "docker: {a: {lookaside: []}}" }, file: "a.yaml", why: "a list for a text" },
    {
      files: { "a.yaml": "docker: {a: {}}", "b.yaml": "docker: {a: {}}" },
      file: "b.yaml",
      why: "a namespace in two files",
    },
    {
      files: { "a.yaml": "default-docker: {}", "b.yaml": "default-docker: {}" },
      file: "b.yaml",
      why: "the default in two files",
    },
    {
      files: {
        "a.yaml": `b0: &b0 {x: y}\n${Array.from({ length: 9 }, (_, at) => `b${at + 1}: &b${at + 1} {<<: [${Array(9).fill(`*b${at}`)}]}\n`).join("")}docker: *b9`,
      },
      file: "a.yaml",
      why: "aliases that multiply",
    },
    { files: { "a.yaml": "#".repeat(1024 * 1024 + 1) }, file: "a.yaml", why: "a very large file" },
  ];
  for (const { files, file, why } of rows) {
    it(why, async () => {
      const path = directory(files);
      const config = await readRegistries(path, {});
      assert.ok(!config.ok);
      assert.equal(config.problem.path, join(path, file));
      assert.notEqual(config.problem.reason, "");
    });
  }
});
