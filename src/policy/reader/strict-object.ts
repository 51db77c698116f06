import { nearest } from "../nearest.ts";
import type { ProblemList } from "./problem-list.ts";
import type { Member, Value } from "./value.ts";

/** An object in which every key stands once. */
export interface StrictObject {
  readonly value: Value;
  readonly members: ReadonlyMap<string, Member>;
}

/**
 * An object with any keys, each once (compared after escapes are resolved and invalid UTF-8 is replaced). Of a repeated key
 * the first is kept, and the others are reported.
 *
 * @returns `undefined` if it is no object, which is reported.
 */
export function readObject(problems: ProblemList, value: Value): StrictObject | undefined {
  if (value.node.kind !== "object") {
    return problems.add(value, { code: "policy.value.type", expected: ["object"], found: value.node.kind });
  }
  const members = new Map<string, Member>();
  for (const { key, keyAt, value: node } of value.node.members) {
    const member = { key, keyAt, node, parent: value };
    const first = members.get(key);
    if (first === undefined) {
      members.set(key, member);
    } else {
      problems.addAtKey(member, { code: "policy.key.duplicate", key, first: problems.position(first.keyAt) });
      if (problems.isFull) break;
    }
  }
  return { value, members };
}

/** Which keys an object may have, and of these, which it must. */
export interface Keys<Key extends string> {
  readonly required: readonly Key[];
  readonly known: readonly Key[];
}

export function keys<const Required extends string, const Optional extends string = never>(
  required: readonly Required[],
  optional: readonly Optional[] = [],
): Keys<Required | Optional> {
  return { required, known: [...required, ...optional] };
}

/**
 * The members of an object that takes exactly the given keys, in this letter case. Unknown and missing ones are reported.
 *
 * The value of an unknown key that looks like a mistyped known one stands in for it, so that one run finds the problems inside.
 */
export function readFields<Key extends string>(
  problems: ProblemList,
  { value, members }: StrictObject,
  { required, known }: Keys<Key>,
): Fields<Key> {
  let standIns: Map<string, Member> | undefined;
  for (const member of members.values()) {
    if (problems.isFull) break;
    const { key } = member;
    if (isOneOf(known, key)) continue;
    const meant = nearest(key, known);
    problems.addAtKey(member, { code: "policy.key.unknown", key, known, nearest: meant });
    if (meant === undefined) continue;
    standIns ??= new Map();
    if (!standIns.has(meant)) standIns.set(meant, member);
  }
  const get = (key: Key): Member | undefined => members.get(key) ?? standIns?.get(key);
  for (const key of required) {
    if (get(key) === undefined) problems.add(value, { code: "policy.key.missing", key });
  }
  return { get };
}

/** What stands under each of an object's keys. */
export interface Fields<Key extends string> {
  get(key: Key): Member | undefined;
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}
