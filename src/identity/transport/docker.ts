import { ok, type Result } from "../../result.ts";
import { dockerPolicyIdentity, dockerPolicyNamespaces } from "../docker-policy.ts";
import { isNameOnly, parseNormalizedNamed, referenceText, withDefaultTag } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import type { ParsedReference, ReferenceProblem, Transport } from "../transport.ts";

/** Behind a bare name: the image has neither tag nor digest, and no tag is to be assumed. */
const unknownDigest = "@@unknown-digest@@";

/** `//name[:tag|@digest]`, an image in a registry (containers/image: docker `docker_transport.go`). */
export const docker: Transport = {
  name: "docker",
  scopes: "names",
  hasDockerReferences: true,

  parseReference(reference) {
    if (!reference.startsWith("//")) return invalidReference({ flaw: "slashes-missing" });
    const rest = reference.slice(2);
    return rest.endsWith(unknownDigest)
      ? parseUnknownDigest(rest.slice(0, -unknownDigest.length))
      : parseNamedImage(rest);
  },

  validateScope() {
    return undefined;
  },
};

function parseNamedImage(text: string): Result<ParsedReference, ReferenceProblem> {
  const parsed = parseNormalizedNamed(text);
  if (!parsed.ok) return invalidReference(parsed.problem);
  const named = withDefaultTag(parsed.value);
  if (named.tag !== undefined && named.digest !== undefined) return invalidReference({ flaw: "tag-and-digest" });
  return ok({
    text: `//${referenceText(named)}`,
    dockerReference: named,
    policyIdentity: dockerPolicyIdentity(named),
    policyNamespaces: dockerPolicyNamespaces(named),
  });
}

/** The scope of such an image is its repository, and so that is not among the wider ones. */
function parseUnknownDigest(text: string): Result<ParsedReference, ReferenceProblem> {
  const parsed = parseNormalizedNamed(text);
  if (!parsed.ok) return invalidReference(parsed.problem);
  const named = parsed.value;
  if (!isNameOnly(named)) return invalidReference({ flaw: "unknown-digest-with-tag-or-digest" });
  return ok({
    text: `//${named.name}${unknownDigest}`,
    dockerReference: named,
    policyIdentity: named.name,
    policyNamespaces: dockerPolicyNamespaces(named).slice(1),
  });
}
