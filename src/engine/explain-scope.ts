import type { Identity } from "../identity/identity.ts";
import { candidateScopes } from "../identity/scopes.ts";
import { selectScope } from "../judge/select-scope.ts";
import type { Policy, Requirement } from "../policy/policy.ts";
import type { DecidingScope } from "../verdict/verdict.ts";

/** How a policy decides about the images of one identity, as far as the policy alone says it. */
export interface ScopeExplanation {
  readonly identity: Identity;
  /** What is looked up in the transport's part of the policy, in order; "" is the transport's default. */
  readonly candidates: readonly string[];
  readonly scope: DecidingScope;
  readonly requirements: readonly Requirement[];
}

export function explainScope(policy: Policy, identity: Identity): ScopeExplanation {
  return { identity, candidates: candidateScopes(identity), ...selectScope(policy, identity) };
}
