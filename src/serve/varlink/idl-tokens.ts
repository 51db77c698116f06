/** A word (a keyword or a name, dots and hyphens included), a mark, the end, or `unknown`: what the language does not have. */
export interface IdlToken {
  readonly kind: "word" | "mark" | "end" | "unknown";
  readonly text: string;
  readonly at: number;
  readonly startsLine: boolean;
  /** The comment in the lines directly above. */
  readonly documentation: string;
}

/**
 * The tokens of an interface description, the end last. After something `unknown` nothing more is read.
 *
 * Comments on a line of their own are the documentation of what follows without an empty line between; others are none.
 */
export function idlTokens(text: string): readonly IdlToken[] {
  const tokens: IdlToken[] = [];
  let comment: string[] = [];
  let startsLine = true;
  let isLineEmpty = true;
  const add = (kind: IdlToken["kind"], source: string, at: number): void => {
    tokens.push({ kind, text: source, at, startsLine, documentation: comment.join("\n") });
    comment = [];
    startsLine = false;
    isLineEmpty = false;
  };
  for (const match of text.matchAll(piece)) {
    const [source] = match;
    const { lineEnd, note, word, mark, blank } = match.groups ?? {};
    if (lineEnd !== undefined) {
      if (isLineEmpty) comment = [];
      startsLine = true;
      isLineEmpty = true;
    } else if (note !== undefined) {
      if (isLineEmpty) comment.push(note.replace(/^ /, ""));
      isLineEmpty = false;
    } else if (word !== undefined) add("word", source, match.index);
    else if (mark !== undefined) add("mark", source, match.index);
    else if (blank === undefined) {
      add("unknown", source, match.index);
      return tokens;
    }
  }
  add("end", "", text.length);
  return tokens;
}

const piece =
  /(?<lineEnd>\r?\n)|#(?<note>[^\r\n]*)|(?<blank>[ \t]+)|(?<word>[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)|(?<mark>->|\[string\]|\[\]|[(),:?])|./gsu;
