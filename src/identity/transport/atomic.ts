import { ok } from "../../result.ts";
import { dockerPolicyIdentity, dockerPolicyNamespaces } from "../docker-policy.ts";
import { parseNormalizedNamed, referenceText } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import type { Transport } from "../transport.ts";

/** `host/namespace/stream:tag`, an image in an OpenShift registry (containers/image: openshift `openshift_transport.go`). */
export const atomic: Transport = {
  name: "atomic",
  scopes: "names",
  hasDockerReferences: true,

  parseReference(reference) {
    const parsed = parseNormalizedNamed(reference);
    if (!parsed.ok) return invalidReference(parsed.problem);
    const named = parsed.value;
    if (named.tag === undefined) return invalidReference({ flaw: "tag-missing" });
    if (named.path.split("/").length !== 2) return invalidReference({ flaw: "openshift-shape" });
    // The reference parses a tag with a digest and then panics when it is asked for the scope.
    if (named.digest !== undefined) return invalidReference({ flaw: "tag-and-digest" });
    return ok({
      text: referenceText(named),
      dockerReference: named,
      policyIdentity: dockerPolicyIdentity(named),
      policyNamespaces: dockerPolicyNamespaces(named),
    });
  },

  /** `host[/namespace[/stream[:tag]]]`, where the host may be anything, and all parts may be empty. */
  validateScope(scope) {
    const [, namespace = "", stream = "", ...more] = scope.split("/", 4);
    const isScope = more.length === 0 && !namespace.includes(":") && stream.indexOf(":") === stream.lastIndexOf(":");
    return isScope ? undefined : { flaw: "openshift-shape" };
  },
};
