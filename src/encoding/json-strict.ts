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
  const found = new Map<string, JsonNode>();
  for (const { key, value } of node.members) {
    if (found.has(key)) return fail(`duplicate key ${JSON.stringify(key)}`);
    if (!(keys as readonly string[]).includes(key)) return fail(`unknown key ${JSON.stringify(key)}`);
    found.set(key, value);
  }
  for (const key of keys) {
    if (!found.has(key)) return fail(`missing key ${JSON.stringify(key)}`);
  }
  return ok(Object.fromEntries(found) as Record<K, JsonNode>);
}
