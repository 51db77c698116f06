import { ok, type Result } from "../../result.ts";
import { type DockerReference, parseNormalizedNamed, referenceText, withDefaultTag } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import { parseSourceIndex } from "../source-index.ts";
import type { ReferenceProblem, Transport } from "../transport.ts";

/**
 * `path[:name[:tag]|:@index]`, a file written by `docker save` (containers/image: docker/archive `transport.go`). It has no scopes but
 * "". The file is not looked at.
 */
export const dockerArchive: Transport = {
  name: "docker-archive",

  parseReference(reference) {
    if (reference === "") return invalidReference({ flaw: "empty" });
    const colon = reference.indexOf(":");
    const path = colon === -1 ? reference : reference.slice(0, colon);
    const image = colon === -1 ? undefined : reference.slice(colon + 1);
    const unscoped = { policyIdentity: "", policyNamespaces: [] };
    if (image === undefined) return ok({ ...unscoped, text: path, dockerReference: undefined });
    if (image.startsWith("@")) {
      const index = parseSourceIndex(image.slice(1));
      if (index === undefined) return invalidReference({ flaw: "source-index", index: image.slice(1) });
      return ok({ ...unscoped, text: `${path}:@${index}`, dockerReference: undefined });
    }
    const tagged = parseTagged(image);
    if (!tagged.ok) return tagged;
    return ok({ ...unscoped, text: `${path}:${referenceText(tagged.value)}`, dockerReference: tagged.value });
  },

  validateScope() {
    return { flaw: "scopes-unsupported" };
  },
};

function parseTagged(image: string): Result<DockerReference, ReferenceProblem> {
  const parsed = parseNormalizedNamed(image);
  if (!parsed.ok) return invalidReference(parsed.problem);
  if (parsed.value.digest !== undefined) return invalidReference({ flaw: "digest-unsupported" });
  return ok(withDefaultTag(parsed.value));
}
