/** One thing wrong with a policy.json, with its place, so that a person finds it and a program can tell it apart. */
export type PolicyProblem = PolicyFlaw & {
  /** Offset into the text in UTF-16 units, and the line and column (both from 1) that it falls on. */
  readonly at: Position;
  /** The value at fault; for a key, the path of its value. */
  readonly path: JsonPath;
};

/** Keys of objects and indices of lists, from the root. */
export type JsonPath = readonly (string | number)[];

export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** JSON types as a policy's author calls them. */
export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

export type PolicyFlaw =
  | { readonly code: "policy.json.syntax"; readonly found: string; readonly expected: string }
  | { readonly code: "policy.json.depth"; readonly maxDepth: number }
  | {
      readonly code: "policy.too-large";
      /** Which of the two bounds it exceeds. */
      readonly maxBytes?: number;
      readonly maxValues?: number;
    }
  | {
      readonly code: "policy.key.unknown";
      readonly key: string;
      readonly known: readonly string[];
      readonly nearest: string | undefined;
    }
  | { readonly code: "policy.key.duplicate"; readonly key: string; readonly first: Position }
  | {
      readonly code: "policy.key.missing";
      readonly key: string;
      /** Another key that would do as well. */
      readonly alternative?: string;
    }
  | { readonly code: "policy.value.type"; readonly expected: readonly JsonKind[]; readonly found: JsonKind }
  | { readonly code: "policy.value.empty"; readonly what: string }
  | { readonly code: "policy.value.base64" }
  | {
      readonly code: "policy.value.unknown";
      readonly value: string;
      readonly known: readonly string[];
      readonly nearest: string | undefined;
    }
  | { readonly code: "policy.value.reference"; readonly value: string; readonly flaw: string }
  | { readonly code: "policy.value.prefix"; readonly value: string }
  | {
      readonly code: "policy.scope.invalid";
      readonly transport: string;
      readonly scope: string;
      readonly flaw: string;
      /** The scope as it should be written, where that is plain. */
      readonly nearest?: string;
    }
  | { readonly code: "policy.sources.none"; readonly known: readonly string[] }
  | { readonly code: "policy.sources.several"; readonly found: readonly string[] }
  | { readonly code: "policy.rekor.missing" }
  | { readonly code: "policy.rekor.unsupported" };
