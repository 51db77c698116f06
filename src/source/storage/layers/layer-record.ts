import { type Digest, parseDigest } from "../../../encoding/digest.ts";
import { type JsonNode, parseJson } from "../../../encoding/json.ts";
import { GoJsonDecoder } from "../../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../../encoding/utf8.ts";
import { isIdentifier } from "../../../identity/docker-grammar.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { maxLayerListBytes, maxLayerListValues } from "../../../limits.ts";
import { fail, ok, type Result } from "../../../result.ts";

/** What a storage says of one layer: an entry of its layers.json (containers/storage: layers.go `Layer`). */
export interface LayerRecord {
  /** 64 hex digits. */
  readonly id: string;
  /** The ID of the layer below; "" if there is none. */
  readonly untrustedParent: string;
  /** Of the unpacked archive; "" where the storage never saw it whole. */
  readonly untrustedDigest: string;
  /** Its size; below zero where the storage does not know. */
  readonly sizeBytes: bigint;
  /** It was pulled by its table of contents, and `sizeBytes` may be a guess. */
  readonly isByTableOfContents: boolean;
  /** What the configuration of the image says that the digest is, where it was; nobody compared it. */
  readonly untrustedExpectedDigest: string | undefined;
}

/**
 * Reads layers.json as the reference does (containers/storage: layers.go `load`): a file without content lists nothing, of an ID that comes
 * twice the first counts, and what was never finished is no layer. Left out besides are those whose ID is not 64 hex digits (it names files):
 * no image that was pulled or built has one.
 *
 * @param name what to call the file in a problem.
 */
export function parseLayerList(untrustedList: Uint8Array, name: string): Result<readonly LayerRecord[], ImageProblem> {
  if (untrustedList.length === 0) return ok([]);
  const root = parseJson(decodeUtf8AsGo(untrustedList), { maxValues: maxLayerListValues });
  if (!root.ok) {
    return malformed(name, root.problem.kind === "count" ? `more than ${maxLayerListValues} values` : "not JSON");
  }
  const decoder = new GoJsonDecoder();
  const records: LayerRecord[] = [];
  const seen = new Set<string>();
  for (const node of decoder.list(root.value)) {
    const { isIncomplete, ...record } = readRecord(decoder, node);
    if (!isIdentifier(record.id) || seen.has(record.id)) continue;
    seen.add(record.id);
    if (!isIncomplete) records.push(record);
  }
  return decoder.mismatch ? malformed(name, "a value of the wrong type") : ok(records);
}

/** That such a file has more than `maxLayerListBytes`. */
export function layerListTooLarge(name: string): ImageProblem {
  return { code: "image.source.malformed", name, detail: `larger than ${maxLayerListBytes} bytes` };
}

/**
 * The digest of a layer's archive (containers/image: storage_src.go `LayerInfosForCopy`); `undefined` if it is not known, or none.
 */
export function digestOf(record: LayerRecord): Digest | undefined {
  const { untrustedDigest, untrustedExpectedDigest, isByTableOfContents } = record;
  if (untrustedDigest !== "") return parseDigest(untrustedDigest);
  return isByTableOfContents ? parseDigest(untrustedExpectedDigest ?? "") : undefined;
}

function readRecord(decoder: GoJsonDecoder, node: JsonNode): LayerRecord & { readonly isIncomplete: boolean } {
  const fields = { id: "", parent: "", digest: "", toc: "", size: 0n, flags: new Map<string, JsonNode>() };
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["id", (value) => (fields.id = decoder.string(value, fields.id))],
      ["parent", (value) => (fields.parent = decoder.string(value, fields.parent))],
      ["diff-digest", (value) => (fields.digest = decoder.string(value, fields.digest))],
      ["toc-digest", (value) => (fields.toc = decoder.string(value, fields.toc))],
      ["diff-size", (value) => (fields.size = decoder.integer(value, fields.size))],
      ["flags", (value) => readFlags(decoder, value, fields.flags)],
    ]),
  );
  const incomplete = fields.flags.get("incomplete");
  const expected = fields.flags.get("expected-layer-diffid");
  return {
    id: fields.id,
    untrustedParent: fields.parent,
    untrustedDigest: fields.digest,
    sizeBytes: fields.size,
    isByTableOfContents: fields.toc !== "",
    untrustedExpectedDigest: expected?.kind === "string" ? expected.value : undefined,
    isIncomplete: incomplete?.kind === "boolean" && incomplete.value,
  };
}

/** A `map[string]any`. */
function readFlags(decoder: GoJsonDecoder, node: JsonNode, flags: Map<string, JsonNode>): void {
  decoder.any(node);
  if (node.kind === "null") flags.clear();
  else if (node.kind !== "object") decoder.mismatch = true;
  else for (const { key, value } of node.members) flags.set(key, value);
}

function malformed(name: string, detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.source.malformed", name, detail });
}
