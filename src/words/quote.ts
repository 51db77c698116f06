/**
 * Foreign text (identities, user ids, subjects, paths, scopes) on its way to a terminal or a log. As Go's `%q` does:
 * nothing in it may forge a line, end a quotation, change the direction of writing, be invisible or drive a terminal.
 */

/** Code points shown of one foreign text; a docker reference with the longest name, tag and a digest fits. */
const maxShown = 480;

/** Marks stacked on one letter beyond this number are escaped: they would run over the neighbouring lines. */
const maxMarks = 3;

/**
 * Controls, format characters (bidi, zero-width, tags), separators other than the plain space, surrogates without
 * partner, private use, noncharacters, and what fonts show as nothing (fillers, variation selectors, braille blank).
 * Not `\p{Cn}`: which characters are unassigned depends on the Unicode version of the runtime.
 */
const hidden =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}\u{2800}]|(?! )\p{Zs}/u;
const mark = /\p{M}/u;
const ordinary = /^[A-Za-z0-9._/:@+%=~*-]+$/;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"' };

/** `text` in double quotes, on one line, escaped, and cut in the middle if it is long (with a mark outside the quotes). */
export function quote(text: string): string {
  const { head, tail, left } = cut(text);
  return left === 0 ? `"${escaped(head)}"` : `"${escaped(head)}" (${left} more characters) "${escaped(tail)}"`;
}

/** A path, reference or address: as it is if it holds ordinary characters only, otherwise as {@link quote} gives it. */
export function plain(text: string): string {
  return ordinary.test(text) && text.length <= maxShown ? text : quote(text);
}

/** Plain words, and a leading tilde would be the home of somebody. */
const shellPlain = /^[A-Za-z0-9._/:@+%=,-][A-Za-z0-9._/:@+%=,~-]*$/;

/**
 * A word of a command line that people may paste into a POSIX shell: as it is, or in single quotes (POSIX.1-2024, XCU 2.2.2);
 * `undefined` for what cannot be shown to a person as it is, or is too long to be.
 */
export function shellWord(text: string): string | undefined {
  if (text.length > maxShown) return undefined;
  if (shellPlain.test(text)) return text;
  const isShown = escaped(text) === text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return isShown ? `'${text.replaceAll("'", "'\\''")}'` : undefined;
}

/** A sentence of ours that may contain foreign text: escaped like {@link quote}, without the quotes around it. */
export function line(text: string): string {
  const { head, tail, left } = cut(text);
  const shown = left === 0 ? escaped(head) : `${escaped(head)} (${left} more characters) ${escaped(tail)}`;
  return shown.replaceAll('\\"', '"');
}

/** Not printable ASCII, or escaped. Most text has none; the tables of Unicode that the others need take long to load. */
const notPlain = /[^ !#-[\]-~]/;

function escaped(text: string): string {
  if (!notPlain.test(text)) return text;
  let shown = "";
  let marks = maxMarks; // nothing precedes the first letter, so a mark there would land on our quotation mark
  for (const character of text) {
    marks = mark.test(character) ? marks + 1 : 0;
    const replacement = named[character];
    if (replacement !== undefined) shown += replacement;
    else if (marks > maxMarks || hidden.test(character)) {
      shown += `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    } else shown += character;
  }
  return shown;
}

function cut(text: string): { head: string; tail: string; left: number } {
  if (text.length <= maxShown) return { head: text, tail: "", left: 0 };
  const half = maxShown / 2;
  return { head: text.slice(0, half), tail: text.slice(-half), left: text.length - 2 * half };
}
