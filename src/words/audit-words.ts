import type { Added } from "../audit/audits/add-images.ts";
import type { Retried } from "../audit/audits/again.ts";
import type { AuditStatus, RegistryStatus } from "../audit/audits/status.ts";
import type { DatabaseProblem } from "../audit/database/database.ts";
import type { RestingRegistry } from "../audit/pace/breaker.ts";
import { imagesText, numberText } from "./check-words.ts";
import { because, countText, listText } from "./format.ts";
import { privateFileWords } from "./private-file-words.ts";
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
  "not-permitted": ({ reason }, where) =>
    `The database ${where} does not let this user in, or do that${because(reason)}`,
  damaged: (_, where) => `The database ${where} is damaged, or no database of audits`,
  "not-set-up": (_, where) => `There are no audits in ${where}: begin one with sealcheck audit init`,
  newer: ({ version, known }, where) =>
    `The database ${where} was made by a later version of sealcheck (its form is ${version}, and ${known} is known here)`,
  outdated: ({ version, known }, where) =>
    `The database ${where} was made by an earlier version of sealcheck (its form is ${version}, and ${known} is needed): bring it up to date with sealcheck audit init`,
  "not-ours": ({ isDatabase }, where) =>
    `${where} is ${isDatabase ? "a database of another program" : "no database"}, and was left as it is: name another with --db`,
  "not-private": ({ why }, where) => say(privateFileWords, "kind", why, `The database ${where}`),
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

export function auditBegunText(name: string, policy: string | null, evidence: string): string {
  return [
    `The audit ${plain(name)} was begun, by ${policyText(policy)}. What is fetched is kept in ${plain(evidence)}.`,
    "Next: add images (sealcheck audit add --images=FILE), and start workers (sealcheck audit work).",
  ].join("\n");
}

function policyText(path: string | null): string {
  return path === null ? "a policy without a file" : `the policy ${plain(path)}`;
}

/** Of a file that a policy names, in a line of its own. */
export function unreadTrustFileText(path: string): string {
  return `the policy names ${plain(path)}, which cannot be read: images that need it will not be verified`;
}

export function auditAddedText(
  name: string,
  { images, repositories }: { readonly images: Added; readonly repositories: number },
): string {
  const added = [
    ...(repositories > 0 ? [repositories === 1 ? "1 repository" : `${repositories} repositories`] : []),
    ...(images.added > 0 || repositories === 0 ? [countText(images.added, "image")] : []),
  ];
  const listing = repositories > 0 ? "; workers list the tags" : "";
  return `${listText(added, "and")} added to the audit ${plain(name)}${knownText(images)}${listing}.`;
}

export function storedAddedText(name: string, machine: string, images: Added): string {
  if (images.added + images.known === 0) return `There is no image in the storage of ${plain(machine)}.`;
  return `${countText(images.added, "image")} of ${plain(machine)} added to the audit ${plain(name)}${knownText(images)}.`;
}

function knownText({ known }: Added): string {
  return known === 0 ? "" : `; ${numberText(known)} ${known === 1 ? "was" : "were"} in it already`;
}

export function rejudgedText(
  name: string,
  { from, images, policy }: { readonly from: string; readonly images: number; readonly policy: string | null },
): string {
  return [
    `The audit ${plain(name)} has the ${countText(images, "image")} of ${plain(from)}, as they were fetched, by ${policyText(policy)}.`,
    `Next: sealcheck audit work, then sealcheck audit diff ${plain(from)} ${plain(name)}`,
  ].join("\n");
}

export function retriedText(name: string, { images, stored, inVain }: Retried): string {
  const asked = `${countText(images, "image")} of the audit ${plain(name)} ${images === 1 ? "is" : "are"} asked for again.`;
  const onMachines = `${countText(stored, "image")} ${stored === 1 ? "lies" : "lie"} on a machine, which can look at ${stored === 1 ? "it" : "them"} again itself (sealcheck audit add --storage).`;
  const staying = `${countText(inVain, "image")} ${inVain === 1 ? "stays as it is: it names" : "stay as they are: they name"} none that there could be, or the policy cannot be used (then: sealcheck audit rejudge).`;
  return [asked, ...(stored === 0 ? [] : [onMachines]), ...(inVain === 0 ? [] : [staying])].join("\n");
}

/** Why a worker waits, in a line of its log. */
export function waitingForText(reason: string): string {
  return `waiting, and then going on: ${line(reason)}`;
}

export function goingOnText(): string {
  return "going on";
}

/** That a worker has had nothing to do for a while though something is left, in a line of its log. */
export function idleText(resting: readonly RestingRegistry[]): string {
  if (resting.length === 0) return "waiting: what is left is with other workers, or waits for the end of a lease";
  const some = resting.slice(0, maxNames).map(({ host, seconds }) => `${plain(host)} for ${Math.ceil(seconds)} s`);
  const rest = resting.length - some.length;
  return `waiting: registries that do not answer, or asked for it, are left alone: ${some.join(", ")}${rest === 0 ? "" : `, and ${rest} more`}`;
}

/** How far an audit has come, for a person. */
export function auditStatusText(status: AuditStatus, isFinished: boolean): string {
  const { audit, images, fetched, accepted, rejected, errors, unlisted, registries } = status;
  const judged = accepted + rejected + errors;
  return [
    `Audit ${plain(audit)}: ${isFinished ? "finished" : paceText(status)}`,
    `Images: ${numberText(images)}; fetched ${numberText(fetched)}, judged ${numberText(judged)}`,
    ...(unlisted === 0 ? [] : [`Repositories whose tags are not listed yet: ${unlisted}`]),
    `Verdicts: ${numberText(accepted)} accepted, ${numberText(rejected)} rejected, ${numberText(errors)} not verified`,
    ...registries.map(registryText),
  ].join("\n");
}

function paceText({ perSecond, secondsLeft, isFetching }: AuditStatus): string {
  if (perSecond > 0)
    return `${rateText(perSecond)}${secondsLeft === undefined ? "" : `, ${timeLeftText(secondsLeft)}`}`;
  return isFetching ? "images are fetched, and none was judged of late" : "nothing is done at the moment";
}

function registryText({ host, waiting, restsSeconds }: RegistryStatus): string {
  const rests =
    restsSeconds > 0 ? `; left alone for ${Math.ceil(restsSeconds)} s, as it does not answer or asked for that` : "";
  return `Waiting: ${imagesText(waiting)} ${host === "" ? "without a registry" : `of ${plain(host)}`}${rests}`;
}
