import type { StoreConfig } from "../../../config/storage-conf.ts";
import type { openDirectory } from "../../../host/open-directory.ts";

/** Where the layers of a storage lie. */
export interface LayerPlaces extends Pick<StoreConfig, "graphRoot" | "imageStore" | "additionalImageStores"> {
  readonly driver: string;
  /** How directories are opened. */
  readonly open: typeof openDirectory;
}
