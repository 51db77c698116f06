import { parseOciReference } from "../oci-reference.ts";
import { validatePathScope } from "../path.ts";
import type { Transport } from "../transport.ts";

/** `file[:image]`, a tar archive of an OCI image layout (containers/image: oci/archive `oci_transport.go`). */
export const ociArchive: Transport = {
  name: "oci-archive",
  scopes: "paths",
  hasDockerReferences: false,
  parseReference: (reference, paths) => parseOciReference(reference, paths, { allowIndex: false }),
  validateScope: validatePathScope,
};
