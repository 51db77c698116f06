import { fail, ok, type Result } from "../result.ts";
import { invalidReference } from "./invalid-reference.ts";
import { isOciImageName } from "./oci-image-name.ts";
import { parentDirectories } from "./path.ts";
import type { PathResolver } from "./path-resolver.ts";
import { parseSourceIndex } from "./source-index.ts";
import type { ParsedReference, ReferenceProblem } from "./transport.ts";

/**
 * `path[:image]`, and if `allowIndex` also `path:@index`. The scopes are the path and its parents; which image of it is meant plays no
 * part, as `path` and `path:image` may be the same (containers/image: oci/internal `oci_util.go`).
 */
export function parseOciReference(
  reference: string,
  paths: PathResolver,
  { allowIndex }: { readonly allowIndex: boolean },
): Result<ParsedReference, ReferenceProblem> {
  const colon = reference.indexOf(":");
  const path = colon === -1 ? reference : reference.slice(0, colon);
  const image = colon === -1 ? "" : reference.slice(colon + 1);

  let imageText = image;
  if (allowIndex && image.startsWith("@")) {
    const index = parseSourceIndex(image.slice(1));
    if (index === undefined) return invalidReference({ flaw: "source-index", index: image.slice(1) });
    imageText = `@${index}`;
  } else if (image !== "" && !isOciImageName(image)) {
    return invalidReference({ flaw: "image-name", name: image });
  }

  const resolved = paths.resolveFully(path);
  if (!resolved.ok) return fail({ code: "identity.path.unresolvable", problem: resolved.problem });
  return ok({
    text: `${path}:${imageText}`,
    dockerReference: undefined,
    policyIdentity: resolved.value,
    policyNamespaces: parentDirectories(resolved.value),
  });
}
