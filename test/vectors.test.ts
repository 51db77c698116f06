import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { developer, forms, sealcheck } from "./support/run.ts";

/** One file of test/vectors, as conformance/record.ts writes it. */
interface Vectors {
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
  readonly cases: readonly {
    readonly id: string;
    readonly mutations: readonly string[];
    readonly identity: string;
    readonly source: string;
    readonly policy: string;
    readonly requireSigned?: boolean;
    /** By back end. */
    readonly reference: Readonly<Record<string, { readonly verdict: string }>>;
    readonly exitCodes: readonly number[];
  }[];
}

const folder = join(import.meta.dirname, "vectors");
const categories = readdirSync(folder).filter((name) => name.endsWith(".json"));
assert.ok(categories.length >= 13, "the vectors were not found");

for (const name of categories) {
  const vectors: Vectors = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sealcheck-vectors-")));
  const here = (text: string) => text.replaceAll("@VECTORS@", root);
  after(() => rmSync(root, { recursive: true }));
  for (const directory of ["images", "keys", "policies"]) mkdirSync(join(root, directory));
  for (const [path, content] of Object.entries(vectors.files)) {
    const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content.base64, "base64");
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), Buffer.from(here(bytes.toString("latin1")), "latin1"));
  }
  const input = vectors.cases
    .map(({ id, identity, source, policy, requireSigned = false }) => ({
      id,
      identity: here(identity),
      source: here(source),
      policy: here(policy),
      requireSigned,
    }))
    .map((request) => `${JSON.stringify(request)}\n`)
    .join("");

  for (const runtime of forms) {
    describe(`the reference's verdicts on ${name} (${runtime.name})`, () => {
      const lines = sealcheck(runtime, ["batch"], { input, env: developer }).stdout.trimEnd().split("\n");

      it("gives a verdict for each", () => assert.equal(lines.length, vectors.cases.length));

      for (const [index, { id, mutations, exitCodes, reference }] of vectors.cases.entries()) {
        it(`${id}: ${JSON.stringify(mutations)}`, () => {
          const verdict = JSON.parse(lines[index] ?? "");
          assert.equal(verdict.id, id);
          const said = Object.values(reference)
            .map((answer) => answer.verdict)
            .join(" and ");
          assert.ok(exitCodes.includes(verdict.exitCode), `the reference: ${said}; ours: ${verdict.code}`);
          assert.equal(verdict.outcome === "accepted", exitCodes.includes(0));
        });
      }
    });
  }
}
