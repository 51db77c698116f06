/**
 * Judges the cases of a directory with the reference and with sealcheck, and prints how far they agree.
 *
 *     node compare.ts --cases DIR --oracle-go FILE [--oracle-gnupg FILE] [--oracle-sequoia FILE] [--openpgp LIST]
 *       [--record DIR] -- COMMAND...
 *
 * COMMAND is sealcheck's batch: requests on standard input, verdicts on standard output. Exit 1 on any disagreement.
 * `--openpgp` names the back ends whose verdict COMMAND gives (default: all).
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askOracle, runLines } from "./ask.ts";
import { readLines, type TestCase } from "./cases.ts";
import { record } from "./record.ts";
import {
  type BackEnd,
  backEnds,
  expectedExitCodes,
  type Judgement,
  judge,
  type OurVerdict,
  type ReferenceAnswer,
  type ReferenceAnswers,
} from "./rule.ts";

/** How many disagreements are printed; all of them are in disagreements.jsonl. */
const printedDisagreements = 40;

const { values, positionals } = parseArgs({
  options: {
    cases: { type: "string" },
    "oracle-go": { type: "string" },
    "oracle-gnupg": { type: "string" },
    "oracle-sequoia": { type: "string" },
    openpgp: { type: "string", default: "all" },
    record: { type: "string" },
  },
  allowPositionals: true,
});
if (values.cases === undefined || values["oracle-go"] === undefined || positionals.length === 0) {
  console.error(
    "usage: compare.ts --cases DIR --oracle-go FILE [--oracle-gnupg FILE] [--oracle-sequoia FILE] [--openpgp LIST] " +
      "[--record DIR] -- COMMAND...",
  );
  process.exit(2);
}
const directory = values.cases;
const oracles: Readonly<Partial<Record<BackEnd, string | undefined>>> & { readonly go: string } = {
  go: values["oracle-go"],
  gnupg: values["oracle-gnupg"],
  sequoia: values["oracle-sequoia"],
};
const selected = selectBackEnds(values.openpgp);

const cases = readLines<TestCase>(join(directory, "cases.jsonl"));
if (cases.length === 0) throw new Error(`no case in ${directory}`);

function selectBackEnds(list: string): readonly BackEnd[] {
  const chosen = backEnds.filter((name) => list === "all" || list.split(",").includes(name));
  for (const name of chosen) if (oracles[name] === undefined) throw new Error(`there is no oracle with ${name}`);
  return chosen;
}

function requestOf(one: TestCase, policy = one.policy): object {
  const { id, identity, source, requireSigned = false } = one;
  return { id, identity, source, policy, requireSigned };
}

/** What a back end says of cases. */
async function ask(backEnd: BackEnd, about: readonly TestCase[]): Promise<Map<string, ReferenceAnswer>> {
  const oracle = oracles[backEnd];
  if (oracle === undefined) throw new Error(`there is no oracle with ${backEnd}`);
  // GnuPG reads every armoured block of a key file, and the rule follows it.
  const withSameKeys = backEnd === "go" && selected.includes("gnupg");
  return await askOracle<ReferenceAnswer>(
    oracle,
    about.map((one) => requestOf(one, withSameKeys ? one.policyForGoCrypto : undefined)),
    join(directory, withSameKeys ? "go-same-keys" : backEnd),
  );
}

/** The answers of each back end, by case. A case that no keyring can decide is put to go-crypto alone, which is fastest. */
async function askReference(): Promise<Map<string, ReferenceAnswers>> {
  const withKeyrings = cases.filter((one) => one.openpgp === true);
  const others = cases.filter((one) => one.openpgp !== true);
  const answers = new Map<string, Partial<Record<BackEnd, ReferenceAnswer>>>();
  const put = async (backEnd: BackEnd, about: readonly TestCase[]) => {
    const got = await ask(backEnd, about);
    for (const one of about) {
      const answer = got.get(one.id);
      if (answer === undefined) throw new Error(`the oracle with ${backEnd} did not answer ${one.id}`);
      answers.set(one.id, { ...answers.get(one.id), [backEnd]: answer });
    }
  };
  if (selected.includes("go")) await put("go", cases);
  else await put("go", others);
  for (const backEnd of selected) if (backEnd !== "go") await put(backEnd, withKeyrings);
  console.log(
    `reference: ${withKeyrings.length} cases that can reach a keyring with ${selected.join(", ")}; ${others.length} others with go`,
  );
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
  readonly reference: ReferenceAnswers;
  readonly ours: OurVerdict | undefined;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function printDisagreement({ case: one, judgement, reference, ours, expectedExitCodes: codes }: Disagreement): void {
  console.log(`\n${judgement}: ${one.id}`);
  for (const mutation of one.mutations) console.log(`  change     ${JSON.stringify(mutation).slice(0, 300)}`);
  for (const [name, answer] of Object.entries(reference))
    console.log(`  ${name.padEnd(10)} ${answer.verdict} ${JSON.stringify(answer.error ?? "").slice(0, 400)}`);
  console.log(
    `  ours       ${ours === undefined ? "no answer" : `${ours.outcome} ${ours.code} (exit ${ours.exitCode})`}`,
  );
  if (ours?.message !== undefined) console.log(`             ${JSON.stringify(ours.message).slice(0, 400)}`);
  console.log(`  expected   exit ${codes.join(" or ")}`);
  const signed = one.requireSigned === true ? " --require-signed" : "";
  const openpgp = values.openpgp === "all" ? "" : ` --openpgp=${values.openpgp}`;
  console.log(
    `  reproduce  dist/sealcheck verify-installable --identity ${shellQuote(one.identity)} --policy ${one.policy}${signed}${openpgp} ${one.source}`,
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
  const answers = reference.get(one.id) ?? {};
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
  const agreed = cases.filter((one) => judge(reference.get(one.id) ?? {}, ours.get(one.id)) === "agrees");
  record(agreed, reference, directory, values.record);
}
process.exitCode = disagreements.length === 0 ? 0 : 1;
