import { digestText } from "../encoding/digest.ts";
import type { Blob, OpenImage } from "../image/image.ts";
import type { ListedBlob } from "../image/layers.ts";
import type { ImageProblem } from "../image/problem.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import { streamHash } from "../runtime/stream-hash.ts";

/** What came out of it; blobs are named by their digests, in the order of the manifest. */
export interface BlobCheck {
  /** How many were read and compared, the corrupt ones among them. */
  readonly checked: number;
  /** Those that are not there. */
  readonly missing: readonly string[];
  /** Those whose content has another digest or another size than the manifest says. */
  readonly corrupt: readonly string[];
}

/**
 * Compares the contents of an image's blobs with the sizes and digests that its manifest says. Each is read once, in pieces, one
 * after the other, and no further than to where it is too long. One that cannot be read ends the check: of it, and of those
 * after it, nothing is known.
 *
 * A layer that might be had from elsewhere (`urls`) is missing as well: nobody has compared it.
 *
 * @param signal ends it between two pieces, by throwing the signal's reason.
 */
export async function checkBlobs(
  image: Pick<OpenImage, "blob">,
  blobs: readonly ListedBlob[],
  signal?: AbortSignal,
): Promise<Result<BlobCheck, ImageProblem>> {
  let checked = 0;
  const missing: string[] = [];
  const corrupt: string[] = [];
  for (const listed of blobs) {
    signal?.throwIfAborted();
    const name = digestText(listed.digest);
    const found = await image.blob(listed.digest);
    if (found.ok) {
      const isRight = await hasContent(found.value, listed, signal);
      if (!isRight.ok) return isRight;
      checked += 1;
      if (!isRight.value) corrupt.push(name);
    } else if (found.problem.code !== "image.blob.missing") {
      return found;
    } else {
      missing.push(name);
    }
  }
  return ok({ checked, missing, corrupt });
}

async function hasContent(
  { content }: Blob,
  { digest, sizeBytes }: ListedBlob,
  signal: AbortSignal | undefined,
): Promise<Result<boolean, ImageProblem>> {
  const hash = streamHash(digest.algorithm);
  let length = 0;
  try {
    for await (const piece of content) {
      signal?.throwIfAborted();
      length += piece.length;
      if (sizeBytes !== undefined && length > sizeBytes) return ok(false);
      hash.update(piece);
    }
  } catch (error) {
    signal?.throwIfAborted();
    return fail({ code: "image.file.unreadable", name: digestText(digest), reason: errorText(error) });
  }
  return ok((sizeBytes === undefined || length === sizeBytes) && hash.hex() === digest.hex);
}
