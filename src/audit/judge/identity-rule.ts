import type { ScopeExplanation } from "../../engine/explain-scope.ts";
import type { Requirement, SignedIdentity } from "../../policy/policy.ts";
import { sha256Hex } from "../../runtime/sha256.ts";

/**
 * What of an identity a verdict depends on, as a key: two identities with the same key have the same verdict on the same evidence.
 *
 * @returns `ofRepository` only where no requirement looks at the tag: it holds for acceptances alone, as what is said of others names it.
 */
export function identityKeys({ identity, scope, requirements }: ScopeExplanation): {
  readonly exact: string;
  readonly ofRepository: string | undefined;
} {
  const exact = keyOf(["identity", identity.text]);
  const { dockerReference: named } = identity;
  if (named === undefined || named.digest !== undefined || !requirements.every(ignoresTag)) {
    return { exact, ofRepository: undefined };
  }
  return { exact, ofRepository: keyOf(["repository", identity.transport, named.name, scope]) };
}

function ignoresTag(requirement: Requirement): boolean {
  switch (requirement.type) {
    case "insecureAcceptAnything":
    case "reject":
      return true;
    case "signedBy":
    case "sigstoreSigned":
      return isWithoutTag(requirement.signedIdentity);
    case "signedBaseLayer":
      return false;
  }
}

/** containers/image: signature/policy_reference_match.go. The others compare the tag of the image with that of the signature. */
function isWithoutTag({ type }: SignedIdentity): boolean {
  return type === "matchRepository" || type === "exactReference" || type === "exactRepository";
}

function keyOf(value: unknown): string {
  return sha256Hex(Buffer.from(JSON.stringify(value)));
}

/**
 * Whether what these requirements say of the same evidence may be something else at another time: keys of OpenPGP, certificates and logs have their
 * times, a bare key has none.
 */
export function dependsOnTime(requirements: readonly Requirement[]): boolean {
  return requirements.some(hasTime);
}

function hasTime(requirement: Requirement): boolean {
  switch (requirement.type) {
    case "insecureAcceptAnything":
    case "reject":
    case "signedBaseLayer":
      return false;
    case "signedBy":
      return true;
    case "sigstoreSigned":
      return requirement.trust.kind !== "keys" || requirement.rekor !== undefined;
  }
}
