import { digestText } from "../../encoding/digest.ts";
import { dockerSchema2, plainSchema1, signedSchema1 } from "../../image/manifest.ts";
import { convertToOci } from "../../image/oci/convert.ts";
import { configOf, type OciConfig } from "../../image/oci/image-config.ts";
import { layerInfos } from "../../image/oci/layer-infos.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { ok, type Result } from "../../result.ts";
import type { AcceptedImage } from "../core/accepted-image.ts";

type Maybe<T> = Promise<Result<T, ImageProblem>>;

/** The manifest, which clients of the proxy want as OCI has it: one of schema 2 is converted. */
export async function ociManifestOf(image: AcceptedImage): Maybe<Uint8Array> {
  const config = image.mediaType === dockerSchema2 ? await image.config() : ok(undefined);
  return config.ok ? convertToOci(image.manifest, image.mediaType, config.value) : config;
}

/** The configuration as the reference reads and writes it again, and the part of it that is about the container alone. */
export async function ociConfigOf(image: AcceptedImage): Maybe<OciConfig> {
  const hasNone = image.mediaType === plainSchema1 || image.mediaType === signedSchema1;
  const config = hasNone ? ok(undefined) : await image.config();
  return config.ok ? configOf(image.manifest, image.mediaType, config.value) : config;
}

/** A layer in the words of the protocol. */
interface WireLayer {
  readonly digest: string;
  readonly size: number;
  readonly media_type: string;
}

/** The layers as the source has them, which may be others than the manifest says (containers-storage: has them unpacked). */
export async function layersOf(image: AcceptedImage): Maybe<readonly WireLayer[]> {
  const inPlace = await image.layersForCopy();
  if (inPlace?.ok === false) return inPlace;
  if (inPlace !== undefined) {
    return ok(inPlace.value.map((layer) => wireLayer({ ...layer, digest: digestText(layer.digest) })));
  }
  const layers = layerInfos(image.manifest, image.mediaType);
  return layers.ok ? ok(layers.value.map(wireLayer)) : layers;
}

function wireLayer({
  digest,
  sizeBytes,
  mediaType,
}: {
  readonly digest: string;
  readonly sizeBytes: number | undefined;
  readonly mediaType: string;
}): WireLayer {
  return { digest, size: sizeBytes ?? -1, media_type: mediaType };
}
