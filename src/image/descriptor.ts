import type { JsonNode } from "../encoding/json.ts";
import { type GoJsonDecoder, GoSlice } from "../encoding/json-go.ts";
import type { Platform } from "./platform.ts";

/** What a manifest or an index says of one blob or image, as the reference's structs hold it while they are decoded. */
export interface Descriptor {
  mediaType: string;
  /** Whatever stands there. */
  untrustedDigest: string;
  /** `undefined` if nothing was said. */
  sizeBytes: bigint | undefined;
  /** Other places that it can be had from. */
  untrustedUrls: readonly string[];
  annotations: ReadonlyMap<string, string>;
  platform: Platform | undefined;
}

/** An OCI descriptor, or one of docker/distribution schema 2, which has fewer fields; in a list it has a platform in any case. */
export type DescriptorKind = "oci" | "docker" | "docker-list";

type Handlers = ReadonlyMap<string, (value: JsonNode) => void>;

/** A list of descriptors, to be filled by {@link decodeDescriptors}. */
export function descriptorSlice(): GoSlice<Descriptor> {
  return new GoSlice(emptyDescriptor);
}

/** A descriptor with nothing in it. */
export function emptyDescriptor(): Descriptor {
  return {
    mediaType: "",
    untrustedDigest: "",
    sizeBytes: undefined,
    untrustedUrls: [],
    annotations: new Map(),
    platform: undefined,
  };
}

/** Decodes a list of descriptors as Go does; whether it was one, `decoder` knows. */
export function decodeDescriptors(
  decoder: GoJsonDecoder,
  node: JsonNode,
  kind: DescriptorKind,
  slice: GoSlice<Descriptor>,
): void {
  slice.decode(decoder, node, (descriptor, item) => decodeDescriptor(decoder, item, kind, descriptor));
}

/** Decodes one (image-spec: specs-go/v1/descriptor.go Descriptor; image/v5: internal/manifest Schema2Descriptor, Schema2ManifestDescriptor). */
export function decodeDescriptor(decoder: GoJsonDecoder, node: JsonNode, kind: DescriptorKind, into: Descriptor): void {
  decoder.struct(node, new Map([...commonFields(decoder, into), ...fieldsOfKind(decoder, kind, into)]));
}

function commonFields(decoder: GoJsonDecoder, into: Descriptor): Handlers {
  return new Map<string, (value: JsonNode) => void>([
    ["mediatype", (value) => (into.mediaType = decoder.string(value, into.mediaType))],
    ["digest", (value) => (into.untrustedDigest = decoder.string(value, into.untrustedDigest))],
    ["size", (value) => (into.sizeBytes = value.kind === "null" ? into.sizeBytes : decoder.integer(value))],
    ["urls", (value) => (into.untrustedUrls = decoder.list(value).map((item) => decoder.string(item)))],
  ]);
}

function fieldsOfKind(decoder: GoJsonDecoder, kind: DescriptorKind, into: Descriptor): Handlers {
  switch (kind) {
    case "docker":
      return new Map();
    case "docker-list":
      return new Map([
        ["platform", (value) => (into.platform = decodePlatform(decoder, value, into.platform, ["features"]))],
      ]);
    case "oci":
      return new Map<string, (value: JsonNode) => void>([
        ["annotations", (value) => (into.annotations = decoder.stringMap(value, into.annotations))],
        ["data", (value) => decoder.bytes(value)],
        ["artifacttype", (value) => decoder.string(value)],
        [
          "platform",
          (value) => {
            into.platform = value.kind === "null" ? undefined : decodePlatform(decoder, value, into.platform, []);
          },
        ],
      ]);
  }
}

/** Versions and features of the system choose nothing, but must be of the right type. */
function decodePlatform(
  decoder: GoJsonDecoder,
  node: JsonNode,
  previous: Platform | undefined,
  moreLists: readonly string[],
): Platform {
  let { os, architecture, variant } = previous ?? { os: "", architecture: "", variant: "" };
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["os", (value) => (os = decoder.string(value, os))],
      ["architecture", (value) => (architecture = decoder.string(value, architecture))],
      ["variant", (value) => (variant = decoder.string(value, variant))],
      ["os.version", (value) => decoder.string(value)],
      ...["os.features", ...moreLists].map(
        (name) => [name, (value: JsonNode) => checkStrings(decoder, value)] as const,
      ),
    ]),
  );
  return { os, architecture, variant };
}

function checkStrings(decoder: GoJsonDecoder, node: JsonNode): void {
  for (const item of decoder.list(node)) decoder.string(item);
}
