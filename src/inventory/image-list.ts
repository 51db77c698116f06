import type { Result } from "../result.ts";
import type { CheckedReference, ReferenceProblem } from "./read-reference.ts";

/** The images that a file names, each once. */
export interface ImageList {
  /**
   * How the file was read: one reference a line; lines `source=destination`, of which the destinations count; or YAML, to which JSON
   * belongs.
   */
  readonly form: ListForm;
  /** In the order in which they stand in the file first; never empty. */
  readonly images: readonly ListedImage[];
  /** What may stand for images that the file does not name. */
  readonly passedOver: readonly PassedOver[];
}

export type ListForm = "lines" | "mapping" | "yaml";

export interface ListedImage {
  /** As written; for fields of a Helm chart, put together from them. Each text is in the list once. */
  readonly text: string;
  /** Which image that is, or why it cannot be said. */
  readonly reference: Result<CheckedReference, ListedImageProblem>;
  /** Everywhere it is named, at least once. */
  readonly places: readonly ImagePlace[];
}

export interface ImagePlace {
  /** From 1 on. */
  readonly line: number;
  /** From 1 on, in UTF-16 units, as editors count. A byte order mark is not counted. */
  readonly column: number;
  /** The fields that lead there, such as `spec.containers[0].image`; `undefined` in a list of lines. */
  readonly path: string | undefined;
  readonly pinning: Pinning;
  /** Where the texts begin that it is put together from, besides the one that pins it: fields of a Helm chart. */
  readonly reads: readonly number[];
}

/** What has to be written where, so that the place names the image by its digest. */
export type Pinning =
  | { readonly kind: "reference"; readonly range: TextRange }
  /** The field `digest` beside `repository`. */
  | { readonly kind: "digest"; readonly range: TextRange }
  | { readonly kind: "none"; readonly why: NoPinning };

/** Why nothing can be written that surely pins the image. */
export type NoPinning =
  /** The destination of a mapping has to be a tag. */
  | "mapping"
  /** There is a tag, and no field `digest` that a template is known to read. */
  | "no-digest-field"
  | "not-a-reference";

/** From and to which offset of the text, in UTF-16 units: inside quotation marks, and without indentation. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type ListedImageProblem =
  | ReferenceProblem
  /** An unquoted number or truth value, which the programs that read the file turn into different texts. */
  | { readonly flaw: "not-text"; readonly field: string }
  /** The value has a tag of YAML, such as `!!binary` or `!Ref`, so that its text is not what it means. */
  | { readonly flaw: "tagged"; readonly tag: string }
  /** `repository` without `tag` and `digest`: the template decides, in charts usually by the version of the chart. */
  | { readonly flaw: "parts-without-tag" }
  /** More maps are merged into the value (`<<`) than are followed. */
  | { readonly flaw: "merges"; readonly limit: number };

/** What may stand for images, and cannot be enumerated without asking a registry. */
export interface PassedOver {
  readonly what: "operators" | "platform" | "helm" | "samples" | "kustomize-images";
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** Why no images can be taken from a file. Lines and columns count from 1. */
export type ImageListProblem =
  | { readonly flaw: "encoding" }
  | { readonly flaw: "too-large"; readonly limit: number }
  | { readonly flaw: "too-many-images"; readonly limit: number }
  /** Nothing in it but comments. */
  | { readonly flaw: "empty" }
  | { readonly flaw: "nothing-found"; readonly passedOver: readonly PassedOver[] }
  | ({ readonly flaw: "yaml-syntax"; readonly detail: string } & Position)
  | ({ readonly flaw: "yaml-duplicate-key"; readonly key: string } & Position)
  | ({ readonly flaw: "yaml-alias-unknown"; readonly alias: string } & Position)
  | ({ readonly flaw: "yaml-depth"; readonly limit: number } & Position)
  | ({ readonly flaw: "yaml-too-many-tokens"; readonly limit: number } & Position)
  /** A character that some programs take for a line's end, or refuse. */
  | ({ readonly flaw: "character"; readonly character: string } & Position);

export interface Position {
  readonly line: number;
  readonly column: number;
}
