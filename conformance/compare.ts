/**
 * Judges the cases of a directory with the reference and with sealcheck, and prints how far they agree.
 *
 *     node compare.ts --cases DIR --oracle-openpgp FILE [--oracle-gpgme FILE] [--record DIR] -- COMMAND...
 *
 * COMMAND is sealcheck's batch: requests on standard input, verdicts on standard output. Exit 1 on any disagreement.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askOracle, runLines } from "./ask.ts";
import { readLines, type TestCase } from "./cases.ts";
import { record } from "./record.ts";
import { expectedExitCodes, type Judgement, judge, type OurVerdict, type ReferenceAnswer } from "./rule.ts";

/** How many disagreements are printed; all of them are in disagreements.jsonl. */
const printedDisagreements = 40;

const { values, positionals } = parseArgs({
  options: {
    cases: { type: "string" },
    "oracle-openpgp": { type: "string" },
    "oracle-gpgme": { type: "string" },
    record: { type: "string" },
  },
  allowPositionals: true,
});
if (values.cases === undefined || values["oracle-openpgp"] === undefined || positionals.length === 0) {
  console.error(
    "usage: compare.ts --cases DIR --oracle-openpgp FILE [--oracle-gpgme FILE] [--record DIR] -- COMMAND...",
  );
  process.exit(2);
}
const directory = values.cases;
const goCryptoOracle = values["oracle-openpgp"];
const gpgmeOracle = values["oracle-gpgme"];

const cases = readLines<TestCase>(join(directory, "cases.jsonl"));
if (cases.length === 0) throw new Error(`no case in ${directory}`);

function requestOf(one: TestCase, policy = one.policy): object {
  const { id, identity, source, requireSigned = false } = one;
  return { id, identity, source, policy, requireSigned };
}

/** The answers of each back end, by case. A case that no keyring can decide is put to one of them. */
async function askReference(): Promise<Map<string, readonly ReferenceAnswer[]>> {
  const goCrypto = await askOracle<ReferenceAnswer>(
    goCryptoOracle,
    cases.map((one) => requestOf(one, one.policyForGoCrypto)),
    join(directory, "openpgp"),
  );
  const withKeyrings = cases.filter((one) => one.openpgp === true);
  const gpgme =
    gpgmeOracle === undefined
      ? new Map<string, ReferenceAnswer>()
      : await askOracle<ReferenceAnswer>(
          gpgmeOracle,
          withKeyrings.map((one) => requestOf(one)),
          join(directory, "gpgme"),
        );
  console.log(
    gpgmeOracle === undefined
      ? `reference: ${cases.length} cases with go-crypto; GnuPG was not asked`
      : `reference: ${cases.length} cases with go-crypto; ${withKeyrings.length} that can reach a keyring also with GnuPG`,
  );
  const answers = new Map<string, readonly ReferenceAnswer[]>();
  for (const one of cases) {
    const first = goCrypto.get(one.id);
    const second = gpgme.get(one.id);
    if (first === undefined) throw new Error(`the oracle did not answer ${one.id}`);
    if (one.openpgp === true && gpgmeOracle !== undefined && second === undefined)
      throw new Error(`the oracle with GnuPG did not answer ${one.id}`);
    answers.set(one.id, second === undefined ? [first] : [first, second]);
  }
  return answers;
}

async function askOurs(): Promise<Map<string, OurVerdict>> {
  const input = join(directory, "ours.requests.jsonl");
  writeFileSync(input, cases.map((one) => `${JSON.stringify(requestOf(one))}\n`).join(""));
  const begun = performance.now();
  const verdicts = await runLines<OurVerdict>(positionals, input, join(directory, "ours.answers.jsonl"));
  const seconds = (performance.now() - begun) / 1000;
  console.log(`sealcheck: ${verdicts.length} verdicts in ${seconds.toFixed(1)} s`);
  return new Map(verdicts.map((verdict) => [verdict.id, verdict]));
}

interface Disagreement {
  readonly case: TestCase;
  readonly judgement: Judgement;
  readonly expectedExitCodes: readonly number[];
  readonly reference: readonly ReferenceAnswer[];
  readonly ours: OurVerdict | undefined;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function printDisagreement({ case: one, judgement, reference, ours, expectedExitCodes: codes }: Disagreement): void {
  console.log(`\n${judgement}: ${one.id}`);
  for (const mutation of one.mutations) console.log(`  change     ${JSON.stringify(mutation).slice(0, 300)}`);
  const [goCrypto, gpgme] = reference;
  for (const [name, answer] of [["go-crypto", goCrypto] as const, ["gpgme", gpgme] as const]) {
    if (answer !== undefined)
      console.log(`  ${name.padEnd(10)} ${answer.verdict} ${JSON.stringify(answer.error ?? "").slice(0, 400)}`);
  }
  console.log(
    `  ours       ${ours === undefined ? "no answer" : `${ours.outcome} ${ours.code} (exit ${ours.exitCode})`}`,
  );
  if (ours?.message !== undefined) console.log(`             ${JSON.stringify(ours.message).slice(0, 400)}`);
  console.log(`  expected   exit ${codes.join(" or ")}`);
  const signed = one.requireSigned === true ? " --require-signed" : "";
  console.log(
    `  reproduce  dist/sealcheck verify-installable --identity ${shellQuote(one.identity)} --policy ${one.policy}${signed} ${one.source}`,
  );
}

interface Tally {
  cases: number;
  accepted: number;
  falseAccepts: number;
  falseRejects: number;
  others: number;
}

function printTable(tallies: ReadonlyMap<string, Tally>): void {
  console.log("\ncategory      cases  accepted   agree  false accepts  false rejects  other");
  for (const [name, tally] of tallies) {
    const agree = tally.cases - tally.falseAccepts - tally.falseRejects - tally.others;
    const cells = [
      name.padEnd(12),
      String(tally.cases).padStart(6),
      `${Math.round((100 * tally.accepted) / tally.cases)} %`.padStart(9),
      String(agree).padStart(7),
      String(tally.falseAccepts).padStart(14),
      String(tally.falseRejects).padStart(14),
      String(tally.others).padStart(6),
    ];
    console.log(cells.join(" "));
  }
}

const reference = await askReference();
const ours = await askOurs();
const tallies = new Map<string, Tally>();
const total: Tally = { cases: 0, accepted: 0, falseAccepts: 0, falseRejects: 0, others: 0 };
const disagreements: Disagreement[] = [];
for (const one of cases) {
  const answers = reference.get(one.id) ?? [];
  const verdict = ours.get(one.id);
  const judgement = judge(answers, verdict);
  const expected = expectedExitCodes(answers);
  const own = tallies.get(one.category) ?? { cases: 0, accepted: 0, falseAccepts: 0, falseRejects: 0, others: 0 };
  tallies.set(one.category, own);
  for (const tally of [own, total]) {
    tally.cases += 1;
    if (expected.includes(0)) tally.accepted += 1;
    if (judgement === "false-accept") tally.falseAccepts += 1;
    else if (judgement === "false-reject") tally.falseRejects += 1;
    else if (judgement !== "agrees") tally.others += 1;
  }
  if (judgement !== "agrees")
    disagreements.push({ case: one, judgement, expectedExitCodes: expected, reference: answers, ours: verdict });
}
tallies.set("all", total);

// False accepts first: they are the worst there is.
const order: readonly Judgement[] = ["false-accept", "false-reject", "no-answer", "wrong-exit-code"];
disagreements.sort((a, b) => order.indexOf(a.judgement) - order.indexOf(b.judgement));
for (const disagreement of disagreements.slice(0, printedDisagreements)) printDisagreement(disagreement);
const listed = join(directory, "disagreements.jsonl");
writeFileSync(listed, disagreements.map((one) => `${JSON.stringify(one)}\n`).join(""));
printTable(tallies);
console.log(
  `\n${total.cases - disagreements.length} of ${total.cases} agree; ${total.falseAccepts} false accepts, ${total.falseRejects} false rejects` +
    (disagreements.length === 0 ? "" : `, ${total.others} others; all of them: ${listed}`),
);
if (values.record !== undefined) {
  const agreed = cases.filter((one) => judge(reference.get(one.id) ?? [], ours.get(one.id)) === "agrees");
  record(agreed, reference, directory, values.record);
}
process.exitCode = disagreements.length === 0 ? 0 : 1;
