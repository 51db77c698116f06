import { createScanner, type JSONScanner, type ScanError, type SyntaxKind } from "jsonc-parser";
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
    if (token.broken) return fail(syntax(reader, "valid JSON"));

    if (state === "comma-or-end") {
      if (token.kind === comma) {
        state = container?.kind === "object" ? "key" : "value";
      } else if (container !== undefined && token.kind === closers[container.kind]) {
        open.pop();
        finish(close(container, reader.end));
      } else {
        return fail(syntax(reader, container?.kind === "object" ? '"," or "}"' : '"," or "]"'));
      }
    } else if (state === "key" || state === "key-or-end") {
      if (token.kind === closeBrace && state === "key-or-end" && container !== undefined) {
        open.pop();
        finish(close(container, reader.end));
        continue;
      }
      if (token.kind !== stringLiteral || container?.kind !== "object") {
        return fail(syntax(reader, state === "key" ? "a key in double quotes" : 'a key in double quotes or "}"'));
      }
      container.key = token.text.toWellFormed();
      container.keyAt = reader.at;
      container.keyEnd = reader.end;
      const separator = reader.next();
      if (separator.broken || separator.kind !== colon) return fail(syntax(reader, '":"'));
      state = "value";
    } else if (token.kind === closeBracket && state === "value-or-end" && container !== undefined) {
      open.pop();
      finish(close(container, reader.end));
    } else if (values === maxValues) {
      return fail({ kind: "count", at: reader.at, maxValues });
    } else if (token.kind === openBrace || token.kind === openBracket) {
      if (open.length >= maxDepth) return fail({ kind: "depth", at: reader.at, maxDepth });
      values += 1;
      open.push(
        token.kind === openBrace
          ? { kind: "object", at: reader.at, members: [], key: "", keyAt: 0, keyEnd: 0 }
          : { kind: "array", at: reader.at, items: [] },
      );
      state = token.kind === openBrace ? "key-or-end" : "value-or-end";
    } else {
      values += 1;
      const value = scalar(token.kind, token.text, reader);
      if (value === undefined) return fail(syntax(reader, "a value"));
      finish(value);
    }
  }
  const after = reader.next();
  if (after.broken || after.kind !== endOfText) return fail(syntax(reader, "the end of the text"));
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

function scalar(kind: SyntaxKind, text: string, { at, end }: Place): JsonNode | undefined {
  switch (kind) {
    case stringLiteral:
      return { kind: "string", value: text.toWellFormed(), at, end };
    case numericLiteral:
      return { kind: "number", text, at, end };
    case trueKeyword:
    case falseKeyword:
      return { kind: "boolean", value: kind === trueKeyword, at, end };
    case nullKeyword:
      return { kind: "null", at, end };
    default:
      return undefined;
  }
}

function syntax(reader: Tokens, expected: string): JsonProblem {
  return { kind: "syntax", at: reader.at, found: reader.source(), expected };
}

// jsonc-parser declares these as `const enum`s, which cannot be imported one file at a time (isolatedModules).
const openBrace = 1 as SyntaxKind.OpenBraceToken;
const closeBrace = 2 as SyntaxKind.CloseBraceToken;
const openBracket = 3 as SyntaxKind.OpenBracketToken;
const closeBracket = 4 as SyntaxKind.CloseBracketToken;
const comma = 5 as SyntaxKind.CommaToken;
const colon = 6 as SyntaxKind.ColonToken;
const nullKeyword = 7 as SyntaxKind.NullKeyword;
const trueKeyword = 8 as SyntaxKind.TrueKeyword;
const falseKeyword = 9 as SyntaxKind.FalseKeyword;
const stringLiteral = 10 as SyntaxKind.StringLiteral;
const numericLiteral = 11 as SyntaxKind.NumericLiteral;
const endOfText = 17 as SyntaxKind.EOF;
const noError = 0 as ScanError.None;

const closers = { object: closeBrace, array: closeBracket } as const;

interface Token {
  readonly kind: SyntaxKind;
  readonly text: string;
  readonly broken: boolean;
}

/**
 * The scanner's tokens without blanks; comments come through as tokens, and so are refused. Blanks and strings with escapes
 * are read here, because the scanner puts them together letter by letter: 16 MiB would take seconds and 600 MiB.
 */
class Tokens {
  readonly #text: string;
  /** Made for the first number or word. */
  #scanner: JSONScanner | undefined;
  at = 0;
  end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    const start = this.end;
    let at = start;
    while (isBlank(this.#text.charCodeAt(at))) at += 1;
    const char = this.#text.charCodeAt(at);
    const known = char === quotationMark ? this.#string(at) : this.#punctuation(char, at);
    if (known !== undefined) return known;
    this.#scanner ??= createScanner(this.#text, false);
    const scanner = this.#scanner;
    scanner.setPosition(at);
    const kind = scanner.scan();
    this.at = scanner.getTokenOffset();
    this.end = this.at + scanner.getTokenLength();
    return { kind, text: scanner.getTokenValue(), broken: scanner.getTokenError() !== noError };
  }

  /** The string at `at`, `undefined` if there is something wrong with it. */
  #string(at: number): Token | undefined {
    const last = closingQuote(this.#text, at + 1);
    if (last === -1) return undefined;
    let text = this.#text.slice(at + 1, last);
    if (escapedOrInvalid.test(text)) {
      try {
        text = JSON.parse(`"${text}"`);
      } catch {
        return undefined;
      }
    }
    this.at = at;
    this.end = last + 1;
    return { kind: stringLiteral, text, broken: false };
  }

  #punctuation(char: number, at: number): Token | undefined {
    const token = punctuation.get(char);
    if (token !== undefined) {
      this.at = at;
      this.end = at + 1;
    }
    return token;
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
  [openBrace, closeBrace, openBracket, closeBracket, comma, colon].map((kind, index) => {
    const text = "{}[],:".charAt(index);
    return [text.charCodeAt(0), { kind, text, broken: false }];
  }),
);

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
