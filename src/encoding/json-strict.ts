import { fail, ok, type Result } from "../result.ts";
import type { JsonNode } from "./json.ts";

/**
 * The members of an object that has exactly the `keys` given, each once: the reference's
 * `ParanoidUnmarshalJSONObjectExactFields` (signature/internal/json.go). The problem is a short technical text.
 */
export function exactMembers<const K extends string>(
  node: JsonNode,
  keys: readonly K[],
): Result<Readonly<Record<K, JsonNode>>, string> {
  if (node.kind !== "object") return fail(`an object was expected, not ${node.kind}`);
  const found: Partial<Record<K, JsonNode>> = {};
  for (const { key, value } of node.members) {
    const known = keys.find((name) => name === key);
    if (known === undefined) return fail(`unknown key ${JSON.stringify(key)}`);
    if (found[known] !== undefined) return fail(`duplicate key ${JSON.stringify(key)}`);
    found[known] = value;
  }
  for (const key of keys) {
    if (found[key] === undefined) return fail(`missing key ${JSON.stringify(key)}`);
  }
  return ok(found as Record<K, JsonNode>);
}
