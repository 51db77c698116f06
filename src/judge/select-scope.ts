import type { Identity } from "../identity/identity.ts";
import { candidateScopes } from "../identity/scopes.ts";
import type { Policy, Requirement } from "../policy/policy.ts";
import type { DecidingScope } from "../verdict/verdict.ts";

/** The part of the policy that decides about an image, alone: containers-policy.json(5), "Policy Requirements" and scopes. */
export function selectScope(
  policy: Policy,
  identity: Identity,
): { readonly scope: DecidingScope; readonly requirements: readonly Requirement[] } {
  const scopes = policy.transports.get(identity.transport);
  if (scopes !== undefined) {
    for (const scope of candidateScopes(identity)) {
      const requirements = scopes.get(scope);
      if (requirements !== undefined) {
        return { scope: { kind: "transport", transport: identity.transport, scope }, requirements };
      }
    }
  }
  return { scope: { kind: "default" }, requirements: policy.default };
}
