import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { isIdentifier } from "../../identity/docker-grammar.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxImageListBytes, maxImageListValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { fileNameOf } from "./big-data-name.ts";

/** What a storage says of one image: an entry of its images.json (containers/storage: images.go `Image`). */
export interface ImageRecord {
  /** 64 hex digits. */
  readonly id: string;
  /** What users called it. */
  readonly untrustedNames: readonly string[];
  /** By which it can be found: those of its manifests, of an index that was pulled for it, and perhaps another. */
  readonly digests: readonly Digest[];
  /** The ID of its last layer, whatever that is; "" if it has none. */
  readonly untrustedTopLayer: string;
  /** The files that it has, by name. */
  readonly bigData: ReadonlyMap<string, BigDataRecord>;
  /** What containers/image keeps here, JSON again; "" if nothing. */
  readonly untrustedMetadata: string;
}

export interface BigDataRecord {
  readonly sizeBytes: bigint;
  /** Of a manifest as `manifest.Digest` of containers/image makes it, else of the bytes. */
  readonly digest: Digest;
}

/** The name of the list in problems. */
export const imageListName = "images.json";

/**
 * Reads images.json as the reference does (containers/storage: images.go `load`): a file without content lists nothing, and one digest
 * of a manifest that is none refuses all of it.
 *
 * Stricter on purpose are these, which no storage library writes: an ID that is not 64 hex digits (it names a directory), an ID or name
 * that occurs twice, and a name of data that would be a path.
 */
export function parseImageList(untrustedList: Uint8Array): Result<readonly ImageRecord[], ImageProblem> {
  if (untrustedList.length === 0) return ok([]);
  const root = parseJson(decodeUtf8AsGo(untrustedList), { maxValues: maxImageListValues });
  if (!root.ok) return malformed(root.problem.kind === "count" ? `more than ${maxImageListValues} values` : "not JSON");
  const decoder = new GoJsonDecoder();
  const records: ImageRecord[] = [];
  const taken = new Set<string>();
  for (const node of decoder.list(root.value)) {
    if (node.kind !== "object") return malformed("an image is no object");
    const record = readRecord(node);
    if (!record.ok) return record;
    const { id, untrustedNames } = record.value;
    for (const key of [id, ...new Set(untrustedNames)]) {
      if (taken.has(key)) return malformed(`two images are called ${JSON.stringify(key)}`);
      taken.add(key);
    }
    records.push(record.value);
  }
  return decoder.mismatch ? malformed("not a list") : ok(records);
}

/** That images.json has more than `maxImageListBytes`. */
export const imageListTooLarge: ImageProblem = {
  code: "image.source.malformed",
  name: imageListName,
  detail: `larger than ${maxImageListBytes} bytes`,
};

function readRecord(node: JsonNode): Result<ImageRecord, ImageProblem> {
  const fields = {
    id: "",
    digest: "",
    layer: "",
    names: [] as readonly string[],
    metadata: "",
    dataNames: [] as readonly string[],
    sizes: new Map<string, bigint>(),
    digests: new Map() as ReadonlyMap<string, string>,
  };
  const decoder = new GoJsonDecoder();
  const strings = (value: JsonNode) => decoder.list(value).map((item) => decoder.string(item));
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["id", (value) => (fields.id = decoder.string(value, fields.id))],
      ["digest", (value) => (fields.digest = decoder.string(value, fields.digest))],
      ["layer", (value) => (fields.layer = decoder.string(value, fields.layer))],
      ["names", (value) => (fields.names = strings(value))],
      ["metadata", (value) => (fields.metadata = decoder.string(value, fields.metadata))],
      ["big-data-names", (value) => (fields.dataNames = strings(value))],
      ["big-data-sizes", (value) => readSizes(decoder, value, fields.sizes)],
      ["big-data-digests", (value) => (fields.digests = decoder.stringMap(value, fields.digests))],
    ]),
  );
  if (decoder.mismatch) return malformed("an image has a value of the wrong type");
  if (!isIdentifier(fields.id)) return malformed(`${JSON.stringify(fields.id.slice(0, 80))} is no image ID`);
  const digests = digestsOf(fields.digest, fields.digests);
  if (!digests.ok) return digests;
  const bigData = bigDataOf(fields);
  if (!bigData.ok) return bigData;
  return ok({
    id: fields.id,
    untrustedNames: fields.names,
    untrustedTopLayer: fields.layer,
    digests: digests.value,
    bigData: bigData.value,
    untrustedMetadata: fields.metadata,
  });
}

/** A `map[string]int64`. */
function readSizes(decoder: GoJsonDecoder, node: JsonNode, sizes: Map<string, bigint>): void {
  if (node.kind === "null") sizes.clear();
  else if (node.kind !== "object") decoder.mismatch = true;
  else for (const { key, value } of node.members) sizes.set(key, decoder.integer(value));
}

/** containers/storage: images.go `recomputeDigests`. */
function digestsOf(
  ownDigest: string,
  dataDigests: ReadonlyMap<string, string>,
): Result<readonly Digest[], ImageProblem> {
  const ofManifests = [...dataDigests].flatMap(([name, digest]) => (name.startsWith("manifest") ? [digest] : []));
  const digests = new Map<string, Digest>();
  for (const text of ownDigest === "" ? ofManifests : [ownDigest, ...ofManifests]) {
    const digest = parseDigest(text);
    if (digest === undefined) return malformed(`${JSON.stringify(text.slice(0, 200))} is no digest`);
    digests.set(digestText(digest), digest);
  }
  return ok([...digests.values()]);
}

/** What has a name, a size and a digest; without one of them there is nothing to compare a file with, and it counts as not there. */
function bigDataOf(fields: {
  readonly dataNames: readonly string[];
  readonly sizes: ReadonlyMap<string, bigint>;
  readonly digests: ReadonlyMap<string, string>;
}): Result<ReadonlyMap<string, BigDataRecord>, ImageProblem> {
  const bigData = new Map<string, BigDataRecord>();
  for (const name of fields.dataNames) {
    if (fileNameOf(name) === undefined)
      return malformed(`data are called ${JSON.stringify(name.slice(0, 200))}, a path`);
    const sizeBytes = fields.sizes.get(name);
    const digest = parseDigest(fields.digests.get(name) ?? "");
    if (sizeBytes !== undefined && digest !== undefined) bigData.set(name, { sizeBytes, digest });
  }
  return ok(bigData);
}

function malformed(detail: string): { readonly ok: false; readonly problem: ImageProblem } {
  return fail({ code: "image.source.malformed", name: imageListName, detail });
}
