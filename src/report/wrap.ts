/**
 * Breaks a paragraph at blanks, never inside "quotation marks" (`quote()` leaves none of them unescaped inside). The
 * blanks that it begins with stay, and `indent` goes before each further line.
 */
export function wrap(text: string, indent = "", width = 100): string {
  const words = text.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
  const lines: string[] = [];
  let current = text.slice(0, text.length - text.trimStart().length);
  let isStart = true;
  for (const word of words) {
    if (!isStart && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${indent}${word}`;
    } else current += isStart ? word : ` ${word}`;
    isStart = false;
  }
  return [...lines, current].join("\n");
}

/** Each line of a text by itself, its further ones two blanks further in. */
export function wrapLines(text: string): string {
  return text
    .split("\n")
    .map((one) => wrap(one, " ".repeat(one.length - one.trimStart().length + 2)))
    .join("\n");
}
