import { isDeepStrictEqual } from "node:util";
import type { Requirement } from "../policy/policy.ts";

/** Whether two requirements say the same; keys by where they are, not by what they hold. */
export function isSameRequirement(one: Requirement, other: Requirement): boolean {
  return isDeepStrictEqual(one, other);
}
