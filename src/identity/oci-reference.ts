import { assertNever, fail, ok, type Result } from "../result.ts";
import { invalidReference } from "./invalid-reference.ts";
import { isOciImageName } from "./oci-image-name.ts";
import { parentDirectories } from "./path.ts";
import type { PathResolver } from "./path-resolver.ts";
import { parseSourceIndex } from "./source-index.ts";
import type { ParsedReference, ReferenceFlaw, ReferenceProblem } from "./transport.ts";

/** Which image of an OCI layout: the only one, that of a name, or that of a place in index.json, from 0 on. */
export type ImageInLayout =
  | { readonly kind: "only" }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: string };

/** Splits `path[:image]`, and if `allowIndex` also `path:@index` (containers/image: oci/internal `oci_util.go`). */
export function splitOciReference(
  reference: string,
  { allowIndex }: { readonly allowIndex: boolean },
): Result<{ readonly path: string; readonly image: ImageInLayout }, ReferenceFlaw> {
  const colon = reference.indexOf(":");
  const path = colon === -1 ? reference : reference.slice(0, colon);
  const name = colon === -1 ? "" : reference.slice(colon + 1);
  if (name === "") return ok({ path, image: { kind: "only" } });
  if (allowIndex && name.startsWith("@")) {
    const index = parseSourceIndex(name.slice(1));
    return index === undefined
      ? fail({ flaw: "source-index", index: name.slice(1) })
      : ok({ path, image: { kind: "index", index } });
  }
  return isOciImageName(name) ? ok({ path, image: { kind: "name", name } }) : fail({ flaw: "image-name", name });
}

/**
 * The scopes of `path[:image]` are the path and its parents; which image of it is meant plays no part, as `path` and `path:image` may be
 * the same (containers/image: oci/layout `PolicyConfigurationIdentity`).
 */
export function parseOciReference(
  reference: string,
  paths: PathResolver,
  allowed: { readonly allowIndex: boolean },
): Result<ParsedReference, ReferenceProblem> {
  const split = splitOciReference(reference, allowed);
  if (!split.ok) return invalidReference(split.problem);
  const { path, image } = split.value;
  const resolved = paths.resolveFully(path);
  if (!resolved.ok) return fail({ code: "identity.path.unresolvable", problem: resolved.problem });
  return ok({
    text: `${path}:${imageText(image)}`,
    dockerReference: undefined,
    policyIdentity: resolved.value,
    policyNamespaces: parentDirectories(resolved.value),
  });
}

function imageText(image: ImageInLayout): string {
  switch (image.kind) {
    case "only":
      return "";
    case "name":
      return image.name;
    case "index":
      return `@${image.index}`;
    default:
      return assertNever(image);
  }
}
