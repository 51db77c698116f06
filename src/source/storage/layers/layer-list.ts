import { join } from "node:path";
import type { OpenDirectory } from "../../../host/open-directory.ts";
import { reasonOf } from "../../../host/system-error.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { maxLayerListBytes } from "../../../limits.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { fileProblem } from "../../file-problem.ts";
import { maxAttempts, readLastWriter } from "../last-writer.ts";
import { type LayerRecord, layerListTooLarge, parseLayerList } from "./layer-record.ts";
import type { LayerPlaces } from "./places.ts";

/** A list of layers, and where what is known of their archives lies beside it. */
export interface LayerList {
  /** `DRIVER-layers`, in the root where the storage writes. */
  readonly path: string;
  readonly records: ReadonlyMap<string, LayerRecord>;
}

const lockName = "layers.lock";
const stable = "layers.json";
const volatile = "volatile-layers.json";

/**
 * Reads the list of a storage's own layers: from its graph root, its image store if it has one, and those that are volatile (containers/storage:
 * layers.go `newLayerStore`).
 *
 * Who writes says so in `layers.lock` before the list is there (`saveLayers`), and the list is replaced as a whole; so it is compared before
 * and after, as for the images.
 */
export function readOwnLayers({ driver, graphRoot, imageStore, open }: LayerPlaces): Result<LayerList, ImageProblem> {
  const own = join(graphRoot, `${driver}-layers`);
  const other = imageStore === undefined ? [] : [{ folder: join(imageStore, `${driver}-layers`), name: stable }];
  return readList(own, [{ folder: own, name: stable }, ...other, { folder: own, name: volatile }], open);
}

/** Reads the list of an additional image store (containers/storage: layers.go `newROLayerStore`). */
export function readAdditionalLayers(root: string, { driver, open }: LayerPlaces): Result<LayerList, ImageProblem> {
  const own = join(root, `${driver}-layers`);
  return readList(
    own,
    [stable, volatile].map((name) => ({ folder: own, name })),
    open,
  );
}

interface ListFile {
  readonly folder: string;
  readonly name: string;
}

function readList(
  path: string,
  files: readonly ListFile[],
  open: LayerPlaces["open"],
): Result<LayerList, ImageProblem> {
  const folders = new Map<string, OpenDirectory>();
  try {
    for (const folder of new Set(files.map((file) => file.folder))) {
      const opened = open(folder);
      if (opened.ok) folders.set(folder, opened.value);
      else if (opened.problem.errno !== "ENOENT") {
        return fail({ code: "image.source.unreadable", path: folder, reason: reasonOf(opened.problem.errno) });
      }
    }
    return atOneMoment(path, folders, files);
  } finally {
    for (const folder of folders.values()) folder.close();
  }
}

function atOneMoment(
  path: string,
  folders: ReadonlyMap<string, OpenDirectory>,
  files: readonly ListFile[],
): Result<LayerList, ImageProblem> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const before = lastWriters(folders);
    if (!before.ok) return before;
    const records = readRecords(folders, files);
    const after = lastWriters(folders);
    if (!after.ok) return after;
    if (before.value !== after.value) continue;
    return records.ok ? ok({ path, records: records.value }) : records;
  }
  return fail({ code: "image.source.changed", path });
}

/** What each lock says of who wrote last, in one text. */
function lastWriters(folders: ReadonlyMap<string, OpenDirectory>): Result<string, ImageProblem> {
  const writers: string[] = [];
  for (const folder of folders.values()) {
    const writer = readLastWriter(folder, lockName);
    if (!writer.ok) return writer;
    writers.push(writer.value);
  }
  return ok(writers.join(" "));
}

/** Of an ID that several files have, the first counts. */
function readRecords(
  folders: ReadonlyMap<string, OpenDirectory>,
  files: readonly ListFile[],
): Result<ReadonlyMap<string, LayerRecord>, ImageProblem> {
  const records = new Map<string, LayerRecord>();
  for (const { folder, name } of files) {
    const content = folders.get(folder)?.readFile(name, maxLayerListBytes);
    if (content === undefined) continue;
    if (!content.ok) {
      if (content.problem.kind === "missing") continue;
      return fail(content.problem.kind === "too-large" ? layerListTooLarge(name) : fileProblem(name, content.problem));
    }
    const listed = parseLayerList(content.value, name);
    if (!listed.ok) return listed;
    for (const record of listed.value) if (!records.has(record.id)) records.set(record.id, record);
  }
  return ok(records);
}
