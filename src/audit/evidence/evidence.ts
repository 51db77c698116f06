import type { Digest } from "../../encoding/digest.ts";
import type { BlobFinding } from "../../engine/check-blobs.ts";
import type { SignatureOrigin, UnreadSignature } from "../../image/image.ts";
import type { OpenedReference } from "../../image/opened-reference.ts";
import type { ImageProblem } from "../../image/problem.ts";

/** Content that is kept, by the SHA-256 of its bytes in hex. */
export type ContentKey = string;

/** Something that was found, or why it was not. */
export type Finding<T> = { readonly found: T } | { readonly problem: ImageProblem };

/** A manifest that was asked for, what the source says that it is, and its signatures. */
export interface ManifestEvidence {
  readonly manifest: Finding<ContentKey>;
  readonly untrustedMediaType?: string;
  /** Not there where no policy asks for them: there is no manifest, or it is an index, of which only what it lists counts. */
  readonly signatures?: Finding<readonly ContentKey[]>;
}

/** A blob as a manifest lists it, and what was found of it. */
export interface BlobEvidence {
  readonly digest: Digest;
  readonly sizeBytes: number | undefined;
  readonly untrustedUrls: readonly string[];
  readonly finding: Finding<BlobFinding>;
}

/**
 * All that `verify-policy` may ask of an image under any policy, as it was found once: with it the image is judged as often as wanted,
 * without its source.
 */
export interface ImageEvidence extends ManifestEvidence {
  readonly version: 1;
  readonly kind: "image";
  readonly transport: string;
  /** Of an image in a registry. */
  readonly opened?: OpenedReference;
  /** As long as no signatures were asked for. */
  readonly signaturesFrom: SignatureOrigin;
  /** From then on, where that is something else: only a registry that is asked for them says that it keeps them itself. */
  readonly signaturesFoundIn?: SignatureOrigin;
  readonly unreadSignature?: UnreadSignature;
  /** Those that the manifest, an index, lists, as far as they are judged; by their digests as text. */
  readonly instances: ReadonlyMap<string, ManifestEvidence>;
  /** Not there if nobody asked for them. The list ends behind the first problem, as the check does. */
  readonly blobs?: { readonly mode: "head" | "all"; readonly list: readonly BlobEvidence[] };
}

/** There was no image to be found. */
export interface NoImageEvidence {
  readonly version: 1;
  readonly kind: "problem";
  readonly transport: string;
  readonly problem: ImageProblem;
}

export type Evidence = ImageEvidence | NoImageEvidence;

/** Keeps contents by their digests: a directory, or a bucket. */
export interface EvidenceStore {
  /** Keeps it, unless it is there; nobody ever sees half of it. @throws {@link StoreFailed} */
  put(bytes: Uint8Array): Promise<ContentKey>;
  /** The bytes, compared with the key; `undefined` if there are none. @throws {@link StoreFailed}, also if they are others. */
  get(key: ContentKey): Promise<Uint8Array | undefined>;
  close(): void;
}

/** What is kept cannot be read or written: nothing is judged without it. */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";
  /** Only of this content: it is not there, or not what it was. The others may be as they should. */
  readonly isOfOne: boolean;

  constructor(message: string, { isOfOne = false }: { readonly isOfOne?: boolean } = {}) {
    super(message);
    this.isOfOne = isOfOne;
  }
}

/** What is kept as a content is not that content: it has to be fetched again. */
export function spoiled(where: string, key: ContentKey): StoreFailed {
  return new StoreFailed(`${where}: what is kept as ${key} is something else`, { isOfOne: true });
}
