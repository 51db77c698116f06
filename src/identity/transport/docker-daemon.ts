import { digestText, parseDigest } from "../../encoding/digest.ts";
import { ok } from "../../result.ts";
import { dockerPolicyIdentity, dockerPolicyNamespaces } from "../docker-policy.ts";
import { isNameOnly, parseNormalizedNamed, referenceText } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import type { Transport } from "../transport.ts";

/** Docker does not let an image have this name, so that `sha256:…` is always an ID. */
const reservedRepository = "docker.io/library/sha256";

/**
 * `name:tag`, `name@digest` or `sha256:…` (an image ID), an image of a local Docker daemon (containers/image: docker/daemon
 * `daemon_transport.go`). An ID has no scope and no name to compare a signature with.
 */
export const dockerDaemon: Transport = {
  name: "docker-daemon",
  scopes: "names",
  hasDockerReferences: true,

  parseReference(reference) {
    const id = parseDigest(reference);
    if (id !== undefined) {
      if (id.algorithm !== "sha256") {
        return invalidReference({ flaw: "digest-algorithm-unsupported", algorithm: id.algorithm });
      }
      return ok({ text: digestText(id), dockerReference: undefined, policyIdentity: "", policyNamespaces: [] });
    }
    const parsed = parseNormalizedNamed(reference);
    if (!parsed.ok) return invalidReference(parsed.problem);
    const named = parsed.value;
    if (named.name === reservedRepository)
      return invalidReference({ flaw: "repository-reserved", repository: "sha256" });
    if (isNameOnly(named)) return invalidReference({ flaw: "tag-missing" });
    if (named.tag !== undefined && named.digest !== undefined) return invalidReference({ flaw: "tag-and-digest" });
    return ok({
      text: referenceText(named),
      dockerReference: named,
      policyIdentity: dockerPolicyIdentity(named),
      policyNamespaces: dockerPolicyNamespaces(named),
    });
  },

  validateScope(scope) {
    return parseDigest(scope) === undefined ? undefined : { flaw: "digest-as-scope" };
  },
};
