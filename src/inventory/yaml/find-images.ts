import { fail } from "../../result.ts";
import type { ImagePlace, ListedImageProblem, PassedOver, Pinning, Position } from "../image-list.ts";
import type { ListBuilder } from "../list-builder.ts";
import { readReferenceField } from "../read-reference.ts";
import { maxMerges, type Parts, partsOf, readParts } from "./image-parts.ts";
import { resolved, type YamlMap, type YamlNode, type YamlText } from "./node.ts";

/** The fields that lead to a node, the last one first. */
interface Path {
  readonly before: Path | undefined;
  readonly step: string | number;
}

/** `mirror` of an ImageSetConfiguration: what it names, and only a registry can enumerate (oc-mirror(1), v1 and v2). */
const imageSetContent = ["operators", "platform", "helm", "samples"] as const;

/**
 * Finds the images of a document:
 *
 * - any field `image` whose value is a text, as Kubernetes, Docker Compose, Argo, Flux and others have;
 * - `image: { reference: … }`, a volume of Kubernetes;
 * - `image: { registry, repository, tag, digest }`, as the values of Helm charts and Flux have;
 * - `additionalImages: [ { name: … } ]` of an ImageSetConfiguration.
 *
 * What an alias stands for is looked at where the anchor is, and at the alias only if it is the value of one of these fields itself.
 */
export function findImages(document: YamlNode, position: (offset: number) => Position, list: ListBuilder): void {
  new Finder(position, list, kindOf(document)).visit(document, undefined);
}

function kindOf(document: YamlNode): string | undefined {
  const field = document.kind === "map" ? document.fields.get("kind") : undefined;
  const kind = field === undefined ? undefined : resolved(field);
  return kind?.kind === "text" ? kind.value : undefined;
}

class Finder {
  readonly #position: (offset: number) => Position;
  readonly #list: ListBuilder;
  readonly #kind: string | undefined;

  constructor(position: (offset: number) => Position, list: ListBuilder, kind: string | undefined) {
    this.#position = position;
    this.#list = list;
    this.#kind = kind;
  }

  visit(node: YamlNode, path: Path | undefined): void {
    if (this.#list.isFull) return;
    if (node.kind === "sequence") {
      for (const [index, item] of node.items.entries()) this.visit(item, { before: path, step: index });
    }
    if (node.kind !== "map") return;
    this.#passOver(node, path);
    for (const [key, value] of node.fields) {
      const own = { before: path, step: key };
      if (key === "image") this.#imageField(value, own);
      if (key === "additionalImages" && this.#kind === "ImageSetConfiguration") this.#additionalImages(value, own);
      this.visit(value, own);
    }
  }

  #imageField(field: YamlNode, path: Path): void {
    const value = resolved(field);
    if (value.kind === "text") this.#text(value, field, path);
    else if (value.kind === "other") this.#unclear(field, path, { flaw: "not-text", field: "image" });
    else if ("tag" in value && value.tag !== undefined) {
      this.#unclear(field, path, { flaw: "tagged", tag: value.tag });
    } else if (value.kind === "map") this.#imageMap(value, field, path);
  }

  #imageMap(map: YamlMap, field: YamlNode, path: Path): void {
    const parts = partsOf(map);
    if (parts === undefined) {
      this.#unclear(field, path, { flaw: "merges", limit: maxMerges });
      return;
    }
    const reference = parts.node("reference");
    // A field of the same name may be something else, such as a description in a schema.
    const text = parts.text("reference");
    if (reference !== undefined && text !== undefined) this.#text(text, reference, { before: path, step: "reference" });
    this.#parts(parts, path);
  }

  #parts(parts: Parts, path: Path): void {
    const read = readParts(parts);
    if (read === undefined) return;
    const { text, start, problem, digest, reads } = read;
    const pinning: Pinning =
      digest === undefined ? { kind: "none", why: "no-digest-field" } : { kind: "digest", range: digest };
    this.#list.add(text, this.#place(start, path, pinning, reads), () =>
      problem === undefined ? readReferenceField(text) : fail(problem),
    );
  }

  #additionalImages(field: YamlNode, path: Path): void {
    const value = resolved(field);
    if (value.kind !== "sequence") return;
    for (const [index, item] of value.items.entries()) {
      if (this.#list.isFull) return;
      const image = resolved(item);
      const name = image.kind === "map" ? partsOf(image)?.node("name") : undefined;
      const own = { before: { before: path, step: index }, step: "name" };
      const text = name === undefined ? undefined : resolved(name);
      if (name !== undefined && text?.kind === "text") this.#text(text, name, own);
      else this.#unclear(name ?? item, own, { flaw: "not-text", field: "name" });
    }
  }

  #text(text: YamlText, field: YamlNode, path: Path): void {
    const { tag, content } = text;
    const pinning: Pinning =
      content === undefined ? { kind: "none", why: "not-a-reference" } : { kind: "reference", range: content };
    this.#list.add(text.value, this.#place(field.start, path, pinning), () =>
      tag === undefined ? readReferenceField(text.value) : fail({ flaw: "tagged", tag }),
    );
  }

  /** What is no text has none to be listed under, and is listed under its path. */
  #unclear(field: YamlNode, path: Path, problem: ListedImageProblem): void {
    const place = this.#place(field.start, path, { kind: "none", why: "not-a-reference" });
    this.#list.add(pathText(path), place, () => fail(problem));
  }

  #place(start: number, path: Path, pinning: Pinning, reads: readonly number[] = []): ImagePlace {
    return { ...this.#position(start), path: pathText(path), pinning, reads };
  }

  #passOver(map: YamlMap, path: Path | undefined): void {
    const tell = (what: PassedOver["what"], node: YamlNode, key: string) =>
      this.#list.passOver({ what, ...this.#position(node.start), path: pathText({ before: path, step: key }) });
    if (this.#kind === "ImageSetConfiguration" && path?.step === "mirror" && path.before === undefined) {
      for (const what of imageSetContent) {
        const content = map.fields.get(what);
        if (content !== undefined && content.kind !== "null") tell(what, content, what);
      }
    }
    const images = this.#kind === "Kustomization" && path === undefined ? map.fields.get("images") : undefined;
    if (images !== undefined && images.kind !== "null") tell("kustomize-images", images, "images");
  }
}

function pathText(path: Path): string {
  const steps: string[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.before) {
    if (typeof at.step === "number") steps.push(`[${at.step}]`);
    else if (/^[A-Za-z0-9_-]+$/.test(at.step)) steps.push(`.${at.step}`);
    else steps.push(`[${JSON.stringify(at.step)}]`);
  }
  return steps.reverse().join("").replace(/^\./, "");
}
