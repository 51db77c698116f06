import assert from "node:assert/strict";
import {
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { StoreConfig } from "../../src/config/storage-conf.ts";
import { parseDigest } from "../../src/encoding/digest.ts";
import { openDirectory } from "../../src/host/open-directory.ts";
import { fileNameOf } from "../../src/source/storage/big-data-name.ts";
import { openStorage } from "../../src/source/storage/storage.ts";
import type { OpenStoredImage } from "../../src/source/storage/stored-image.ts";
import { makeFifo, temporaryDirectory } from "./temporary.ts";

export const fixtures = join(import.meta.dirname, "..", "fixtures");
export const stores = join(fixtures, "stores");

export const oci = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
export const docker = "sha256:fb59187145d494884604dad99c3a80a1514ebf621661de94f365c527ae3d855f";
export const arm64 = "sha256:7ad660e7b396bb1413e82660c21bff898a869643ddbf256fee96322fc64f3e12";
export const index = "sha256:a0ac1eb491450efd7d5686ee7bfb708a6ba56cecb8ea1222429cbcd957750394";
export const amd64Id = "1ccd8e5cbf771eb6e55faadb09b0d710fea5f999b98b4948621b6c670065f4f4";
export const arm64Id = "1c289a60ee3bc9df1366723fc461eb67741adeca0ecae077b12d986d8e64ce06";
export const builtId = "ac5de3e419d9d707f2c2cb2bb72be02c913998800194703f528b10d8c37f1151";

export function digest(text: string) {
  const parsed = parseDigest(text);
  assert.ok(parsed !== undefined);
  return parsed;
}

export function config(graphRoot: string, more: Partial<StoreConfig> = {}): StoreConfig {
  return { driver: undefined, graphRoot, additionalImageStores: [], ...more };
}

export function open(place: StoreConfig, reference: string, opener = openDirectory) {
  const storage = openStorage(place, opener);
  if (!storage.ok) return storage;
  const image = storage.value.open(reference);
  storage.value.close();
  return image;
}

export function opened(place: StoreConfig, reference: string): OpenStoredImage {
  const image = open(place, reference);
  assert.ok(image.ok, JSON.stringify(image));
  return image.value;
}

export async function manifestOf(image: OpenStoredImage): Promise<string> {
  const manifest = await image.manifest();
  assert.ok(manifest.ok);
  return Buffer.from(manifest.value).toString();
}

export const imageFile = (...path: readonly string[]) => readFileSync(join(fixtures, "images", ...path));

/** A store of fixtures to be changed. */
export function storeCopy(store: string, change: (images: string) => void = () => {}): string {
  const root = temporaryDirectory();
  cpSync(join(stores, store), root, { recursive: true });
  for (const name of readdirSync(root)) change(join(root, name));
  return root;
}

export interface RecordFields {
  id: unknown;
  digest: string;
  metadata: string;
  "big-data-names": string[];
  "big-data-sizes": Record<string, unknown> & { manifest?: unknown };
  "big-data-digests": Record<string, string> & { manifest?: string };
}

/** Rewrites images.json as text. */
export function list(change: (text: string) => string): (images: string) => void {
  return (images) => {
    const path = join(images, "images.json");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };
}

/** Rewrites the only record. */
export function record(change: (record: RecordFields) => void): (images: string) => void {
  return list((text) => {
    const records = JSON.parse(text);
    change(records[0]);
    return JSON.stringify(records);
  });
}

export function metadata(text: string): (images: string) => void {
  return record((fields) => (fields.metadata = text));
}

export function sizes(...own: readonly number[]): (images: string) => void {
  return metadata(JSON.stringify({ "signature-sizes": own }));
}

export function data(name: string, change: (path: string) => void): (images: string) => void {
  return (images) => change(join(images, amd64Id, fileNameOf(name) ?? ""));
}

/** Another text, and its size in the list. */
export function resized(name: string, sizeBytes: number): (images: string) => void {
  return (images) => {
    data(name, (path) => truncateSync(path, sizeBytes))(images);
    record((fields) => (fields["big-data-sizes"][name] = sizeBytes))(images);
  };
}

export const link = (path: string) => {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
};
export const fifo = (path: string) => {
  rmSync(path);
  makeFifo(path);
};
export const flipped = (path: string) => {
  const bytes = readFileSync(path);
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
