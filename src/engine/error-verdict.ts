import type { Identity } from "../identity/identity.ts";
import type { ErrorProblem, ErrorVerdict } from "../verdict/verdict.ts";

/** The verdict for what went wrong before there was anything to judge. */
export function errorVerdict(
  problem: ErrorProblem,
  known: { readonly policyPath?: string | undefined; readonly identity?: Identity } = {},
): ErrorVerdict {
  return {
    outcome: "error",
    code: problem.code,
    problem,
    identity: known.identity,
    manifest: undefined,
    policy: { path: known.policyPath, scope: undefined },
    requirements: [],
  };
}
