import type { JsonNode } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ImageProblem } from "./problem.ts";

/** The fields that tell kinds of manifests apart. */
const kindFields = ["config", "fsLayers", "history", "layers", "manifests", "signatures"] as const;
export type KindField = (typeof kindFields)[number];

export type AmbiguityProblem = Extract<
  ImageProblem,
  { readonly code: "image.manifest.ambiguous" | "image.manifest.malformed" }
>;

/**
 * Refuses a manifest that has a field which its kind does not have, in any letter case: somebody else may take it for another kind
 * (image/v5: internal/manifest/common.go ValidateUnambiguousManifestFormat). Null is as good as absent there.
 */
export function checkUnambiguous(root: JsonNode, allowed: readonly KindField[]): Result<undefined, AmbiguityProblem> {
  const present = new Map<string, boolean>();
  const decoder = new GoJsonDecoder();
  const handlers = kindFields.map((name) => {
    const handler = (value: JsonNode) => {
      decoder.any(value);
      present.set(name, value.kind !== "null");
    };
    return [name.toLowerCase(), handler] as const;
  });
  decoder.struct(root, new Map(handlers));
  if (decoder.mismatch) return fail({ code: "image.manifest.malformed", detail: "a number in it is too large" });
  const untrustedKey = kindFields.find((name) => present.get(name) === true && !allowed.includes(name));
  return untrustedKey === undefined
    ? ok(undefined)
    : fail({ code: "image.manifest.ambiguous", flaw: "other-kind", untrustedKey });
}
