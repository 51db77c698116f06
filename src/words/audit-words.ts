import type { Retried } from "../audit/audits/again.ts";
import type { AuditStatus, RegistryStatus } from "../audit/audits/status.ts";
import type { DatabaseProblem } from "../audit/database/database.ts";
import { imagesText, numberText } from "./check-words.ts";
import { because, countText, listText } from "./format.ts";
import { rateText, timeLeftText } from "./progress-words.ts";
import { line, plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Why the database of audits cannot be used: a sentence without its full stop. */
export function databaseText(where: string, problem: DatabaseProblem): string {
  return say(databaseWords, "kind", problem, plain(where));
}

const databaseWords = {
  unreachable: ({ reason }, where) => `The database ${where} cannot be reached${because(reason)}`,
  "in-use": (_, where) => `The database ${where} is in use by another program for longer than was waited`,
  "not-permitted": ({ reason }, where) => `The database ${where} does not let this user do that${because(reason)}`,
  damaged: (_, where) => `The database ${where} is damaged, or no database of audits`,
  "not-set-up": (_, where) => `There are no audits in ${where}: begin one with sealcheck audit init`,
  newer: ({ version, known }, where) =>
    `The database ${where} was made by a later version of sealcheck (its form is ${version}, and ${known} is known here)`,
  outdated: ({ version, known }, where) =>
    `The database ${where} was made by an earlier version of sealcheck (its form is ${version}, and ${known} is needed): bring it up to date with sealcheck audit init`,
  "not-ours": ({ isDatabase }, where) =>
    `${where} is ${isDatabase ? "a database of another program" : "no database"}, and was left as it is: name another with --db`,
  "not-private": (_, where) =>
    `The database ${where} could be changed by somebody else, and its verdicts would be believed: it has to belong to this user or root, in a directory that only they can write, without links`,
  address: ({ reason }) => `--db cannot be understood${because(reason)}`,
  "no-sqlite": () =>
    "Audits need SQLite, which Node has from 22.13 on (from 22.5 with --experimental-sqlite), and the executable always; or a PostgreSQL server (--db)",
  system: ({ reason }, where) => `The database ${where} cannot be used${because(reason)}`,
} satisfies Words<DatabaseProblem, "kind", string>;

/** There is no such audit. */
export function unknownAuditText(name: string | undefined, known: readonly string[]): string {
  if (known.length === 0) return "There is no audit in this database: begin one with sealcheck audit init";
  const some = known.slice(-maxNames);
  const rest = known.length - some.length;
  const others = rest === 0 ? "" : `, and ${rest} older`;
  return `There is no audit ${quote(name ?? "")}; there ${known.length === 1 ? "is" : "are"} ${listText(some.map(plain), "and")}${others}`;
}

const maxNames = 10;

export function auditBegunText(name: string, evidence: string): string {
  return [
    `The audit ${plain(name)} was begun. What is fetched is kept in ${plain(evidence)}.`,
    "Next: add images (sealcheck audit add --images=FILE), and start workers (sealcheck audit work).",
  ].join("\n");
}

export function auditAddedText(
  name: string,
  { images, repositories }: { readonly images: number; readonly repositories: number },
): string {
  const added = [
    ...(repositories > 0 ? [repositories === 1 ? "1 repository" : `${repositories} repositories`] : []),
    ...(images > 0 || repositories === 0 ? [countText(images, "image")] : []),
  ];
  return `${listText(added, "and")} added to the audit ${plain(name)}${repositories > 0 ? "; workers list the tags" : ""}.`;
}

export function storedAddedText(name: string, machine: string, images: number): string {
  return `${countText(images, "image")} of ${plain(machine)} added to the audit ${plain(name)}.`;
}

export function rejudgedText(name: string, from: string, images: number): string {
  return [
    `The audit ${plain(name)} has the ${countText(images, "image")} of ${plain(from)}, as they were fetched.`,
    `Next: sealcheck audit work, then sealcheck audit diff ${plain(from)} ${plain(name)}`,
  ].join("\n");
}

export function retriedText(name: string, { images, stored }: Retried): string {
  const asked = `${countText(images, "image")} of the audit ${plain(name)} ${images === 1 ? "is" : "are"} asked for again.`;
  if (stored === 0) return asked;
  const others = images === 0 ? countText(stored, "image") : `${stored} ${stored === 1 ? "other" : "others"}`;
  return `${asked}\n${others} ${stored === 1 ? "lies" : "lie"} on a machine, which can look at ${stored === 1 ? "it" : "them"} again itself (sealcheck audit add --storage).`;
}

/** Why a worker waits, in a line of its log. */
export function auditFailureText(reason: string): string {
  return `waiting, and then going on: ${line(reason)}`;
}

/** How far an audit has come, for a person. */
export function auditStatusText(status: AuditStatus, isFinished: boolean): string {
  const { audit, images, fetched, accepted, rejected, errors, unlisted, perSecond, secondsLeft, registries } = status;
  const judged = accepted + rejected + errors;
  const left = secondsLeft === undefined ? "" : `, ${timeLeftText(secondsLeft)}`;
  return [
    `Audit ${plain(audit)}: ${isFinished ? "finished" : perSecond > 0 ? `${rateText(perSecond)}${left}` : "nothing is done at the moment"}`,
    `Images: ${numberText(images)}; fetched ${numberText(fetched)}, judged ${numberText(judged)}`,
    ...(unlisted === 0 ? [] : [`Repositories whose tags are not listed yet: ${unlisted}`]),
    `Verdicts: ${numberText(accepted)} accepted, ${numberText(rejected)} rejected, ${numberText(errors)} not verified`,
    ...registries.map(registryText),
  ].join("\n");
}

function registryText({ host, waiting, restsSeconds }: RegistryStatus): string {
  const rests =
    restsSeconds > 0 ? `; left alone for ${Math.ceil(restsSeconds)} s, as it does not answer or asked for that` : "";
  return `Waiting: ${imagesText(waiting)} of ${plain(host === "" ? "no registry" : host)}${rests}`;
}
