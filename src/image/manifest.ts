import type { Digest } from "../encoding/digest.ts";

/** What is known of the manifest bytes that were judged. */
export interface ManifestFacts {
  /** sha256, of the bytes without their signatures for a signed schema 1 manifest. */
  readonly digest: Digest;
  /** Guessed from the content as the reference guesses it; "" where it cannot tell. */
  readonly mediaType: string;
  readonly sizeBytes: number;
}
