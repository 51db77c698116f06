import type { Digest } from "../encoding/digest.ts";
import type { Eventually } from "../result.ts";

/** How many images of these digests lie beside the manifest, and how many of those have a signature there. */
export type FindInstances = (
  digests: readonly Digest[],
) => Eventually<{ readonly present: number; readonly signed: number }>;
