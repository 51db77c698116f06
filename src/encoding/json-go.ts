import { decodeBase64AsGo } from "./base64.ts";
import type { JsonNode, JsonObject } from "./json.ts";

/**
 * Decodes JSON as Go's `encoding/json` fills structs, where the reference relies on it: keys match in any letter case,
 * unknown keys are skipped, of duplicates the last one wins (maps merge), null leaves a value as it is, and the first
 * value of a wrong type fails the whole text, but only at the end.
 *
 * Call the methods, then look at {@link GoJsonDecoder.mismatch}; what was decoded counts only if it is false.
 */
export class GoJsonDecoder {
  /** True once a value was of the wrong type. */
  mismatch = false;
  readonly #maps = new WeakMap<ReadonlyMap<string, string>, Map<string, string>>();

  /** A struct: calls the handler of each known field, in the order of the text. Names are given in lower case. */
  struct(node: JsonNode, fields: ReadonlyMap<string, (value: JsonNode) => void>): void {
    if (node.kind === "null") return;
    if (node.kind !== "object") {
      this.mismatch = true;
      return;
    }
    for (const { key, value } of node.members) (fields.get(key) ?? fields.get(foldKey(key)))?.(value);
  }

  /** A string; `previous` is what an earlier duplicate said. */
  string(node: JsonNode, previous = ""): string {
    if (node.kind === "string") return node.value;
    if (node.kind !== "null") this.mismatch = true;
    return previous;
  }

  /** An int64; fractions and exponents are no integers, whatever their value. */
  integer(node: JsonNode, previous = 0n): bigint {
    if (node.kind === "number" && /^-?[0-9]+$/.test(node.text) && node.text.length <= 20) {
      const value = BigInt(node.text);
      if (BigInt.asIntN(64, value) === value) return value;
    }
    if (node.kind !== "null") this.mismatch = true;
    return previous;
  }

  /** A `[]byte`: base64, or a list of numbers from 0 to 255; `undefined` for null. */
  bytes(node: JsonNode, previous?: Uint8Array): Uint8Array | undefined {
    if (node.kind === "null") return undefined;
    if (node.kind === "string") {
      const bytes = decodeBase64AsGo(node.value);
      if (bytes === undefined) this.mismatch = true;
      return bytes;
    }
    if (node.kind !== "array") {
      this.mismatch = true;
      return undefined;
    }
    // A null element keeps what the slice held there, which is 0 unless a duplicate key filled it before.
    return Uint8Array.from(node.items, (item, index) => this.#byte(item, previous?.[index] ?? 0));
  }

  #byte(node: JsonNode, previous: number): number {
    const value = this.integer(node, BigInt(previous));
    if (value < 0n || value > 255n) this.mismatch = true;
    return Number(value & 255n);
  }

  /** A `map[string]string`; a duplicate of the whole map adds to `previous`, null empties it. */
  stringMap(node: JsonNode, previous: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    if (node.kind === "null") return new Map();
    if (node.kind !== "object") {
      this.mismatch = true;
      return previous;
    }
    // One that was made here is added to: to copy it for each duplicate would take a time that grows as the square of the text.
    const own = this.#maps.get(previous) ?? new Map(previous);
    this.#maps.set(own, own);
    for (const { key, value } of node.members) own.set(key, this.string(value));
    return own;
  }

  /** The elements of a list; null is an empty one. */
  list(node: JsonNode): readonly JsonNode[] {
    if (node.kind === "array") return node.items;
    if (node.kind !== "null") this.mismatch = true;
    return [];
  }

  /** A bool; `previous` is what an earlier duplicate said. */
  boolean(node: JsonNode, previous = false): boolean {
    if (node.kind === "boolean") return node.value;
    if (node.kind !== "null") this.mismatch = true;
    return previous;
  }

  /** A value of any type (`any`): fails only on numbers beyond float64. */
  any(node: JsonNode): void {
    if (!fitsGoAny(node)) this.mismatch = true;
  }
}

/**
 * A slice of structs. Of duplicate keys, Go decodes the elements of the second list into those that it made for the first, and finds
 * even those again that a shorter list in between left out (decode.go `decodeState.array`): so what an element says may be put together
 * from several lists.
 *
 * @typeParam T an element, which is filled in place.
 */
export class GoSlice<T> {
  /** All that were made since the slice was empty last. */
  #made: T[] = [];
  #length = 0;
  readonly #make: () => T;

  /** @param make an element as Go makes it: with nothing in it. */
  constructor(make: () => T) {
    this.#make = make;
  }

  get elements(): readonly T[] {
    return this.#made.slice(0, this.#length);
  }

  /** Decodes one list; `fill` decodes one element. */
  decode(decoder: GoJsonDecoder, node: JsonNode, fill: (element: T, node: JsonNode) => void): void {
    if (node.kind !== "null" && node.kind !== "array") {
      decoder.mismatch = true;
      return;
    }
    const items = decoder.list(node);
    if (items.length === 0) this.#made = [];
    for (const [index, item] of items.entries()) {
      const element = this.#made[index] ?? this.#make();
      this.#made[index] = element;
      fill(element, item);
    }
    this.#length = items.length;
  }
}

/** Whether Go can decode `node` into an `any`: every number must fit a float64. */
export function fitsGoAny(node: JsonNode): boolean {
  const pending: JsonNode[] = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "number" && !Number.isFinite(Number(next.text))) return false;
    if (next.kind === "array") for (const item of next.items) pending.push(item);
    if (next.kind === "object") for (const member of next.members) pending.push(member.value);
  }
  return true;
}

/** An object as a Go `map[string]any` holds it: keys in their exact spelling, of duplicates the last one. */
export function goMap(node: JsonObject): Map<string, JsonNode> {
  return new Map(node.members.map(({ key, value }) => [key, value]));
}

/**
 * Whether Go decodes both into equal values of type `any` (`reflect.DeepEqual`): numbers are compared as float64, of
 * duplicate keys the last one counts at every level, and null is a value. Both must fit ({@link fitsGoAny}).
 *
 * Works without recursion, so that depth costs no stack.
 */
export function equalAsGoAny(left: JsonNode, right: JsonNode): boolean {
  const pending: [JsonNode, JsonNode][] = [[left, right]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const inner = innerPairs(...pair);
    if (inner === undefined) return false;
    for (const next of inner) pending.push(next);
  }
  return true;
}

/** What is left to compare of two values; `undefined` if they differ already. */
function innerPairs(left: JsonNode, right: JsonNode): readonly [JsonNode, JsonNode][] | undefined {
  if (left.kind === "object" && right.kind === "object") return memberPairs(goMap(left), goMap(right));
  if (left.kind === "array" && right.kind === "array") return itemPairs(left.items, right.items);
  return isSameScalar(left, right) ? [] : undefined;
}

function memberPairs(left: ReadonlyMap<string, JsonNode>, right: ReadonlyMap<string, JsonNode>) {
  if (left.size !== right.size) return undefined;
  const pairs: [JsonNode, JsonNode][] = [];
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined) return undefined;
    pairs.push([value, other]);
  }
  return pairs;
}

function itemPairs(left: readonly JsonNode[], right: readonly JsonNode[]) {
  if (left.length !== right.length) return undefined;
  const pairs: [JsonNode, JsonNode][] = [];
  for (const [index, item] of left.entries()) {
    const other = right[index];
    if (other === undefined) return undefined;
    pairs.push([item, other]);
  }
  return pairs;
}

function isSameScalar(left: JsonNode, right: JsonNode): boolean {
  if (left.kind === "number" && right.kind === "number") return Number(left.text) === Number(right.text);
  if (left.kind === "string" && right.kind === "string") return left.value === right.value;
  if (left.kind === "boolean" && right.kind === "boolean") return left.value === right.value;
  return left.kind === "null" && right.kind === "null";
}

const beyondAscii = /[^\0-\x7f]/;

/** `encoding/json` foldName for names in ASCII: besides A–Z, two other characters fold to ASCII letters. */
export function foldKey(key: string): string {
  if (!beyondAscii.test(key)) return key.toLowerCase();
  return key
    .replaceAll("\u017f", "s")
    .replaceAll("\u212a", "k")
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
