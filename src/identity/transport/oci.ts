import { parseOciReference } from "../oci-reference.ts";
import { validatePathScope } from "../path.ts";
import type { Transport } from "../transport.ts";

/** `directory[:image|:@index]`, an OCI image layout (containers/image: oci/layout `oci_transport.go`). */
export const oci: Transport = {
  name: "oci",
  scopes: "paths",
  hasDockerReferences: false,
  parseReference: (reference, paths) => parseOciReference(reference, paths, { allowIndex: true }),
  validateScope: validatePathScope,
};
