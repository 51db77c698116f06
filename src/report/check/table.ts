import {
  forExample,
  imagesText,
  interruptedText,
  kindWords,
  moreText,
  summaryText,
  uncheckedText,
  unpromised,
} from "../../words/check-words.ts";
import { plain } from "../../words/quote.ts";
import type { CheckRun } from "../checked-image.ts";
import { wrap } from "../wrap.ts";
import { type Cause, countResults, kindOf, resultsOf } from "./causes.ts";
import { shownText } from "./shown.ts";

export interface TableOptions {
  /** Names every image: also those accepted, and all of a group. */
  readonly verbose?: boolean;
  /** For a terminal. */
  readonly colour?: boolean;
}

/** References that a group spells out. */
const maxNamed = 3;

/** Groups that are spelled out; where each image has a reason of its own, the others are a number. */
const maxCauses = 50;

/** Text for people, in pieces: what was not accepted by its cause, commonest first; then how many there are of each kind. */
export function* tablePieces(run: CheckRun, { verbose = false, colour = false }: TableOptions = {}): Iterable<string> {
  const { counts, uncheckedCount, causes } = countResults(run, verbose ? Number.POSITIVE_INFINITY : maxNamed);
  const listed = verbose ? causes : causes.slice(0, maxCauses);
  for (const cause of listed) yield* causePieces(cause, colour);
  const left = causes.slice(listed.length);
  if (left.length > 0) {
    const images = left.reduce((sum, { count }) => sum + count, 0);
    yield `${imagesText(images)} more, for ${left.length === 1 ? "another reason" : `${left.length} other reasons`} (--verbose lists all)\n\n`;
  }
  if (verbose) yield* acceptedPieces(run, counts.accepted, colour);
  const done = Object.values(counts).reduce((sum, count) => sum + count, 0);
  yield `${summaryText(counts)}\n`;
  if (uncheckedCount > 0) yield `Of those accepted, ${uncheckedText(uncheckedCount)} (insecureAcceptAnything).\n`;
  if (!run.isComplete) yield `${wrap(interruptedText(done, run.total))}\n`;
  if (counts.accepted === 0) return;
  for (const sentence of unpromised) yield `${wrap(sentence)}\n`;
}

function* causePieces(cause: Cause, colour: boolean): Iterable<string> {
  const { kind, code, count, untrustedReferences, parts } = cause;
  const codes = [code, ...(cause.signatureCodes.length === 0 ? [] : [`(${cause.signatureCodes.join(", ")})`])];
  yield `${wrap(`${headline(count, kind, colour)}: ${codes.join(" ")}`, "  ")}\n`;
  if (!cause.isSameExplanation) yield `  ${forExample}\n`;
  const indent = cause.isSameExplanation ? "  " : "    ";
  for (const text of parts.explanation) yield `${hanging(`${indent}${text}`)}\n`;
  if (parts.next !== undefined) yield `${wrap(`  Next: ${parts.next}`, "    ")}\n`;
  // On one line, whatever its length, for people who copy it.
  if (parts.command !== undefined) yield `  See also: ${parts.command}\n`;
  for (const reference of untrustedReferences) yield `    ${plain(reference)}\n`;
  const left = count - untrustedReferences.length;
  yield left === 0 ? "\n" : `    ${moreText(left)}\n\n`;
}

/** Broken into lines, the further ones two blanks further in. */
function hanging(text: string): string {
  return wrap(text, " ".repeat(text.length - text.trimStart().length + 2));
}

function* acceptedPieces(run: CheckRun, count: number, colour: boolean): Iterable<string> {
  if (count === 0) return;
  yield `${headline(count, "accepted", colour)}:\n`;
  for (const result of resultsOf(run)) {
    if (kindOf(result) !== "accepted") continue;
    yield `    ${plain(result.reference)}\n`;
    if (result.pinned !== undefined) yield `      ${plain(result.pinned)}\n`;
    yield `${wrap(`      ${shownText(result.reason)}`, "      ")}\n`;
  }
  yield "\n";
}

const colours = { accepted: 32, rejected: 31, unreachable: 33, unverified: 33 } as const;

function headline(count: number, kind: keyof typeof colours, colour: boolean): string {
  const text = `${imagesText(count)} ${kindWords[kind]}`;
  return colour ? `\u{1b}[1;${colours[kind]}m${text}\u{1b}[0m` : text;
}
