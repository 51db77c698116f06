import type { JsonNode } from "../encoding/json.ts";
import { nearest } from "./nearest.ts";
import type { JsonPath } from "./problem.ts";
import type { ProblemList } from "./problem-list.ts";

/** A value of the file, and where it stands. */
export interface Value {
  readonly node: JsonNode;
  readonly path: JsonPath;
}

export interface Member extends Value {
  readonly key: string;
  /** Offset of the key. */
  readonly keyAt: number;
}

/** An object in which every key stands once. */
export interface StrictObject {
  /** Offset of its brace. */
  readonly at: number;
  readonly path: JsonPath;
  readonly members: ReadonlyMap<string, Member>;
}

/**
 * An object with any keys, each once (compared after escapes are resolved and invalid UTF-8 is replaced). Of a repeated key
 * the first is kept, and the others are reported.
 *
 * @returns `undefined` if it is no object, which is reported.
 */
export function readObject(problems: ProblemList, { node, path }: Value): StrictObject | undefined {
  if (node.kind !== "object") {
    problems.add(node.at, path, { code: "policy.value.type", expected: ["object"], found: node.kind });
    return undefined;
  }
  const members = new Map<string, Member>();
  for (const { key, keyAt, value } of node.members) {
    const first = members.get(key);
    if (first === undefined) {
      members.set(key, { key, keyAt, node: value, path: [...path, key] });
    } else {
      problems.add(keyAt, first.path, { code: "policy.key.duplicate", key, first: problems.position(first.keyAt) });
      if (problems.isFull) break;
    }
  }
  return { at: node.at, path, members };
}

/** Which keys an object may have, and of these, which it must. */
export interface Keys<Required extends string, Optional extends string> {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
}

/**
 * The members of an object that takes exactly the given keys, in this letter case. Unknown and missing ones are reported.
 *
 * The value of an unknown key that looks like a mistyped known one stands in for it, so that one run finds the problems inside.
 */
export function readFields<Required extends string, Optional extends string>(
  problems: ProblemList,
  object: StrictObject,
  keys: Keys<Required, Optional>,
): ReadonlyMap<Required | Optional, Member> {
  const known: readonly (Required | Optional)[] = [...keys.required, ...keys.optional];
  const fields = new Map<Required | Optional, Member>();
  for (const key of known) {
    const member = object.members.get(key);
    if (member !== undefined) fields.set(key, member);
  }
  for (const member of object.members.values()) {
    if (problems.isFull) break;
    if (fields.get(member.key as Required | Optional) === member) continue;
    const meant = nearest(member.key, known) as Required | Optional | undefined;
    problems.add(member.keyAt, member.path, { code: "policy.key.unknown", key: member.key, known, nearest: meant });
    if (meant !== undefined && !fields.has(meant)) fields.set(meant, member);
  }
  for (const key of keys.required) {
    if (!fields.has(key)) problems.add(object.at, object.path, { code: "policy.key.missing", key });
  }
  return fields;
}
