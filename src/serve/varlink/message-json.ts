import { fail, ok, type Result } from "../../result.ts";

export interface MessageJsonLimits {
  readonly maxDepth: number;
  readonly maxValues: number;
}

export type MessageJsonProblem = "syntax" | "duplicate-key" | "depth" | "values";

/**
 * Reads one JSON text: as strict as `JSON.parse`, bounded, and no key twice. Keys are own properties, `__proto__` too.
 *
 * Not {@link parseJson}: that looks at each character of a string, and a message is mostly one string in base64. Here a look at what
 * stands between the strings tells the size and how many members there are; `JSON.parse` keeps one of those with the same key, so that
 * its value then has fewer.
 */
export function parseMessageJson(
  untrustedText: string,
  { maxDepth, maxValues }: MessageJsonLimits,
): Result<unknown, MessageJsonProblem> {
  const shape = shapeOf(untrustedText);
  // Before it is parsed: memory is taken there, and some parsers work by recursion.
  if (shape.depth > maxDepth) return fail("depth");
  if (shape.values > maxValues) return fail("values");
  let value: unknown;
  try {
    value = JSON.parse(untrustedText);
  } catch {
    return fail("syntax");
  }
  return membersOf(value) === shape.members ? ok(value) : fail("duplicate-key");
}

interface Shape {
  readonly depth: number;
  /** At least as many as there are: an empty container counts for two. */
  readonly values: number;
  readonly members: number;
}

/** Exact if the text is JSON; otherwise anything. */
function shapeOf(text: string): Shape {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = closingQuote(text, at + 1);
        if (at === -1) return { depth: deepest, values, members };
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > deepest) deepest = depth;
        values += 1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      case 0x2c: // ,
        values += 1;
        break;
      case 0x3a: // :
        members += 1;
        break;
    }
  }
  return { depth: deepest, values, members };
}

/** The first quotation mark from `from` on that is not escaped, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at;
    while (escapes > from && text.charCodeAt(escapes - 1) === 0x5c) escapes -= 1;
    if ((at - escapes) % 2 === 0) return at;
  }
  return -1;
}

function membersOf(root: unknown): number {
  let members = 0;
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    const items: readonly unknown[] = Object.values(value);
    if (!Array.isArray(value)) members += items.length;
    for (const item of items) if (typeof item === "object") open.push(item);
  }
  return members;
}
