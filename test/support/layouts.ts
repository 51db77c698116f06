import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

export interface LayoutEntry {
  readonly content: string | Uint8Array;
  readonly mediaType?: string;
  /** Its name in index.json. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const ociManifestType = "application/vnd.oci.image.manifest.v1+json";
export const ociIndexType = "application/vnd.oci.image.index.v1+json";

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export function descriptorOf({ content, mediaType = ociManifestType, name, annotations }: LayoutEntry): object {
  return {
    mediaType,
    digest: `sha256:${sha256(content)}`,
    size: Buffer.from(content).length,
    annotations: { ...(name === undefined ? {} : { "org.opencontainers.image.ref.name": name }), ...annotations },
  };
}

/** An OCI layout of a temporary directory: `entries` are in index.json, `blobs` lie beside them, `files` in its root. */
export function ociLayout({
  entries,
  blobs = [],
  files = {},
  index,
}: {
  readonly entries: readonly LayoutEntry[];
  readonly blobs?: readonly (string | Uint8Array)[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** In place of the one that lists the entries. */
  readonly index?: string;
}): string {
  const path = temporaryDirectory();
  mkdirSync(join(path, "blobs", "sha256"), { recursive: true });
  for (const content of [...entries.map((entry) => entry.content), ...blobs]) {
    writeFileSync(join(path, "blobs", "sha256", sha256(content)), content);
  }
  writeFileSync(join(path, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(path, "index.json"),
    index ?? JSON.stringify({ schemaVersion: 2, manifests: entries.map(descriptorOf) }),
  );
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

/** An image in dir: layout, in a temporary directory, with these files beside its manifest. */
export function dirLayout(
  manifest: string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string {
  const path = temporaryDirectory();
  chmodSync(path, 0o755);
  const all = { version: "Directory Transport Version: 1.1\n", "manifest.json": manifest, ...files };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(path, name), content);
  return path;
}
