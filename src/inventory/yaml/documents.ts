import type { Document, Node, ParsedNode, Scalar } from "yaml";
import { maxInventoryDepth, maxInventoryTokens } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { ImageListProblem, Position, TextRange } from "../image-list.ts";
import type { YamlAlias, YamlMap, YamlNode, YamlSequence, YamlText } from "./node.ts";

type Yaml = typeof import("yaml");

/**
 * The documents of a YAML stream, one after the other, so that only one is in memory. What is not certainly read as other parsers
 * read it is a problem: an unknown alias, and keys that are no texts or occur twice.
 *
 * `yaml` is loaded only here (docs/decisions/0006-yaml.md).
 *
 * @param untrustedText has no control characters: with some of them the parser talks to itself.
 * @param use is called with each document.
 */
export async function readYamlDocuments(
  untrustedText: string,
  position: (offset: number) => Position,
  use: (document: YamlNode) => void,
): Promise<Result<undefined, ImageListProblem>> {
  const base = untrustedText.startsWith("\uFEFF") ? 1 : 0;
  const text = untrustedText.slice(base);
  const yaml = await import("yaml");
  const at = (offset: number) => position(base + Math.min(offset, text.length));
  try {
    for (const document of documentsOf(yaml, text, at)) {
      const node = new Conversion(yaml, text, base, at).convert(document);
      if (node !== undefined) use(node);
    }
    return ok(undefined);
  } catch (error) {
    if (error instanceof Stop) return fail(error.problem);
    throw error;
  }
}

/** Ends the reading: the parser of `yaml` has no other way out. */
class Stop extends Error {
  readonly problem: ImageListProblem;

  constructor(problem: ImageListProblem) {
    super(problem.flaw);
    this.problem = problem;
  }
}

/** The composer goes into nested collections by recursion, and both keep everything: so depth and length are bounded on the way. */
function* documentsOf(
  yaml: Yaml,
  text: string,
  at: (offset: number) => Position,
): Generator<Document.Parsed<ParsedNode>> {
  const parser = new yaml.Parser();
  const composer = composerThatStops(yaml, at);
  let tokens = 0;
  for (const lexeme of new yaml.Lexer().lex(text)) {
    tokens += 1;
    if (tokens > maxInventoryTokens) {
      throw new Stop({ flaw: "yaml-too-many-tokens", limit: maxInventoryTokens, ...at(parser.offset) });
    }
    for (const token of parser.next(lexeme)) {
      if (token.type === "document") tokens = 0;
      // Between documents; the composer would gather these.
      if (token.type === "error") throw new Stop({ flaw: "yaml-syntax", detail: token.message, ...at(token.offset) });
      yield* composer.next(token);
    }
    // The document itself and a text are on the stack too.
    if (parser.stack.length > maxInventoryDepth + 2) {
      throw new Stop({ flaw: "yaml-depth", limit: maxInventoryDepth, ...at(parser.offset) });
    }
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

function composerThatStops(yaml: Yaml, at: (offset: number) => Position) {
  // Keys that occur twice are looked for below: the composer compares each with each.
  const composer = new yaml.Composer({
    schema: "core",
    merge: false,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: "silent",
  });
  let first: Stop | undefined;
  // A hostile text has an error at each character, and each would be kept. Collections catch what is thrown, and report it again.
  const onError = (source: ErrorSource, _code: string, message: string, isWarning?: boolean) => {
    if (isWarning === true) return;
    first ??= new Stop({ flaw: "yaml-syntax", detail: message, ...at(offsetOf(source)) });
    throw first;
  };
  Object.assign(composer, { onError });
  return composer;
}

type ErrorSource = number | readonly number[] | { readonly offset: number };

function offsetOf(source: ErrorSource): number {
  if (typeof source === "number") return source;
  return "offset" in source ? source.offset : (source[0] ?? 0);
}

type Target = YamlAlias["target"];

/** From the nodes of `yaml` to ours. */
class Conversion {
  readonly #yaml: Yaml;
  readonly #text: string;
  readonly #base: number;
  readonly #at: (offset: number) => Position;
  /** The nodes with an anchor that are complete; a later one of the same name replaces an earlier one. */
  readonly #anchors = new Map<string, Target>();

  constructor(yaml: Yaml, text: string, base: number, at: (offset: number) => Position) {
    this.#yaml = yaml;
    this.#text = text;
    this.#base = base;
    this.#at = at;
  }

  convert(document: Document.Parsed<ParsedNode>): YamlNode | undefined {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new Stop({ flaw: "yaml-syntax", detail: error.message, ...this.#at(error.pos[0]) });
    }
    return document.contents === null ? undefined : this.#node(document.contents);
  }

  #node(node: Node): YamlNode {
    const offset = node.range?.[0] ?? 0;
    if (this.#yaml.isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) {
        throw new Stop({ flaw: "yaml-alias-unknown", alias: node.source, ...this.#at(offset) });
      }
      return { kind: "alias", start: this.#base + offset, target };
    }
    const converted = this.#target(node, offset);
    const anchor = (node as { readonly anchor?: string }).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #target(node: Node, offset: number): Target {
    const start = this.#base + offset;
    if (this.#yaml.isMap(node)) return { ...this.#map(node.items, start), tag: foreignTag(node) };
    if (this.#yaml.isSeq(node)) return { ...this.#sequence(node.items, start), tag: foreignTag(node) };
    if (!this.#yaml.isScalar(node)) return { kind: "other", start };
    if (typeof node.value !== "string" && foreignTag(node) === undefined)
      return { kind: node.value === null ? "null" : "other", start };
    return this.#scalar(node, start);
  }

  #map(pairs: readonly { readonly key: unknown; readonly value: unknown }[], start: number): YamlMap {
    const fields = new Map<string, YamlNode>();
    for (const { key, value } of pairs) {
      // `stringKeys` has made anything else an error.
      if (!this.#yaml.isScalar(key) || typeof key.value !== "string") throw new Error("a key that is no text");
      if (fields.has(key.value)) {
        throw new Stop({ flaw: "yaml-duplicate-key", key: key.value, ...this.#at(key.range?.[0] ?? 0) });
      }
      const keyAnchor = key.anchor;
      if (keyAnchor !== undefined) this.#anchors.set(keyAnchor, this.#scalar(key, this.#base + (key.range?.[0] ?? 0)));
      fields.set(key.value, this.#yaml.isNode(value) ? this.#node(value) : { kind: "null", start });
    }
    return { kind: "map", start, fields, tag: undefined };
  }

  #sequence(items: readonly unknown[], start: number): YamlSequence {
    const nodes = items.flatMap((item): readonly YamlNode[] => {
      if (this.#yaml.isNode(item)) return [this.#node(item)];
      // `[a: b]`, and what !!omap and !!pairs make of their items.
      return this.#yaml.isPair(item) ? [this.#map([item], start)] : [];
    });
    return { kind: "sequence", start, items: nodes, tag: undefined };
  }

  #scalar(node: Scalar, start: number): YamlText {
    const value = node.source ?? "";
    return { kind: "text", value, start, content: this.#content(node, value), tag: foreignTag(node) };
  }

  /** Inside the quotation marks; of a block scalar the one line that it has. */
  #content(node: Scalar, value: string): TextRange | undefined {
    const [from, to] = node.range ?? [0, 0];
    const range = (start: number, end: number) => ({ start: this.#base + start, end: this.#base + end });
    switch (node.type) {
      case "QUOTE_DOUBLE":
      case "QUOTE_SINGLE":
        return range(from + 1, to - 1);
      case "PLAIN":
        return from === to ? undefined : range(from, to);
      default: {
        if (value === "") return undefined;
        const body = this.#text.indexOf("\n", from) + 1;
        const start = this.#text.indexOf(value, body);
        return start === -1 || start + value.length > to ? undefined : range(start, start + value.length);
      }
    }
  }
}

const ownTags = ["!", ...["str", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`)];

/** A tag that does not only say what is so anyway. */
function foreignTag({ tag }: { readonly tag?: string }): string | undefined {
  return tag === undefined || ownTags.includes(tag) ? undefined : tag;
}
