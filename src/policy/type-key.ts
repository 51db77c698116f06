import { nearest } from "./nearest.ts";
import type { ProblemList } from "./problem-list.ts";
import type { Keys, StrictObject } from "./strict-object.ts";
import { readWord } from "./values.ts";

/** The keys of an object that says nothing but its type. */
export const typeOnly: Keys<"type", never> = { required: ["type"], optional: [] };

/**
 * What the key `type` says, which decides the keys beside it.
 *
 * @returns `undefined` if that cannot be told, which is reported; then nothing else of the object has been looked at.
 */
export function readType<Type extends string>(
  problems: ProblemList,
  object: StrictObject,
  known: readonly Type[],
): Type | undefined {
  const member = object.members.get("type");
  if (member !== undefined) return readWord(problems, member, known);

  // Reported as an unknown key once the other keys are known, or here if they never will be.
  const mistyped = [...object.members.values()].find(({ key }) => nearest(key, typeOnly.required) !== undefined);
  if (mistyped === undefined) {
    problems.add(object.at, object.path, { code: "policy.key.missing", key: "type" });
    return undefined;
  }
  const type = readWord(problems, mistyped, known);
  if (type === undefined) {
    const { key, keyAt, path } = mistyped;
    problems.add(keyAt, path, { code: "policy.key.unknown", key, known: typeOnly.required, nearest: "type" });
  }
  return type;
}
