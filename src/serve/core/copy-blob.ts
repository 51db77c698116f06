import { type Digest, digestText } from "../../encoding/digest.ts";
import type { ChannelProblem } from "../../host/descriptors/channel.ts";
import { BlobBroken } from "../../image/blob-broken.ts";
import type { Blob } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { errorText, fail, ok, type Result } from "../../result.ts";
import { streamHash } from "../../runtime/stream-hash.ts";

/** Where a blob is written to: a pipe whose other end somebody else reads, or has closed. */
export interface BlobSink {
  write(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>>;
}

/** What a blob has to be. */
export interface ExpectedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number | undefined;
}

/** Why a blob did not come through, or is not what it has to be. */
export type CopyProblem =
  /** Nobody reads it any more. */
  | { readonly kind: "unread"; readonly errno: string }
  /** The source broke off, and it is known why. */
  | { readonly kind: "broken"; readonly problem: ImageProblem }
  /** The source broke off. */
  | { readonly kind: "source"; readonly error: unknown; readonly reason: string }
  | { readonly kind: "size"; readonly expectedBytes: number; readonly actualBytes: number }
  | { readonly kind: "digest"; readonly digest: string };

/**
 * Copies a blob as it comes, no further ahead than it is read, and compares all of it with what it has to be. By the time that a problem
 * is known the bytes have been read: they are good only if there is none.
 *
 * @param expected nothing is compared unless it is given
 * @returns how many bytes it has.
 */
export async function copyBlob(
  { content }: Blob,
  sink: BlobSink,
  expected: ExpectedBlob | undefined,
): Promise<Result<number, CopyProblem>> {
  const hash = expected && streamHash(expected.digest.algorithm);
  let length = 0;
  try {
    for await (const piece of content) {
      length += piece.length;
      hash?.update(piece);
      const written = await sink.write(piece);
      if (!written.ok) return fail({ kind: "unread", errno: written.problem.errno });
    }
  } catch (error) {
    if (error instanceof BlobBroken) return fail({ kind: "broken", problem: error.problem });
    return fail({ kind: "source", error, reason: errorText(error) });
  }
  if (expected === undefined) return ok(length);
  // A wrong digest is told before a wrong size, as by the reference (container-libs: common/pkg/json-proxy/handler.go GetBlob).
  if (hash?.hex() !== expected.digest.hex) return fail({ kind: "digest", digest: digestText(expected.digest) });
  const { sizeBytes } = expected;
  if (sizeBytes !== undefined && sizeBytes !== length) {
    return fail({ kind: "size", expectedBytes: sizeBytes, actualBytes: length });
  }
  return ok(length);
}
