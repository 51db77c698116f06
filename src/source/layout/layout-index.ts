import { parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
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
 * image-spec (containers/image: oci/layout `srcGetIndex`). The problem is a technical detail.
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
  let descriptors: readonly UntrustedDescriptor[] = [];
  decoder.struct(
    parsed.value,
    new Map([
      [
        list,
        (value) => {
          descriptors = decoder.list(value).map((item) => readDescriptor(item, decoder));
        },
      ],
    ]),
  );
  return decoder.mismatch ? fail("a value in it is of the wrong type") : ok(descriptors);
}

function readDescriptor(node: Parameters<GoJsonDecoder["struct"]>[0], decoder: GoJsonDecoder): UntrustedDescriptor {
  const descriptor = {
    mediaType: "",
    digest: "",
    sizeBytes: 0n,
    annotations: new Map<string, string>() as ReadonlyMap<string, string>,
  };
  decoder.struct(
    node,
    new Map<string, (value: typeof node) => void>([
      ["mediatype", (value) => (descriptor.mediaType = decoder.string(value, descriptor.mediaType))],
      ["digest", (value) => (descriptor.digest = decoder.string(value, descriptor.digest))],
      ["size", (value) => (descriptor.sizeBytes = decoder.integer(value, descriptor.sizeBytes))],
      ["annotations", (value) => (descriptor.annotations = decoder.stringMap(value, descriptor.annotations))],
    ]),
  );
  return descriptor;
}
