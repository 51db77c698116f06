import { isIdentifier } from "../../../identity/docker-grammar.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { type LayerList, readAdditionalLayers, readOwnLayers } from "./layer-list.ts";
import type { LayerRecord } from "./layer-record.ts";
import type { LayerPlaces } from "./places.ts";

/** A layer of an image. */
export interface StoredLayer {
  readonly record: LayerRecord;
  /** The directory that has its `ID.tar-split.gz`. */
  readonly folder: string;
}

/**
 * The layers of an image, the oldest first. Each is looked for among the storage's own, then in the additional image stores in their order
 * (containers/storage: store.go `Layer`).
 *
 * @param untrustedTopLayer the ID of the last one; "" for none.
 */
export function readLayerChain(
  untrustedTopLayer: string,
  places: LayerPlaces,
): Result<readonly StoredLayer[], ImageProblem> {
  const lists = new LayerLists(places);
  const chain: StoredLayer[] = [];
  const seen = new Set<string>();
  for (let id = untrustedTopLayer; id !== ""; ) {
    if (!isIdentifier(id)) return malformed(`${JSON.stringify(id.slice(0, 80))} is no ID of a layer`);
    if (seen.has(id)) return malformed(`layer ${id} is below itself`);
    seen.add(id);
    const layer = lists.find(id);
    if (!layer.ok) return layer;
    chain.push(layer.value);
    id = layer.value.record.untrustedParent;
  }
  return ok(chain.reverse());
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.source.malformed", name: "layers.json", detail });
}

/** The lists of the places, each read when it is first needed. */
class LayerLists {
  readonly #unread: (() => Result<LayerList, ImageProblem>)[];
  readonly #lists: LayerList[] = [];

  constructor(places: LayerPlaces) {
    this.#unread = [
      () => readOwnLayers(places),
      ...places.additionalImageStores.map((root) => () => readAdditionalLayers(root, places)),
    ];
  }

  find(id: string): Result<StoredLayer, ImageProblem> {
    for (const list of this.#lists) {
      const record = list.records.get(id);
      if (record !== undefined) return ok({ record, folder: list.path });
    }
    for (let read = this.#unread.shift(); read !== undefined; read = this.#unread.shift()) {
      const list = read();
      if (!list.ok) return list;
      this.#lists.push(list.value);
      const record = list.value.records.get(id);
      if (record !== undefined) return ok({ record, folder: list.value.path });
    }
    // The image was listed, so it was there.
    return fail({ code: "image.source.changed", path: this.#lists[0]?.path ?? "", missing: id });
  }
}
