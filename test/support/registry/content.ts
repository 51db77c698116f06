/**
 * What a registry holds of an image, and what lies in a lookaside beside it: maps of bytes, from which a server answers
 * (`routesOf`), or which are pushed (fill.ts). Made of the images in test/fixtures/images, or from nothing.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../images.ts";

export const mediaTypes = {
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  schema1: "application/vnd.docker.distribution.manifest.v1+json",
  schema1Signed: "application/vnd.docker.distribution.manifest.v1+prettyjws",
  cosignPayload: "application/vnd.dev.cosign.simplesigning.v1+json",
} as const;

export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One repository. */
export interface ImageContent {
  /** By tag and by digest. */
  readonly manifests: ReadonlyMap<string, StoredManifest>;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** By "sha256=HEX/signature-N", as docs/signature-protocols.md of containers/image has it. */
  readonly lookaside: ReadonlyMap<string, Uint8Array>;
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Joined; where both have a name, the later one's. */
export function together(...contents: readonly ImageContent[]): ImageContent {
  return {
    manifests: new Map(contents.flatMap(({ manifests }) => [...manifests])),
    blobs: new Map(contents.flatMap(({ blobs }) => [...blobs])),
    lookaside: new Map(contents.flatMap(({ lookaside }) => [...lookaside])),
  };
}

const nothing: ImageContent = { manifests: new Map(), blobs: new Map(), lookaside: new Map() };

/** A manifest under its digest and these tags. */
export function manifestContent(bytes: Uint8Array, mediaType: string, ...tags: readonly string[]): ImageContent {
  const stored = { mediaType, bytes };
  return { ...nothing, manifests: new Map([digestOf(bytes), ...tags].map((name) => [name, stored])) };
}

function blobContent(...blobs: readonly Uint8Array[]): ImageContent {
  return { ...nothing, blobs: new Map(blobs.map((bytes) => [digestOf(bytes), bytes])) };
}

export interface FixtureOptions {
  /** Default "1.0"; null: by digest only. */
  readonly tag?: string | null;
  /** Where sigstore's signatures are put; the others are always in the lookaside. Default: attached. */
  readonly sigstore?: "attached" | "lookaside" | "both";
}

/** An image of test/fixtures/images with its configuration, layers and signatures. */
export function fixtureContent(
  name: string,
  { tag = "1.0", sigstore = "attached" }: FixtureOptions = {},
): ImageContent {
  const directory = join(fixtures, "images", name);
  const files = readdirSync(directory).sort();
  const read = (file: string) => readFileSync(join(directory, file));
  const manifests = files.filter((file) => file.endsWith("manifest.json"));
  const parts = manifests.map((file) => {
    const bytes = read(file);
    const prefix = file.slice(0, -"manifest.json".length);
    const tags = prefix === "" && tag !== null ? [tag] : [];
    const signatures = files.filter((each) => each.startsWith(`${prefix}signature-`)).map(read);
    return together(
      manifestContent(bytes, mediaTypeOf(bytes), ...tags),
      signaturesContent(digestOf(bytes), signatures, sigstore),
    );
  });
  return together(sharedBlobs(), blobContent(...files.filter(isBlobName).map(read)), ...parts);
}

const isBlobName = (file: string) => /^[0-9a-f]{64}$/.test(file);

/** Those of the images whose folders have only what a verifier reads. */
function sharedBlobs(): ImageContent {
  return blobContent(
    ...["gpg-index", "gpg-release-docker-schema2"].flatMap((name) => {
      const directory = join(fixtures, "images", name);
      return readdirSync(directory)
        .filter(isBlobName)
        .map((file) => readFileSync(join(directory, file)));
    }),
  );
}

function mediaTypeOf(bytes: Uint8Array): string {
  return JSON.parse(Buffer.from(bytes).toString()).mediaType;
}

const sigstoreHead = Buffer.from("\0sigstore-json\n");

/** A signature as it is attached. */
export interface Attachment {
  readonly mimeType: string;
  readonly payload: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Signatures of the manifest with this digest, each as a file of the dir: transport has it. */
export function signaturesContent(
  digest: string,
  signatures: readonly Uint8Array[],
  sigstore: "attached" | "lookaside" | "both" = "attached",
): ImageContent {
  const isSigstore = (bytes: Uint8Array) => sigstoreHead.equals(bytes.subarray(0, sigstoreHead.length));
  const beside = signatures.filter((bytes) => sigstore !== "attached" || !isSigstore(bytes));
  const attached = signatures
    .filter((bytes) => sigstore !== "lookaside" && isSigstore(bytes))
    .map((bytes): Attachment => JSON.parse(Buffer.from(bytes.subarray(sigstoreHead.length)).toString()));
  const lookaside = new Map(beside.map((bytes, i) => [`${digest.replace(":", "=")}/signature-${i + 1}`, bytes]));
  return together({ ...nothing, lookaside }, attached.length === 0 ? nothing : attachments(digest, attached));
}

/** As `putSignaturesToSigstoreAttachments` of docker/docker_image_dest.go writes them, and cosign before it. */
export function attachments(digest: string, signatures: readonly Attachment[]): ImageContent {
  const payloads = signatures.map(({ payload }) => Buffer.from(payload, "base64"));
  const config = Buffer.from(
    JSON.stringify({
      architecture: "",
      os: "",
      config: {},
      rootfs: { type: "layers", diff_ids: payloads.map(digestOf) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
      layers: signatures.map(({ mimeType, annotations }, i) => ({
        mediaType: mimeType,
        digest: digestOf(payloads[i] ?? ""),
        size: payloads[i]?.length,
        annotations,
      })),
    }),
  );
  return together(
    blobContent(config, ...payloads),
    manifestContent(manifest, mediaTypes.ociManifest, attachmentTag(digest)),
  );
}

export function attachmentTag(digest: string): string {
  return `${digest.replace(":", "-")}.sig`;
}

/** An image of these layers, made from nothing. */
export function madeImage(layers: readonly Uint8Array[], tag: string, comment: string): ImageContent {
  const described = layers.map((bytes) => ({ digest: digestOf(bytes), size: bytes.length }));
  return together(blobContent(...layers), madeOfDescribed(described, tag, comment));
}

/** The same of layers that are known by digest: they are not in it. */
export function madeOfDescribed(
  layers: readonly { readonly digest: string; readonly size: number }[],
  tag: string,
  comment: string,
): ImageContent {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      comment,
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
      layers: layers.map(({ digest, size }) => ({ mediaType: mediaTypes.ociLayer, digest, size })),
    }),
  );
  return together(blobContent(config), manifestContent(manifest, mediaTypes.ociManifest, tag));
}

/** Without what has one of these names (tags, digests, names of signature files). */
export function without(content: ImageContent, ...names: readonly string[]): ImageContent {
  const kept = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => !names.includes(name)));
  return { manifests: kept(content.manifests), blobs: kept(content.blobs), lookaside: kept(content.lookaside) };
}
