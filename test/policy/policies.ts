import assert from "node:assert/strict";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import type { Policy, Requirement } from "../../src/policy/policy.ts";
import type { PolicyProblem } from "../../src/policy/problem.ts";

/** A policy with one requirement, which stands on line 2: columns are those of `requirement` itself. */
export function policyOf(requirement: string): string {
  return `{"default": [\n${requirement}\n]}`;
}

/** Bytes given as text hold one byte a character. */
export function accepted(text: string | Uint8Array): Policy {
  const parsed = parsePolicy(Buffer.from(text), {});
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

export function acceptedRequirement(requirement: string): Requirement {
  const [only, ...others] = accepted(policyOf(requirement)).default;
  assert.ok(only !== undefined && others.length === 0);
  return only;
}

export function problemsOf(text: string | Uint8Array): readonly PolicyProblem[] {
  const parsed = parsePolicy(Buffer.from(text), {});
  assert.ok(!parsed.ok, "accepted");
  return parsed.problem;
}

/** Each as `code line:column path`, the path as a JSON pointer. */
export function summaries(text: string | Uint8Array): readonly string[] {
  return problemsOf(text).map(({ code, at, path }) => `${code} ${at.line}:${at.column} /${path.join("/")}`);
}

/** As `summaries`, for a policy with one requirement: `code column path`, both within the requirement. */
export function requirementSummaries(requirement: string): readonly string[] {
  return problemsOf(policyOf(requirement)).map(({ code, at, path }) => {
    assert.equal(at.line, 2);
    assert.deepEqual(path.slice(0, 2), ["default", 0]);
    return `${code} ${at.column} /${path.slice(2).join("/")}`;
  });
}
