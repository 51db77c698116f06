import { type Digest, digestText, parseDigest } from "../encoding/digest.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { dockerList, ociIndex } from "./manifest.ts";

/** Whether a manifest of this type lists images of several architectures instead of being one. */
export function isIndexType(mediaType: string | undefined): boolean {
  return mediaType === ociIndex || mediaType === dockerList;
}

/** More images in an index are not looked at. */
const maxInstances = 1000;
const maxValues = 200_000;

/** The digests of the images that an index lists, each once; none if it cannot be read. For words only: nothing here is judged. */
export function indexInstances(untrustedIndex: Uint8Array): readonly Digest[] {
  const parsed = parseJson(decodeUtf8AsGo(untrustedIndex), { maxValues });
  const manifests = parsed.ok ? memberOf(parsed.value, "manifests") : undefined;
  const items = manifests?.kind === "array" ? manifests.items.slice(0, maxInstances) : [];
  const digests = items.flatMap((item) => {
    const digest = memberOf(item, "digest");
    return (digest?.kind === "string" ? parseDigest(digest.value) : undefined) ?? [];
  });
  return [...new Map(digests.map((digest) => [digestText(digest), digest])).values()];
}

function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  return node.kind === "object" ? node.members.find(({ key }) => key === name)?.value : undefined;
}
