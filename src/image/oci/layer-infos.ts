import { digestText } from "../../encoding/digest.ts";
import { fail, ok, type Result } from "../../result.ts";
import { partsOf } from "../layers.ts";
import { dockerSchema2, ociManifest } from "../manifest.ts";
import type { ImageProblem } from "../problem.ts";

/** A layer as the manifest names it. */
export interface LayerInfo {
  readonly digest: string;
  /** What the manifest says; 0 if it says nothing, -1 if its kind cannot. */
  readonly sizeBytes: number;
  /** The manifest's own, whatever it is converted to; "" in schema 1, which has none. */
  readonly mediaType: string;
}

/**
 * The layers of an image or artifact, the lowest first and as often as they are named (image/v5: types.Image LayerInfos).
 *
 * @param mediaType what the manifest is, by the source or by its content; one that is not known counts as schema 1.
 */
export function layerInfos(
  untrustedManifest: Uint8Array,
  mediaType: string,
): Result<readonly LayerInfo[], ImageProblem> {
  const parts = partsOf(untrustedManifest, mediaType);
  if (!parts.ok) return parts;
  const unsaid = mediaType === ociManifest || mediaType === dockerSchema2 ? 0 : -1;
  const layers = parts.value.layers.map((layer) => ({
    digest: digestText(layer.digest),
    sizeBytes: layer.sizeBytes ?? unsaid,
    mediaType: layer.mediaType,
  }));
  // One that a double cannot hold would be told as another one.
  return layers.every(({ sizeBytes }) => Number.isSafeInteger(sizeBytes))
    ? ok(layers)
    : fail({ code: "image.manifest.malformed", detail: "the size of a layer in it is no size of a blob" });
}
