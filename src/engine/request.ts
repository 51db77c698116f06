import type { Digest } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { Image, OpenImage, SignatureOrigin } from "../image/image.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { Eventually, Result } from "../result.ts";
import type { BlobMemo } from "./check-blobs.ts";
import type { BlobsChoice, PlatformChoice } from "./choices.ts";
import type { PolicyChoice } from "./read-policy.ts";

/** One image to judge, and by what. */
export interface JudgeRequest {
  readonly identity: string | Identity;
  readonly image: ImageChoice;
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  /** Which images of an index are judged besides it; none unless it is given. */
  readonly platform?: PlatformChoice | undefined;
  /** Of an index only what it lists counts, as for a copy; otherwise it vouches for that as well, as in the newest image proxy. */
  readonly isForCopy?: boolean;
  /** Whether blobs are compared with their digests; they are not unless it is given. */
  readonly blobs?: BlobsChoice | undefined;
  /** For the images of one run that share blobs: each is looked at once. */
  readonly blobMemo?: BlobMemo | undefined;
}

/** Where an image is, or what there is of it. */
export type ImageChoice =
  | {
      readonly kind: "source";
      /** A SOURCE, as the command line takes it. */
      readonly source: string;
      /** No manifest is read: the signatures that lie there are judged for this digest. */
      readonly manifestDigest?: Digest | undefined;
      /** The signatures of a layout are what cosign attached in it. */
      readonly useAttachments?: boolean;
      /** A directory to take `signature-1`, … from instead. */
      readonly signaturesFrom?: string | undefined;
    }
  | {
      readonly kind: "bytes";
      /** Its bytes, or its digest alone. */
      readonly manifest: Uint8Array | { readonly digest: Digest };
      readonly signatures: Result<readonly Uint8Array[], ImageProblem>;
      readonly findInstances?: FindInstances | undefined;
    }
  /** Opened once the policy is known to be usable. */
  | { readonly kind: "open"; readonly transport?: string; open(): Eventually<Result<OpenedImage, ImageProblem>> };

/** What is asked of an image besides its verdict, and cannot be met with what is given of it. It is refused, never left out. */
export function unmetChoice({ image, platform, blobs = "none" }: Pick<JudgeRequest, "image" | "platform" | "blobs">) {
  const isDigestAlone =
    image.kind === "source" ? image.manifestDigest !== undefined : image.kind === "bytes" && "digest" in image.manifest;
  if (isDigestAlone && platform !== undefined) return { choice: "platform", why: "no-manifest" } as const;
  if (isDigestAlone && blobs !== "none") return { choice: "blobs", why: "no-manifest" } as const;
  if (image.kind === "bytes" && blobs !== "none") return { choice: "blobs", why: "no-source" } as const;
  return undefined;
}

/** An image to be judged now. */
export interface OpenedImage {
  readonly image: Image;
  /** The same, if it is in a source. */
  readonly source?: OpenImage;
  /** What the source is called. */
  readonly path?: string;
  readonly manifestDigest?: Digest | undefined;
  readonly findInstances?: FindInstances | undefined;
  /** Where its signatures are, if it is in no source. */
  readonly signaturesFrom?: SignatureOrigin;
  close?(): Eventually<void>;
}
