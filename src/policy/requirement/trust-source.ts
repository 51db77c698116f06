import type { TrustSource } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import {
  emptyProblem,
  readByteStrings,
  readBytes,
  readString,
  readStrings,
  typeProblem,
} from "../reader/read-value.ts";
import type { Fields, StrictObject } from "../reader/strict-object.ts";
import type { Member } from "../reader/value.ts";

/** A field that leads to key or certificate bytes: a path or bytes, one or a list of them. */
export type SourceField<Key extends string> = readonly [key: Key, shape: SourceShape];
type SourceShape = "path" | "paths" | "data" | "datas";

export interface Sources {
  /** Fields with a value, in the order asked for. */
  readonly set: readonly Member[];
  /** What the first of these says; absent if it cannot be read, which has been reported. */
  readonly first: TrustSource | undefined;
  /** Fields whose value is none: null, or "" for a path. */
  readonly unset: readonly Member[];
}

/** Reads those of an object's fields that may lead to the same trust. How many of them may be set is for the caller to check. */
export function readSources<Key extends string>(
  problems: ProblemList,
  fields: Fields<NoInfer<Key>>,
  sourceFields: readonly SourceField<Key>[],
): Sources {
  const set: Member[] = [];
  const unset: Member[] = [];
  let first: TrustSource | undefined;
  for (const [key, shape] of sourceFields) {
    const member = fields.get(key);
    if (member === undefined) continue;
    if (isUnset(member, shape)) {
      unset.push(member);
    } else {
      const source = readSource(problems, member, key, shape);
      if (set.length === 0) first = source;
      set.push(member);
    }
  }
  return { set, first, unset };
}

/** A list cannot be unset: null for one is a problem everywhere. */
function isUnset({ node }: Member, shape: SourceShape): boolean {
  if (shape === "path") return node.kind === "null" || (node.kind === "string" && node.value === "");
  return shape === "data" && node.kind === "null";
}

function readSource(problems: ProblemList, member: Member, field: string, shape: SourceShape): TrustSource | undefined {
  if (shape === "path" || shape === "paths") {
    const paths = shape === "path" ? only(readString(problems, member)) : readStrings(problems, member);
    return paths && { kind: "paths", field, paths };
  }
  const data = shape === "data" ? only(readBytes(problems, member)) : readByteStrings(problems, member);
  return data && { kind: "data", field, data };
}

function only<T>(value: T | undefined): readonly T[] | undefined {
  return value === undefined ? undefined : [value];
}

/**
 * Reports that nothing is there to check against: at the fields that are there without a value, or else for the object.
 *
 * @param known the keys that would do.
 */
export function reportNone(
  problems: ProblemList,
  { value }: StrictObject,
  unset: readonly Member[],
  known: readonly string[],
): void {
  if (unset.length === 0) problems.add(value, { code: "policy.sources.none", known });
  for (const member of unset) reportUnset(problems, member);
}

export function reportUnset(problems: ProblemList, member: Member): void {
  if (member.node.kind === "null") typeProblem(problems, member, "string");
  else emptyProblem(problems, member, member.key);
}

/** Reports at the second of several fields where one is allowed. */
export function reportSeveral(problems: ProblemList, members: readonly Member[]): void {
  if (members.length < 2) return;
  const inFileOrder = members.toSorted((a, b) => a.keyAt - b.keyAt);
  const [, second] = inFileOrder;
  const found = inFileOrder.map(({ key }) => key);
  if (second !== undefined) problems.addAtKey(second, { code: "policy.sources.several", found });
}
