import { fail, ok, type Result } from "../../result.ts";
import type { IdlNamedType, IdlStruct, IdlType } from "./idl.ts";
import { shownName } from "./shown-name.ts";

/** The problem is the path of the first parameter that is not right, as in `requests[3].options.require_signed`. */
export type StructDecoder = (untrustedValue: object) => Result<object, string>;

/**
 * Prepares the check of values of a type: once, so that calls cost little. What comes out has exactly the fields of the description;
 * those that may be null and are absent are null. Numbers are as `JSON.parse` has them, so that 1.0 is 1; whole ones above 2^53,
 * which it would have rounded, are refused, and so are strings with half a surrogate pair.
 */
export function prepareDecoder(type: IdlStruct, namedTypes: ReadonlyMap<string, IdlNamedType>): StructDecoder {
  const decode = new Preparation(namedTypes).decoderOf(type);
  return (untrustedValue) => {
    const path: string[] = [];
    const value = decode(untrustedValue, path);
    return value === invalid ? fail(pathText(path)) : ok(value as object);
  };
}

/** Gives the value, or `invalid` and the path to what is, the innermost first. */
type Decoder = (untrustedValue: unknown, path: string[]) => unknown;

const invalid = Symbol("invalid");

class Preparation {
  readonly #namedTypes: ReadonlyMap<string, IdlNamedType>;
  readonly #named = new Map<string, Decoder>();

  constructor(namedTypes: ReadonlyMap<string, IdlNamedType>) {
    this.#namedTypes = namedTypes;
  }

  decoderOf(type: IdlType): Decoder {
    switch (type.kind) {
      case "bool":
        return (value) => (typeof value === "boolean" ? value : invalid);
      case "int":
        // Without the sign of zero.
        return (value) => (Number.isSafeInteger(value) ? Number(value) + 0 : invalid);
      case "float":
        return (value) => (Number.isFinite(value) ? value : invalid);
      case "string":
        return (value) => (typeof value === "string" && value.isWellFormed() ? value : invalid);
      case "object":
        return (value) => (isObject(value) ? value : invalid);
      case "named":
        return this.#namedDecoder(type.name);
      case "nullable": {
        const decode = this.decoderOf(type.element);
        return (value, path) => (value === null ? null : decode(value, path));
      }
      case "array":
        return arrayDecoder(this.decoderOf(type.element));
      case "map":
        return mapDecoder(this.decoderOf(type.element));
      case "enum": {
        const values: ReadonlySet<unknown> = new Set(type.values.map(({ name }) => name));
        return (value) => (values.has(value) ? value : invalid);
      }
      case "struct":
        return this.#structDecoder(type);
    }
  }

  /** Looked up when it is used: a type may contain itself. */
  #namedDecoder(name: string): Decoder {
    return (value, path) => {
      let decode = this.#named.get(name);
      if (decode === undefined) {
        const named = this.#namedTypes.get(name);
        if (named === undefined) throw new Error(`parseIdl lets no unknown type pass: ${name}`);
        decode = this.decoderOf(named.type);
        this.#named.set(name, decode);
      }
      return decode(value, path);
    };
  }

  #structDecoder({ fields }: IdlStruct): Decoder {
    const known = new Map(
      fields.map(({ name, type }) => [name, { decode: this.decoderOf(type), isNullable: type.kind === "nullable" }]),
    );
    return (untrustedValue, path) => {
      if (!isObject(untrustedValue)) return invalid;
      for (const untrustedKey of Object.keys(untrustedValue)) {
        if (!known.has(untrustedKey)) return invalidAt(untrustedKey, path);
      }
      const decoded: Record<string, unknown> = {};
      for (const [name, { decode, isNullable }] of known) {
        // What an object inherits is no field: the names are the description's, and may be such as "constructor".
        const isThere = Object.hasOwn(untrustedValue, name);
        const value = isThere ? decode(untrustedValue[name], path) : isNullable ? null : invalid;
        if (value === invalid) return invalidAt(name, path);
        decoded[name] = value;
      }
      return decoded;
    };
  }
}

function arrayDecoder(decode: Decoder): Decoder {
  return (untrustedValue, path) => {
    if (!Array.isArray(untrustedValue)) return invalid;
    const decoded: unknown[] = [];
    for (const [index, untrustedItem] of untrustedValue.entries()) {
      const item = decode(untrustedItem, path);
      if (item === invalid) return invalidAt(`[${index}]`, path);
      decoded.push(item);
    }
    return decoded;
  };
}

function mapDecoder(decode: Decoder): Decoder {
  return (untrustedValue, path) => {
    if (!isObject(untrustedValue)) return invalid;
    // Without a prototype, so that each key is one like the others.
    const decoded: Record<string, unknown> = Object.create(null);
    for (const [untrustedKey, untrustedItem] of Object.entries(untrustedValue)) {
      const item = untrustedKey.isWellFormed() ? decode(untrustedItem, path) : invalid;
      if (item === invalid) return invalidAt(untrustedKey, path);
      decoded[untrustedKey] = item;
    }
    return decoded;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalidAt(name: string, path: string[]): typeof invalid {
  path.push(shownName(name));
  return invalid;
}

function pathText(path: readonly string[]): string {
  return path
    .toReversed()
    .reduce((text, name) => (text === "" || name.startsWith("[") ? text + name : `${text}.${name}`), "");
}
