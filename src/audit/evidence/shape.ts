/** Reads a value that JSON gave, strictly. @throws {@link Misshapen} */
export type Reader<T> = (value: unknown) => T;

/** A value is not of the form that it should have. */
export class Misshapen extends Error {
  override readonly name = "Misshapen";
}

interface Optional<T> {
  readonly optional: Reader<T>;
}

/** A reader for each field; a field that may be left out is marked. */
export type Shape<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Reader<T[K]>;
};

export function optional<T>(reader: Reader<T>): Optional<T> {
  return { optional: reader };
}

export const text: Reader<string> = (value) => {
  if (typeof value !== "string") throw new Misshapen("no text");
  return value;
};

export const number: Reader<number> = (value) => {
  if (typeof value !== "number") throw new Misshapen("no number");
  return value;
};

export const flag: Reader<boolean> = (value) => {
  if (typeof value !== "boolean") throw new Misshapen("neither true nor false");
  return value;
};

/** A field that is there without a value: `null` in JSON. */
export function nullable<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value) => (value === null ? undefined : reader(value));
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Reader<T> {
  return (value) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw new Misshapen("none of the values that it may have");
    return found;
  };
}

export function list<T>(reader: Reader<T>, maxCount = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > maxCount) throw new Misshapen("no list, or too long a one");
    return value.map((item: unknown) => reader(item));
  };
}

/** An object with these fields, and no others. */
export function object<T extends object>(shape: Shape<T>): Reader<T> {
  const fields = Object.entries<Reader<unknown> | Optional<unknown>>(shape);
  const names = new Set(fields.map(([name]) => name));
  return (value) => {
    const given = membersOf(value);
    for (const name of given.keys()) if (!names.has(name)) throw new Misshapen(`an unknown field ${name}`);
    const members = fields.flatMap(([name, field]): [string, unknown][] => {
      if (given.has(name))
        return [[name, typeof field === "function" ? field(given.get(name)) : field.optional(given.get(name))]];
      if (typeof field === "function") throw new Misshapen(`no field ${name}`);
      return [];
    });
    return Object.fromEntries(members) as T;
  };
}

/** The first of them that reads it. */
export function either<T>(...readers: readonly Reader<T>[]): Reader<T> {
  return (value) => {
    for (const reader of readers) {
      try {
        return reader(value);
      } catch (error) {
        if (!(error instanceof Misshapen)) throw error;
      }
    }
    throw new Misshapen("none of the forms that it may have");
  };
}

export function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Misshapen("no object");
  return new Map<string, unknown>(Object.entries(value));
}
