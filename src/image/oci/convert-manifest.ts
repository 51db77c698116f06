import { digestText } from "../../encoding/digest.ts";
import { goList, goString, goStruct } from "../../encoding/json-go-encode.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { type ManifestPart, partsOf } from "../layers.ts";
import { dockerSchema2, ociConfigType, ociManifest, plainSchema1, signedSchema1 } from "../manifest.ts";
import type { ImageProblem } from "../problem.ts";
import { ociConfig } from "./image-config.ts";

/**
 * The manifest of an image as OCI has it: one of OCI as it is, one of schema 2 converted as the reference does (image/v5:
 * internal/image/docker_schema2.go `convertToManifestOCI1`), byte for byte. Its configuration is then the bytes of {@link ociConfig}, which
 * no registry has.
 *
 * @param untrustedConfig of a manifest of schema 2
 */
export function convertToOci(
  untrustedManifest: Uint8Array,
  mediaType: string,
  untrustedConfig: Uint8Array,
): Result<Uint8Array, ImageProblem> {
  switch (mediaType) {
    case ociManifest:
      return ok(untrustedManifest);
    case dockerSchema2:
      return convertSchema2(untrustedManifest, untrustedConfig);
    case plainSchema1:
    case signedSchema1:
      return malformed(`unsupported legacy manifest MIME type: ${mediaType}`);
    default:
      return malformed(`unsupported manifest MIME type: ${mediaType}`);
  }
}

function convertSchema2(untrustedManifest: Uint8Array, untrustedConfig: Uint8Array): Result<Uint8Array, ImageProblem> {
  const parts = partsOf(untrustedManifest, dockerSchema2);
  if (!parts.ok) return parts;
  const config = ociConfig(untrustedConfig);
  if (!config.ok) return config;
  const { whole } = config.value;
  const layers: string[] = [];
  for (const layer of parts.value.layers) {
    const mediaType = layerTypes.get(layer.mediaType);
    if (mediaType === undefined) return malformed(`OCI has no layers of type ${JSON.stringify(layer.mediaType)}`);
    layers.push(descriptorText({ ...layer, mediaType, digest: digestText(layer.digest) }));
  }
  const configDescriptor = descriptorText({
    mediaType: ociConfigType,
    digest: `sha256:${sha256Hex(whole)}`,
    sizeBytes: whole.length,
    untrustedUrls: [],
  });
  const manifest = goStruct([
    ["schemaVersion", "2"],
    ["mediaType", goString(ociManifest)],
    ["config", configDescriptor],
    ["layers", goList(layers)],
  ]);
  return ok(Buffer.from(manifest));
}

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

/** image-spec: specs-go/v1/descriptor.go Descriptor, of which schema 2 knows no other fields. */
function descriptorText({
  mediaType,
  digest,
  sizeBytes,
  untrustedUrls,
}: Pick<ManifestPart, "mediaType" | "sizeBytes" | "untrustedUrls"> & { readonly digest: string }): string {
  return goStruct([
    ["mediaType", goString(mediaType)],
    ["digest", goString(digest)],
    ["size", `${sizeBytes ?? 0}`],
    ["urls", untrustedUrls.length === 0 ? undefined : goList(untrustedUrls.map(goString))],
  ]);
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
