import { maxResumedSeconds } from "../limits.ts";
import type { StateFlaw, StateProblem } from "../record/problem.ts";
import { because, listText } from "./format.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Why a file cannot be the one of `--resume`. */
export function stateText({ path, why }: StateProblem): string {
  return say(stateWords, "kind", why, path);
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
  "not-ours": ({ isDatabase }, path) =>
    `--resume ${plain(path)} is ${isDatabase ? "a database of another program" : "no record of a run"}, and was left as it is; ${elsewhere}`,
  newer: ({ version, known }, path) =>
    `--resume ${plain(path)} was made by a later version of sealcheck (its form is ${version}, and ${known} is known here)`,
  differs: ({ parts }, path) =>
    `--resume ${plain(path)} holds verdicts by something else: ${listText(parts.map(shownPart), "and")} ` +
    `${parts.length === 1 ? "differs" : "differ"} from then; ${elsewhere}`,
  symlink: (_, path) => `--resume ${plain(path)} is a symbolic link, which is not followed`,
  special: ({ isDirectory }, path) => `--resume ${plain(path)} is ${isDirectory ? "a directory" : "no regular file"}`,
  "several-names": (_, path) =>
    `--resume ${plain(path)} has other names (hard links), under which it could be used at the same time`,
  "foreign-owner": ({ path: at, ownerId }, path) =>
    `--resume ${plain(path)} could be changed by somebody else, and its verdicts would be believed: ${plain(at)} belongs to the user ${ownerId}`,
  "writable-by-others": ({ path: at }, path) =>
    `--resume ${plain(path)} could be changed by somebody else, and its verdicts would be believed: ${plain(at)} can be written by its group or ` +
    "by everybody; put it into a directory that only you can write",
  "in-use": (_, path) => `--resume ${plain(path)} is in use by another run, or by another program`,
  damaged: (_, path) => `--resume ${plain(path)} is damaged; ${elsewhere}`,
  system: ({ reason }, path) => `--resume ${plain(path)} cannot be used${because(reason)}`,
} satisfies Words<StateFlaw, "kind", string>;

function shownPart(part: string): string {
  return /^[\w. -]+$/.test(part) ? part : quote(part);
}
