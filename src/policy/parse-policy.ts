import { type JsonNode, type JsonProblem, parseJson } from "../encoding/json.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { transportNamed } from "../identity/transports.ts";
import { maxPolicyValues } from "../limits.ts";
import { assertNever, fail, ok, type Result } from "../result.ts";
import type { Policy } from "./policy.ts";
import type { PolicyFlaw, PolicyProblem } from "./problem.ts";
import { ProblemList } from "./reader/problem-list.ts";
import { keys, readFields, readObject } from "./reader/strict-object.ts";
import { type Member, type Value, wholeFile } from "./reader/value.ts";
import { readRequirements } from "./requirement/requirement.ts";

const policyKeys = keys(["default"], ["transports"]);

/**
 * Reads a policy.json (containers-policy.json(5)): takes exactly what the reference takes
 * (REFERENCE: signature/policy_config.go `NewPolicyFromBytes`).
 *
 * @param bytes the file; its size is the caller's to bound.
 * @param where.path kept in the policy, for messages.
 * @returns the policy, or every problem in the order of the file, up to a hundred. If the text is no JSON, or
 *   has too many values, that is the only one.
 */
export function parsePolicy(
  bytes: Uint8Array,
  where: { readonly path?: string | undefined },
): Result<Policy, readonly PolicyProblem[]> {
  const read = readPolicyFile(bytes, where);
  return read.ok ? ok(read.value.policy) : read;
}

/** A policy with the text that it was read from, for whoever speaks of places in it. */
export interface PolicyWithText {
  readonly policy: Policy;
  readonly text: string;
  readonly json: JsonNode;
}

/** As {@link parsePolicy}. */
export function readPolicyFile(
  bytes: Uint8Array,
  where: { readonly path?: string | undefined },
): Result<PolicyWithText, readonly PolicyProblem[]> {
  const text = decodeUtf8AsGo(bytes);
  const problems = new ProblemList(text);
  const json = parseJson(text, { maxValues: maxPolicyValues });
  if (!json.ok) {
    problems.addToText(json.problem.at, jsonFlaw(json.problem));
    return fail(problems.inFileOrder());
  }
  const policy = readPolicy(problems, wholeFile(json.value), where.path);
  // Values are also read where a key or a word was only guessed: no policy comes out beside a problem.
  if (!problems.isEmpty || policy === undefined) return fail(problems.inFileOrder());
  return ok({ policy, text, json: json.value });
}

function jsonFlaw(problem: JsonProblem): PolicyFlaw {
  switch (problem.kind) {
    case "depth":
      return { code: "policy.json.depth", maxDepth: problem.maxDepth };
    case "count":
      return { code: "policy.too-large", maxValues: problem.maxValues };
    case "syntax":
      return { code: "policy.json.syntax", found: problem.found, expected: problem.expected };
    default:
      return assertNever(problem);
  }
}

function readPolicy(problems: ProblemList, value: Value, path: string | undefined): Policy | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const fields = readFields(problems, object, policyKeys);
  const defaultMember = fields.get("default");
  const defaultRequirements = defaultMember && readRequirements(problems, defaultMember);
  const transportsMember = fields.get("transports");
  const transports = transportsMember ? readTransports(problems, transportsMember) : new Map<string, never>();
  if (defaultRequirements === undefined || transports === undefined) return undefined;
  return { path, default: defaultRequirements, transports };
}

/** Any name is taken: tools may know transports that others do not. */
function readTransports(problems: ProblemList, value: Value): Policy["transports"] | undefined {
  return readMap(problems, value, (member) => {
    const transport = transportNamed(member.key);
    return readMap(problems, member, (scope) => {
      const flaw = scope.key === "" ? undefined : transport?.validateScope(scope.key);
      if (flaw !== undefined) {
        problems.addAtKey(scope, {
          code: "policy.scope.invalid",
          transport: member.key,
          scope: scope.key,
          flaw: flaw.flaw,
          ...(flaw.flaw === "path-unclean" ? { nearest: flaw.clean } : {}),
        });
      }
      return readRequirements(problems, scope);
    });
  });
}

/** An object that maps keys of the author's choice to values of one kind. */
function readMap<T>(
  problems: ProblemList,
  value: Value,
  readValue: (member: Member) => T | undefined,
): ReadonlyMap<string, T> | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const values = new Map<string, T>();
  for (const member of object.members.values()) {
    if (problems.isFull) break;
    const read = readValue(member);
    if (read !== undefined) values.set(member.key, read);
  }
  return values;
}
