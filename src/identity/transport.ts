import type { Result } from "../result.ts";
import type { DockerReference, DockerReferenceProblem } from "./docker-reference.ts";
import type { PathProblem, PathResolver } from "./path-resolver.ts";

/** A kind of place that images are kept in, as containers-transports(5) names them. */
export interface Transport {
  readonly name: string;
  /** Parses what follows `name:`. */
  parseReference(reference: string, paths: PathResolver): Result<ParsedReference, ReferenceProblem>;
  /**
   * Whether a scope of policy.json can belong to this transport; "" always does and is not asked about.
   *
   * As the reference's `ValidatePolicyConfigurationScope`, which lets pass some scopes that never match.
   */
  validateScope(scope: string): ScopeFlaw | undefined;
}

export interface ParsedReference {
  /** What to write after `transport:`, with all defaults spelled out. */
  readonly text: string;
  /** What a signature is compared with; `undefined` for transports without such names, where no signed identity can match. */
  readonly dockerReference: DockerReference | undefined;
  /** The most specific scope; "" if references of this kind have none of their own. */
  readonly policyIdentity: string;
  /** The wider scopes, the most specific first, without the final "". */
  readonly policyNamespaces: readonly string[];
}

export type ReferenceProblem =
  | { readonly code: "identity.reference.invalid"; readonly flaw: ReferenceFlaw }
  | { readonly code: "identity.path.unresolvable"; readonly problem: PathProblem };

/** Why a text is not a reference of its transport. */
export type ReferenceFlaw =
  | DockerReferenceProblem
  | { readonly flaw: "slashes-missing" }
  | { readonly flaw: "tag-missing" }
  | { readonly flaw: "tag-and-digest" }
  | { readonly flaw: "unknown-digest-with-tag-or-digest" }
  | { readonly flaw: "digest-unsupported" }
  | { readonly flaw: "digest-algorithm-unsupported"; readonly algorithm: string }
  | { readonly flaw: "repository-reserved"; readonly repository: string }
  | { readonly flaw: "openshift-shape" }
  | { readonly flaw: "source-index"; readonly index: string }
  | { readonly flaw: "image-name"; readonly name: string }
  | { readonly flaw: "store-unclosed" }
  | { readonly flaw: "store-empty" }
  | { readonly flaw: "store-driver"; readonly driver: string }
  | { readonly flaw: "store-relative"; readonly path: string }
  | { readonly flaw: "image-id"; readonly id: string }
  | { readonly flaw: "transport-removed" };

/** Why a scope can never belong to a transport. */
export type ScopeFlaw =
  | { readonly flaw: "scopes-unsupported" }
  | { readonly flaw: "path-relative" }
  | { readonly flaw: "path-root" }
  | { readonly flaw: "path-unclean"; readonly clean: string }
  | { readonly flaw: "digest" }
  | { readonly flaw: "openshift-shape" }
  | { readonly flaw: "store-missing" }
  | { readonly flaw: "store-unclosed" }
  | { readonly flaw: "store-empty" }
  | { readonly flaw: "store-relative"; readonly path: string }
  | { readonly flaw: "digest-or-id"; readonly text: string };
