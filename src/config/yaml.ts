import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { errorText, fail, ok, type Result } from "../result.ts";

/** What a document consists of. Lists and mappings may contain themselves, by aliases. */
export type YamlNode =
  | YamlScalar
  | { readonly kind: "list"; readonly items: readonly YamlNode[] }
  | YamlMapping
  | { readonly kind: "alias"; readonly anchor: string; readonly target: YamlNode };

/** A scalar as it is written, without quotation marks; what it is besides a text goes by YAML 1.2 and its tag. */
interface YamlScalar {
  readonly kind: "scalar";
  readonly text: string;
  /** `untagged` if the tag is for something that the text is not. */
  readonly is: "text" | "null" | "true" | "false" | "merge" | "untagged";
}

/** In order, and keys may be there twice. */
export interface YamlMapping {
  readonly kind: "mapping";
  readonly entries: readonly (readonly [key: YamlNode, value: YamlNode])[];
}

/**
 * The first document of a text. What Go's yaml.v3 refuses and the package `yaml` takes is refused here too: control characters, text that is not
 * UTF-8, escapes for half a character, a question mark or a colon at the wrong place in braces. So are keys after a question mark, which the two read
 * differently, and nobody writes.
 *
 * Loaded only here (docs/decisions/0006-yaml.md).
 */
export async function parseYaml(bytes: Uint8Array): Promise<Result<YamlNode, string>> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return fail("not UTF-8");
  }
  if (notAllowed.test(text)) return fail("it has a control character, or an end of line that is not \\n or \\r\\n");
  if (endsAtOnce.test(text)) return fail("it begins with a tab, or with the end of a document");
  const yaml = await import("yaml");
  try {
    const documents = yaml.parseAllDocuments(text, options);
    const [first] = "empty" in documents ? [] : documents;
    const [error] = first?.errors ?? [];
    if (error !== undefined) return fail(error.message.split("\n", 1)[0] ?? "");
    return new Conversion(yaml).convert(first);
  } catch (error) {
    // The package descends into what is nested, and so may come to the end of the stack.
    return fail(errorText(error));
  }
}

/** Texts stay as they are written; keys that are there twice are an error only where they are looked at. */
const options = { schema: "failsafe", uniqueKeys: false, keepSourceTokens: true, logLevel: "silent" } as const;

/**
 * What yaml.v3 does not let pass (readerc.go `yaml_parser_update_buffer`), and what ends a line for it, as in YAML 1.1, and not for the package: a
 * carriage return alone, U+0085, U+2028 and U+2029.
 */
const notAllowed = /\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const endsAtOnce = /^(?: *(?:#.*)?\r?\n)*(?: *\t|\.\.\.(?:\s|$))/;
const halfCharacter = /\p{Surrogate}/u;
const nothing: YamlScalar = { kind: "scalar", text: "", is: "null" };

class Conversion {
  readonly #yaml: typeof import("yaml");
  readonly #anchors = new Map<string, YamlNode>();
  #problem: string | undefined;

  constructor(yaml: typeof import("yaml")) {
    this.#yaml = yaml;
  }

  convert(document: Document | undefined): Result<YamlNode, string> {
    const node = this.#node(document?.contents, false);
    return this.#problem === undefined ? ok(node) : fail(this.#problem);
  }

  /** @param inFlow inside braces or brackets */
  #node(node: unknown, inFlow: boolean): YamlNode {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (isAlias(node)) return this.#alias(node);
    if (isScalar(node)) return this.#scalar(node, inFlow);
    if (isSeq(node)) return this.#list(node, inFlow);
    return isMap(node) ? this.#mapping(node, inFlow) : nothing;
  }

  #alias({ source }: Alias): YamlNode {
    const target = this.#anchors.get(source);
    if (target === undefined) return this.#wrong(`*${source} stands for nothing`);
    return { kind: "alias", anchor: source, target };
  }

  #scalar(node: Scalar, inFlow: boolean): YamlNode {
    const written = typeof node.value === "string" ? node.value : (node.source ?? "");
    if (halfCharacter.test(written)) return this.#wrong("it has an escape that is no character");
    if (inFlow && node.type === "PLAIN" && /^:|\?/.test(written)) {
      return this.#wrong(`${written} needs quotation marks, as it is in braces`);
    }
    return this.#anchored(node, { kind: "scalar", text: written, is: kindOf(node, written) });
  }

  #list(node: YAMLSeq, inFlow: boolean): YamlNode {
    const items: YamlNode[] = [];
    const list = this.#anchored(node, { kind: "list", items });
    for (const item of node.items) {
      // In brackets a pair without braces is a mapping of its own.
      const isPair = this.#yaml.isPair(item);
      items.push(
        isPair ? { kind: "mapping", entries: [this.#entry(item, true)] } : this.#node(item, isIn(node, inFlow)),
      );
    }
    return list;
  }

  #mapping(node: YAMLMap, inFlow: boolean): YamlNode {
    const entries: (readonly [YamlNode, YamlNode])[] = [];
    const mapping = this.#anchored(node, { kind: "mapping", entries });
    for (const pair of node.items) entries.push(this.#entry(pair, isIn(node, inFlow)));
    return mapping;
  }

  #entry({ key, value, srcToken }: Pair, inFlow: boolean): readonly [YamlNode, YamlNode] {
    const isExplicit = srcToken?.start.some(({ type }) => type === "explicit-key-ind");
    if (isExplicit) this.#wrong("it has a key after a question mark");
    return [this.#node(key, inFlow), this.#node(value, inFlow)];
  }

  /** An anchor is known inside of what it is for, and a later one of the same name takes its place. */
  #anchored({ anchor }: Scalar | YAMLSeq | YAMLMap, node: YamlNode): YamlNode {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #wrong(problem: string): YamlNode {
    this.#problem ??= problem;
    return nothing;
  }
}

function isIn({ flow }: Node & { flow?: boolean }, inFlow: boolean): boolean {
  return inFlow || flow === true;
}

const core = "tag:yaml.org,2002:";
const words: ReadonlyMap<string, YamlScalar["is"]> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, "null"] as const),
  ...["true", "True", "TRUE"].map((word) => [word, "true"] as const),
  ...["false", "False", "FALSE"].map((word) => [word, "false"] as const),
]);

/** yaml.v3: resolve.go `resolve`, as far as it matters for texts and flags. Tags for numbers, dates and bytes are not understood. */
function kindOf({ tag, type }: Scalar, text: string): YamlScalar["is"] {
  const isPlain = type === "PLAIN";
  if (tag === undefined || tag === "!") {
    if (!isPlain) return "text";
    return text === "<<" ? "merge" : (words.get(text) ?? "text");
  }
  if (!tag.startsWith(core) || tag === `${core}str`) return "text";
  const word = words.get(text);
  if (tag === `${core}null`) return word === "null" ? "null" : "untagged";
  if (tag === `${core}merge`) return text === "<<" ? "merge" : "untagged";
  return tag === `${core}bool` && (word === "true" || word === "false") ? word : "untagged";
}
