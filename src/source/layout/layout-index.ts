import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { decodeDescriptor, decodeDescriptors, descriptorSlice, emptyDescriptor } from "../../image/descriptor.ts";
import { maxLayoutIndexValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";

/** An entry of index.json, as it is written there. */
export interface UntrustedDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: bigint;
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * Reads index.json, or the descriptors in a list of a manifest (`manifests`, `layers`), as Go decodes it into the structs of
 * image-spec (containers/image: oci/layout `srcGetIndex`; image-spec: specs-go/v1/index.go Index, manifest.go Manifest). The problem is a
 * technical detail.
 */
export function readDescriptors(
  json: Uint8Array,
  list: "manifests" | "layers",
): Result<readonly UntrustedDescriptor[], string> {
  const parsed = parseJson(decodeUtf8AsGo(json), { maxValues: maxLayoutIndexValues });
  if (!parsed.ok) {
    return fail(parsed.problem.kind === "count" ? `more than ${parsed.problem.maxValues} values` : "it is not JSON");
  }
  const decoder = new GoJsonDecoder();
  const descriptors = descriptorSlice();
  const one = (value: JsonNode) => decodeDescriptor(decoder, value, "oci", emptyDescriptor());
  decoder.struct(
    parsed.value,
    new Map<string, (value: JsonNode) => void>([
      ["schemaversion", (value) => decoder.integer(value)],
      ["mediatype", (value) => decoder.string(value)],
      ["artifacttype", (value) => decoder.string(value)],
      [list, (value) => decodeDescriptors(decoder, value, "oci", descriptors)],
      ...(list === "layers" ? [["config", one] as const] : []),
      ["subject", one],
      ["annotations", (value) => decoder.stringMap(value, new Map())],
    ]),
  );
  if (decoder.mismatch) return fail("a value in it is of the wrong type");
  return ok(
    descriptors.elements.map(({ mediaType, untrustedDigest, sizeBytes, annotations }) => ({
      mediaType,
      digest: untrustedDigest,
      sizeBytes: sizeBytes ?? 0n,
      annotations,
    })),
  );
}
