import type { TextRange } from "../image-list.ts";

/** A node of a YAML document, without what the reading of images has no use for. */
export type YamlNode = YamlText | YamlOther | YamlMap | YamlSequence | YamlAlias;

export interface YamlText {
  readonly kind: "text";
  readonly value: string;
  readonly start: number;
  /** What has to be replaced to make it another text of one line without special characters; `undefined` if nothing can be. */
  readonly content: TextRange | undefined;
  /** A tag that does not only say that this is a text. */
  readonly tag: string | undefined;
}

/** A number or a truth value; or nothing. */
interface YamlOther {
  readonly kind: "other" | "null";
  readonly start: number;
}

export interface YamlMap {
  readonly kind: "map";
  readonly start: number;
  /** Each key once; `<<` is a key like the others. */
  readonly fields: ReadonlyMap<string, YamlNode>;
  readonly tag: string | undefined;
}

export interface YamlSequence {
  readonly kind: "sequence";
  readonly start: number;
  readonly items: readonly YamlNode[];
  readonly tag: string | undefined;
}

/** `*anchor`. Whoever follows these may meet a node any number of times, but never itself. */
export interface YamlAlias {
  readonly kind: "alias";
  readonly start: number;
  readonly target: Exclude<YamlNode, YamlAlias>;
}

/** The node itself, or the one that an alias stands for. */
export function resolved(node: YamlNode): Exclude<YamlNode, YamlAlias> {
  return node.kind === "alias" ? node.target : node;
}
