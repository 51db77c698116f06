import { line } from "../../words/quote.ts";

/** UTF-16 units shown of one line, and of a whole message. Ours have a few hundred; one from a registry may have any number. */
const maxLine = 4000;
const maxMessage = 16_000;

/**
 * A message as lines that can be shown. What foreign text there is in our messages was escaped when they were made, but a result may have
 * been kept in a file since. So what could forge a line or be invisible is escaped here, and escapes stay as they are.
 */
export function shownLines(message: string): readonly string[] {
  const shown: string[] = [];
  let room = maxMessage;
  for (let start = 0; start <= message.length; ) {
    if (room <= 0) return [...shown, `… and ${message.length - start} more characters`];
    const newline = message.indexOf("\n", start);
    const end = newline < 0 ? message.length : newline;
    const kept = Math.min(end - start, maxLine, room);
    const left = end - start - kept;
    shown.push(`${shownLine(message.slice(start, start + kept))}${left === 0 ? "" : ` … (${left} more characters)`}`);
    room -= kept + 1;
    start = end + 1;
  }
  return shown;
}

/** The same of a message that has to be on one line. */
export function shownText(message: string): string {
  return shownLines(message)
    .map((text) => text.trim())
    .join(" ");
}

/** Everything but printable ASCII, with the letter before it that it may be a mark of. */
const unusual = /[ !#-[\]-~]?[^ -~]+/g;

function shownLine(text: string): string {
  return text.replaceAll(unusual, line);
}
