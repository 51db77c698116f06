import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { developer, forms, sealcheck } from "./support/run.ts";

/**
 * What makes Node tell the time of the recording. The executable cannot be told another time than the machine's; therefore it
 * is not asked about cases whose verdict depends on it (`volatile` in conformance/cases.ts), and one test holds that all of
 * these are marked.
 */
function clock(at: string): { readonly NODE_OPTIONS: string } {
  const set = `Date.now = () => ${Date.parse(at)}`;
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(set)}"` };
}

/** One file of test/vectors, as conformance/record.ts writes it. */
interface Vectors {
  readonly recordedAt: string;
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
  readonly cases: readonly {
    readonly id: string;
    readonly mutations: readonly string[];
    readonly identity: string;
    readonly source: string;
    readonly policy: string;
    readonly requireSigned?: boolean;
    readonly volatile?: boolean;
    /** A key file has several armoured blocks: go-crypto was given the keys that GnuPG reads, not that file. */
    readonly severalBlocks?: boolean;
    /** By back end; those of OpenPGP by the names of `--openpgp`. */
    readonly reference: Readonly<Record<string, { readonly verdict: string }>>;
    readonly exitCodes: readonly number[];
  }[];
}

function judged(line: string) {
  const { id, code, exitCode } = JSON.parse(line);
  return { id, code, exitCode };
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
  const requests = (cases: Vectors["cases"]) =>
    cases
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
      const stable = vectors.cases.filter((one) => one.volatile !== true);
      const asked = runtime.name === "executable" ? stable : vectors.cases;
      const replay = (at: string, cases = asked, ...options: readonly string[]) =>
        sealcheck(runtime, ["batch", ...options], { input: requests(cases), env: { ...developer, ...clock(at) } })
          .stdout.trimEnd()
          .split("\n");
      const lines = replay(vectors.recordedAt);

      it("gives a verdict for each", () => assert.equal(lines.length, asked.length));
      if (asked.length < vectors.cases.length) {
        const skip = "it cannot be told the time";
        it(`gives a verdict for the ${vectors.cases.length - asked.length} that depend on it`, { skip });
      }

      if (name === "pki.json" && runtime.name !== "executable") {
        it("can be told the time", () => assert.notDeepEqual(replay("2100-01-01").map(judged), lines.map(judged)));
      }
      if (runtime.name === "node") {
        it("gives the same in 2059, but for what is volatile", () => {
          const now = lines.filter((_, i) => vectors.cases[i]?.volatile !== true).map(judged);
          assert.deepEqual(replay("2059-01-01", stable).map(judged), now);
        });
      }

      // One runtime is enough: what the back ends share was asked of all of them.
      for (const backEnd of runtime.name === "node" ? ["go", "gnupg", "sequoia"] : []) {
        const alone = vectors.cases.filter(
          ({ reference, severalBlocks }) =>
            reference[backEnd] !== undefined && "sequoia" in reference && !(severalBlocks && backEnd === "go"),
        );
        if (alone.length === 0) continue;
        const verdicts = replay(vectors.recordedAt, alone, `--openpgp=${backEnd}`);
        for (const [index, { id, mutations, reference }] of alone.entries()) {
          it(`${id} by ${backEnd} alone: ${JSON.stringify(mutations)}`, () => {
            const verdict = JSON.parse(verdicts[index] ?? "");
            const accepted = reference[backEnd]?.verdict === "allowed";
            assert.equal(verdict.outcome === "accepted", accepted, `ours: ${verdict.code}`);
          });
        }
      }

      for (const [index, { id, mutations, exitCodes, reference }] of asked.entries()) {
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
