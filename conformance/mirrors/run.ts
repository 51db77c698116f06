/**
 * Asks containers/image in every situation of test/support/registry/situations, and writes what it said and which requests
 * each server saw: `run.ts ORACLE [--only TEXT] [--write]`. Without `--write` it compares with what was recorded before. With
 * `--sealcheck FILE` that is asked instead, and compared with the record; no oracle is needed then.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { differencesFrom } from "../../test/support/registry/compare.ts";
import { hasIpv6 } from "../../test/support/registry/fault-server.ts";
import type { Recorded, Records } from "../../test/support/registry/recorded.ts";
import { runAside } from "../../test/support/registry/run-aside.ts";
import { buildScene, type Question, type Situation } from "../../test/support/registry/situation.ts";
import { situations } from "../../test/support/registry/situations/all.ts";

const path = join(import.meta.dirname, "../../test/fixtures/registry/situations.json");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
    sealcheck: { type: "string" },
  },
});
const oracle = positionals[0] ?? join(import.meta.dirname, "../bin/mirrors");

const names = situations.map(({ name }) => name);
for (const [i, name] of names.entries()) {
  if (names.indexOf(name) !== i) throw new Error(`two situations are called "${name}"`);
}
const isV6 = await hasIpv6();
const chosen = situations.filter(({ name, needs }) => name.includes(values.only) && (needs !== "ipv6" || isV6));
if (values.sealcheck === undefined) await askReference();
else await askSealcheck(values.sealcheck);

/** Six at a time. */
async function forEachChosen(action: (situation: Situation) => Promise<void>): Promise<void> {
  const left = [...chosen];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await action(next);
    }),
  );
}

async function askReference(): Promise<void> {
  const records: Record<string, Recorded> = {};
  await forEachChosen(async (situation) => {
    records[situation.name] = await record(situation);
  });
  const before = readRecords();
  if (values.write) {
    const kept = names.filter((name) => name in records || name in before);
    const lines = kept.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(records[name] ?? before[name])}`);
    writeFileSync(path, `{\n${lines.join(",\n")}\n}\n`);
    console.log(`${Object.keys(records).length} situations recorded, ${kept.length} in all`);
    return;
  }
  const differing = Object.entries(records).filter(
    ([name, now]) => JSON.stringify(before[name]) !== JSON.stringify(now),
  );
  for (const [name, now] of differing) {
    console.log(`${name}\n  was ${JSON.stringify(before[name])}\n  now ${JSON.stringify(now)}`);
  }
  console.log(`${chosen.length - differing.length} of ${chosen.length} as recorded`);
  process.exitCode = differing.length === 0 ? 0 : 1;
}

async function askSealcheck(program: string): Promise<void> {
  const recorded = readRecords();
  let [verdicts, requests] = [0, 0];
  await forEachChosen(async (situation) => {
    const expected = recorded[situation.name];
    if (expected === undefined) throw new Error(`"${situation.name}" was not recorded`);
    const scene = await buildScene(situation);
    const ended = await runAside([program, ...scene.args], scene.env, { timeoutMs: 120_000 });
    const differences = differencesFrom(expected, ended, scene.requests(), scene.normalize);
    await scene.stop();
    if (differences.verdict.length === 0) verdicts += 1;
    if (differences.requests.length === 0) requests += 1;
    const all = [...differences.verdict, ...differences.requests];
    if (all.length > 0) console.log(`${situation.name}\n${all.map((each) => `  ${each}\n`).join("")}`);
  });
  console.log(`${verdicts} of ${chosen.length} verdicts agree, ${requests} of ${chosen.length} sequences of requests`);
  process.exitCode = verdicts === chosen.length ? 0 : 1;
}

function readRecords(): Records {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

async function record(situation: Situation): Promise<Recorded> {
  const scene = await buildScene(situation);
  try {
    const answer = await ask(scene.question, scene.env);
    const shown = (text: string | undefined) => (text === undefined ? {} : { text: scene.normalize(text) });
    const { text: error } = shown(answer.error);
    const { text: served } = shown(answer.served);
    return {
      outcome: answer.outcome,
      ...(answer.stage === undefined ? {} : { stage: answer.stage }),
      ...(answer.type === undefined ? {} : { type: answer.type }),
      ...(error === undefined ? {} : { error: withoutChance(error) }),
      ...(served === undefined ? {} : { served }),
      ...(answer.digest === undefined ? {} : { digest: answer.digest }),
      requests: scene.requests(),
    };
  } finally {
    await scene.stop();
  }
}

/** Ports of this side, and times. */
function withoutChance(error: string): string {
  return error
    .replaceAll(/(127\.0\.0\.1|\[::1\]):\d+->/g, "$1:PORT->")
    .replaceAll(/current time \S+/g, "current time NOW")
    .slice(0, 600);
}

interface Answer extends Omit<Recorded, "requests"> {
  readonly id: string;
}

function ask(question: Question, env: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(oracle, { env: { ...env }, stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the oracle ended with ${code}`));
    });
    child.stdin.end(`${JSON.stringify(question)}\n`);
  });
}
