import { type JsonNode, parseJson } from "../encoding/json.ts";
import { foldKey } from "../encoding/json-go.ts";
import { maxManifestValues } from "../limits.ts";

/** The fields by which an index says what it lists (OCI image-spec, image-index.md and descriptor.md; docker's manifest list). */
const fields = [
  ...["schemaVersion", "mediaType", "artifactType", "manifests", "subject", "config", "layers", "fsLayers"],
  ...["digest", "size", "urls", "data", "platform", "os", "architecture", "variant", "os.version", "os.features"],
];
const spelling: ReadonlyMap<string, string> = new Map(fields.map((name) => [foldKey(name), name]));

/**
 * Whether all readers of JSON find the same images in an index: none of its objects has a key twice, be it in other letters, which Go takes
 * for the same, and others do not.
 */
export function hasOneReading(untrustedIndex: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(untrustedIndex);
  } catch {
    return false;
  }
  const parsed = parseJson(text, { maxValues: maxManifestValues });
  return parsed.ok && isPlain(parsed.value);
}

function isPlain(node: JsonNode): boolean {
  if (node.kind === "array") return node.items.every(isPlain);
  if (node.kind !== "object") return true;
  const keys = new Set(node.members.map(({ key }) => foldKey(key)));
  if (keys.size !== node.members.length) return false;
  return node.members.every(({ key, value }) => {
    const name = spelling.get(foldKey(key));
    // What is annotated chooses nothing, and has keys of its own.
    if (key === "annotations") return true;
    return (name === undefined || name === key) && isPlain(value);
  });
}
