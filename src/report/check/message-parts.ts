import type { VerdictDocument } from "../document.ts";
import { shownLines } from "./shown.ts";

/** A verdict's message in its parts, each line fit to be shown. */
export interface MessageParts {
  /** Why: the lines between the first, which names the image, and the advice. */
  readonly explanation: readonly string[];
  /** What to do. */
  readonly next: string | undefined;
  /** A command that shows more. */
  readonly command: string | undefined;
}

const nextMark = "Next: ";
const commandMark = "See also: ";

/** Takes apart what `explainUnfolded` of report/explain.ts puts together; foreign text has no line of its own there. */
export function messageParts({ message }: Pick<VerdictDocument, "message">): MessageParts {
  const [headline = "", ...lines] = shownLines(message);
  const isAdvice = (text: string) => text.startsWith(nextMark) || text.startsWith(commandMark);
  const explanation = lines.filter((text) => !isAdvice(text));
  return {
    explanation: explanation.length === 0 ? [headline] : explanation,
    next: lines.find((text) => text.startsWith(nextMark))?.slice(nextMark.length),
    command: lines.find((text) => text.startsWith(commandMark))?.slice(commandMark.length),
  };
}
