/**
 * Random trees of registries.conf and registries.d, and references, put to this program and to containers/image: where an image is looked for,
 * and where its signatures are.
 *
 *     node conformance/registries/compare.ts [N [SEED]]
 *
 * Needs Go. The last line says `N of M agree`; the exit code is 1 on any disagreement.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runLines } from "../ask.ts";
import { differenceOf, isStricter } from "./agreement.ts";
import { type Answer, answerOf } from "./answer.ts";
import { Generator } from "./generate.ts";

const [count = "5000", seed = "1"] = process.argv.slice(2);
const bin = join(import.meta.dirname, "..", "bin");
mkdirSync(bin, { recursive: true });
const oracle = join(bin, "registries");
execFileSync("go", ["build", "-tags", "containers_image_openpgp exclude_graphdriver_btrfs", "-o", oracle, "."], {
  cwd: import.meta.dirname,
  env: { ...process.env, CGO_ENABLED: "0" },
  stdio: "inherit",
});

const generator = new Generator(Number(seed));
const questions = Array.from({ length: Number(count) }, () => generator.question());
const input = join(bin, `registries-${seed}-${count}.questions.jsonl`);
writeFileSync(input, questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
const answers = await runLines<Answer>([oracle], input, input.replace("questions", "answers"));
if (answers.length !== questions.length) throw new Error("the reference did not answer every question");

let agree = 0;
let stricter = 0;
const outcomes = new Map<string, number>();
for (const [at, question] of questions.entries()) {
  const theirs = answers[at] as Answer;
  const ours = await answerOf(question);
  for (const outcome of outcomesOf(theirs)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const difference = differenceOf(theirs, ours);
  if (difference === undefined || isStricter(theirs, ours)) {
    agree += 1;
    if (difference !== undefined) stricter += 1;
    continue;
  }
  console.log(`${difference}\n  reference ${JSON.stringify(theirs)}\n  ours ${JSON.stringify(ours)}`);
  for (const [name, content] of Object.entries(question.files)) {
    console.log(`  ${name}: ${JSON.stringify(Buffer.from(content, "base64").toString())}`);
  }
}
console.log([...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join("; "));
console.log(`stricter here on purpose: ${stricter}`);
console.log(`${agree} of ${questions.length} agree`);
process.exitCode = agree === questions.length ? 0 : 1;

function outcomesOf({ confError, directoryError, references }: Answer): readonly string[] {
  const located = references.map(({ error, sources }) =>
    error !== undefined ? "location error" : `${sources?.length ?? 0} locations`,
  );
  const signed = references.map(({ lookaside }) => (lookaside?.error === undefined ? "lookaside" : "lookaside error"));
  return [
    confError === undefined ? "registries.conf" : "registries.conf error",
    directoryError === undefined ? "registries.d" : "registries.d error",
    ...(confError === undefined ? located : []),
    ...(directoryError === undefined ? signed : []),
  ];
}
