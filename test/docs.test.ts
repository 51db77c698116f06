import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { generated } from "../scripts/manual.ts";
import { parseArguments } from "../src/cli/arguments/parse-arguments.ts";
import { commandTable, optionTable } from "../src/cli/arguments/table.ts";
import { codes } from "../src/codes.ts";
import { explain, hostPathResolver, parsePolicy, prepareVerifier, readDirSource } from "../src/index.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const fixtures = join(root, "test/fixtures");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

describe("what is made from elsewhere is up to date (node scripts/manual.ts)", () => {
  for (const [path, content] of generated()) {
    it(path, () => assert.equal(read(path), content));
  }
});

describe("docs/codes.md", () => {
  const documented = [...read("docs/codes.md").matchAll(/^\| `([a-z0-9.-]+)` +\| (\d+) +\|/gm)];

  it("has exactly the published codes, with their exit codes", () => {
    assert.deepEqual(
      documented.map(([, code, exit]) => `${code} ${exit}`).sort(),
      Object.entries(codes)
        .map(([code, { exitCode }]) => `${code} ${exitCode}`)
        .sort(),
    );
  });
});

describe("docs/manual.md", () => {
  const manual = read("docs/manual.md");
  const terms = [...manual.matchAll(/^- (`.*?`): /gm)].flatMap(([, list = ""]) => list.split(", "));

  it("has exactly the options of the command line, with what they take", () => {
    const expected = Object.entries(optionTable).flatMap(([name, entry]) => [
      ...("short" in entry ? [`\`-${entry.short}\``] : []),
      `\`--${name}${entry.takes === "nothing" ? "" : ` ${entry.takes.name}`}\``,
    ]);
    assert.deepEqual(terms.filter((term) => term.startsWith("`-")).sort(), expected.sort());
  });

  it("has the commands", () => {
    for (const command of Object.keys(commandTable)) assert.ok(terms.includes(`\`${command}\``), command);
  });
});

describe("the exit codes", () => {
  const table = (path: string): readonly string[] => read(path).match(/^\| \d+ +\| [a-z].*/gm) ?? [];
  const expected = table("docs/contract.md");

  it("are all there", () => {
    const exitCodes = new Set(Object.values(codes).map(({ exitCode }) => `${exitCode}`));
    assert.deepEqual(expected.map((row) => row.split(" ")[1]).sort(), [...exitCodes].sort());
  });

  for (const path of ["README.md", "docs/codes.md"]) {
    it(`${path} says the same as docs/contract.md`, () => assert.deepEqual(table(path), expected));
  }

  it("docs/manual.md says the same", () => {
    for (const row of expected) {
      const [, exitCode = "", meaning = ""] = row.split("|").map((cell) => cell.trim());
      const text = read("docs/manual.md").match(new RegExp(`^- \`${exitCode}\`: (.*)$`, "m"))?.[1] ?? "";
      assert.equal(text.toLowerCase(), `${meaning}.`.toLowerCase());
    }
  });
});

describe("links between the documents lead somewhere", () => {
  const documents = globSync(["*.md", "docs/**/*.md", "demo/*.md", "examples/*.md"], { cwd: root });
  assert.ok(documents.length > 5);
  for (const document of documents) {
    it(document, () => {
      for (const [, target = ""] of read(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        assert.ok(existsSync(resolve(root, dirname(document), target)), `${document} links to ${target}`);
      }
    });
  }
});

describe("docs/from-skopeo-errors.md", () => {
  const page = read("docs/from-skopeo-errors.md");
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const commands = blocks.flatMap((block) => block.split("\n").filter((line) => line.startsWith("sealcheck ")));
  assert.ok(commands.length > 20);

  for (const command of new Set(commands)) {
    it(`has a command line that is one: ${command}`, () => {
      const [, ...args] = command.split(" ");
      const parsed = parseArguments(args).invocation;
      assert.ok(parsed.ok && parsed.value.kind === "run", JSON.stringify(parsed));
    });
  }

  for (const section of page.split(/^(?=#{2,3} )/m).filter((part) => part.startsWith("### "))) {
    const [title = ""] = section.split("\n");
    it(`says what the text is, and how to look into it: ${title}`, () => {
      assert.match(title, /^### `[^`]+`$/);
      assert.match(section, /^sealcheck /m);
    });
  }
});

describe("docs/audit.md", () => {
  const lines = read("docs/audit.md").match(/^.*?\bsealcheck audit .*$/gm) ?? [];
  const shown = lines.filter((line) => /^(\$ .*?|while )?sealcheck audit /.test(line));
  assert.ok(shown.length > 15);

  for (const line of new Set(shown)) {
    it(`has a command line that is one: ${line}`, () => {
      const [, words = ""] = /sealcheck (audit .*?)(?: &| > .*)?$/.exec(line) ?? [];
      // What a shell puts in place of it has no spaces in it either.
      const args = words.replaceAll(/"\$\(.*?\)"|"\$\w+"/g, "X").split(" ");
      const parsed = parseArguments(args).invocation;
      assert.ok(parsed.ok && parsed.value.kind === "run", JSON.stringify(parsed));
    });
  }
});

describe("README.md shows what is really said", () => {
  const signedBy = { type: "signedBy", keyType: "GPGKeys", keyPath: "/etc/pki/containers/vendor.gpg" };
  const text = { default: [{ type: "reject" }], transports: { docker: { "registry.example.com": [signedBy] } } };
  const policy = parsePolicy(Buffer.from(JSON.stringify(text)), { path: "/etc/containers/policy.json" });

  for (const name of ["gpg-release-oci", "gpg-unknown-key"]) {
    it(name, async () => {
      const source = readDirSource(join(fixtures, "images", name));
      assert.ok(policy.ok && source.ok);
      const verifier = prepareVerifier(policy.value, {
        readFile: () => readFileSync(join(fixtures, "keys/gpg/release-rsa4096.gpg")),
        now: () => Date.now() / 1000,
        paths: hostPathResolver(undefined),
      });
      const identity = "registry.example.com/vendor/app:1.0";
      const said = explain(await verifier.verify({ identity, ...source.value, requireSigned: false }));
      assert.ok(read("README.md").includes(`${said}\n\`\`\``), said);
    });
  }
});

describe("the examples of docs/library.md and README.md run, and print what is said there", () => {
  const directory = mkdtempSync(join(tmpdir(), "sealcheck-docs-"));
  after(() => rmSync(directory, { recursive: true }));
  cpSync(join(fixtures, "images/gpg-release-oci"), join(directory, "download"), { recursive: true });
  cpSync(join(fixtures, "keys/gpg/release-rsa4096.gpg"), join(directory, "release.gpg"));
  const signedBy = { type: "signedBy", keyType: "GPGKeys", keyPath: "release.gpg" };
  const policy = { default: [{ type: "reject" }], transports: { docker: { "registry.example.com": [signedBy] } } };
  writeFileSync(join(directory, "policy.json"), JSON.stringify(policy));

  for (const document of ["docs/library.md", "README.md"]) {
    const examples = [...read(document).matchAll(/```ts\n([\s\S]*?)```\n(?:\nIt prints\n\n```text\n([\s\S]*?)```)?/g)];
    it(`${document} has examples`, () => assert.ok(examples.length > 0));
    for (const [index, [, code = "", output]] of examples.entries()) {
      it(`${document}, example ${index + 1}`, () => {
        const file = join(directory, `${index}.ts`);
        writeFileSync(file, code.replace('from "sealcheck"', `from ${JSON.stringify(join(root, "src/index.ts"))}`));
        const printed = execFileSync(process.execPath, [file], { cwd: directory, encoding: "utf8" });
        if (output !== undefined) assert.equal(printed, output);
      });
    }
  }
});

describe("decisions", () => {
  const index = read("docs/decisions/README.md");
  const files = globSync("docs/decisions/0*.md", { cwd: root }).sort();
  assert.ok(files.length > 8);
  for (const [at, file] of files.entries()) {
    it(`${file} has a number, a title, a status and its line in the list`, () => {
      const [, number = "", title = ""] = /^# (\d{4})\. (.+)\n/.exec(read(file)) ?? [];
      const [, status = ""] =
        /\n\nStatus: ((?:accepted|superseded by \d{4}), \d{4}-\d\d-\d\d)\.\n\n/.exec(read(file)) ?? [];
      assert.equal(Number(number), at + 1);
      const line = index.split("\n").find((row) => row.includes(`[${number}](${basename(file)})`));
      assert.deepEqual(
        line
          ?.split("|")
          .map((cell) => cell.trim())
          .slice(2, 4),
        [title, status],
      );
    });
  }
});
