import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { streamHash } from "../../src/runtime/stream-hash.ts";
import { stores } from "./stores.ts";
import { temporaryDirectory } from "./temporary.ts";

export type LayerDriver = "vfs" | "overlay";

/** The image in each of the stores, and the IDs of its layers. */
export const layeredImage = "registry.example.com/layers:1.0";
export const firstId = "311aa9e5a2301a1e15efdfa7524bd06594dc0853e592c62d469417e781269d63";
export const secondId = "946895e937370d36a279d3626debb968e157e55ecf7b1b7aeef031b634363310";
/** The digests of the archives that they were unpacked from, as layers.py made them. */
export const firstDigest = `sha256:${firstId}`;

/** Where the files of a layer are. */
export function treeOf(root: string, driver: LayerDriver, id: string): string {
  return driver === "vfs" ? join(root, "vfs", "dir", id) : join(root, "overlay", id, "diff");
}

/** A store of fixtures to be changed, with what git cannot keep everywhere. */
export function layerStore(driver: LayerDriver): string {
  const root = temporaryDirectory();
  cpSync(join(stores, `layers-${driver}`), root, { recursive: true });
  const directory = Buffer.from(`${treeOf(root, driver, secondId)}/raw-`);
  writeFileSync(Buffer.concat([directory, Buffer.from([0xe9, 0xff])]), "not UTF-8");
  // With vfs the second layer has a file that was written through the link of the first.
  if (driver === "vfs") symlinkSync("usr/lib", join(treeOf(root, driver, secondId), "lib"));
  return root;
}

/** What is rewritten of a layer's record. */
export interface LayerFields {
  parent?: string;
  flags?: Readonly<Record<string, unknown>>;
  "diff-digest"?: string;
  "diff-size"?: number;
}

/** Rewrites the records of the layers, the oldest first. */
export function changeLayers(
  root: string,
  driver: LayerDriver,
  change: (first: LayerFields, second: LayerFields) => void,
): void {
  const path = join(root, `${driver}-layers`, "layers.json");
  const records = JSON.parse(readFileSync(path, "utf8"));
  const at = (id: string) => records.find((record: { id: string }) => record.id === id);
  change(at(firstId), at(secondId));
  writeFileSync(path, JSON.stringify(records));
}

/** Writes what is kept of the archive of the first layer. */
export function writeParts(root: string, packed: Uint8Array): void {
  writeFileSync(join(root, "vfs-layers", `${firstId}.tar-split.gz`), packed);
}

/** Parts as they are packed. */
export function packed(...parts: readonly unknown[]): Uint8Array {
  return gzipSync(parts.map((part) => `${typeof part === "string" ? part : JSON.stringify(part)}\n`).join(""));
}

/** The SHA-256 and the size of what comes. */
export async function hashOf(content: AsyncIterable<Uint8Array>): Promise<{ hex: string; length: number }> {
  const hash = streamHash("sha256");
  let length = 0;
  for await (const piece of content) {
    hash.update(piece);
    length += piece.length;
  }
  return { hex: hash.hex(), length };
}
