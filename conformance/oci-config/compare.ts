/**
 * Random configurations and manifests, put to this program and to containers/image: what a client gets that knows only OCI.
 *
 *     node conformance/oci-config/compare.ts [N [SEED [RECORD]]]
 *
 * Needs Go. RECORD is a folder (test/image) that gets a selection of the questions with the reference's answers, for replay without it. The
 * last line says `N of M agree`; the exit code is 1 on any disagreement.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runLines } from "../ask.ts";
import { type Answer, compare, type PartName, type Verdict } from "./answer.ts";
import { Generator, type Question } from "./generate.ts";

const [count = "20000", seed = "1", record] = process.argv.slice(2);
const bin = join(import.meta.dirname, "..", "bin");
mkdirSync(bin, { recursive: true });
const oracle = join(bin, "oci-config");
execFileSync("go", ["build", "-tags", "containers_image_openpgp exclude_graphdriver_btrfs", "-o", oracle, "."], {
  cwd: import.meta.dirname,
  env: { ...process.env, CGO_ENABLED: "0" },
  stdio: "inherit",
});

const generator = new Generator(Number(seed));
const questions = Array.from({ length: Number(count) }, () => generator.question());
const input = join(bin, `oci-config-${seed}-${count}.questions.jsonl`);
writeFileSync(input, questions.map((question) => `${JSON.stringify(encoded(question))}\n`).join(""));
const answers = await runLines<Answer>([oracle], input, input.replace("questions", "answers"));
if (answers.length !== questions.length) throw new Error("the reference did not answer every question");

let agree = 0;
const outcomes = new Map<string, number>();
for (const [at, question] of questions.entries()) {
  const theirs = answers[at] as Answer;
  const verdicts = Object.entries(compare(question, theirs)) as [PartName, Verdict][];
  for (const [name, verdict] of verdicts) {
    const outcome = `${name} ${verdict}${theirs[name].error === undefined ? "" : " (an error)"}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const different = verdicts.filter(([, verdict]) => verdict === "different").map(([name]) => name);
  if (different.length === 0) agree += 1;
  else {
    console.log(`${different.join(", ")} of ${question.mediaType}: ${Buffer.from(question.manifest)}`);
    console.log(`  config ${Buffer.from(question.config)}`);
    for (const name of different) console.log(`  reference ${JSON.stringify(readable(theirs[name]))}`);
  }
}
if (record !== undefined) writeFileSync(join(record, "oci.jsonl"), selection());
console.log([...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join("; "));
console.log(`${agree} of ${questions.length} agree`);
process.exitCode = agree === questions.length ? 0 : 1;

function encoded({ manifest, mediaType, config }: Question) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { manifest: base64(manifest), mediaType, config: base64(config) };
}

function readable(part: Answer[PartName]): unknown {
  return "bytes" in part && part.bytes !== undefined ? Buffer.from(part.bytes, "base64").toString() : part;
}

/** Short questions with their answers: of each kind of error one, and of each kind of manifest those that hold something new. */
function selection(): string {
  const seen = new Set<string>();
  const taken = new Map<string, number>();
  const lines: string[] = [];
  for (const [at, question] of questions.entries()) {
    const answer = answers[at] as Answer;
    const kind = answer.whole.error === undefined ? question.mediaType : "error";
    const times = taken.get(kind) ?? 0;
    if (question.manifest.length + question.config.length > 1800 || times >= (kind === "error" ? 28 : 9)) continue;
    const news = traits(question, answer).filter((trait) => !seen.has(trait));
    // One that has only one new thing mostly has nothing that another will not have.
    if (news.length < (kind === "error" ? 1 : 3)) continue;
    for (const trait of news) seen.add(trait);
    taken.set(kind, times + 1);
    lines.push(`${JSON.stringify({ ...encoded(question), answer })}\n`);
  }
  return lines.join("");
}

function traits({ manifest, mediaType, config }: Question, { whole, manifest: converted }: Answer): string[] {
  if (whole.error !== undefined) return [`error ${shape(whole.error)}`];
  const text = Buffer.from(whole.bytes ?? "", "base64").toString();
  const source = Buffer.from(config).toString() + Buffer.from(manifest).toString();
  const found = text.match(/\\u....|\\.|[+-]\d\d:\d\d"|\.\d+Z|"diff_ids":null|\[\]|"[A-Za-z_.]+":|[^\x00-\x7f]/g) ?? [];
  const odd =
    source.match(/null|\\ud8|"[a-z]+":|\u017f|\u212a|foreign|zstd|"urls"|Healthcheck|docker_version":"[^"]*"/g) ?? [];
  return [...found, ...odd, shape(converted.error)].map((trait) => `${mediaType} ${trait}`);
}

/** What an error is about, without the particulars. */
function shape(error: string | undefined): string {
  return (error ?? "").replaceAll(/"[^"]*"|[0-9a-f]{8,}|[^a-z]+/gi, " ").slice(-22);
}
