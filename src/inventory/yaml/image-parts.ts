import type { ListedImageProblem, TextRange } from "../image-list.ts";
import { resolved, type YamlMap, type YamlNode, type YamlText } from "./node.ts";

/** Maps merged into one that are followed; nobody writes more than a few. */
export const maxMerges = 16;

/** The fields of a map, and of those that are merged into it; `undefined` if those are too many. */
export function partsOf(map: YamlMap): Parts | undefined {
  const maps = [map];
  return mergeInto(maps, map) ? new Parts(maps) : undefined;
}

/** Its own fields come first, then those of the earlier ones (yaml.org/type/merge). */
function mergeInto(maps: YamlMap[], { fields }: YamlMap): boolean {
  const field = fields.get("<<");
  if (field === undefined) return true;
  const value = resolved(field);
  for (const item of value.kind === "sequence" ? value.items : [value]) {
    const map = resolved(item);
    if (map.kind !== "map") continue;
    if (maps.length > maxMerges) return false;
    maps.push(map);
    if (!mergeInto(maps, map)) return false;
  }
  return true;
}

export class Parts {
  /** The first one that has a field counts. */
  readonly #maps: readonly YamlMap[];

  constructor(maps: readonly YamlMap[]) {
    this.#maps = maps;
  }

  node(name: string): YamlNode | undefined {
    return this.#maps.find(({ fields }) => fields.has(name))?.fields.get(name);
  }

  text(name: string): YamlText | undefined {
    const node = this.node(name);
    const value = node === undefined ? undefined : resolved(node);
    return value?.kind === "text" ? value : undefined;
  }
}

/** A reference that is written as several fields. */
interface PartedReference {
  readonly text: string;
  readonly start: number;
  readonly problem: ListedImageProblem | undefined;
  /** Where a digest is, or can be put. */
  readonly digest: TextRange | undefined;
  readonly reads: readonly number[];
}

/**
 * `registry`, `repository`, `tag` and `digest`, as the values of Helm charts have them. Of a tag and a digest the digest counts, as in
 * the templates that know both. `undefined` if there is no `repository`.
 */
export function readParts(parts: Parts): PartedReference | undefined {
  const repository = parts.text("repository");
  if (repository === undefined) return undefined;
  const [registry, tag, digest] = [parts.text("registry"), parts.text("tag"), parts.text("digest")];
  const host = isGiven(registry) ? `${registry.value}/` : "";
  const version = isGiven(digest) ? `@${digest.value}` : isGiven(tag) ? `:${tag.value}` : "";
  const texts = [registry, repository, tag, digest].filter((text) => text !== undefined);
  return {
    text: `${host}${repository.value}${version}`,
    start: parts.node("repository")?.start ?? repository.start,
    problem: problemOf(parts, texts, version),
    digest: digest?.content,
    reads: texts.filter((text) => text !== digest).map(({ content, start }) => content?.start ?? start),
  };
}

function isGiven(text: YamlText | undefined): text is YamlText {
  return text !== undefined && text.value !== "";
}

function problemOf(parts: Parts, texts: readonly YamlText[], version: string): ListedImageProblem | undefined {
  for (const field of ["registry", "tag", "digest"]) {
    const node = parts.node(field);
    if (node !== undefined && !["text", "null"].includes(resolved(node).kind)) return { flaw: "not-text", field };
  }
  const tag = texts.find((text) => text.tag !== undefined)?.tag;
  if (tag !== undefined) return { flaw: "tagged", tag };
  return version === "" ? { flaw: "parts-without-tag" } : undefined;
}
