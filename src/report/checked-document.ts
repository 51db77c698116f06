import { exitCodeOf } from "../codes.ts";
import { digestText } from "../encoding/digest.ts";
import type { OpenedReference } from "../image/opened-reference.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { CheckedImage } from "./checked-image.ts";
import { verdictDocument } from "./document.ts";

/** What is told of an image that was judged among others. */
export function checkedImage(reference: string, verdict: Verdict, opened: OpenedReference | undefined): CheckedImage {
  // Of a single image, all of its platforms is what it has.
  const document = verdictDocument({ ...verdict, isPlatformUnused: false });
  const pinned = opened === undefined ? undefined : `${opened.name}@${digestText(opened.digest)}`;
  return {
    ...document,
    exitCode: exitCodeOf(verdict.code),
    reference,
    ...(pinned === undefined ? {} : { pinned }),
    served_by: opened?.servedBy ?? null,
  };
}
