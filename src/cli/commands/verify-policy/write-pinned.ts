import { writeOutputFiles } from "../../../host/output-file.ts";
import type { NotPinned } from "../../../inventory/pin-images.ts";
import type { CheckedImage } from "../../../report/checked-image.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { GivenList } from "./asked-images.ts";

/**
 * Writes the images pinned by the digests that were checked: the list that was given, if nothing else was asked for, otherwise one
 * image a line. Only for a run in which all were accepted.
 *
 * @returns what could not be pinned.
 */
export async function writePinned(
  path: string,
  results: Iterable<CheckedImage>,
  given: GivenList | undefined,
): Promise<Result<readonly NotPinned[], { readonly path: string; readonly reason: string }>> {
  const { pinImages, pinnedList } = await import("../../../inventory/pin-images.ts");
  const pinned = new Map<string, string>();
  const references: string[] = [];
  for (const result of results) {
    references.push(result.reference);
    if (result.pinned !== undefined) pinned.set(result.reference, result.pinned);
  }
  const isWhole =
    given !== undefined && given.list.form !== "mapping" && given.list.images.length === references.length;
  const { text, notPinned } = isWhole
    ? pinImages(given.untrustedText, given.list, pinned)
    : pinnedList(references, pinned);
  const written = writeOutputFiles([{ path, content: Buffer.from(text), mode: 0o644 }]);
  return written.ok ? ok(notPinned) : fail(written.problem);
}
