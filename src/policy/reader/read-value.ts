import { decodeBase64AsGo } from "../../encoding/base64.ts";
import { nearest } from "../nearest.ts";
import type { JsonKind } from "../problem.ts";
import type { ProblemList } from "./problem-list.ts";
import type { Member, Value } from "./value.ts";

/*
 * What the reference's fields take is decided by the types that Go's encoding/json fills (decode.go `literalStore`, `array`):
 * null leaves them as they are, so it counts as "" or as absent, and []byte takes base64 or a list of numbers.
 */

export function typeProblem(problems: ProblemList, value: Value, expected: JsonKind): undefined {
  return problems.add(value, { code: "policy.value.type", expected: [expected], found: value.node.kind });
}

export function emptyProblem(problems: ProblemList, value: Value, what: string): undefined {
  return problems.add(value, { code: "policy.value.empty", what });
}

/** A Go `string`: null is "". */
export function readString(problems: ProblemList, value: Value): string | undefined {
  if (value.node.kind === "null") return "";
  return value.node.kind === "string" ? value.node.value : typeProblem(problems, value, "string");
}

/** A string that must not be empty; null is not taken for one either. */
export function readNonEmptyString(problems: ProblemList, member: Member): string | undefined {
  if (member.node.kind !== "string") return typeProblem(problems, member, "string");
  return member.node.value === "" ? emptyProblem(problems, member, member.key) : member.node.value;
}

/** One of a few words, in this letter case; null and "" are none of them. A mistyped one is reported, and read as what was meant; only `suggested` ones are named then. */
export function readWord<Word extends string>(
  problems: ProblemList,
  value: Value,
  known: readonly Word[],
  suggested: readonly Word[] = known,
): Word | undefined {
  if (value.node.kind !== "string") return typeProblem(problems, value, "string");
  const text = value.node.value;
  const word = known.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  const meant = nearest(text, suggested);
  problems.add(value, { code: "policy.value.unknown", value: text, known: suggested, nearest: meant });
  return meant;
}

/** A Go `[]byte`: base64 or a list of numbers; null, which is nil there, has no bytes. */
export function readBytes(problems: ProblemList, value: Value): Uint8Array | undefined {
  switch (value.node.kind) {
    case "null":
      return new Uint8Array();
    case "string":
      return decodeBase64AsGo(value.node.value) ?? problems.add(value, { code: "policy.value.base64" });
    case "array": {
      const numbers = readItems(problems, value, readByte);
      return numbers === undefined ? undefined : Uint8Array.from(numbers);
    }
    default:
      return typeProblem(problems, value, "string");
  }
}

/** A Go `byte`: digits alone, at most 255 (`-0`, `1.0` and `1e0` are refused there); null is 0. */
function readByte(problems: ProblemList, value: Value): number | undefined {
  if (value.node.kind === "null") return 0;
  if (value.node.kind !== "number") return typeProblem(problems, value, "number");
  const byte = /^[0-9]{1,3}$/.test(value.node.text) ? Number(value.node.text) : Number.NaN;
  return byte <= 255 ? byte : problems.add(value, { code: "policy.value.base64" });
}

/** A list of Go `string`s. */
export function readStrings(problems: ProblemList, value: Value): readonly string[] | undefined {
  return readItems(problems, value, readString);
}

/** A list of Go `[]byte`s. */
export function readByteStrings(problems: ProblemList, value: Value): readonly Uint8Array[] | undefined {
  return readItems(problems, value, readBytes);
}

/**
 * Every item of a list.
 *
 * @returns `undefined` if it is no list or an item cannot be read, which is reported.
 */
export function readItems<T>(
  problems: ProblemList,
  value: Value,
  readItem: (problems: ProblemList, item: Value) => T | undefined,
): readonly T[] | undefined {
  if (value.node.kind !== "array") return typeProblem(problems, value, "array");
  const items: T[] = [];
  for (const [index, node] of value.node.items.entries()) {
    if (problems.isFull) return undefined;
    const item = readItem(problems, { node, parent: value, key: index });
    if (item !== undefined) items.push(item);
  }
  return items.length === value.node.items.length ? items : undefined;
}
