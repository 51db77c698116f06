import type { JsonNode } from "./json.ts";

/** Deeper than anything that is signed in canonical form, and shallow enough for recursion. */
const maxDepth = 64;

/**
 * The canonical form of RFC 8785: keys sorted by UTF-16 units, numbers as ECMAScript prints them, the fewest escapes.
 *
 * @param text what `node` was parsed from; its strings are read anew, since the reference's canonicalizer
 *   (cyberphone/json-canonicalization) is stricter about surrogates than its JSON parser.
 * @returns `undefined` for duplicate keys, lone surrogates, numbers beyond float64, or nesting deeper than 64.
 */
export function canonicalJson(node: JsonNode, text: string, depth = 0): string | undefined {
  if (depth > maxDepth) return undefined;
  switch (node.kind) {
    case "null":
      return "null";
    case "boolean":
      return String(node.value);
    case "number":
      return canonicalNumber(node.text);
    case "string":
      return canonicalString(text.slice(node.at, node.end));
    case "array": {
      const items = node.items.map((item) => canonicalJson(item, text, depth + 1));
      return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
    }
    case "object": {
      const members = new Map<string, string>();
      for (const { keyAt, keyEnd, value } of node.members) {
        const key = canonicalString(text.slice(keyAt, keyEnd));
        const canonical = canonicalJson(value, text, depth + 1);
        if (key === undefined || canonical === undefined) return undefined;
        const name: string = JSON.parse(key);
        if (members.has(name)) return undefined;
        members.set(name, canonical);
      }
      // The default order of sort() is that of UTF-16 units.
      const parts = [...members.keys()].sort().map((name) => `${JSON.stringify(name)}:${members.get(name)}`);
      return `{${parts.join(",")}}`;
    }
  }
}

function canonicalNumber(text: string): string | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? String(value) : undefined;
}

/**
 * A surrogate escape must be followed by another `\u` escape, whatever that is: a pair makes its character, anything
 * else one U+FFFD (jsoncanonicalizer.go parseQuotedString). Other characters are as `JSON.parse` reads them.
 */
function canonicalString(literal: string): string | undefined {
  let readable = "";
  for (let i = 0; i < literal.length; ) {
    if (literal[i] !== "\\") {
      readable += literal[i];
      i += 1;
    } else if (literal[i + 1] !== "u") {
      readable += literal.slice(i, i + 2);
      i += 2;
    } else if (!isSurrogate(escapedUnit(literal, i))) {
      readable += literal.slice(i, i + 6);
      i += 6;
    } else {
      if (literal.slice(i + 6, i + 8) !== "\\u") return undefined;
      const isPair = escapedUnit(literal, i) < 0xdc00 && isLowSurrogate(escapedUnit(literal, i + 6));
      readable += isPair ? literal.slice(i, i + 12) : "\ufffd";
      i += 12;
    }
  }
  return JSON.stringify(JSON.parse(readable));
}

function escapedUnit(literal: string, at: number): number {
  return Number.parseInt(literal.slice(at + 2, at + 6), 16);
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
