import { fail, ok, type Result } from "../result.ts";

/** A JSON value with its place: `at` and `end` are offsets in UTF-16 units. Duplicate keys are all kept, in order. */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonBoolean | JsonNull;

interface Place {
  readonly at: number;
  readonly end: number;
}
export interface JsonObject extends Place {
  readonly kind: "object";
  readonly members: readonly JsonMember[];
}
interface JsonMember {
  readonly key: string;
  readonly keyAt: number;
  readonly keyEnd: number;
  readonly value: JsonNode;
}
interface JsonArray extends Place {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}
interface JsonString extends Place {
  readonly kind: "string";
  readonly value: string;
}
/** `text` is the number as written. */
interface JsonNumber extends Place {
  readonly kind: "number";
  readonly text: string;
}
interface JsonBoolean extends Place {
  readonly kind: "boolean";
  readonly value: boolean;
}
interface JsonNull extends Place {
  readonly kind: "null";
}

/** `found` is what stands at `at`, as written, or "" at the end of the text. */
export type JsonProblem =
  | { readonly kind: "syntax"; readonly at: number; readonly found: string; readonly expected: string }
  | { readonly kind: "depth"; readonly at: number; readonly maxDepth: number }
  | { readonly kind: "count"; readonly at: number; readonly maxValues: number };

export interface JsonLimits {
  readonly maxDepth?: number;
  /** Values of all kinds together, containers included. A value of two bytes takes a hundred in memory. */
  readonly maxValues?: number;
}

/** Go's `encoding/json` (scanner.go maxNestingDepth): the deepest nesting it takes. */
const goMaxDepth = 10_000;

/**
 * Reads one JSON text (RFC 8259, nothing more: no comments, no trailing commas, no byte order mark, nothing after it),
 * as strict as Go's `encoding/json`. Lone surrogates written as escapes become U+FFFD, as there.
 *
 * Works without recursion, so that depth costs no stack.
 *
 * @param limits Go's depth, and any number of values, unless said otherwise.
 */
export function parseJson(text: string, limits: JsonLimits = {}): Result<JsonNode, JsonProblem> {
  const { maxDepth = goMaxDepth, maxValues = Number.POSITIVE_INFINITY } = limits;
  const reader = new Tokens(text);
  const open: Container[] = [];
  let values = 0;
  let state = "value" as Expectation;
  let root: JsonNode | undefined;

  const finish = (value: JsonNode): void => {
    const parent = open.at(-1);
    if (parent === undefined) root = value;
    else if (parent.kind === "array") parent.items.push(value);
    else {
      const { key, keyAt, keyEnd } = parent;
      parent.members.push({ key, keyAt, keyEnd, value });
    }
    state = "comma-or-end";
  };

  while (root === undefined) {
    const token = reader.next();
    const container = open.at(-1);
    if (token.kind === "broken") return fail(syntax(reader, "valid JSON"));

    if (state === "comma-or-end") {
      if (token.kind === ",") {
        state = container?.kind === "object" ? "key" : "value";
      } else if (container !== undefined && token.kind === closers[container.kind]) {
        open.pop();
        finish(close(container, reader.end));
      } else {
        return fail(syntax(reader, container?.kind === "object" ? '"," or "}"' : '"," or "]"'));
      }
    } else if (state === "key" || state === "key-or-end") {
      if (token.kind === "}" && state === "key-or-end" && container !== undefined) {
        open.pop();
        finish(close(container, reader.end));
        continue;
      }
      if (token.kind !== "string" || container?.kind !== "object") {
        return fail(syntax(reader, state === "key" ? "a key in double quotes" : 'a key in double quotes or "}"'));
      }
      container.key = token.text.toWellFormed();
      container.keyAt = reader.at;
      container.keyEnd = reader.end;
      const separator = reader.next();
      if (separator.kind !== ":") return fail(syntax(reader, '":"'));
      state = "value";
    } else if (token.kind === "]" && state === "value-or-end" && container !== undefined) {
      open.pop();
      finish(close(container, reader.end));
    } else if (values === maxValues) {
      return fail({ kind: "count", at: reader.at, maxValues });
    } else if (token.kind === "{" || token.kind === "[") {
      if (open.length >= maxDepth) return fail({ kind: "depth", at: reader.at, maxDepth });
      values += 1;
      open.push(
        token.kind === "{"
          ? { kind: "object", at: reader.at, members: [], key: "", keyAt: 0, keyEnd: 0 }
          : { kind: "array", at: reader.at, items: [] },
      );
      state = token.kind === "{" ? "key-or-end" : "value-or-end";
    } else {
      values += 1;
      const value = scalar(token, reader);
      if (value === undefined) return fail(syntax(reader, "a value"));
      finish(value);
    }
  }
  const after = reader.next();
  if (after.kind !== "end") return fail(syntax(reader, "the end of the text"));
  return ok(root);
}

/** What may come next. */
type Expectation = "value" | "value-or-end" | "key" | "key-or-end" | "comma-or-end";

type Container =
  | { readonly kind: "array"; readonly at: number; readonly items: JsonNode[] }
  /** With the key that was read last, and waits for its value. */
  | {
      readonly kind: "object";
      readonly at: number;
      readonly members: JsonMember[];
      key: string;
      keyAt: number;
      keyEnd: number;
    };

function close(container: Container, end: number): JsonNode {
  return container.kind === "array"
    ? { kind: "array", items: container.items, at: container.at, end }
    : { kind: "object", members: container.members, at: container.at, end };
}

function scalar({ kind, text }: Token, { at, end }: Place): JsonNode | undefined {
  if (kind === "string") return { kind: "string", value: text.toWellFormed(), at, end };
  if (kind !== "word") return undefined;
  if (text === "true" || text === "false") return { kind: "boolean", value: text === "true", at, end };
  if (text === "null") return { kind: "null", at, end };
  return number.test(text) ? { kind: "number", text, at, end } : undefined;
}

/** RFC 8259, section 6. */
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function syntax(reader: Tokens, expected: string): JsonProblem {
  return { kind: "syntax", at: reader.at, found: reader.source(), expected };
}

type Punctuation = "{" | "}" | "[" | "]" | "," | ":";

const closers = { object: "}", array: "]" } as const;

interface Token {
  /** A `word` is a number, a name, or nothing that JSON knows; `broken` a string that is none. */
  readonly kind: Punctuation | "string" | "word" | "end" | "broken";
  readonly text: string;
}

/** The tokens of a text, without the blanks between them. */
class Tokens {
  readonly #text: string;
  /** No string of the text needs a closer look: as in what programs write. */
  readonly #isPlain: boolean;
  at = 0;
  end = 0;

  constructor(text: string) {
    this.#text = text;
    this.#isPlain = !escapedOrInvalid.test(text);
  }

  next(): Token {
    let at = this.end;
    while (isBlank(this.#text.charCodeAt(at))) at += 1;
    this.at = at;
    const char = this.#text.charCodeAt(at);
    if (char === quotationMark) return this.#string();
    const mark = punctuation.get(char);
    if (mark !== undefined) {
      this.end = at + 1;
      return mark;
    }
    if (at >= this.#text.length) {
      this.end = at;
      return endOfText;
    }
    wordEnd.lastIndex = at;
    this.end = wordEnd.exec(this.#text)?.index ?? this.#text.length;
    return { kind: "word", text: this.#text.slice(at, this.end) };
  }

  #string(): Token {
    const start = this.at + 1;
    const last = closingQuote(this.#text, start);
    this.end = last === -1 ? this.#text.length : last + 1;
    if (last === -1) return this.#broken();
    const text = this.#text.slice(start, last);
    if (this.#isPlain || !escapedOrInvalid.test(text)) return { kind: "string", text };
    try {
      return { kind: "string", text: JSON.parse(`"${text}"`) };
    } catch {
      return this.#broken();
    }
  }

  /** A string that is none, as far as its line goes. */
  #broken(): Token {
    const lineEnd = this.#text.indexOf("\n", this.at);
    this.end = Math.min(this.end, lineEnd === -1 ? this.#text.length : lineEnd);
    return { kind: "broken", text: "" };
  }

  /** The token as written, cut after some characters. */
  source(): string {
    return this.#text.slice(this.at, Math.min(this.end, this.at + 40));
  }
}

const quotationMark = 0x22;

/** What may not stand, or does not stand for itself, in a string (RFC 8259, section 7). */
const escapedOrInvalid = /[\\\u0000-\u001f]/;

const punctuation: ReadonlyMap<number, Token> = new Map(
  (["{", "}", "[", "]", ",", ":"] as const).map((kind) => [kind.charCodeAt(0), { kind, text: kind }]),
);

const endOfText: Token = { kind: "end", text: "" };

/** What ends a number or a name. */
const wordEnd = /[ \t\n\r{}[\],:"]/g;

/** The first quotation mark from `from` on that is not escaped, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at;
    while (escapes > from && text[escapes - 1] === "\\") escapes -= 1;
    if ((at - escapes) % 2 === 0) return at;
  }
  return -1;
}

/** RFC 8259, section 2. */
function isBlank(char: number): boolean {
  return char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;
}
