import { fail, ok } from "../../result.ts";
import type { Transport } from "../transport.ts";

/**
 * `path[:path…]`, files that are to be the layers of an image, where `-` is the standard input (containers/image: tarball
 * `tarball_transport.go`). All of them must be readable; it has no scopes but "". The standard input is left alone.
 */
export const tarball: Transport = {
  name: "tarball",
  scopes: "other",
  hasDockerReferences: false,

  parseReference(reference, paths) {
    for (const path of reference.split(":")) {
      if (path === "-") continue;
      const opened = paths.open(path);
      if (!opened.ok) return fail({ code: "identity.path.unresolvable", problem: opened.problem });
    }
    return ok({ text: reference, dockerReference: undefined, policyIdentity: "", policyNamespaces: [] });
  },

  validateScope() {
    return { flaw: "scopes-unsupported" };
  },
};
