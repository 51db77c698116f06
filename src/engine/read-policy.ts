import { type PolicyEnvironment, type PolicyFile, readDefaultPolicy, readPolicyFile } from "../config/policy-file.ts";
import type { Warn } from "../host/file-warning.ts";
import { parsePolicy } from "../policy/parse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ErrorProblem } from "../verdict/verdict.ts";

/** Which policy: the system's, that in a file, or the text itself. */
export type PolicyChoice =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string };

/** A policy as it was read, not parsed yet. */
export interface PolicyText {
  readonly bytes: Uint8Array;
  readonly path: string | undefined;
}

/** Why there is no policy to judge by. */
export interface NoPolicy {
  readonly problem: ErrorProblem;
  readonly policyPath: string | undefined;
}

interface PolicyPlaces {
  readonly environment: PolicyEnvironment;
  readonly warn: Warn;
  /** For whom to warn of files that others can change, if not for the user who runs this process. */
  readonly userId?: number;
}

export function readPolicy(choice: PolicyChoice, places: PolicyPlaces): Result<PolicyText, NoPolicy> {
  if (choice.kind === "text") return ok({ bytes: Buffer.from(choice.text), path: undefined });
  return readPolicyAt(choice.kind === "file" ? choice.path : undefined, places);
}

/** The policy file of that name, or the one that would be used. */
export function readPolicyAt(
  path: string | undefined,
  { environment, warn, userId }: PolicyPlaces,
): Result<PolicyFile, NoPolicy> {
  const file = path === undefined ? readDefaultPolicy(environment, warn, userId) : readPolicyFile(path, warn, userId);
  if (file.ok) return file;
  return fail({ problem: file.problem, policyPath: "path" in file.problem ? file.problem.path : undefined });
}

export function parsePolicyText({ bytes, path }: PolicyText): Result<Policy, NoPolicy> {
  const policy = parsePolicy(bytes, path === undefined ? {} : { path });
  if (policy.ok) return policy;
  const [first] = policy.problem;
  const problem: ErrorProblem =
    first === undefined
      ? { code: "internal.error", detail: "a policy was refused without a reason" }
      : { code: first.code, problems: policy.problem };
  return fail({ problem, policyPath: path });
}
