import { isGoTime } from "../encoding/go-time.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder, GoSlice } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxManifestValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { guessMediaType, signedSchema1 } from "./manifest.ts";
import type { ImageProblem } from "./problem.ts";
import { schema1Payload } from "./schema1.ts";
import { checkUnambiguous } from "./unambiguous.ts";

/** A layer of schema 1. */
export interface Schema1Layer {
  readonly untrustedDigest: string;
  /** It changes nothing (`throwaway`): the reference makes an empty one of it, whatever its digest says. */
  readonly isEmpty: boolean;
}

/**
 * What a manifest of schema 1 calls the digests of its layers, the oldest first, those left out that it says twice in a row, as the reference reads it:
 * that of a signed one is what its signatures cover (image/v5: manifest/docker_schema1.go Schema1FromManifest).
 *
 * @param root the JSON of the bytes.
 */
export function schema1Layers(
  untrustedManifest: Uint8Array,
  root: JsonNode,
): Result<readonly Schema1Layer[], ImageProblem> {
  const manifest = withoutSignatures(untrustedManifest, root);
  if (!manifest.ok) return manifest;
  const fields = decodeSchema1(manifest.value);
  if (fields === undefined) return malformed("a field of it has a value of the wrong type");
  if (fields.schemaVersion !== 1n) return malformed("its schemaVersion is not 1");
  const unambiguous = checkUnambiguous(manifest.value, ["fsLayers", "history"]);
  if (!unambiguous.ok) return unambiguous;
  const { layers, history } = fields;
  if (layers.length !== history.length) return malformed("it has not as many layers as entries of history");
  if (layers.length === 0) return malformed("it has no layers");
  const generations = decodeHistory(history);
  if (!generations.ok) return generations;
  const kept = keptGenerations(generations.value);
  if (!kept.ok) return kept;
  return ok(
    kept.value.map((at) => ({
      untrustedDigest: layers[at] ?? "",
      isEmpty: generations.value[at]?.isEmpty === true,
    })),
  );
}

/** What is read of it: of a signed one, what its signatures cover. */
export function withoutSignatures(untrustedManifest: Uint8Array, root: JsonNode): Result<JsonNode, ImageProblem> {
  if (root.kind !== "object" || guessMediaType(root) !== signedSchema1) return ok(root);
  const payload = schema1Payload(untrustedManifest, root);
  if (!payload.ok) return payload;
  const parsed = parseJson(decodeUtf8AsGo(payload.value), { maxValues: maxManifestValues });
  return parsed.ok ? ok(parsed.value) : malformed("what its signatures cover is not valid JSON");
}

/** The Go struct manifest.Schema1; `undefined` if a value has the wrong type. */
function decodeSchema1(root: JsonNode) {
  const decoder = new GoJsonDecoder();
  const layers = new GoSlice(() => ({ text: "" }));
  const history = new GoSlice(() => ({ text: "" }));
  const decodeOne = (field: string) => (element: { text: string }, node: JsonNode) =>
    decoder.struct(node, new Map([[field, (value: JsonNode) => (element.text = decoder.string(value, element.text))]]));
  let schemaVersion = 0n;
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["name", (value) => decoder.string(value)],
      ["tag", (value) => decoder.string(value)],
      ["architecture", (value) => decoder.string(value)],
      ["fslayers", (value) => layers.decode(decoder, value, decodeOne("blobsum"))],
      ["history", (value) => history.decode(decoder, value, decodeOne("v1compatibility"))],
      ["schemaversion", (value) => (schemaVersion = decoder.integer(value, schemaVersion))],
    ]),
  );
  if (decoder.mismatch) return undefined;
  const texts = (slice: typeof layers) => slice.elements.map(({ text }) => text);
  return { schemaVersion, layers: texts(layers), history: texts(history) };
}

/** What `history` says of one layer. */
interface Generation {
  readonly id: string;
  readonly parent: string;
  readonly isEmpty: boolean;
}

/** Schema1.initialize. The texts together may hold as many values as a manifest. */
function decodeHistory(history: readonly string[]): Result<readonly Generation[], ImageProblem> {
  const generations: Generation[] = [];
  let valuesLeft = maxManifestValues;
  for (const text of history) {
    const parsed = parseJson(text, { maxValues: valuesLeft });
    if (!parsed.ok && parsed.problem.kind === "count") {
      return fail({ code: "image.manifest.too-large", maxValues: maxManifestValues });
    }
    const generation = parsed.ok ? decodeGeneration(parsed.value, text) : undefined;
    if (!parsed.ok || generation === undefined) return malformed("an entry of its history cannot be read");
    valuesLeft -= countValues(parsed.value);
    generations.push(generation);
  }
  return ok(generations);
}

/** The Go struct manifest.Schema1V1Compatibility; `text` is what `root` was read from. */
function decodeGeneration(root: JsonNode, text: string): Generation | undefined {
  const decoder = new GoJsonDecoder();
  const generation = { id: "", parent: "", isEmpty: false };
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["id", (value) => (generation.id = decoder.string(value, generation.id))],
      ["parent", (value) => (generation.parent = decoder.string(value, generation.parent))],
      ["comment", (value) => decoder.string(value)],
      ["created", (value) => checkTime(decoder, value, text)],
      ["container_config", (value) => decoder.struct(value, new Map([["cmd", stringList(decoder)]]))],
      ["author", (value) => decoder.string(value)],
      ["throwaway", (value) => (generation.isEmpty = decoder.boolean(value, generation.isEmpty))],
    ]),
  );
  return decoder.mismatch ? undefined : generation;
}

function checkTime(decoder: GoJsonDecoder, node: JsonNode, text: string): void {
  const isTime = node.kind === "string" && isGoTime(text.slice(node.at + 1, node.end - 1));
  if (node.kind !== "null" && !isTime) decoder.mismatch = true;
}

function stringList(decoder: GoJsonDecoder): (node: JsonNode) => void {
  return (node) => {
    for (const item of decoder.list(node)) decoder.string(item);
  };
}

function countValues(root: JsonNode): number {
  let count = 0;
  const pending: JsonNode[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    count += 1;
    if (next.kind === "array") for (const item of next.items) pending.push(item);
    if (next.kind === "object") for (const member of next.members) pending.push(member.value);
  }
  return count;
}

const v1Id = /^[a-f0-9]{64}$/;

/**
 * Schema1.fixManifestLayers: the newest comes first, each is the child of the next, and of several in a row with one ID only the last
 * is kept.
 *
 * @returns the places of those that are kept, the oldest first.
 */
function keptGenerations(generations: readonly Generation[]): Result<readonly number[], ImageProblem> {
  if (!generations.every(({ id }) => v1Id.test(id))) return malformed("an ID in its history is not one");
  if (generations.at(-1)?.parent !== "") return malformed("its oldest layer has a parent");
  if (hasScatteredIds(generations)) return malformed("an ID comes several times in its history");
  const kept: number[] = [];
  let older: Generation | undefined;
  for (let at = generations.length - 1; at >= 0; at--) {
    const generation = generations[at];
    if (generation === undefined || generation.id === older?.id) continue;
    if (older !== undefined && generation.parent !== older.id) {
      return malformed("a layer in its history is not the child of the one before");
    }
    kept.push(at);
    older = generation;
  }
  return ok(kept);
}

/** Whether an ID comes again after another one. */
function hasScatteredIds(generations: readonly Generation[]): boolean {
  const seen = new Set<string>();
  let last = "";
  for (const { id } of generations) {
    if (id !== last && seen.has(id)) return true;
    seen.add(id);
    last = id;
  }
  return false;
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
