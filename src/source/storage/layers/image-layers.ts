import { type Digest, digestText } from "../../../encoding/digest.ts";
import { blobOfBytes } from "../../../image/blob-of-bytes.ts";
import type { Blob, LayerForCopy } from "../../../image/image.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { type ClosableBlob, openLayerArchive } from "./layer-archive.ts";
import { readLayerChain, type StoredLayer } from "./layer-chain.ts";
import { gzippedEmptyLayer, gzippedEmptyLayerDigest, layerOf, layersForCopy } from "./layers-for-copy.ts";
import type { LayerPlaces } from "./places.ts";

/** The layers of one image; their lists are read when they are asked for first. */
export class ImageLayers {
  readonly #untrustedTopLayer: string;
  readonly #places: LayerPlaces;
  readonly #open = new Set<ClosableBlob>();
  #chain: Result<readonly StoredLayer[], ImageProblem> | undefined;

  /** @param untrustedTopLayer the ID of the last one; "" for none. */
  constructor(untrustedTopLayer: string, places: LayerPlaces) {
    this.#untrustedTopLayer = untrustedTopLayer;
    this.#places = places;
  }

  forCopy(untrustedManifest: Uint8Array): Result<readonly LayerForCopy[], ImageProblem> {
    const chain = this.#layers();
    return chain.ok ? layersForCopy(untrustedManifest, chain.value) : chain;
  }

  /**
   * A layer by the digest that {@link forCopy} gives it. (The reference finds those of other images as well: storage_src.go `GetBlob`.)
   */
  blob(digest: Digest): Result<Blob, ImageProblem> {
    if (digestText(digest) === digestText(gzippedEmptyLayerDigest)) return ok(blobOfBytes(gzippedEmptyLayer));
    const chain = this.#layers();
    if (!chain.ok) return chain;
    const layer = layerOf(digest, chain.value);
    if (layer === undefined) return fail({ code: "image.blob.missing", missing: [digestText(digest)] });
    const archive = openLayerArchive(layer, this.#places);
    if (archive.ok) this.#open.add(archive.value);
    return archive;
  }

  /** What was opened and not read to its end is closed. */
  close(): void {
    for (const archive of this.#open) archive.close();
  }

  #layers(): Result<readonly StoredLayer[], ImageProblem> {
    this.#chain ??= readLayerChain(this.#untrustedTopLayer, this.#places);
    return this.#chain;
  }
}
