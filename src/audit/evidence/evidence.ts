import type { Digest } from "../../encoding/digest.ts";
import type { SignatureOrigin } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";

/** Content that is kept, by the SHA-256 of its bytes in hex. */
export type ContentKey = string;

/** Something that was found, or why it was not. */
export type Finding<T> = { readonly found: T } | { readonly problem: ImageProblem };

/** A manifest that was fetched, and what the source says that it is. */
export interface ManifestEvidence {
  readonly manifest: Finding<ContentKey>;
  readonly untrustedMediaType?: string;
}

/**
 * All that any policy may ask of an image, as it was found once: with it the image is judged as often as wanted, without its source. Keys
 * of the maps are digests as text.
 */
export interface ImageEvidence {
  readonly version: 1;
  readonly kind: "image";
  /** What the user calls its repository, and the repository that gave it: `host/path`. */
  readonly name: string;
  readonly servedBy: string;
  /** Of the manifest that was fetched. */
  readonly digest: Digest;
  readonly own: ManifestEvidence;
  readonly signaturesFrom: SignatureOrigin;
  /** Of the manifest itself. */
  readonly signatures: Finding<readonly ContentKey[]>;
  /** Of the images that it lists. */
  readonly instances: Readonly<
    Record<string, ManifestEvidence & { readonly signatures: Finding<readonly ContentKey[]> }>
  >;
  /** Sizes that the source says of blobs; `null` where it does not say. */
  readonly blobs: Readonly<Record<string, Finding<number | null>>>;
}

/** There was no image to be found. */
export interface NoImageEvidence {
  readonly version: 1;
  readonly kind: "problem";
  readonly problem: ImageProblem;
}

export type Evidence = ImageEvidence | NoImageEvidence;

/** Keeps contents by their digests: a directory, or a bucket. */
export interface EvidenceStore {
  /** Keeps it, unless it is there; nobody ever sees half of it. @throws {@link StoreFailed} */
  put(bytes: Uint8Array): Promise<ContentKey>;
  /** The bytes, compared with the key; `undefined` if there are none. @throws {@link StoreFailed}, also if they are others. */
  get(key: ContentKey): Promise<Uint8Array | undefined>;
}

/** What is kept cannot be read or written: nothing is judged without it. */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";
}
