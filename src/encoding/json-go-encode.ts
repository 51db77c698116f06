/** A value in the form that Go's `encoding/json` would write, or `undefined` for a field that it leaves out (`omitempty`). */
export type GoJsonText = string | undefined;

/** A string. `<`, `>`, `&` and two line separators are escaped, as `json.Marshal` does for HTML's sake. */
export function goString(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A struct: its fields in their order. */
export function goStruct(fields: readonly (readonly [name: string, value: GoJsonText])[]): string {
  const written = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${goString(name)}:${value}`]));
  return `{${written.join(",")}}`;
}

/** A list of what is written already. */
export function goList(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

/** A map: its keys in the order of their UTF-8 bytes. */
export function goMapText<V>(map: ReadonlyMap<string, V>, write: (value: V) => string): string {
  const sorted = [...map].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return `{${sorted.map(([key, value]) => `${goString(key)}:${write(value)}`).join(",")}}`;
}

/** `omitempty` of strings. */
export function unlessEmpty(value: string): GoJsonText {
  return value === "" ? undefined : goString(value);
}
