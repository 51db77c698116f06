/**
 * Random lists of images and manifests, put to this program and to containers/image: which image is chosen, which blobs are named.
 *
 *     node conformance/platform/compare.ts [N [SEED [RECORD]]]
 *
 * Needs Go. RECORD is a folder (test/image) that gets a selection of the questions with the reference's answers, for replay without it. The last line
 * says `N of M agree`; the exit code is 1 on any disagreement.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runLines } from "../ask.ts";
import { type Answer, answerOf, isAgreement } from "./answer.ts";
import { Generator, type Question } from "./generate.ts";

const [count = "20000", seed = "1", record] = process.argv.slice(2);
const bin = join(import.meta.dirname, "..", "bin");
mkdirSync(bin, { recursive: true });
const oracle = join(bin, "platform");
execFileSync("go", ["build", "-tags", "containers_image_openpgp exclude_graphdriver_btrfs", "-o", oracle, "."], {
  cwd: import.meta.dirname,
  env: { ...process.env, CGO_ENABLED: "0" },
  stdio: "inherit",
});

const generator = new Generator(Number(seed));
const questions = Array.from({ length: Number(count) }, () => generator.question());
const input = join(bin, `platform-${seed}-${count}.questions.jsonl`);
const lines = questions.map((question) => ({ ...question, content: Buffer.from(question.content).toString("base64") }));
writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const answers = await runLines<Answer>([oracle], input, input.replace("questions", "answers"));
if (answers.length !== questions.length) throw new Error("the reference did not answer every question");

let agree = 0;
const outcomes = new Map<string, number>();
for (const [at, question] of questions.entries()) {
  const theirs = answers[at] as Answer;
  const ours = answerOf(question);
  const outcome = `${question.os === "" ? "blobs" : "image"} ${theirs.outcome}`;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (isAgreement(theirs, ours)) agree += 1;
  else
    console.log(`${JSON.stringify(question)}\n  reference ${JSON.stringify(theirs)}\n  ours ${JSON.stringify(ours)}`);
}
if (record !== undefined) {
  writeFileSync(join(record, "choose-instance.jsonl"), selection(true));
  writeFileSync(join(record, "layers.jsonl"), selection(false));
}
console.log([...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join("; "));
console.log(`${agree} of ${questions.length} agree`);
process.exitCode = agree === questions.length ? 0 : 1;

/** Short questions with their answers, most of them odd: of each outcome some, of each kind of error one. */
function selection(isAboutList: boolean): string {
  const taken = new Map<string, number>();
  const lines: string[] = [];
  for (const [at, question] of questions.entries()) {
    const { outcome, digest, blobs, error } = answers[at] as Answer;
    if ((question.os !== "") !== isAboutList || question.content.length > 1500) continue;
    const isError = outcome === "malformed" || outcome === "unusable";
    const kind = isError ? `${outcome} ${shape(error)}` : `${outcome} ${isOdd(question)}`;
    const times = taken.get(kind) ?? 0;
    if (times >= (isError ? 1 : isOdd(question) ? 40 : 10)) continue;
    taken.set(kind, times + 1);
    lines.push(`${JSON.stringify({ ...question, answer: { outcome, digest, blobs } })}\n`);
  }
  return lines.join("");
}

/** Whether it is not as programs write it. */
function isOdd({ content }: Question): boolean {
  try {
    return (
      JSON.stringify(JSON.parse(content)) !== content || /"[A-Z][A-Za-z]*":|null|\u017f|\u212a|\u0131/.test(content)
    );
  } catch {
    return true;
  }
}

/** What an error is about, without the particulars. */
function shape(error: string | undefined): string {
  return (error ?? "").replaceAll(/"[^"]*"|[0-9a-f]{8,}|[^a-z]+/gi, " ").slice(-28);
}
