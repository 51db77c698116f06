import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "./support/images.ts";
import { developer, forms, sealcheck } from "./support/run.ts";
import { fixturePolicyFile } from "./support/temporary.ts";

/** One of test/fixtures/cases.json, described in the README there: what containers/image said of it, in three builds. */
interface Case {
  readonly id: string;
  readonly source: string;
  readonly identity: string;
  readonly policy: string;
  readonly requireSigned?: boolean;
  readonly expected: string;
  readonly oracleOpenpgp: Oracle;
  readonly oracleGpgme: Oracle;
  readonly oracleSequoia: Oracle;
  readonly why: string;
}

interface Oracle {
  readonly verdict: string;
}

const cases: readonly Case[] = JSON.parse(readFileSync(join(fixtures, "cases.json"), "utf8"));
assert.ok(cases.length > 400, "the cases were not found");

const requests = cases.map(({ id, source, identity, policy, requireSigned }) => ({
  id,
  identity: identity.replaceAll("@FIXTURES@", fixtures),
  source: join(fixtures, source),
  policy: fixturePolicyFile(policy.replace(/^policies\//, "")),
  ...(requireSigned === undefined ? {} : { requireSigned }),
}));
const input = requests.map((request) => `${JSON.stringify(request)}\n`).join("");

/** Whom `--openpgp` asks, and the build of containers/image whose verdict must then come out. */
const alone = [
  { backEnd: "sequoia", oracle: "oracleSequoia" },
  { backEnd: "gnupg", oracle: "oracleGpgme" },
  { backEnd: "go", oracle: "oracleOpenpgp" },
] as const;

/** containers/image itself wants an identity with a transport; one without is read as docker:// here, and it was asked so for Sequoia. */
function isAllowed({ expected }: Case, { verdict }: Oracle): boolean {
  return verdict === "allowed" || (verdict === "identityError" && expected === "accepted");
}

for (const runtime of forms) {
  describe(`the recorded verdicts of containers/image (${runtime.name})`, () => {
    const lines = sealcheck(runtime, ["batch"], { input, env: developer }).stdout.trimEnd().split("\n");

    it("gives a verdict for each", () => assert.equal(lines.length, cases.length));

    for (const [index, { id, expected, why }] of cases.entries()) {
      it(`${id}: ${why}`, () => {
        const verdict = JSON.parse(lines[index] ?? "");
        assert.equal(verdict.id, id);
        assert.equal(verdict.outcome, expected, `${verdict.code}: ${verdict.message}`);
      });
    }
  });

  for (const { backEnd, oracle } of alone) {
    describe(`the recorded verdicts of the build with ${backEnd} (${runtime.name})`, () => {
      const { stdout } = sealcheck(runtime, ["batch", `--openpgp=${backEnd}`], { input, env: developer });
      const lines = stdout.trimEnd().split("\n");

      it("accepts what that build allows, and nothing else", () => {
        assert.equal(lines.length, cases.length);
        const others = cases.flatMap((recorded, index) => {
          const { outcome, code } = JSON.parse(lines[index] ?? "");
          const isAccepted = outcome === "accepted";
          return isAccepted === isAllowed(recorded, recorded[oracle]) ? [] : [`${recorded.id}: ${outcome}, ${code}`];
        });
        assert.deepEqual(others, []);
      });
    });
  }
}
