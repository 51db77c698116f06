import { digestText } from "../encoding/digest.ts";
import type { OpenImage } from "../image/image.ts";
import { isIndexType } from "../image/index-instances.ts";
import { parseIndex } from "../image/index-list.ts";
import { blobsOf, type ListedBlob, mergeBlobs } from "../image/layers.ts";
import { readManifest } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import { fail, ok, type Result } from "../result.ts";
import type { AcceptedVerdict, ErrorVerdict, Verdict } from "../verdict/verdict.ts";
import { type BlobMemo, checkBlobs } from "./check-blobs.ts";
import type { BlobsChoice } from "./choices.ts";

interface Accepted {
  readonly source: OpenImage;
  /** What was accepted. */
  readonly manifest: Uint8Array;
  readonly mode: Exclude<BlobsChoice, "none">;
  readonly signal: AbortSignal | undefined;
  readonly memo: BlobMemo | undefined;
}

/**
 * Compares the blobs of an accepted image with their digests; of an index, those of all images that it lists. One that is corrupt, or that
 * has to be there and is not, makes the verdict an error.
 */
export async function withBlobs(
  verdict: AcceptedVerdict,
  { source, manifest, mode, signal, memo }: Accepted,
): Promise<Verdict> {
  const listed = await blobsIn(source, manifest);
  if (!listed.ok) return errorOf(verdict, listed.problem);
  const result = await checkBlobs(source, listed.value.blobs, { isHead: mode === "head", signal, memo });
  if (!result.ok) return errorOf(verdict, result.problem);
  const { checked, corrupt } = result.value;
  const missing = [...listed.value.missing, ...result.value.missing];
  const blobs = { checked, missing, corrupt, ...(mode === "head" ? { isHead: true } : {}) };
  if (corrupt.length > 0) return { ...errorOf(verdict, { code: "image.blob.corrupt", corrupt, missing }), blobs };
  if (missing.length > 0 && mode !== "present")
    return { ...errorOf(verdict, { code: "image.blob.missing", missing }), blobs };
  return { ...verdict, blobs };
}

export interface ListedBlobs {
  readonly blobs: readonly ListedBlob[];
  /** Manifests that are not there, and whose blobs nobody knows. */
  readonly missing: readonly string[];
}

/** The blobs of a manifest; of an index, those of all images that it lists. */
export async function blobsIn(
  source: Pick<OpenImage, "instance">,
  manifest: Uint8Array,
): Promise<Result<ListedBlobs, ImageProblem>> {
  const { mediaType = "" } = readManifest(manifest).facts;
  if (!isIndexType(mediaType)) {
    const blobs = blobsOf(manifest, mediaType);
    return blobs.ok ? ok({ blobs: blobs.value, missing: [] }) : blobs;
  }
  const listed = parseIndex(manifest, mediaType);
  if (!listed.ok) return listed;
  const blobs: ListedBlob[] = [];
  const missing: string[] = [];
  for (const { digest } of listed.value) {
    if (digest === undefined) {
      return fail({ code: "image.manifest.malformed", detail: "an image is listed without a valid digest" });
    }
    const instance = await source.instance(digest).manifest();
    if (!instance.ok) {
      if (instance.problem.code !== "image.instance.missing") return instance;
      missing.push(digestText(digest));
      continue;
    }
    const { facts, comparableDigest } = readManifest(instance.value);
    if (!comparableDigest.ok) return comparableDigest;
    if (digestText(comparableDigest.value) !== digestText(digest)) {
      return fail({ code: "image.manifest.digest-mismatch", expected: digest, actual: comparableDigest.value });
    }
    const own = blobsOf(instance.value, facts.mediaType ?? "");
    if (!own.ok) return own;
    blobs.push(...own.value);
  }
  const merged = mergeBlobs(blobs);
  return merged.ok ? ok({ blobs: merged.value, missing }) : merged;
}

function errorOf(verdict: AcceptedVerdict, problem: ImageProblem): ErrorVerdict {
  return { ...verdict, outcome: "error", code: problem.code, problem };
}
