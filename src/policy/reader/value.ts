import type { JsonNode } from "../../encoding/json.ts";
import type { JsonPath } from "../problem.ts";

/** A value of the file, and the way to it. */
export interface Value {
  readonly node: JsonNode;
  /** The object or list that it stands in; absent for the whole file. */
  readonly parent: Value | undefined;
  /** Its key or index there. */
  readonly key: string | number;
}

export interface Member extends Value {
  readonly key: string;
  /** Offset of the key. */
  readonly keyAt: number;
}

export function wholeFile(node: JsonNode): Value {
  return { node, parent: undefined, key: "" };
}

export function pathOf(value: Value): JsonPath {
  const path: (string | number)[] = [];
  for (let at = value; at.parent !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
