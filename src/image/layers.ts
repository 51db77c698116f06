import { type Digest, digestText, parseDigest } from "../encoding/digest.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxManifestValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  type Descriptor,
  decodeDescriptor,
  decodeDescriptors,
  descriptorSlice,
  emptyDescriptor,
} from "./descriptor.ts";
import {
  dockerConfig,
  dockerList,
  dockerSchema2,
  ociIndex,
  ociManifest,
  plainSchema1,
  signedSchema1,
} from "./manifest.ts";
import type { ImageProblem } from "./problem.ts";
import { schema1Layers } from "./schema1-layers.ts";
import { checkUnambiguous } from "./unambiguous.ts";

/** A blob that an image is made of. */
export interface ListedBlob {
  readonly digest: Digest;
  /** What the manifest says; `undefined` if it does not, as in schema 1. One below zero fits no content. */
  readonly sizeBytes: number | undefined;
  /** A layer that may be had from elsewhere, by the `urls` of each of its descriptors. */
  readonly isForeign: boolean;
  /** Where it is looked for before it is in its registry: of the first of its descriptors, if each has some. */
  readonly untrustedUrls: readonly string[];
}

/** What a manifest says of one blob in one place. */
type Mention = Pick<Descriptor, "untrustedDigest" | "mediaType" | "sizeBytes" | "untrustedUrls">;

/** What a manifest mentions. */
interface Mentions {
  readonly config: Mention | undefined;
  readonly layers: readonly (Mention & { readonly isEmpty: boolean })[];
}

/**
 * The configuration, if the manifest names one, and the layers of an image, each digest once: what the reference reads when it copies
 * the image (image/v5: manifest/manifest.go FromBlob, ConfigInfo and LayerInfos; copy/single.go copyConfig). A type that is not known is
 * read as schema 1, as there.
 *
 * @param mediaType what the manifest is, by the source or by its content.
 */
export function blobsOf(untrustedManifest: Uint8Array, mediaType: string): Result<readonly ListedBlob[], ImageProblem> {
  const mentions = mentionsIn(untrustedManifest, mediaType);
  return mentions.ok ? blobsAmong(mentions.value) : mentions;
}

function blobsAmong({ config, layers }: Mentions): Result<readonly ListedBlob[], ImageProblem> {
  const listedLayers = layers.map((layer) => ({ ...layer, isLayer: true }));
  return eachOnce(config === undefined ? listedLayers : [{ ...config, isLayer: false }, ...listedLayers]);
}

/** A blob where a manifest names it. */
export interface ManifestPart {
  readonly digest: Digest;
  readonly mediaType: string;
  /** As for {@link ListedBlob}. */
  readonly sizeBytes: number | undefined;
}

/** The configuration and the layers, in their order and as often as they are named; as for {@link blobsOf}. */
export function partsOf(
  untrustedManifest: Uint8Array,
  mediaType: string,
): Result<{ readonly config: ManifestPart | undefined; readonly layers: readonly ManifestPart[] }, ImageProblem> {
  const mentions = mentionsIn(untrustedManifest, mediaType);
  if (!mentions.ok) return mentions;
  const blobs = blobsAmong(mentions.value);
  if (!blobs.ok) return blobs;
  const { config, layers } = mentions.value;
  return ok({ config: config && partOf(config), layers: layers.map(partOf) });
}

function partOf({ untrustedDigest, mediaType, sizeBytes }: Mention): ManifestPart {
  const digest = parseDigest(untrustedDigest);
  if (digest === undefined) throw new Error("blobsAmong lets no other digest pass");
  return { digest, mediaType, sizeBytes: sizeBytes === undefined ? undefined : Number(sizeBytes) };
}

/**
 * Of each layer of an image, the oldest first, whether it changes nothing, and is none of those that are stored (image/v5:
 * manifest/manifest.go LayerInfos, EmptyLayer). Only schema 1 knows such layers.
 *
 * @param mediaType as for {@link blobsOf}.
 */
export function emptyLayersOf(
  untrustedManifest: Uint8Array,
  mediaType: string,
): Result<readonly boolean[], ImageProblem> {
  const mentions = mentionsIn(untrustedManifest, mediaType);
  return mentions.ok ? ok(mentions.value.layers.map(({ isEmpty }) => isEmpty)) : mentions;
}

function mentionsIn(untrustedManifest: Uint8Array, mediaType: string): Result<Mentions, ImageProblem> {
  if (mediaType === ociIndex || mediaType === dockerList) return malformed("it is a list of images, not an image");
  const parsed = parseJson(decodeUtf8AsGo(untrustedManifest), { maxValues: maxManifestValues });
  if (!parsed.ok) {
    return parsed.problem.kind === "count"
      ? fail({ code: "image.manifest.too-large", maxValues: maxManifestValues })
      : malformed("it is not valid JSON");
  }
  const root = parsed.value;
  if (mediaType === ociManifest) return ociMentions(root);
  if (mediaType === dockerSchema2) return schema2Mentions(root);
  const layers = schema1Layers(untrustedManifest, root);
  if (!layers.ok) return layers;
  const layersOf = layers.value.map((layer) => ({ ...layer, mediaType: "", sizeBytes: undefined, untrustedUrls: [] }));
  return ok({ config: undefined, layers: layersOf });
}

/** image/v5: manifest/oci.go OCI1FromManifest; image-spec: specs-go/v1/manifest.go Manifest. */
function ociMentions(root: JsonNode): Result<Mentions, ImageProblem> {
  const decoder = new GoJsonDecoder();
  const config = emptyDescriptor();
  const layers = descriptorSlice();
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["schemaversion", (value) => decoder.integer(value)],
      ["mediatype", (value) => decoder.string(value)],
      ["artifacttype", (value) => decoder.string(value)],
      ["config", (value) => decodeDescriptor(decoder, value, "oci", config)],
      ["layers", (value) => decodeDescriptors(decoder, value, "oci", layers)],
      ["subject", (value) => decodeDescriptor(decoder, value, "oci", emptyDescriptor())],
      ["annotations", (value) => decoder.stringMap(value, new Map())],
    ]),
  );
  if (decoder.mismatch) return malformed("a field of it has a value of the wrong type");
  const unambiguous = checkUnambiguous(root, ["config", "layers"]);
  return unambiguous.ok ? ok(configAndLayers(config, layers.elements)) : unambiguous;
}

/** image/v5: manifest/docker_schema2.go Schema2FromManifest. */
function schema2Mentions(root: JsonNode): Result<Mentions, ImageProblem> {
  const decoder = new GoJsonDecoder();
  const config = emptyDescriptor();
  const layers = descriptorSlice();
  let mediaType = "";
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["schemaversion", (value) => decoder.integer(value)],
      ["mediatype", (value) => (mediaType = decoder.string(value, mediaType))],
      ["config", (value) => decodeDescriptor(decoder, value, "docker", config)],
      ["layers", (value) => decodeDescriptors(decoder, value, "docker", layers)],
    ]),
  );
  if (decoder.mismatch) return malformed("a field of it has a value of the wrong type");
  const unambiguous = checkUnambiguous(root, ["config", "layers"]);
  if (!unambiguous.ok) return unambiguous;
  const types = [mediaType, ...layers.elements.map((layer) => layer.mediaType)];
  if (!types.every((type) => schema2Types.has(type)))
    return malformed("it has a media type that schema 2 does not know");
  return ok(configAndLayers(config, layers.elements));
}

/** image/v5: manifest/manifest.go SupportedSchema2MediaType, for the manifest and its layers alike. */
const schema2Types: ReadonlySet<string> = new Set([
  dockerList,
  plainSchema1,
  signedSchema1,
  dockerConfig,
  dockerSchema2,
  "application/vnd.docker.image.rootfs.foreign.diff.tar",
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.zstd",
]);

/** A configuration without a digest is none. */
function configAndLayers(config: Descriptor, layers: readonly Descriptor[]): Mentions {
  return {
    config: config.untrustedDigest === "" ? undefined : config,
    layers: layers.map((layer) => ({ ...layer, isEmpty: false })),
  };
}

function eachOnce(
  mentions: readonly (Mention & { readonly isLayer: boolean })[],
): Result<readonly ListedBlob[], ImageProblem> {
  const blobs: ListedBlob[] = [];
  for (const { untrustedDigest, sizeBytes, untrustedUrls, isLayer } of mentions) {
    const digest = parseDigest(untrustedDigest);
    if (digest === undefined) return malformed("a blob in it has no valid digest");
    const said = sizeBytes === undefined ? undefined : Number(sizeBytes);
    blobs.push({ digest, sizeBytes: said, isForeign: isLayer && untrustedUrls.length > 0, untrustedUrls });
  }
  return mergeBlobs(blobs);
}

/** Each blob once: of one that is listed several times, all that is said must hold. */
export function mergeBlobs(listed: Iterable<ListedBlob>): Result<readonly ListedBlob[], ImageProblem> {
  const blobs = new Map<string, ListedBlob>();
  for (const { digest, sizeBytes, isForeign, untrustedUrls } of listed) {
    const name = digestText(digest);
    const before = blobs.get(name);
    if (sizeBytes !== undefined && before?.sizeBytes !== undefined && sizeBytes !== before.sizeBytes) {
      return malformed(`two sizes are said of ${name}`);
    }
    blobs.set(name, {
      digest,
      sizeBytes: sizeBytes ?? before?.sizeBytes,
      isForeign: isForeign && (before?.isForeign ?? true),
      untrustedUrls: untrustedUrls.length === 0 ? [] : (before?.untrustedUrls ?? untrustedUrls),
    });
  }
  return ok([...blobs.values()]);
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
