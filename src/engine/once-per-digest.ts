import { digestText } from "../encoding/digest.ts";
import type { ListedImage } from "../image/index-list.ts";

/** The images of an index by their digests; what has none is by its place. */
export function oncePerDigest(listed: readonly ListedImage[]): ReadonlyMap<string, ListedImage> {
  const once = new Map<string, ListedImage>();
  for (const [at, image] of listed.entries()) {
    const key = image.digest === undefined ? `${at}` : digestText(image.digest);
    const before = once.get(key);
    // All that is said of one must hold; no size fits two.
    const sizeBytes = before === undefined || before.sizeBytes === image.sizeBytes ? image.sizeBytes : Number.NaN;
    once.set(key, { ...(before ?? image), sizeBytes });
  }
  return once;
}
