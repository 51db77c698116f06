/**
 * Writes values as Go's `encoding/json` does (`json.Marshal`): what is written twice has the same bytes, and so the same digest.
 */

/** A string in quotation marks, with the escapes that Go writes, those for HTML among them (encode.go appendString). */
export function encodeGoString(text: string): string {
  return `"${text.replaceAll(escaped, escapeOf)}"`;
}

const escaped = /[\u0000-\u001f"\\<>&\u2028\u2029]/g;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escapeOf(char: string): string {
  return shortEscapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Any value that JSON has, with these escapes too; its keys stay in their order. */
export function encodeGoJson(value: object): string {
  return JSON.stringify(value).replaceAll(escapedForHtml, escapeOf);
}

const escapedForHtml = /[<>&\u2028\u2029]/g;

/** An object of members that are encoded already, in their order; their keys are not. */
export function encodeGoObject(members: Iterable<readonly [key: string, encoded: string]>): string {
  return `{${[...members].map(([key, encoded]) => `${encodeGoString(key)}:${encoded}`).join(",")}}`;
}

/** A Go map with keys of text: as {@link encodeGoObject}, sorted by the bytes of the keys (encode.go mapEncoder). */
export function encodeGoMap(members: Iterable<readonly [key: string, encoded: string]>): string {
  const sortable = Array.from(members, (member) => ({ member, bytes: Buffer.from(member[0]) }));
  sortable.sort((left, right) => Buffer.compare(left.bytes, right.bytes));
  return encodeGoObject(sortable.map(({ member }) => member));
}
