import { readGoTime } from "./go-time.ts";
import type { JsonNode } from "./json.ts";
import { foldKey, type GoJsonDecoder } from "./json-go.ts";
import { encodeGoMap, encodeGoObject, encodeGoString } from "./json-go-encode.ts";

/**
 * A Go type, for what the reference decodes into a struct and encodes again: `encoding/json` both ways, with what is lost on the way.
 *
 * @typeParam T how a value of it is held here.
 */
export interface GoType<T> {
  /** The value before anything was decoded. */
  readonly zero: () => T;
  /** The value after `node`; `previous` is what an earlier duplicate left, and may be changed. Mismatches are kept by `decoder`. */
  readonly decode: (decoder: GoJsonDecoder, node: JsonNode, previous: T) => T;
  /** `undefined` if Go cannot encode it. */
  readonly encode: (value: T) => string | undefined;
  /** What `omitempty` leaves out. */
  readonly isEmpty: (value: T) => boolean;
}

export const goString: GoType<string> = {
  zero: () => "",
  decode: (decoder, node, previous) => decoder.string(node, previous),
  encode: encodeGoString,
  isEmpty: (value) => value === "",
};

export const goBoolean: GoType<boolean> = {
  zero: () => false,
  decode: (decoder, node, previous) => decoder.boolean(node, previous),
  encode: String,
  isEmpty: (value) => !value,
};

/** An int of 64 bits. */
export const goInteger: GoType<bigint> = {
  zero: () => 0n,
  decode: (decoder, node, previous) => decoder.integer(node, previous),
  encode: String,
  isEmpty: (value) => value === 0n,
};

/** A time.Time, as Go prints it; `undefined` is one that it reads but cannot print. */
export const goTime: GoType<string | undefined> = {
  zero: () => "0001-01-01T00:00:00Z",
  decode: (decoder, node, previous) => {
    if (node.kind === "null") return previous;
    // Go looks at the string as it is written: with an escape in it, it is no time (time.go Time.UnmarshalJSON).
    const isPlain = node.kind === "string" && node.end - node.at === node.value.length + 2;
    const time = isPlain ? readGoTime(node.value) : undefined;
    if (time === undefined) decoder.mismatch = true;
    return time?.printed;
  },
  encode: (value) => (value === undefined ? undefined : `"${value}"`),
  isEmpty: () => false,
};

/** A pointer, `undefined` where it is nil. */
export function goPointer<T>(type: GoType<T>): GoType<{ readonly to: T } | undefined> {
  return {
    zero: () => undefined,
    decode: (decoder, node, previous) =>
      node.kind === "null" ? undefined : { to: type.decode(decoder, node, previous?.to ?? type.zero()) },
    encode: (value) => (value === undefined ? "null" : type.encode(value.to)),
    isEmpty: (value) => value === undefined,
  };
}

/** A slice, `undefined` where it is nil. */
export type GoSliceValue<T> = { readonly made: T[]; readonly length: number } | undefined;

/** What is in a slice. */
export function goElements<T>(slice: GoSliceValue<T>): readonly T[] {
  return slice === undefined ? [] : slice.made.slice(0, slice.length);
}

/** A slice that has these elements. */
export function goSliceOf<T>(elements: readonly T[]): GoSliceValue<T> {
  return { made: [...elements], length: elements.length };
}

/** A slice; of duplicate keys the second list is decoded into the elements of the first, see GoSlice in json-go.ts. */
export function goSlice<T>(type: GoType<T>): GoType<GoSliceValue<T>> {
  return {
    zero: () => undefined,
    decode: (decoder, node, previous) => {
      if (node.kind === "null") return undefined;
      if (node.kind !== "array") {
        decoder.mismatch = true;
        return previous;
      }
      if (node.items.length === 0) return goSliceOf<T>([]);
      const made = previous?.made ?? [];
      for (const [index, item] of node.items.entries()) {
        made[index] = type.decode(decoder, item, index < made.length ? (made[index] as T) : type.zero());
      }
      return { made, length: node.items.length };
    },
    encode: (value) => {
      if (value === undefined) return "null";
      const encoded = goElements(value).map(type.encode);
      return encoded.includes(undefined) ? undefined : `[${encoded.join(",")}]`;
    },
    isEmpty: (value) => value === undefined || value.length === 0,
  };
}

/** A map with keys of text, `undefined` where it is nil. */
export function goMapOf<T>(type: GoType<T>): GoType<Map<string, T> | undefined> {
  return {
    zero: () => undefined,
    decode: (decoder, node, previous) => {
      if (node.kind === "null") return undefined;
      if (node.kind !== "object") {
        decoder.mismatch = true;
        return previous;
      }
      const map = previous ?? new Map<string, T>();
      for (const { key, value } of node.members) map.set(key, type.decode(decoder, value, type.zero()));
      return map;
    },
    encode: (value) => {
      if (value === undefined) return "null";
      const members: [string, string][] = [];
      for (const [key, element] of value) {
        const encoded = type.encode(element);
        if (encoded === undefined) return undefined;
        members.push([key, encoded]);
      }
      return encodeGoMap(members);
    },
    isEmpty: (value) => value === undefined || value.size === 0,
  };
}

interface GoField<T> {
  readonly name: string;
  readonly type: GoType<T>;
  readonly isOmittedIfEmpty: boolean;
}

/** A field of a struct that is always written. */
export function field<T>(name: string, type: GoType<T>): GoField<T> {
  return { name, type, isOmittedIfEmpty: false };
}

/** A field of a struct that is left out when empty (`omitempty`). */
export function optional<T>(name: string, type: GoType<T>): GoField<T> {
  return { name, type, isOmittedIfEmpty: true };
}

/** A struct, with its fields in the order in which they are written. */
export function goStruct<T extends object>(fields: { readonly [K in keyof T]: GoField<T[K]> }): GoType<T> {
  const properties = Object.keys(fields) as (keyof T)[];
  const byName = properties.map((property) => [foldKey(fields[property].name), property] as const);
  return {
    zero: () => Object.fromEntries(properties.map((property) => [property, fields[property].type.zero()])) as T,
    decode: (decoder, node, previous) => {
      const decodeField = <K extends keyof T>(property: K) => {
        return (value: JsonNode) => {
          previous[property] = fields[property].type.decode(decoder, value, previous[property]);
        };
      };
      decoder.struct(node, new Map(byName.map(([name, property]) => [name, decodeField(property)])));
      return previous;
    },
    encode: (value) => {
      const members: [string, string][] = [];
      for (const property of properties) {
        const { name, type, isOmittedIfEmpty } = fields[property];
        if (isOmittedIfEmpty && type.isEmpty(value[property])) continue;
        const encoded = type.encode(value[property]);
        if (encoded === undefined) return undefined;
        members.push([name, encoded]);
      }
      return encodeGoObject(members);
    },
    isEmpty: () => false,
  };
}
