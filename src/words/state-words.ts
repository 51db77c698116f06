import { maxResumedSeconds } from "../limits.ts";
import type { StateFlaw, StateProblem } from "../record/problem.ts";
import { listText } from "./format.ts";
import { privateFileWords } from "./private-file-words.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Why a file cannot be the one of `--resume`. */
export function stateText({ path, why }: StateProblem): string {
  return say(stateWords, "kind", why, `--resume ${plain(path)}`);
}

/** Of verdicts that are too old, on standard error. */
export function outdatedText(path: string, count: number): string {
  const verdicts = count === 1 ? "1 verdict in it is" : `${count} verdicts in it are`;
  const rest = `not of the last ${maxResumedSeconds / 3600} hours, and ${count === 1 ? "does" : "do"} not count`;
  return `--resume ${plain(path)}: ${verdicts} ${rest}; these images are asked for again`;
}

const elsewhere = "name a file that is not there yet for a new run";

const stateWords = {
  "no-sqlite": () =>
    "--resume needs SQLite, which Node has from 22.13 on (from 22.5 with --experimental-sqlite), and the executable always",
  "not-ours": ({ isDatabase }, file) =>
    `${file} is ${isDatabase ? "a database of another program" : "no record of a run"}, and was left as it is; ${elsewhere}`,
  newer: ({ version, known }, file) =>
    `${file} was made by a later version of sealcheck (its form is ${version}, and ${known} is known here)`,
  differs: ({ parts }, file) =>
    `${file} holds verdicts by something else: ${listText(parts.map(shownPart), "and")} ` +
    `${parts.length === 1 ? "differs" : "differ"} from then; ${elsewhere}`,
  ...privateFileWords,
  "in-use": (_, file) => `${file} is in use by another run, or by another program`,
  damaged: (_, file) => `${file} is damaged; ${elsewhere}`,
} satisfies Words<StateFlaw, "kind", string>;

function shownPart(part: string): string {
  return /^[\w. -]+$/.test(part) ? part : quote(part);
}
