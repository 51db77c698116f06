import type { DatabaseProblem } from "../audit/database/database.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { StateProblem } from "../record/problem.ts";
import { configWords } from "./access-words.ts";
import { databaseText, unknownAuditText } from "./audit-words.ts";
import { type ReferenceFlaw, referenceFlawText } from "./check-words.ts";
import { because, listText } from "./format.ts";
import { problemText } from "./problem-words.ts";
import { plain, quote } from "./quote.ts";
import { internalWords } from "./source-words.ts";
import { stateText } from "./state-words.ts";
import { say, type Words } from "./words.ts";

/** What is wrong with a command line, or with a file that it wants written. Options are given without their dashes. */
export type CommandProblem =
  | {
      readonly code: "usage.command.unknown";
      readonly command: string;
      readonly nearest: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly code: "usage.option.unknown"; readonly option: string; readonly nearest: string | undefined }
  | { readonly code: "usage.option.value"; readonly option: string; readonly why: OptionValueFlaw }
  | { readonly code: "usage.option.repeated"; readonly option: string }
  | { readonly code: "usage.option.missing"; readonly option: string; readonly isWithoutSocket?: boolean }
  | { readonly code: "usage.argument.encoding"; readonly argument: string }
  | { readonly code: "usage.argument.missing"; readonly argument: string }
  | { readonly code: "usage.argument.unexpected"; readonly argument: string }
  | { readonly code: "usage.input.empty"; readonly storage?: string; readonly isWithoutReference?: boolean }
  | { readonly code: "usage.option.combination"; readonly option: string; readonly why: CombinationFlaw }
  | { readonly code: "usage.argument.value"; readonly argument: string; readonly why: ArgumentFlaw }
  /** `isReport`: nothing is accepted by what would have been written. */
  | {
      readonly code: "usage.output.unwritable";
      readonly path: string;
      readonly reason: string;
      readonly isReport?: boolean;
    }
  | { readonly code: "usage.signing.failed"; readonly why: SigningFlaw }
  | { readonly code: "usage.database.unusable"; readonly where: string; readonly why: DatabaseProblem }
  | { readonly code: "usage.evidence.unusable"; readonly reason: string }
  | { readonly code: "usage.audit.unknown"; readonly name: string | undefined; readonly known: readonly string[] }
  | { readonly code: "usage.audit.exists"; readonly name: string }
  | { readonly code: "usage.reference.invalid"; readonly reference: string; readonly flaw: ReferenceFlaw }
  | ConfigProblem
  | StateProblem;

type CombinationFlaw =
  | { readonly kind: "needs"; readonly other: string }
  | { readonly kind: "not-with"; readonly other: string }
  | { readonly kind: "not-with-argument"; readonly argument: string }
  | { readonly kind: "only-layouts"; readonly source: string }
  /** There is no manifest to write where only its digest was given. */
  | { readonly kind: "not-with-digest" };

type ArgumentFlaw =
  | { readonly kind: "any-without-keys" }
  /** What a whole storage is wanted for is something else, or one image of it. */
  | { readonly kind: "no-store"; readonly value: string; readonly option: string }
  | { readonly kind: "no-fingerprint"; readonly value: string }
  /** It lies on several machines. */
  | {
      readonly kind: "several-in-audit";
      readonly value: string;
      readonly audit: string;
      readonly known: readonly string[];
    }
  | {
      readonly kind: "not-in-audit" | "not-fetched" | "not-kept" | "no-image";
      readonly value: string;
      readonly audit: string;
    };

/** Why there is no signature. A `reason` may be gpg's. */
export type SigningFlaw =
  | { readonly kind: "no-key"; readonly keyId: string }
  | { readonly kind: "gpg"; readonly reason: string }
  | { readonly kind: "passphrase"; readonly path: string; readonly reason: string }
  | { readonly kind: "unwritable"; readonly path: string; readonly reason: string };

export type OptionValueFlaw =
  | { readonly kind: "missing" }
  | { readonly kind: "looks-like-option"; readonly value: string }
  | { readonly kind: "empty" }
  | { readonly kind: "no-flag"; readonly value: string }
  | { readonly kind: "not-among"; readonly value: string; readonly known: readonly string[] }
  | { readonly kind: "no-digest"; readonly value: string }
  | { readonly kind: "no-platform"; readonly value: string }
  | { readonly kind: "no-descriptor" | "no-address" | "no-mode" | "no-owner"; readonly value: string }
  | { readonly kind: "no-count"; readonly value: string; readonly most: number }
  | { readonly kind: "no-rate"; readonly value: string }
  | { readonly kind: "same-file"; readonly other: string }
  | { readonly kind: "unreadable" | "unusable"; readonly path: string; readonly reason: string }
  | { readonly kind: "unwritable"; readonly path: string; readonly reason: string }
  | { readonly kind: "exists"; readonly path: string }
  | { readonly kind: "not-absolute"; readonly value: string }
  | { readonly kind: "no-identities"; readonly path: string }
  /** `value`: what this machine is called, unless something else is given. */
  | { readonly kind: "no-machine"; readonly value: string }
  /** The images of this machine cannot be listed. */
  | { readonly kind: "no-storage"; readonly operand: string; readonly problem: ImageProblem }
  /** What an audit may be called. */
  | { readonly kind: "no-name"; readonly value: string }
  /** Neither a directory nor a bucket. */
  | { readonly kind: "no-place"; readonly value: string }
  | { readonly kind: "no-policy" };

/** What is wrong with the command line, as a sentence. */
export function commandProblemText(problem: CommandProblem): string {
  const sentence: string = say(commandWords, "code", problem, undefined);
  return sentence.endsWith("?") ? sentence : `${sentence}.`;
}

/** Why nobody heard of a verdict: a sentence. */
export function undeliveredText(reason: string): string {
  return `Standard output cannot be written${because(reason)}.`;
}

/** Where to read on. */
export function helpHintText(command: string | undefined): string {
  return `Try: sealcheck ${command === undefined || command === "help" ? "" : `${command} `}--help`;
}

/** That there is a bug, in one line. */
export function internalErrorText(detail: string): string {
  return `${internalWords["internal.error"]({ code: "internal.error", detail })}.`;
}

const commandWords = {
  "usage.command.unknown": ({ command, nearest, known }) =>
    `There is no command ${quote(command)}${meant(nearest) || `; there are ${listText(known, "and")}`}`,
  "usage.option.unknown": ({ option, nearest }) =>
    `There is no option ${quote(option)} here${meant(nearest === undefined ? undefined : `--${nearest}`) || dashes(option)}`,
  "usage.option.value": ({ option, why }) => say(valueWords, "kind", why, option),
  "usage.option.repeated": ({ option }) => `--${option} is given twice`,
  "usage.option.missing": ({ option, isWithoutSocket }) =>
    isWithoutSocket === true
      ? `--${option} is missing, and systemd handed no socket over. Say where to listen, as in --${option}=unix:PATH, or --stdio`
      : `--${option} is missing`,
  "usage.argument.encoding": ({ argument }) =>
    `${quote(argument)} is not UTF-8 as it was given, and so would name another file; rename it, or go to its folder and give it a relative path`,
  "usage.argument.missing": ({ argument }) => `${argument} is missing`,
  "usage.argument.unexpected": ({ argument }) => `${quote(argument)} is one argument too many`,
  "usage.input.empty": ({ storage, isWithoutReference }) => {
    if (isWithoutReference === true) {
      return "No image was named, and so nothing was checked: give REF, or a file that names images with --images";
    }
    return storage !== undefined
      ? `There is no image in the storage ${plain(storage)}, and so nothing was judged. --allow-empty lets that pass`
      : "Standard input had no request, and so nothing was judged. Look at what should have written the requests; " +
          "--allow-empty lets an empty input pass";
  },
  "usage.option.combination": ({ option, why }) => say(combinationWords, "kind", why, option),
  "usage.argument.value": ({ argument, why }) => say(argumentWords, "kind", why, argument),
  "usage.signing.failed": ({ why }) => say(signingWords, "kind", why, undefined),
  "usage.output.unwritable": ({ path, reason, isReport }) =>
    `${isReport === true ? "The report" : "The image is acceptable, but"} ${plain(path)} cannot be written${because(reason)}`,
  "usage.state.invalid": stateText,
  "usage.database.unusable": ({ where, why }) => databaseText(where, why),
  "usage.evidence.unusable": ({ reason }) => `What was fetched cannot be kept, or read back${because(reason)}`,
  "usage.audit.unknown": ({ name, known }) => unknownAuditText(name, known),
  "usage.audit.exists": ({ name }) => `There is an audit ${quote(name)} already: choose another --name`,
  "usage.reference.invalid": ({ reference, flaw }) => referenceFlawText(reference, flaw),
  ...configWords,
} satisfies Words<CommandProblem, "code">;

const valueWords = {
  missing: (_, option) => `--${option} needs a value`,
  "looks-like-option": ({ value }, option) =>
    `--${option} needs a value, and ${quote(value)} looks like an option; if it is the value, write --${option}=${value}`,
  empty: (_, option) => `--${option} needs a value that is not empty`,
  "no-flag": ({ value }, option) => `--${option} takes no value but true or false, and not ${quote(value)}`,
  "not-among": ({ value, known }, option) => `--${option} is ${listText(known, "or")}, and not ${quote(value)}`,
  "no-digest": ({ value }, option) =>
    `--${option} is sha256: and 64 lower-case hexadecimal digits, and not ${quote(value)}: containers/image compares no other digest`,
  "no-address": ({ value }, option) => `--${option} takes unix:PATH or unix:@NAME, and ${quote(value)} is neither`,
  "no-mode": ({ value }, option) => `--${option} takes a mode in octal, such as 0660, and ${quote(value)} is not one`,
  "no-owner": ({ value }, option) => `--${option} takes numbers, UID or UID:GID, and ${quote(value)} is neither`,
  "no-descriptor": ({ value }, option) =>
    `--${option} needs the number of an open descriptor, and ${quote(value)} is not one`,
  "no-platform": ({ value }, option) =>
    `--${option} is host, all, or OS/ARCH or OS/ARCH/VARIANT such as linux/arm64, and not ${quote(value)}`,
  "no-rate": ({ value }, option) =>
    `--${option} is a number of requests a second, or N/UNIT with the unit s, m, h or d as in 100/h, and not ${quote(value)}`,
  "no-count": ({ value, most }, option) => `--${option} is a number from 1 to ${most}, and not ${quote(value)}`,
  unreadable: ({ path, reason }, option) => `--${option} ${plain(path)} cannot be read${because(reason)}`,
  unusable: ({ path, reason }, option) => `--${option} ${plain(path)} cannot be used${because(reason)}`,
  unwritable: ({ path, reason }, option) => `--${option} ${plain(path)} cannot be written${because(reason)}`,
  exists: ({ path }, option) => `--${option} ${plain(path)} exists already; --force replaces it`,
  "not-absolute": ({ value }, option) =>
    `--${option} is an absolute path, as a policy is read from anywhere, and not ${quote(value)}`,
  "no-machine": ({ value }, option) =>
    `--${option} is a name of letters, digits, dots, hyphens and underscores, and ${quote(value)} is not`,
  "no-name": ({ value }, option) =>
    `--${option} is up to 200 characters on one line, as it has to be typed again, and ${quote(value)} is not`,
  "no-place": ({ value }, option) => `--${option} is a directory or s3://BUCKET/PREFIX, and ${quote(value)} is neither`,
  "no-storage": ({ operand, problem }, option) => `--${option} ${plain(operand)}: ${problemText(problem)}`,
  "no-identities": ({ path }, option) => `--${option} ${plain(path)} names no image`,
  "same-file": ({ other }, option) => `--${option} and --${other} name the same file`,
  "no-policy": (_, option) =>
    `--${option} is refused: without a policy there is nothing to verify. To accept anything, say so in a policy.json: ` +
    '{"default": [{"type": "insecureAcceptAnything"}]}',
} satisfies Words<OptionValueFlaw, "kind", string>;

const combinationWords = {
  needs: ({ other }, option) => `--${option} makes no sense without --${other}`,
  "not-with": ({ other }, option) => `--${option} and --${other} do not go together`,
  "not-with-digest": (_, option) =>
    `--${option} does not go with a digest in place of MANIFEST: there is no manifest to write`,
  "only-layouts": ({ source }, option) =>
    `--${option} is for an OCI layout, oci:PATH or oci-archive:FILE, which ${quote(source)} is not`,
  "not-with-argument": ({ argument }, option) => `--${option} and ${argument} name the same thing; give one of them`,
} satisfies Words<CombinationFlaw, "kind", string>;

const argumentWords = {
  "any-without-keys": (_, argument) =>
    `${argument} can be any only with --public-key-file: the user's own keyring has keys of all kinds of people`,
  "no-fingerprint": ({ value }, argument) =>
    `${argument} is a list of whole fingerprints with commas between them, each of 40 hexadecimal digits, and not ${quote(value)}`,
  "not-in-audit": ({ value, audit }) => `The audit ${plain(audit)} has no image ${quote(value)}`,
  "several-in-audit": ({ value, audit, known }) =>
    `The audit ${plain(audit)} has ${quote(value)} on several machines; name one, such as ${listText(known.map(plain), "or")}`,
  "not-fetched": ({ value, audit }) =>
    `The audit ${plain(audit)} has not fetched ${quote(value)} yet, so there is nothing to judge`,
  "not-kept": ({ value, audit }) =>
    `The audit ${plain(audit)} has a result for ${quote(value)}, and nothing that was fetched of it: what it says is all that there is`,
  "no-image": ({ value }) => `${quote(value)} names no image in a registry, so there is no verdict to explain`,
  "no-store": ({ value, option }, argument) =>
    `With --${option}, ${argument} is containers-storage: or containers-storage:[DRIVER@ROOT], and not ${quote(value)}`,
} satisfies Words<ArgumentFlaw, "kind", string>;

const signingWords = {
  "no-key": ({ keyId }) => `There is no secret key ${quote(keyId)} in the user's GnuPG keyring`,
  gpg: ({ reason }) => `The signature cannot be made${because(reason)}`,
  passphrase: ({ path, reason }) => `The passphrase file ${plain(path)} cannot be used${because(reason)}`,
  unwritable: ({ path, reason }) => `The signature cannot be written to ${plain(path)}${because(reason)}`,
} satisfies Words<SigningFlaw, "kind">;

/** `-identity` is read as `-i` and more. */
function dashes(option: string): string {
  return /^-[a-z]$/.test(option) ? "; options of more than one letter begin with two dashes" : "";
}

function meant(nearest: string | undefined): string {
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

/** Verdicts of a batch so far, by outcome. */
export interface BatchProgress {
  readonly accepted: number;
  readonly rejected: number;
  readonly error: number;
}

export function progressText({ accepted, rejected, error }: BatchProgress): string {
  return `${accepted + rejected + error} judged: ${accepted} accepted, ${rejected} rejected, ${error} not verified`;
}

/** That somebody at a keyboard is being waited for. */
export function waitingText(): string {
  return (
    'sealcheck: waiting for requests on standard input, one a line, such as {"identity": "registry.example.com/repository:tag", ' +
    '"source": "DIR"}; Ctrl-D ends them.'
  );
}
