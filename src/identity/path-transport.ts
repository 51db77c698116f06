import { fail, ok } from "../result.ts";
import { parentDirectories, validatePathScope } from "./path.ts";
import type { Transport } from "./transport.ts";

/** A transport whose references are nothing but a path: it need not exist, its parent must. */
export function pathTransport(name: string): Transport {
  return {
    name,
    scopes: "paths",
    hasDockerReferences: false,

    parseReference(path, paths) {
      const resolved = paths.resolveFully(path);
      if (!resolved.ok) return fail({ code: "identity.path.unresolvable", problem: resolved.problem });
      return ok({
        text: path,
        dockerReference: undefined,
        policyIdentity: resolved.value,
        policyNamespaces: parentDirectories(resolved.value),
      });
    },

    validateScope: validatePathScope,
  };
}
