import { digestText } from "../../../encoding/digest.ts";
import type { FileStream } from "../../../host/file-stream.ts";
import { reasonOf } from "../../../host/system-error.ts";
import type { Blob } from "../../../image/image.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { maxTarSplitEntryBytes, maxTarSplitExpansion, maxUnsizedBlobBytes } from "../../../limits.ts";
import { errorText, fail, ok, type Result } from "../../../result.ts";
import { UnpackBudget, unpack } from "../../archive/compression.ts";
import { fileProblem } from "../../file-problem.ts";
import { Crc64 } from "./crc64.ts";
import type { StoredLayer } from "./layer-chain.ts";
import { digestOf } from "./layer-record.ts";
import { type LayerTree, openLayerTree } from "./layer-tree.ts";
import { sizeOf } from "./layers-for-copy.ts";
import type { LayerPlaces } from "./places.ts";
import { linesOf, parseTarSplitEntry, type TarSplitEntry } from "./tar-split.ts";

/** A blob that holds files open until it was read. */
export interface ClosableBlob extends Blob {
  /** Closes them if nobody began to read. */
  close(): void;
}

/**
 * The archive that a layer was unpacked from, put together again: from what the storage kept of it, all but the contents of its files, and from
 * those files (containers/storage: layers.go `Diff`; tar-split: tar/asm/assemble.go). A layer of which nothing was kept is not read: the
 * reference makes an archive of its files then, which has another digest.
 *
 * Each file is compared with the size and the checksum that were kept. That says nothing of who wrote either, so the whole is to be
 * compared with the digest.
 */
export function openLayerArchive(layer: StoredLayer, places: LayerPlaces): Result<ClosableBlob, ImageProblem> {
  const { record } = layer;
  const digest = digestOf(record);
  const name = digest === undefined ? record.id : digestText(digest);
  const tree = openLayerTree(record.id, places, name);
  if (!tree.ok) return tree;
  const parts = openParts(layer, places, name);
  if (!parts.ok) {
    tree.value.close();
    return parts;
  }
  // Of what was pulled by a table of contents the size is that of its files in older versions (storage: drivers/driver.go `Size`).
  const sizeBytes = record.isByTableOfContents ? undefined : sizeOf(record.sizeBytes);
  let isUsed = false;
  const use = (): void => {
    isUsed = true;
  };
  const close = (): void => {
    parts.value.close();
    tree.value.close();
  };
  return ok({
    sizeBytes,
    content: archiveOf(parts.value, tree.value, { sizeBytes, use, close }),
    close: () => {
      if (!isUsed) close();
      isUsed = true;
    },
  });
}

function openParts(
  { record, folder }: StoredLayer,
  { open }: LayerPlaces,
  name: string,
): Result<FileStream, ImageProblem> {
  const directory = open(folder);
  if (!directory.ok) {
    return fail({ code: "image.source.unreadable", path: folder, reason: reasonOf(directory.problem.errno) });
  }
  const file = directory.value.openFile(`${record.id}.tar-split.gz`);
  directory.value.close();
  if (file.ok) return file;
  if (file.problem.kind !== "missing") return fail(fileProblem(name, file.problem));
  const reason = "its storage does not know how its archive was written";
  return fail({ code: "image.file.unreadable", name, reason });
}

/** Throws an Error with the reason. */
async function* archiveOf(
  parts: FileStream,
  tree: LayerTree,
  {
    sizeBytes,
    use,
    close,
  }: { readonly sizeBytes: number | undefined; readonly use: () => void; readonly close: () => void },
): AsyncGenerator<Uint8Array, void> {
  use();
  const budget = new PartsBudget(sizeBytes);
  try {
    for await (const line of linesOf(unpackedParts(parts))) {
      budget.read(line.length + 1);
      const entry = parseTarSplitEntry(line);
      if (entry === undefined) throw new Error("a part in the list of its parts is none");
      for await (const piece of contentOf(entry, tree)) {
        budget.give(piece.length);
        yield piece;
      }
    }
    budget.end();
  } catch (error) {
    throw new Error(errorText(error));
  } finally {
    close();
  }
}

/** How much is given, and how much is read for that: a list of empty parts has no end. */
class PartsBudget {
  readonly #sizeBytes: number | undefined;
  #read = 0;
  #given = 0;

  constructor(sizeBytes: number | undefined) {
    this.#sizeBytes = sizeBytes;
  }

  read(bytes: number): void {
    this.#read += bytes;
    if (this.#read > maxTarSplitEntryBytes + maxTarSplitExpansion * this.#given) {
      throw new Error("the list of its parts is too long for what they hold");
    }
  }

  give(bytes: number): void {
    this.#given += bytes;
    const most = this.#sizeBytes ?? maxUnsizedBlobBytes;
    if (this.#given > most) throw new Error(`it has more than ${most} bytes`);
  }

  end(): void {
    if (this.#sizeBytes === undefined || this.#given === this.#sizeBytes) return;
    throw new Error(`it has ${this.#given} bytes, and should have ${this.#sizeBytes}`);
  }
}

function unpackedParts(parts: FileStream): AsyncGenerator<Uint8Array, void> {
  return unpack("gzip", ownPieces(parts.content), new UnpackBudget(parts.sizeBytes));
}

/** What is unpacked may still be needed when the next piece is read. */
async function* ownPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) yield Uint8Array.from(piece);
}

/** Links have entries too, which are empty. */
function contentOf(entry: TarSplitEntry, tree: LayerTree): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (entry.kind === "bytes") return entry.bytes.length === 0 ? [] : [entry.bytes];
  return entry.sizeBytes === 0n ? [] : fileContent(entry, tree);
}

async function* fileContent(
  { untrustedName, sizeBytes, checksum }: Extract<TarSplitEntry, { readonly kind: "file" }>,
  tree: LayerTree,
): AsyncGenerator<Uint8Array, void> {
  const because = (reason: string) => new Error(`${nameText(untrustedName)}: ${reason}`);
  const file = tree.openFile(untrustedName);
  if (!file.ok) throw because(file.problem);
  const { content, close } = file.value;
  if (BigInt(file.value.sizeBytes) !== sizeBytes) {
    close();
    throw because(`it has ${file.value.sizeBytes} bytes, and should have ${sizeBytes}`);
  }
  const crc = new Crc64();
  let length = 0;
  try {
    for await (const piece of content) {
      length += piece.length;
      if (length > file.value.sizeBytes) break;
      crc.update(piece);
      yield piece;
    }
  } catch (error) {
    throw because(errorText(error));
  }
  if (length !== file.value.sizeBytes) throw because("it changed while it was read");
  if (Buffer.compare(crc.sum(), checksum) !== 0) throw because("its checksum is another one than when it was unpacked");
}

/** For people, who see the whole path of most. */
function nameText(untrustedName: Uint8Array): string {
  return JSON.stringify(Buffer.from(untrustedName.subarray(0, 200)).toString("utf8"));
}
