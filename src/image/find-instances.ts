import type { Digest } from "../encoding/digest.ts";

/** How many images of these digests lie beside the manifest, and how many of those have a signature there. */
export type FindInstances = (digests: readonly Digest[]) => { readonly present: number; readonly signed: number };
