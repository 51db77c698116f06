import type { DockerReferenceProblem } from "../identity/docker-reference.ts";
import type { SignedIdentity } from "../policy/policy.ts";
import type { SignedNames } from "./signed-names.ts";

/** Why a valid signature is for another image than the one asked for, as far as names tell. */
export interface IdentityMismatch {
  /** The names that it could have been for. */
  readonly wanted: SignedNames;
  readonly cause: MismatchCause;
  /** What remapIdentity, if that is the rule, makes of the identity: `impossible` is no reference. */
  readonly remap: "applied" | "not-applied" | "impossible" | undefined;
  /** A rule under which this signature is for this identity, where there is one that people may have meant. */
  readonly remedy: SignedIdentity | undefined;
}

/** How what was signed differs from what was wanted. */
export type MismatchCause =
  /** What was signed is no name that anything could match. */
  | { readonly kind: "no-reference"; readonly flaw: DockerReferenceProblem }
  /** The image was not asked for by such a name, and the rule goes by that. */
  | { readonly kind: "nameless-image" }
  /** The right repository without a tag, as cosign signs. */
  | { readonly kind: "no-tag" }
  /** The right repository with a digest where a tag is wanted. */
  | { readonly kind: "by-digest" }
  | { readonly kind: "other-tag"; readonly signedTag: string }
  | { readonly kind: "other-repository" }
  | { readonly kind: "other-host" };
