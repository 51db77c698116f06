import type { Platform } from "../image/platform.ts";

/** Which images of an index are judged besides it. */
export type PlatformChoice =
  | { readonly kind: "one"; readonly platform: Platform }
  /** All that are listed. */
  | { readonly kind: "all" };

/**
 * Whether the blobs that an accepted manifest names are compared with their digests: those that are there, or all. `head` only looks
 * whether all are there in the size that the manifest says, where the source knows that without reading them.
 */
export type BlobsChoice = "none" | "present" | "all" | "head";
