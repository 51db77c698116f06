import type { Code } from "../codes.ts";
import type { Digest } from "../encoding/digest.ts";
import type { ManifestFacts } from "../image/manifest.ts";

/** What became of an image in an index, where one or all of them were asked for. */
export interface Selection {
  /** The index that lists it. */
  readonly index: ManifestFacts;
  /** Whether the index was accepted, which vouches for what it lists, or only what it lists. */
  readonly boundBy: "index" | "instance";
  /** The chosen one, or all that are listed, in their order. */
  readonly instances: readonly InstanceVerdict[];
}

export interface InstanceVerdict {
  /** `linux/arm64/v8`, as the index says; "" if it does not. */
  readonly untrustedPlatform: string;
  readonly digest: Digest;
  readonly outcome: "accepted" | "rejected" | "error";
  readonly code: Code;
}

/** What was found when the blobs of an accepted image were compared with their digests. Blobs are named by them. */
export interface BlobsChecked {
  /** Whether only their presence and size were looked at, as the source says them. */
  readonly isHead?: boolean;
  readonly checked: number;
  readonly missing: readonly string[];
  readonly corrupt: readonly string[];
}
