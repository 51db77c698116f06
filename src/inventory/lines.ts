import type { ListForm } from "./image-list.ts";
import type { ListBuilder } from "./list-builder.ts";
import { positionsIn } from "./position.ts";
import { isLocal, readReference } from "./read-reference.ts";

interface Line {
  /** Without its end, and without blanks around it. */
  readonly content: string;
  readonly start: number;
}

/** The lines that are neither blank nor comments. */
export function* significantLines(text: string): Generator<Line> {
  let from = text.startsWith("\uFEFF") ? 1 : 0;
  while (from < text.length) {
    const newline = text.indexOf("\n", from);
    const end = newline === -1 ? text.length : newline;
    const whole = text.slice(from, end);
    const trimmed = whole.trimStart();
    const content = trimmed.trimEnd();
    if (content !== "" && !content.startsWith("#")) yield { content, start: from + whole.length - trimmed.length };
    from = end + 1;
  }
}

/**
 * Reads one reference a line. Behind a reference of a registry, which has no blanks, `# …` is a comment; a path may have them.
 *
 * A line `source=destination` is one of mapping.txt, as oc-mirror and `oc adm catalog mirror` write it: what is rolled out, and so is
 * checked, is the destination. No reference of a registry has an equals sign.
 */
export function readLines(text: string, list: ListBuilder): ListForm {
  const position = positionsIn(text);
  let form: ListForm = "lines";
  for (const { content, start } of significantLines(text)) {
    if (list.isFull) break;
    const line = isPath(content) ? content : withoutComment(content);
    const equals = isPath(line) ? -1 : line.lastIndexOf("=");
    if (equals !== -1) form = "mapping";
    const reference = line.slice(equals + 1);
    const range = { start: start + equals + 1, end: start + line.length };
    const pinning =
      equals === -1 ? ({ kind: "reference", range } as const) : ({ kind: "none", why: "mapping" } as const);
    list.add(reference, { ...position(range.start), path: undefined, pinning, reads: [] }, () =>
      readReference(reference),
    );
  }
  return form;
}

/** `oci:PATH` and the like; `oci://` is how oc-mirror begins the source of a mapping. */
function isPath(line: string): boolean {
  return isLocal(line) && !/^[a-z-]+:\/\//.test(line);
}

function withoutComment(line: string): string {
  const blank = line.search(/\s/);
  return blank !== -1 && line.slice(blank).trimStart().startsWith("#") ? line.slice(0, blank) : line;
}
