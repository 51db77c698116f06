import { invalidReference } from "../invalid-reference.ts";
import type { Transport } from "../transport.ts";

/**
 * The transport for ostree repositories was taken out of containers/image, which still knows the name (transports/alltransports): no
 * identity parses, but a policy may have any scope for it.
 */
export const ostree: Transport = {
  name: "ostree",
  scopes: "other",
  hasDockerReferences: false,

  parseReference() {
    return invalidReference({ flaw: "transport-removed" });
  },

  validateScope() {
    return undefined;
  },
};
