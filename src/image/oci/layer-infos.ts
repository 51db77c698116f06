import { digestText } from "../../encoding/digest.ts";
import { ok, type Result } from "../../result.ts";
import { partsOf } from "../layers.ts";
import { dockerSchema2, ociManifest } from "../manifest.ts";
import type { ImageProblem } from "../problem.ts";

export interface LayerInfo {
  readonly digest: string;
  /** -1 where the manifest does not say: schema 1. */
  readonly sizeBytes: number;
  /** "" where it does not say. */
  readonly mediaType: string;
}

/** The layers of a manifest, the oldest first, as the reference gives them (image/v5: types.Image `LayerInfos`). */
export function layerInfos(
  untrustedManifest: Uint8Array,
  mediaType: string,
): Result<readonly LayerInfo[], ImageProblem> {
  const parts = partsOf(untrustedManifest, mediaType);
  if (!parts.ok) return parts;
  const unsaid = mediaType === ociManifest || mediaType === dockerSchema2 ? 0 : -1;
  return ok(
    parts.value.layers.map((layer) => ({
      digest: digestText(layer.digest),
      sizeBytes: layer.sizeBytes ?? unsaid,
      mediaType: layer.mediaType,
    })),
  );
}
