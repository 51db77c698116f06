import { join } from "node:path";
import type { StoreConfig } from "../../config/storage-conf.ts";
import { openDirectory } from "../../host/open-directory.ts";
import { storageDrivers } from "../../identity/store-spec.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { ImageFolder, type Opener } from "./image-folder.ts";
import { maxAttempts } from "./last-writer.ts";
import type { LayerPlaces } from "./layers/places.ts";
import { allImages, type ImageLists, resolveImage } from "./resolve-image.ts";
import { type OpenStoredImage, openStoredImage, type StoredImage, storedImage } from "./stored-image.ts";

/** The images that podman, buildah and CRI-O keep, read where they lie. */
export interface ImageStorage {
  /** As in a policy's scope: `[driver@graphRoot]`. */
  readonly driver: string;
  readonly graphRoot: string;
  /** Each image once. */
  list(): Result<readonly StoredImage[], ImageProblem>;
  /**
   * Opens an image by what a containers-storage reference has behind the store: `NAME[:TAG][@DIGEST][@ID]`, or an ID or its beginning,
   * `@ID` for one of the list; "" if there is only one. It is to be closed, before the storage or after.
   */
  open(reference: string, options?: { readonly isManifestUnneeded: boolean }): Result<OpenStoredImage, ImageProblem>;
  close(): void;
}

/**
 * Opens a storage (containers/storage: store.go `load`). Its images lie in `imageStore` if there is one, and then also in `graphRoot`;
 * behind them the additional ones are searched, those of them that exist.
 *
 * Nothing is locked, which a reader without write access could not, nor Node at all: the library holds fcntl(2) locks. Instead
 * `images.lock`, where each writer leaves its name before anything else, is compared before and after. Every file is replaced as a
 * whole (containers/storage: ioutils.AtomicWriteFile), and compared with the digest that the list has for it.
 *
 * A pull of an image that is there already replaces its files one by one, each with its own write (containers/image: storage_dest.go
 * `CommitWithOptions`). Who reads between two of them, as the reference may too, finds files that do not fit the list, or the new manifest
 * with the old signatures: an error, or a rejection.
 *
 * @param open how directories are opened.
 */
export function openStorage(config: StoreConfig, open: Opener = openDirectory): Result<ImageStorage, ImageProblem> {
  const { graphRoot, imageStore, additionalImageStores } = config;
  const own = imageStore === undefined ? [graphRoot] : [imageStore, graphRoot];
  const driver = config.driver === undefined ? driverOf(own, open) : ok(config.driver);
  if (!driver.ok) return driver;
  // Other drivers have none (containers/storage: drivers/btrfs, drivers/zfs AdditionalImageStores).
  const additional = ["overlay", "vfs"].includes(driver.value) ? additionalImageStores : [];
  const folders = openFolders([...own, ...additional], driver.value, open);
  const places = { ...config, driver: driver.value, additionalImageStores: additional, open };
  if (folders.ok) return ok(new Folders(places, folders.value));
  if (config.driver === undefined || !isWithoutImages(folders.problem)) return folders;
  const others = driverOf(own, open);
  return others.ok
    ? fail({ code: "image.source.unreadable", path: graphRoot, reason: otherDriver(config.driver, others.value) })
    : folders;
}

const isWithoutImages = (problem: ImageProblem) =>
  problem.code === "image.source.unreadable" && problem.reason === noImages;

const otherDriver = (asked: string, found: string) =>
  `there are no images of the driver ${asked} in it, but there are of ${found}`;

/** The driver whose images are there. (The reference would start one, and never takes vfs unasked.) */
function driverOf(roots: readonly string[], open: Opener): Result<string, ImageProblem> {
  const found: string[] = [];
  for (const driver of new Set(storageDrivers.values())) {
    const folders = openFolders(roots, driver, open);
    if (folders.ok) found.push(driver);
    else if (!isWithoutImages(folders.problem)) return folders;
    if (folders.ok) for (const folder of folders.value) folder.close();
  }
  const [only] = found;
  const [path = ""] = roots;
  if (only === undefined) return fail({ code: "image.source.unreadable", path, reason: noImages });
  if (found.length === 1) return ok(only);
  const detail = `it holds images of several drivers, ${found.join(" and ")}, of which one is to be named`;
  return fail({ code: "image.source.malformed", name: path, detail });
}

const noImages = "there are no images in it as podman keeps them";

function openFolders(
  roots: readonly string[],
  driver: string,
  open: Opener,
): Result<readonly ImageFolder[], ImageProblem> {
  const folders: ImageFolder[] = [];
  for (const root of roots) {
    const folder = ImageFolder.open(join(root, `${driver}-images`), open);
    if (!folder.ok) {
      for (const opened of folders) opened.close();
      return folder;
    }
    if (folder.value !== undefined) folders.push(folder.value);
  }
  const [path = ""] = roots;
  return folders.length > 0 ? ok(folders) : fail({ code: "image.source.unreadable", path, reason: noImages });
}

class Folders implements ImageStorage {
  readonly driver: string;
  readonly graphRoot: string;
  readonly #places: LayerPlaces;
  readonly #folders: readonly ImageFolder[];

  constructor(places: LayerPlaces, folders: readonly ImageFolder[]) {
    this.driver = places.driver;
    this.graphRoot = places.graphRoot;
    this.#places = places;
    this.#folders = folders;
  }

  list(): Result<readonly StoredImage[], ImageProblem> {
    return this.#atOneMoment(
      (lists) => ok(allImages(lists).map(storedImage)),
      () => {},
    );
  }

  open(reference: string, options = { isManifestUnneeded: false }): Result<OpenStoredImage, ImageProblem> {
    return this.#atOneMoment(
      (lists) => {
        const found = resolveImage(reference, lists);
        if (!found.ok) return found;
        const { record, list, named } = found.value;
        const folder = this.#folders[list];
        if (folder === undefined) throw new Error(`there is no folder ${list}`);
        const directory = folder.openImage(record);
        return directory.ok ? openStoredImage(directory.value, named, options, this.#places) : directory;
      },
      (image) => void image.close(),
    );
  }

  close(): void {
    for (const folder of this.#folders) folder.close();
  }

  /** Reads until nobody has written meanwhile, and what the list names is there. */
  #atOneMoment<T>(
    read: (lists: ImageLists) => Result<T, ImageProblem>,
    discard: (value: T) => void,
  ): Result<T, ImageProblem> {
    let changed: ImageProblem = { code: "image.source.changed", path: this.#folders[0]?.path ?? "" };
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const before = this.#lastWriters();
      if (!before.ok) return before;
      const lists = this.#lists(before.value);
      if (!lists.ok) return lists;
      const outcome = read(lists.value);
      const after = this.#lastWriters();
      const isSame = after.ok && after.value.every((writer, index) => writer === before.value[index]);
      if (!outcome.ok && outcome.problem.code === "image.source.changed") changed = outcome.problem;
      else if (isSame) return outcome;
      if (outcome.ok) discard(outcome.value);
      if (!after.ok) return after;
      for (const folder of this.#folders) folder.forgetRecords();
    }
    return fail(changed);
  }

  #lastWriters(): Result<readonly string[], ImageProblem> {
    const writers: string[] = [];
    for (const folder of this.#folders) {
      const writer = folder.lastWriter();
      if (!writer.ok) return writer;
      writers.push(writer.value);
    }
    return ok(writers);
  }

  #lists(lastWriters: readonly string[]): Result<ImageLists, ImageProblem> {
    const lists: ImageLists[number][] = [];
    for (const [index, folder] of this.#folders.entries()) {
      const records = folder.records(lastWriters[index] ?? "");
      if (!records.ok) return records;
      lists.push(records.value);
    }
    return ok(lists);
  }
}
