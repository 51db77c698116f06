import { type DockerReference, isNameOnly, referenceText } from "../identity/docker-reference.ts";
import { assertNever } from "../result.ts";
import type { SignedNames } from "../verdict/signed-names.ts";
import { type ReferenceRule, remap } from "./signed-identity.ts";

/** The rules of signed-identity.ts, turned round: the names that a signature may be for where an image is of `identity`. */
export function signableNames(rule: ReferenceRule, identity: DockerReference | undefined): SignedNames {
  switch (rule.type) {
    case "exactReference":
    case "sameReference":
      return { kind: "exact", reference: referenceText(rule.dockerReference) };
    case "exactRepository":
      return { kind: "repository", name: rule.dockerRepository.name, bare: true };
    case "matchRepository":
      return identity === undefined ? none : { kind: "repository", name: identity.name, bare: true };
    case "matchExact":
      return identity === undefined || isNameOnly(identity)
        ? none
        : { kind: "exact", reference: referenceText(identity) };
    case "matchRepoDigestOrExact":
      return namesDigestOrExact(identity);
    case "remapIdentity":
      return namesDigestOrExact(identity && remap(identity, rule));
    default:
      return assertNever(rule);
  }
}

const none: SignedNames = { kind: "none" };

function namesDigestOrExact(reference: DockerReference | undefined): SignedNames {
  if (reference === undefined) return none;
  if (reference.tag !== undefined) return { kind: "exact", reference: referenceText(reference) };
  return reference.digest === undefined ? none : { kind: "repository", name: reference.name, bare: false };
}
