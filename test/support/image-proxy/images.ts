/** Images for conversations with an image proxy, the same bytes each time: what the fixtures have none of. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../images.ts";

export const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

const oci = "application/vnd.oci.image.manifest.v1+json";
const docker = "application/vnd.docker.distribution.manifest.v2+json";

/** Larger than a pipe holds. */
export const largeLayer = Buffer.alloc(300_000, "a layer that no pipe holds as a whole; ");
/** It has the same length. */
export const brokenLayer = Buffer.concat([Buffer.from("b"), largeLayer.subarray(1)]);
export const smallLayer = Buffer.from("a layer <of> few & plain bytes");
export const corruptLayer = Buffer.from("what the file should have");
export const config = Buffer.from(
  JSON.stringify({
    created: "2026-01-02T03:04:05.600Z",
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: ["a<b>&c"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(smallLayer)}`, `sha256:${sha256(largeLayer)}`] },
    history: [{ created: "2026-01-02T03:04:05.600Z", created_by: "one" }, { created_by: "two" }],
  }),
);
export const sha512Layer = createHash("sha512").update(smallLayer).digest("hex");

interface Part {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

function manifest(mediaType: string, configType: string, layers: readonly Part[], more: object = {}): Buffer {
  const descriptor = ({ mediaType, bytes }: Part) => ({
    mediaType,
    digest: `sha256:${sha256(bytes)}`,
    size: bytes.length,
  });
  const parts = { config: descriptor({ mediaType: configType, bytes: config }), layers: layers.map(descriptor) };
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...parts, ...more }));
}

function writeImage(path: string, manifestBytes: Uint8Array, blobs: Readonly<Record<string, Uint8Array>>): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(path, "manifest.json"), manifestBytes);
  for (const [name, bytes] of Object.entries(blobs)) writeFileSync(join(path, name), bytes);
}

const ociTar = "application/vnd.oci.image.layer.v1.tar";
const dockerTar = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const layerTypes = (mediaType: string) => [
  { mediaType, bytes: smallLayer },
  { mediaType, bytes: largeLayer },
];
const ociImageManifest = manifest(oci, "application/vnd.oci.image.config.v1+json", layerTypes(ociTar));
export const corruptDigest = `sha256:${sha256(corruptLayer)}`;
export const missingDigest = `sha256:${"0".repeat(64)}`;

/** Writes them into a directory that is there. */
export function writeProxyImages(path: string): void {
  const blobs = {
    [sha256(smallLayer)]: smallLayer,
    [sha256(largeLayer)]: largeLayer,
    [sha256(config)]: config,
    [sha512Layer]: smallLayer,
    [sha256(corruptLayer)]: Buffer.from("what the file really has."),
  };
  writeImage(join(path, "oci"), ociImageManifest, blobs);
  const dockerManifest = manifest(docker, "application/vnd.docker.container.image.v1+json", layerTypes(dockerTar));
  writeImage(join(path, "docker"), dockerManifest, blobs);
  const artifact = manifest(oci, "application/vnd.example.config", [{ mediaType: "text/plain", bytes: smallLayer }], {
    artifactType: "application/vnd.example",
  });
  writeImage(join(path, "artifact"), artifact, blobs);
  writeImage(join(path, "no-config"), ociImageManifest, { [sha256(smallLayer)]: smallLayer });
  writeImage(join(path, "other-config"), ociImageManifest, { ...blobs, [sha256(config)]: Buffer.from("{}") });
  writeImage(join(path, "no-manifest-json"), Buffer.from("{"), blobs);
  writeImage(join(path, "broken"), ociImageManifest, { ...blobs, [sha256(largeLayer)]: brokenLayer });
  const many = Array.from({ length: 400 }, () => ({ mediaType: ociTar, bytes: smallLayer }));
  writeImage(join(path, "many-layers"), manifest(oci, "application/vnd.oci.image.config.v1+json", many), blobs);
  writeImage(join(path, "schema-1"), schema1(), blobs);
  mkdirSync(join(path, "empty"), { recursive: true });
  const images = join(fixtures, "images");
  for (const name of ["gpg-release-oci", "gpg-index-only-list-signed", "gpg-index-only-instances-signed"]) {
    cpSync(join(images, name), join(path, name), { recursive: true });
  }
}

/** Of before there were configurations: the newest layer first, and one that is empty. */
function schema1(): Buffer {
  const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(64));
  const history = [
    { id: c, parent: b, created: "2026-01-02T03:04:05Z", architecture: "amd64", os: "linux", config: { Cmd: ["c"] } },
    { id: b, parent: a, created: "2026-01-02T03:04:04Z", throwaway: true, container_config: { Cmd: ["b"] } },
    { id: a, created: "2026-01-02T03:04:03Z", container_config: { Cmd: ["a"] } },
  ];
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 1,
      name: "app",
      tag: "1.0",
      architecture: "amd64",
      fsLayers: [largeLayer, smallLayer, smallLayer].map((bytes) => ({ blobSum: `sha256:${sha256(bytes)}` })),
      history: history.map((one) => ({ v1Compatibility: JSON.stringify(one) })),
    }),
  );
}
