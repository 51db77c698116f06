import type { Result } from "../result.ts";
import type { DockerReference, DockerReferenceProblem } from "./docker-reference.ts";
import type { PathProblem, PathResolver } from "./path-resolver.ts";

/** A kind of place that images are kept in, as containers-transports(5) names them. */
export interface Transport {
  readonly name: string;
  /** What the scopes of its images are: docker references and the beginnings of them, paths, or something else. */
  readonly scopes: "names" | "paths" | "other";
  /** Whether its images have a docker reference: without one, no signed identity but an exact one can match. */
  readonly hasDockerReferences: boolean;
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

/** Why a text is not a reference of its transport; the strings are parts of that text. */
export type ReferenceFlaw =
  | DockerReferenceProblem
  | { readonly flaw: "slashes-missing" }
  | { readonly flaw: "tag-missing" }
  | { readonly flaw: "tag-and-digest" }
  | { readonly flaw: "unknown-digest-with-tag-or-digest" }
  | { readonly flaw: "digest-unsupported" }
  /** An image ID must be a SHA-256 digest. */
  | { readonly flaw: "digest-algorithm-unsupported"; readonly algorithm: string }
  | { readonly flaw: "repository-reserved"; readonly repository: string }
  /** The path must be `namespace/stream`, neither shorter nor longer. */
  | { readonly flaw: "openshift-shape" }
  /** What follows the `@` is not a number from 0 on. */
  | { readonly flaw: "source-index"; readonly index: string }
  | { readonly flaw: "image-name"; readonly name: string }
  | { readonly flaw: "store-unclosed" }
  /** The store in brackets has no path, or nothing before its `@`. */
  | { readonly flaw: "store-empty" }
  /** There is no storage driver of this name. */
  | { readonly flaw: "store-driver"; readonly driver: string }
  /** An option of the store is not `name=value`. */
  | { readonly flaw: "store-option"; readonly option: string }
  | { readonly flaw: "store-relative"; readonly path: string }
  /** What follows the last `@` is neither a digest nor 64 hex digits. */
  | { readonly flaw: "image-id"; readonly id: string }
  | { readonly flaw: "transport-removed" };

/** Why a scope can never belong to a transport; the strings are parts of that scope. */
export type ScopeFlaw =
  | { readonly flaw: "scopes-unsupported" }
  | { readonly flaw: "path-relative" }
  | { readonly flaw: "path-root" }
  /** `clean` is what the scope should be instead. */
  | { readonly flaw: "path-unclean"; readonly clean: string }
  /** It is the digest of an image, and images without a name have no scopes. */
  | { readonly flaw: "digest-as-scope" }
  /** It is not `host[/namespace[/stream[:tag]]]`. */
  | { readonly flaw: "openshift-shape" }
  | { readonly flaw: "store-missing" }
  | { readonly flaw: "store-unclosed" }
  | { readonly flaw: "store-empty" }
  | { readonly flaw: "store-relative"; readonly path: string }
  | { readonly flaw: "digest-or-id"; readonly text: string };
