import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { maxConfigValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";

/** One image of a docker-archive (image/v5: docker/internal/tarfile/types.go ManifestItem). Names of members, not cleaned. */
export interface DockerArchiveImage {
  readonly untrustedConfig: string;
  readonly untrustedTags: readonly string[];
  readonly untrustedLayers: readonly string[];
}

/** Decodes manifest.json of a docker-archive; a failure is a detail for people. */
export function parseArchiveManifest(untrustedBytes: Uint8Array): Result<readonly DockerArchiveImage[], string> {
  const parsed = parseJson(decodeUtf8AsGo(untrustedBytes), { maxValues: maxConfigValues });
  if (!parsed.ok) return fail("it is not JSON, or holds too much");
  const decoder = new GoJsonDecoder();
  const images = decoder.list(parsed.value).map((item) => archiveImage(decoder, item));
  return decoder.mismatch ? fail("it is no list of images") : ok(images);
}

function archiveImage(decoder: GoJsonDecoder, item: JsonNode): DockerArchiveImage {
  let untrustedConfig = "";
  let untrustedTags: readonly string[] = [];
  let untrustedLayers: readonly string[] = [];
  const strings = (node: JsonNode) => decoder.list(node).map((text) => decoder.string(text));
  const anyString = (node: JsonNode) => void decoder.string(node);
  const layerSource = new Map([
    ["mediatype", anyString],
    ["size", (node: JsonNode) => void decoder.integer(node)],
    ["digest", anyString],
    ["urls", (node: JsonNode) => void strings(node)],
  ]);
  const anyMap = (node: JsonNode) => {
    if (node.kind === "object") for (const { value } of node.members) decoder.struct(value, layerSource);
    else if (node.kind !== "null") decoder.mismatch = true;
  };
  decoder.struct(
    item,
    new Map([
      ["config", (node) => (untrustedConfig = decoder.string(node, untrustedConfig))],
      ["repotags", (node) => (untrustedTags = strings(node))],
      ["layers", (node) => (untrustedLayers = strings(node))],
      // These two are of no use to the reference either, but must be of their type.
      ["parent", anyString],
      ["layersources", (node) => anyMap(node)],
    ]),
  );
  return { untrustedConfig, untrustedTags, untrustedLayers };
}

/**
 * The digests of the unpacked layers that the config of an image lists, from the lowest (image/v5: manifest/docker_schema2.go
 * Schema2Image). Other fields of the config are not looked at; the reference refuses those of another type than it knows.
 */
export function parseDiffIds(untrustedConfig: Uint8Array): Result<readonly Digest[], string> {
  const parsed = parseJson(decodeUtf8AsGo(untrustedConfig), { maxValues: maxConfigValues });
  if (!parsed.ok) return fail("it is not JSON, or holds too much");
  const decoder = new GoJsonDecoder();
  let untrustedIds: readonly string[] | undefined;
  const rootfs = new Map<string, (node: JsonNode) => void>([
    ["type", (node: JsonNode) => void decoder.string(node)],
    ["diff_ids", (node: JsonNode) => (untrustedIds = decoder.list(node).map((id) => decoder.string(id)))],
  ]);
  decoder.struct(
    parsed.value,
    new Map([
      [
        "rootfs",
        (node) => {
          untrustedIds = node.kind === "null" ? undefined : (untrustedIds ?? []);
          decoder.struct(node, rootfs);
        },
      ],
    ]),
  );
  if (decoder.mismatch) return fail("it is no config of an image");
  if (untrustedIds === undefined) return fail("it does not say which layers there are (rootfs)");
  const ids = untrustedIds.flatMap((id) => parseDigest(id) ?? []);
  return ids.length === untrustedIds.length ? ok(ids) : fail("a digest in it (rootfs.diff_ids) is none");
}

const schema2 = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

/** What a manifest says of a config or layer. */
export interface Content {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * The manifest that the reference makes for an image of a docker-archive, which has none: byte for byte, as its digest is what is
 * judged (image/v5: docker/internal/tarfile/src.go GetManifest).
 */
export function dockerArchiveManifest(config: Content, layers: readonly Content[]): Uint8Array {
  const descriptor = (mediaType: string, { sizeBytes, digest }: Content) => ({
    mediaType,
    size: sizeBytes,
    digest: digestText(digest),
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: schema2.manifest,
    config: descriptor(schema2.config, config),
    layers: layers.map((layer) => descriptor(schema2.layer, layer)),
  };
  return new TextEncoder().encode(JSON.stringify(manifest));
}
