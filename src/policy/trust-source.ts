import type { TrustSource } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import type { Member, StrictObject } from "./strict-object.ts";
import { emptyProblem, readByteStrings, readBytes, readString, readStrings, typeProblem } from "./values.ts";

/** What stands in a field that leads to key or certificate bytes: a path or bytes, one or a list of them. */
export type SourceShape = "path" | "paths" | "data" | "datas";

/** Fields of one object that may lead to the same trust, in the order of the manual. */
export type SourceShapes<Key extends string> = Readonly<Record<Key, SourceShape>>;

export interface Sources {
  /** Fields with a value, in that order; `source` is absent if the value cannot be read, which has been reported. */
  readonly set: readonly { readonly member: Member; readonly source: TrustSource | undefined }[];
  /** Fields whose value is none: null, or "" for a path. */
  readonly unset: readonly Member[];
}

export function readSources<Key extends string>(
  problems: ProblemList,
  fields: { get(key: NoInfer<Key>): Member | undefined },
  shapes: SourceShapes<Key>,
): Sources {
  const set: { member: Member; source: TrustSource | undefined }[] = [];
  const unset: Member[] = [];
  for (const [field, shape] of Object.entries(shapes) as [Key, SourceShape][]) {
    const member = fields.get(field);
    if (member === undefined) continue;
    if (isUnset(member, shape)) unset.push(member);
    else set.push({ member, source: readSource(problems, member, field, shape) });
  }
  return { set, unset };
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
  object: StrictObject,
  unset: readonly Member[],
  known: readonly string[],
): void {
  if (unset.length === 0) problems.add(object.at, object.path, { code: "policy.sources.none", known });
  for (const member of unset) reportUnset(problems, member);
}

export function reportUnset(problems: ProblemList, member: Member): void {
  if (member.node.kind === "null") typeProblem(problems, member, "string");
  else emptyProblem(problems, member, member.key);
}

/** Reports at the second of several fields where one is allowed. */
export function reportSeveral(problems: ProblemList, members: readonly Member[]): void {
  const inFileOrder = members.toSorted((a, b) => a.keyAt - b.keyAt);
  const second = inFileOrder[1];
  if (second === undefined) return;
  const found = inFileOrder.map(({ key }) => key);
  problems.add(second.keyAt, second.path, { code: "policy.sources.several", found });
}
