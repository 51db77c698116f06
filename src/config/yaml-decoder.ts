import type { YamlMapping, YamlNode } from "./yaml.ts";

/** Entries that are looked at in a document, with those of aliases each time; a megabyte has a quarter of a million. */
const maxEntries = 1_000_000;
/** Mappings that are merged into each other. */
const maxMergeDepth = 100;

/**
 * Takes typed values out of a YAML document as Go's yaml.v3 fills structs and maps (decode.go): any scalar is a text, the words of YAML 1.1 are
 * flags, `<<` merges, null is as good as absent, and a value of another type is an error of the whole document.
 *
 * Call the methods, then look at {@link YamlDecoder.problem}; what was decoded counts only if there is none.
 */
export class YamlDecoder {
  /** What was wrong first. */
  problem: string | undefined;
  #entriesLeft = maxEntries;

  /** The members of a mapping, by their keys as texts; none if it is absent. */
  members(node: YamlNode | undefined, what: string): ReadonlyMap<string, YamlNode> {
    const members = new Map<string, YamlNode>();
    const value = node === undefined ? undefined : target(node);
    if (value === undefined || isNullYaml(value)) return members;
    const problem = value.kind === "mapping" ? this.#collect(value, members, []) : "is not a mapping";
    if (problem !== undefined) this.#wrong(`${what} ${problem}`);
    return members;
  }

  /**
   * A text; "" if it is absent.
   *
   * @param meaning is told with the problem.
   */
  text(node: YamlNode | undefined, what: string, meaning: string): string {
    const value = node === undefined ? undefined : target(node);
    if (value === undefined || isNullYaml(value)) return "";
    if (value.kind === "scalar" && value.is !== "untagged") return value.text;
    const isTagged = value.kind === "scalar";
    this.#wrong(isTagged ? `${what} has a tag that is not understood` : `${what} is not a text: ${meaning}`);
    return "";
  }

  /** `true` or `false`; `undefined` if it is absent. */
  flag(node: YamlNode | undefined, what: string): boolean | undefined {
    const value = node === undefined ? undefined : target(node);
    if (value === undefined || isNullYaml(value)) return undefined;
    if (value.kind === "scalar" && value.is === "true") return true;
    if (value.kind === "scalar" && value.is === "false") return false;
    if (value.kind === "scalar" && value.is !== "untagged") {
      if (trueWords.has(value.text)) return true;
      if (falseWords.has(value.text)) return false;
    }
    this.#wrong(`${what} is neither true nor false`);
    return undefined;
  }

  /**
   * What a mapping has itself, then what it merges; what is there first counts (`mappingStruct`, `merge`).
   *
   * @param within the mappings that this one is merged into
   * @returns what is wrong
   */
  #collect(mapping: YamlMapping, members: Map<string, YamlNode>, within: readonly YamlMapping[]): string | undefined {
    this.#entriesLeft -= mapping.entries.length + 1;
    if (this.#entriesLeft < 0 || within.length > maxMergeDepth) return "is too large with all its aliases";
    if (within.includes(mapping)) return "contains itself";
    const twice = findTwice(mapping);
    if (twice !== undefined) return `has ${twice} twice`;
    let merged: YamlNode | undefined;
    for (const [written, value] of mapping.entries) {
      const key = target(written);
      if (isMerge(written)) merged = value;
      else if (key.kind !== "scalar" || key.is === "untagged") return "has a key that is not a text";
      else if (key.is !== "null" && !members.has(key.text)) members.set(key.text, value);
    }
    return merged === undefined ? undefined : this.#merge(merged, members, [...within, mapping]);
  }

  #merge(merged: YamlNode, members: Map<string, YamlNode>, within: readonly YamlMapping[]): string | undefined {
    // A list of mappings must be there itself, not by an alias.
    for (const node of merged.kind === "list" ? merged.items : [merged]) {
      const mapping = target(node);
      const problem =
        mapping.kind === "mapping" ? this.#collect(mapping, members, within) : "merges what is not a mapping";
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #wrong(problem: string): void {
    this.problem ??= problem;
  }
}

/** A key that is there twice, or two keys that are not texts. */
function findTwice({ entries }: YamlMapping): string | undefined {
  const seen = new Set<string>();
  for (const [key] of entries) {
    const name = key.kind === "scalar" ? key.text : key.kind === "alias" ? key.anchor : "";
    const kindAndName = `${key.kind} ${name}`;
    if (seen.has(kindAndName)) return name;
    seen.add(kindAndName);
  }
  return undefined;
}

const trueWords: ReadonlySet<string> = new Set(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]);
const falseWords: ReadonlySet<string> = new Set(["n", "N", "no", "No", "NO", "off", "Off", "OFF"]);

function target(node: YamlNode): Exclude<YamlNode, { readonly kind: "alias" }> {
  // An alias of an alias cannot be written.
  if (node.kind !== "alias") return node;
  if (node.target.kind === "alias") throw new Error("an alias has no anchor of its own");
  return node.target;
}

/** Whether a value is null, or an alias of it, which is as good as absent. */
export function isNullYaml(node: YamlNode): boolean {
  const value = target(node);
  return value.kind === "scalar" && value.is === "null";
}

function isMerge(key: YamlNode): boolean {
  return key.kind === "scalar" && key.is === "merge";
}
