import { type Digest, parseDigest } from "../encoding/digest.ts";
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
import { dockerList, ociIndex } from "./manifest.ts";
import type { Platform } from "./platform.ts";
import type { ImageProblem } from "./problem.ts";
import { checkUnambiguous } from "./unambiguous.ts";

/** An image, or something else, that an index lists. What is said of it here is only said. */
export interface ListedImage {
  /** `undefined` if what stands there is no digest that can be looked up: an index may list such, but none can be chosen. */
  readonly digest: Digest | undefined;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** `undefined` if an OCI index does not say; in a docker list every image has one, if only an empty one. */
  readonly platform: Platform | undefined;
  /** Of an OCI index only. */
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * The images of an OCI index or a docker manifest list, in their order, exactly as the reference reads it to choose one
 * (image/v5: internal/manifest/list.go ListFromBlob): as Go fills its structs, and only if it can be no other kind of manifest.
 *
 * @param mediaType what the index is, by the source or by its content.
 */
export function parseIndex(
  untrustedIndex: Uint8Array,
  mediaType: string,
): Result<readonly ListedImage[], ImageProblem> {
  if (mediaType !== ociIndex && mediaType !== dockerList) return malformed("it is not a list of images");
  const parsed = parseJson(decodeUtf8AsGo(untrustedIndex), { maxValues: maxManifestValues });
  if (!parsed.ok) {
    return parsed.problem.kind === "count"
      ? fail({ code: "image.manifest.too-large", maxValues: maxManifestValues })
      : malformed("it is not valid JSON");
  }
  const descriptors = mediaType === ociIndex ? ociDescriptors(parsed.value) : dockerDescriptors(parsed.value);
  if (descriptors === undefined) return malformed("a field of it has a value of the wrong type");
  const unambiguous = checkUnambiguous(parsed.value, ["manifests"]);
  return unambiguous.ok ? ok(descriptors.map(listedImage)) : unambiguous;
}

/** image/v5: internal/manifest/oci_index.go OCI1IndexPublicFromManifest; image-spec: specs-go/v1/index.go Index. */
function ociDescriptors(root: JsonNode): readonly Descriptor[] | undefined {
  const decoder = new GoJsonDecoder();
  const manifests = descriptorSlice();
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["schemaversion", (value) => decoder.integer(value)],
      ["mediatype", (value) => decoder.string(value)],
      ["artifacttype", (value) => decoder.string(value)],
      ["manifests", (value) => decodeDescriptors(decoder, value, "oci", manifests)],
      ["subject", (value) => decodeDescriptor(decoder, value, "oci", emptyDescriptor())],
      ["annotations", (value) => decoder.stringMap(value, new Map())],
    ]),
  );
  return decoder.mismatch ? undefined : manifests.elements;
}

/** image/v5: internal/manifest/docker_schema2_list.go Schema2ListPublicFromManifest. */
function dockerDescriptors(root: JsonNode): readonly Descriptor[] | undefined {
  const decoder = new GoJsonDecoder();
  const manifests = descriptorSlice();
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["schemaversion", (value) => decoder.integer(value)],
      ["mediatype", (value) => decoder.string(value)],
      ["manifests", (value) => decodeDescriptors(decoder, value, "docker-list", manifests)],
    ]),
  );
  if (decoder.mismatch) return undefined;
  const noPlatform = { os: "", architecture: "", variant: "" };
  return manifests.elements.map((descriptor) => ({ ...descriptor, platform: descriptor.platform ?? noPlatform }));
}

function listedImage({ untrustedDigest, mediaType, sizeBytes, platform, annotations }: Descriptor): ListedImage {
  return { digest: parseDigest(untrustedDigest), mediaType, sizeBytes: Number(sizeBytes ?? 0n), platform, annotations };
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
