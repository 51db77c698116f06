import type { Digest } from "../encoding/digest.ts";
import type { Eventually, Result } from "../result.ts";
import type { ImageProblem } from "./problem.ts";

/**
 * What is judged: a manifest and its signatures, wherever they come from. Nothing of it is trusted, nothing is read before it is
 * asked for, and each is asked for once.
 */
export interface Image {
  manifest(): Eventually<Result<Uint8Array, ImageProblem>>;
  /** The signature files in order, or why they cannot be read: that matters only to requirements that look at them. */
  signatures(): Eventually<Result<readonly Uint8Array[], ImageProblem>>;
  /** What the source says that the manifest is, once it was asked for; `undefined` if it does not say. */
  readonly untrustedMediaType?: string | undefined;
}

/** An image in a source that has been opened, and that is closed by whoever opened it. */
export interface OpenImage extends Image {
  readonly signaturesFrom: SignatureOrigin;
  /** Whether what was asked for by its name there is the manifest of this digest, as far as that is known without reading it. */
  checkNamed?(digest: Digest): Eventually<Result<undefined, ImageProblem>>;
  /** The signatures that lie there for a manifest of this digest, which need not be there itself. */
  signaturesOf(digest: Digest): Eventually<Result<readonly Uint8Array[], ImageProblem>>;
  /**
   * One of the images that the manifest, an index, lists. Its manifest is the one that lies there under this digest; who judges it
   * compares them.
   */
  instance(digest: Digest): Image;
  /**
   * Which of these images lie beside the index, and whether they have signatures there. Only for what is said to people; absent where
   * that takes too much to find out.
   */
  present?(digests: readonly Digest[]): Eventually<readonly Presence[]>;
  /** A signature file behind a number that is missing, where reading ends. Only for what is said to people. */
  unreadSignature?(): Eventually<UnreadSignature | undefined>;
  /**
   * The content that lies there under this digest, which is not compared with it; `image.blob.missing` if there is none.
   *
   * @param untrustedUrls where else it may be had from, which a registry's image asks first, as those do who pull it; what lies on this
   *   machine is not completed from elsewhere.
   */
  blob(digest: Digest, untrustedUrls?: readonly string[]): Eventually<Result<Blob, ImageProblem>>;
  /**
   * What to copy in place of the layers that the manifest, one of this image's, lists, in the same order: a source that unpacked them can
   * give other bytes only (image/v5: types.ImageSource `LayerInfosForCopy`). Absent where the layers are as the manifest says, which is
   * where the reference gives nil.
   */
  layersForCopy?(untrustedManifest: Uint8Array): Eventually<Result<readonly LayerForCopy[], ImageProblem>>;
  /**
   * The content of one of `layersForCopy`, or what `blob` gives. Who copies compares it with the digest. Not for the check of an image's
   * blobs: what is put together from other files is not what the manifest says lies there.
   */
  blobForCopy?(digest: Digest): Eventually<Result<Blob, ImageProblem>>;
  /** Whether it lies there, and its size as the source says, where that takes less than to open it. */
  blobSize?(digest: Digest, untrustedUrls?: readonly string[]): Eventually<Result<number | undefined, ImageProblem>>;
  /** What blobs of other images have to share to be the same ones: a repository. Absent where each image has its own. */
  readonly blobsIn?: string;
  close(): Eventually<void>;
}

/** What a source can give of a layer. */
export interface LayerForCopy {
  readonly digest: Digest;
  /** `undefined` if the source does not know. */
  readonly sizeBytes: number | undefined;
  /** As a manifest of the same kind would call it; "" where it has no word for that. */
  readonly mediaType: string;
}

export interface UnreadSignature {
  readonly name: string;
  /** The one that is not there. */
  readonly missing: string;
}

export interface Presence {
  readonly digest: Digest;
  readonly hasSignature: boolean;
}

/** A blob to be read once, in pieces. */
export interface Blob {
  /** What the source says it is; what comes may be more or less. */
  readonly sizeBytes: number | undefined;
  /** Fails (throws an Error with the reason as its message) where it cannot be read to the end. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Where the signatures of an image were found. */
export type SignatureOrigin =
  /** `signature-1`, `signature-2`, … beside the manifest; in a layout that has others, which cosign attached to it. */
  | { readonly kind: "files"; readonly path: string; readonly hasAttachments?: boolean }
  /** The same in the directory that `--load-signatures-from` names. */
  | { readonly kind: "directory"; readonly path: string }
  /** The attachment `sha256-HEX.sig` in the layout itself; `isEmpty` if there is none. */
  | { readonly kind: "attachment"; readonly path: string; readonly isEmpty?: boolean }
  /** What podman kept of them in its storage when it pulled. */
  | { readonly kind: "storage"; readonly path: string }
  /** What the settings for a registry name: a lookaside or the registry itself, and what cosign attached to the image there. */
  | {
      readonly kind: "registry";
      /** `host/path` that was accessed. */
      readonly repository: string;
      /** The address of the lookaside, without a password; `undefined` if the registry keeps signatures itself. */
      readonly lookaside: string | undefined;
      readonly useAttachments: boolean;
    }
  /** A source of this kind cannot hold any. */
  | { readonly kind: "none" };
