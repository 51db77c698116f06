import type { Digest } from "../encoding/digest.ts";

/** Of an image in a registry, what its reference led to. */
export interface OpenedReference {
  /** What the user calls its repository: `host/path`. */
  readonly name: string;
  /** The repository that gave it: `host/path`. */
  readonly servedBy: string;
  /** Of the manifest that was fetched. */
  readonly digest: Digest;
}
