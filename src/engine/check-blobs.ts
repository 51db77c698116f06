import { digestText } from "../encoding/digest.ts";
import { BlobBroken } from "../image/blob-broken.ts";
import type { Blob, OpenImage } from "../image/image.ts";
import type { ListedBlob } from "../image/layers.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxUnsizedBlobBytes } from "../limits.ts";
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

/** What is known of the blobs of a run, by where they are. It holds as long as the run. */
export type BlobMemo = Map<string, Promise<Result<BlobFinding, ImageProblem>>>;

export type BlobFinding = "right" | "missing" | "corrupt";

interface Checking {
  /** Only whether it is there, and its size, where the source says that without reading it. */
  readonly isHead?: boolean;
  /** Ends it between two pieces, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly memo?: BlobMemo | undefined;
  /** Told of each that was looked at, in the order of the list. */
  readonly onFound?: (listed: ListedBlob, found: Result<BlobFinding, ImageProblem>) => void;
}

/**
 * Compares the blobs of an image with the sizes and digests that its manifest says. What is read is read once, in pieces, one after
 * the other, and no further than to where it is too long. One that cannot be read ends the check: of it, and of those after it,
 * nothing is known.
 *
 * A layer that might be had from elsewhere (`urls`), where only the source of an image in a registry looks for it, is missing as well: nobody
 * has compared it.
 */
export async function checkBlobs(
  image: Pick<OpenImage, "blob" | "blobSize" | "blobsIn">,
  blobs: readonly ListedBlob[],
  checking: Checking = {},
): Promise<Result<BlobCheck, ImageProblem>> {
  const isAtOnce = checking.isHead === true && image.blobSize !== undefined;
  const missing: string[] = [];
  const corrupt: string[] = [];
  const groupSize = isAtOnce ? concurrentHeads : 1;
  for (let at = 0; at < blobs.length; at += groupSize) {
    checking.signal?.throwIfAborted();
    const group = blobs.slice(at, at + groupSize);
    const findings = await Promise.all(group.map((listed) => finding(image, listed, checking)));
    for (const [index, listed] of group.entries()) {
      const { digest } = listed;
      const found = findings[index];
      if (found !== undefined) checking.onFound?.(listed, found);
      if (found?.ok !== true) return found ?? ok({ checked: 0, missing, corrupt });
      if (found.value === "missing") missing.push(digestText(digest));
      if (found.value === "corrupt") corrupt.push(digestText(digest));
    }
  }
  return ok({ checked: blobs.length - missing.length, missing, corrupt });
}

/** Blobs of an image that a source is asked for at a time. */
const concurrentHeads = 8;

/** What several images have in one place is looked at once. */
function finding(
  image: Pick<OpenImage, "blob" | "blobSize" | "blobsIn">,
  listed: ListedBlob,
  checking: Checking,
): Promise<Result<BlobFinding, ImageProblem>> {
  const { memo } = checking;
  if (memo === undefined || image.blobsIn === undefined) return look(image, listed, checking);
  const key = blobMemoKey(image.blobsIn, listed);
  const known = memo.get(key);
  if (known !== undefined) {
    return known.then((result) => (isOutOfTime(result) ? look(image, listed, checking) : result));
  }
  const found = look(image, listed, checking);
  memo.set(key, found);
  if (memo.size > maxMemo) memo.delete(memo.keys().next().value ?? "");
  const forget = () => memo.delete(key);
  found.then((result) => result.ok || forget(), forget);
  return found;
}

/** Under which a blob of that place is in the memo: all of it that decides what is found. */
export function blobMemoKey(
  blobsIn: string,
  { digest, sizeBytes, untrustedUrls }: Pick<ListedBlob, "digest" | "sizeBytes" | "untrustedUrls">,
): string {
  return `${blobsIn} ${digestText(digest)} ${sizeBytes} ${JSON.stringify(untrustedUrls)}`;
}

/** It was the time of another image that was over. */
function isOutOfTime(result: Result<BlobFinding, ImageProblem>): boolean {
  return !result.ok && result.problem.code === "source.timeout" && result.problem.phase === "image";
}

/** Some 500 bytes each. */
const maxMemo = 20_000;

async function look(
  image: Pick<OpenImage, "blob" | "blobSize">,
  listed: ListedBlob,
  { isHead, signal }: Checking,
): Promise<Result<BlobFinding, ImageProblem>> {
  if (isHead === true && image.blobSize !== undefined) {
    const size = await image.blobSize(listed.digest, listed.untrustedUrls);
    if (!size.ok) return isMissing(size.problem) ? ok("missing") : size;
    return ok(
      size.value === undefined || listed.sizeBytes === undefined || size.value === listed.sizeBytes
        ? "right"
        : "corrupt",
    );
  }
  const found = await image.blob(listed.digest, listed.untrustedUrls);
  if (!found.ok) return isMissing(found.problem) ? ok("missing") : found;
  const isRight = await hasContent(found.value, listed, signal);
  return isRight.ok ? ok(isRight.value ? "right" : "corrupt") : isRight;
}

function isMissing({ code }: ImageProblem): boolean {
  return code === "image.blob.missing";
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
      if (length > (sizeBytes ?? maxUnsizedBlobBytes)) return ok(false);
      hash.update(piece);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BlobBroken) return fail(error.problem);
    return fail({ code: "image.file.unreadable", name: digestText(digest), reason: errorText(error) });
  }
  return ok((sizeBytes === undefined || length === sizeBytes) && hash.hex() === digest.hex);
}
