import { parseJson } from "../../encoding/json.ts";
import { field, goElements, goInteger, goSlice, goString, goStruct, optional } from "../../encoding/json-go-type.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { maxManifestValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { partsOf } from "../layers.ts";
import {
  dockerList,
  dockerSchema2,
  ociConfigType,
  ociIndex,
  ociManifest,
  plainSchema1,
  signedSchema1,
} from "../manifest.ts";
import type { ImageProblem } from "../problem.ts";
import { decodeAs } from "./config-type.ts";
import { ociConfig } from "./image-config.ts";

/**
 * The manifest of an image as OCI has it: one of OCI as it is, one of schema 2 converted as the reference does it, byte for byte (image/v5:
 * internal/image/docker_schema2.go convertToManifestOCI1). Schema 1 and lists are refused.
 *
 * @param mediaType what the manifest is, by the source or by its content.
 * @param untrustedConfig the blob that the manifest names, compared with its digest by the caller. The converted manifest names what
 * {@link ociConfig} makes of it, which nobody can fetch.
 */
export function convertToOci(
  untrustedManifest: Uint8Array,
  mediaType: string,
  untrustedConfig: Uint8Array | undefined,
): Result<Uint8Array, ImageProblem> {
  if (mediaType === signedSchema1 || mediaType === plainSchema1) {
    return malformed("it is of schema 1, which is not converted");
  }
  if (mediaType === ociIndex || mediaType === dockerList) return malformed("it is a list of images, not an image");
  if (mediaType !== ociManifest && mediaType !== dockerSchema2) return malformed("it is of no type that is converted");
  const parts = partsOf(untrustedManifest, mediaType);
  if (!parts.ok) return parts;
  if (mediaType === ociManifest) return ok(untrustedManifest);
  if (parts.value.config === undefined || untrustedConfig === undefined) return malformed("it names no configuration");
  const config = ociConfig(untrustedConfig);
  return config.ok ? convertSchema2(untrustedManifest, config.value.whole) : config;
}

const dockerDescriptorType = goStruct({
  mediaType: field("mediaType", goString),
  size: field("size", goInteger),
  digest: field("digest", goString),
  urls: optional("urls", goSlice(goString)),
});

const schema2Type = goStruct({ layers: field("layers", goSlice(dockerDescriptorType)) });

/** The same fields in another order (image-spec: specs-go/v1/descriptor.go Descriptor). */
const ociDescriptorType = goStruct({
  mediaType: field("mediaType", goString),
  digest: field("digest", goString),
  size: field("size", goInteger),
  urls: optional("urls", goSlice(goString)),
});

/** image-spec: specs-go/v1/manifest.go Manifest, as far as a converted one has its fields. */
const ociManifestType = goStruct({
  schemaVersion: field("schemaVersion", goInteger),
  mediaType: field("mediaType", goString),
  config: field("config", ociDescriptorType),
  layers: field("layers", goSlice(ociDescriptorType)),
});

/** manifestSchema2.convertToManifestOCI1: the only layers that it converts. */
const layerTypes: ReadonlyMap<string, string> = new Map([
  ["application/vnd.docker.image.rootfs.foreign.diff.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar"],
  [
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  ],
  ["application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"],
  ["application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"],
  ["application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.oci.image.layer.v1.tar+zstd"],
]);

type OciDescriptor = ReturnType<typeof ociDescriptorType.zero>;

function convertSchema2(untrustedManifest: Uint8Array, config: Uint8Array): Result<Uint8Array, ImageProblem> {
  const parsed = parseJson(decodeUtf8AsGo(untrustedManifest), { maxValues: maxManifestValues });
  const manifest = parsed.ok ? decodeAs(schema2Type, parsed.value) : undefined;
  if (manifest === undefined) throw new Error("partsOf lets no other manifest pass");
  const layers: OciDescriptor[] = [];
  for (const { mediaType: dockerType, digest, size, urls } of goElements(manifest.layers)) {
    const mediaType = layerTypes.get(dockerType);
    if (mediaType === undefined) return malformed("a layer of it has a media type that OCI has no name for");
    layers.push({ mediaType, digest, size, urls });
  }
  const converted = ociManifestType.encode({
    schemaVersion: 2n,
    mediaType: ociManifest,
    config: {
      mediaType: ociConfigType,
      digest: `sha256:${sha256Hex(config)}`,
      size: BigInt(config.length),
      urls: undefined,
    },
    layers: { made: layers, length: layers.length },
  });
  if (converted === undefined) throw new Error("nothing in a manifest is impossible to encode");
  return ok(Buffer.from(converted));
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
