import type { Identity } from "./identity.ts";

/**
 * The scopes to look up for an image in its transport's section of policy.json, in order: its own, the wider ones, and "". The first
 * that is there decides alone (containers/image: signature `requirementsForImageRef`); without any, the policy's default does.
 */
export function candidateScopes(identity: Identity): readonly string[] {
  return [...namedScopes(identity), ""];
}

/** The same without "", which is for every image of the transport. */
export function namedScopes(identity: Identity): readonly string[] {
  return [...new Set([identity.policyIdentity, ...identity.policyNamespaces].filter((scope) => scope !== ""))];
}
