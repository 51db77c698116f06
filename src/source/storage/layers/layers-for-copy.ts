import { type Digest, digestText } from "../../../encoding/digest.ts";
import type { LayerForCopy } from "../../../image/image.ts";
import { emptyLayersOf } from "../../../image/layers.ts";
import { dockerSchema2, ociManifest, plainSchema1, readManifest, signedSchema1 } from "../../../image/manifest.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { StoredLayer } from "./layer-chain.ts";
import { digestOf } from "./layer-record.ts";

/** An empty archive, compressed, which stands for each layer that changes nothing (containers/image: internal/image `GzippedEmptyLayer`). */
export const gzippedEmptyLayer = Buffer.from("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=", "base64");

/** The digest of that. */
export const gzippedEmptyLayerDigest: Digest = {
  algorithm: "sha256",
  hex: "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
};

interface MediaTypes {
  readonly plain: string;
  readonly gzip: string;
}

const ofDocker: MediaTypes = {
  plain: "application/vnd.docker.image.rootfs.diff.tar",
  gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

/** What the layers are called, uncompressed and compressed with gzip, by the type of the manifest. */
const mediaTypes: ReadonlyMap<string, MediaTypes> = new Map([
  [
    ociManifest,
    { plain: "application/vnd.oci.image.layer.v1.tar", gzip: "application/vnd.oci.image.layer.v1.tar+gzip" },
  ],
  [plainSchema1, ofDocker],
  [signedSchema1, ofDocker],
  [dockerSchema2, ofDocker],
]);

/**
 * What stands for each layer that a manifest lists: those that are stored, in their order, and the empty one where the manifest says that a
 * layer changes nothing (containers/image: storage_src.go `LayerInfosForCopy`, `buildLayerInfosForCopy`).
 *
 * @param chain the layers of the image, the oldest first.
 */
export function layersForCopy(
  untrustedManifest: Uint8Array,
  chain: readonly StoredLayer[],
): Result<readonly LayerForCopy[], ImageProblem> {
  const mediaType = readManifest(untrustedManifest).facts.mediaType ?? "";
  const empty = emptyLayersOf(untrustedManifest, mediaType);
  if (!empty.ok) return empty;
  const { plain, gzip } = mediaTypes.get(mediaType) ?? { plain: "", gzip: "" };
  const stored = storedLayers(chain, plain);
  if (!stored.ok) return stored;
  const count = empty.value.filter((isEmpty) => !isEmpty).length;
  if (count !== stored.value.length) {
    const detail = `the image has ${stored.value.length} layers, and its manifest lists ${count}`;
    return fail({ code: "image.source.malformed", name: "layers.json", detail });
  }
  const rest = stored.value.values();
  const emptyLayer = { digest: gzippedEmptyLayerDigest, sizeBytes: gzippedEmptyLayer.length, mediaType: gzip };
  return ok(empty.value.map((isEmpty) => (isEmpty ? emptyLayer : (rest.next().value ?? emptyLayer))));
}

function storedLayers(chain: readonly StoredLayer[], mediaType: string): Result<readonly LayerForCopy[], ImageProblem> {
  const layers: LayerForCopy[] = [];
  for (const { record } of chain) {
    const digest = digestOf(record);
    if (digest === undefined) {
      const detail = `the digest of layer ${record.id} is not known`;
      return fail({ code: "image.source.malformed", name: "layers.json", detail });
    }
    layers.push({ digest, sizeBytes: sizeOf(record.sizeBytes), mediaType });
  }
  return ok(layers);
}

/** @returns `undefined` if it is not known, or nothing could have it. */
export function sizeOf(sizeBytes: bigint): number | undefined {
  return sizeBytes < 0n || sizeBytes > Number.MAX_SAFE_INTEGER ? undefined : Number(sizeBytes);
}

/** The layer of a digest; of several the oldest, as the reference finds it (storage_src.go `digestToLayerID`). */
export function layerOf(digest: Digest, chain: readonly StoredLayer[]): StoredLayer | undefined {
  const wanted = digestText(digest);
  return chain.find(({ record }) => {
    const own = digestOf(record);
    return own !== undefined && digestText(own) === wanted;
  });
}
