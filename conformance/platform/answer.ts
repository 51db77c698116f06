import { digestText } from "../../src/encoding/digest.ts";
import { chooseInstance } from "../../src/image/choose-instance.ts";
import { parseIndex } from "../../src/image/index-list.ts";
import { blobsOf, type ListedBlob } from "../../src/image/layers.ts";
import type { Question } from "./generate.ts";

/** What the reference says. */
export interface Answer {
  readonly outcome: "chosen" | "none" | "unusable" | "blobs" | "malformed";
  readonly digest?: string;
  readonly blobs?: readonly AnswerBlob[];
  readonly error?: string;
}

interface AnswerBlob {
  readonly digest: string;
  readonly size: number;
  readonly urls: number;
}

/** What this program says. */
export type OurAnswer =
  | { readonly chosen: string }
  | { readonly blobs: readonly ListedBlob[] }
  | { readonly code: string };

export function answerOf({ content, mediaType, os, arch, variant }: Question): OurAnswer {
  const bytes = Buffer.from(content);
  if (os === "") {
    const blobs = blobsOf(bytes, mediaType);
    return blobs.ok ? { blobs: blobs.value } : { code: blobs.problem.code };
  }
  const listed = parseIndex(bytes, mediaType);
  if (!listed.ok) return { code: listed.problem.code };
  const chosen = chooseInstance(listed.value, { os, architecture: arch, variant });
  return chosen.ok ? { chosen: digestText(chosen.value.digest) } : { code: chosen.problem.code };
}

/**
 * What cannot be looked up is refused here, and by the reference when it looks. It takes two sizes of one blob, which is refused here:
 * both cannot be right.
 */
export function isAgreement(theirs: Answer, ours: OurAnswer): boolean {
  const code = "code" in ours ? ours.code : undefined;
  const isRefused = code === "image.manifest.malformed" || code === "image.manifest.ambiguous";
  switch (theirs.outcome) {
    case "chosen":
      return "chosen" in ours && ours.chosen === theirs.digest;
    case "none":
      return code === "image.platform.missing";
    case "unusable":
    case "malformed":
      return isRefused;
    case "blobs":
      return "blobs" in ours
        ? isSameBlobs(theirs.blobs ?? [], ours.blobs)
        : isRefused && saysTwoSizes(theirs.blobs ?? []);
  }
}

function isSameBlobs(theirs: readonly AnswerBlob[], ours: readonly ListedBlob[]): boolean {
  const digests = [...new Set(theirs.map(({ digest }) => digest))];
  if (digests.join() !== ours.map(({ digest }) => digestText(digest)).join()) return false;
  return ours.every(({ sizeBytes, isForeign }, at) => {
    const same = theirs.filter(({ digest }) => digest === digests[at]);
    // What is not said is 0 there, and -1 in schema 1.
    const isSameSize =
      sizeBytes === undefined
        ? same.every(({ size }) => size === 0 || size === -1)
        : same.some(({ size }) => size === sizeBytes) && same.every(({ size }) => size === sizeBytes || size === 0);
    return isSameSize && isForeign === same.every(({ urls }) => urls > 0);
  });
}

function saysTwoSizes(blobs: readonly AnswerBlob[]): boolean {
  return blobs.some(({ digest, size }) => blobs.some((other) => other.digest === digest && other.size !== size));
}
