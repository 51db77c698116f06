import { nearest } from "../nearest.ts";
import type { ProblemList } from "./problem-list.ts";
import { readWord } from "./read-value.ts";
import { keys, type StrictObject } from "./strict-object.ts";

/** The keys of an object that says nothing but its type. */
export const typeOnly = keys(["type"]);

/**
 * What the key `type` says, which decides the keys beside it.
 *
 * @returns `undefined` if that cannot be told, which is reported; then nothing else of the object has been looked at.
 */
export function readType<Type extends string>(
  problems: ProblemList,
  { value, members }: StrictObject,
  known: readonly Type[],
): Type | undefined {
  const member = members.get("type");
  if (member !== undefined) return readWord(problems, member, known);

  // Reported as an unknown key once the other keys are known, or here if they never will be.
  const mistyped = [...members.values()].find(({ key }) => nearest(key, typeOnly.known) !== undefined);
  if (mistyped === undefined) return problems.add(value, { code: "policy.key.missing", key: "type" });
  const type = readWord(problems, mistyped, known);
  if (type !== undefined) return type;
  const { key } = mistyped;
  return problems.addAtKey(mistyped, { code: "policy.key.unknown", key, known: typeOnly.known, nearest: "type" });
}
