import type { DockerReference } from "../identity/docker-reference.ts";

/** A parsed policy.json (containers-policy.json(5)). Names are those of the file, so that a search finds both. */
export interface Policy {
  /** Where it was read from, for messages; absent if it came as text. */
  readonly path: string | undefined;
  readonly default: readonly Requirement[];
  /** transport name → scope → requirements; the scope "" is the transport's default. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly Requirement[]>>;
}

export type Requirement = InsecureAcceptAnything | Reject | SignedBy | SignedBaseLayer | SigstoreSigned;

/** Whether a requirement looks at signatures: nothing else in a policy does. */
export function asksForSignature(requirement: Requirement): requirement is SignedBy | SigstoreSigned {
  return requirement.type === "signedBy" || requirement.type === "sigstoreSigned";
}

export interface InsecureAcceptAnything {
  readonly type: "insecureAcceptAnything";
}

export interface Reject {
  readonly type: "reject";
}

export interface SignedBy {
  readonly type: "signedBy";
  readonly keyType: KeyType;
  readonly keys: TrustSource;
  readonly signedIdentity: SignedIdentity;
}

/** The reference implements only GPGKeys; the others parse, and always refuse. */
export type KeyType = "GPGKeys" | "signedByGPGKeys" | "X509Certificates" | "signedByX509CAs";

/** Parses, and always refuses: the reference never implemented it. */
export interface SignedBaseLayer {
  readonly type: "signedBaseLayer";
  readonly baseLayerIdentity: SignedIdentity;
}

export interface SigstoreSigned {
  readonly type: "sigstoreSigned";
  readonly trust: SigstoreTrust;
  /** Rekor public keys; absent if no log entry is asked for. */
  readonly rekor: TrustSource | undefined;
  readonly signedIdentity: SignedIdentity;
}

export type SigstoreTrust =
  | { readonly kind: "keys"; readonly keys: TrustSource }
  | { readonly kind: "fulcio"; readonly ca: TrustSource; readonly oidcIssuer: string; readonly subjectEmail: string }
  | {
      readonly kind: "pki";
      readonly roots: TrustSource;
      readonly intermediates: TrustSource | undefined;
      /** At least one of the two is there. */
      readonly subjectEmail: string | undefined;
      readonly subjectHostname: string | undefined;
    };

/** Where key or certificate bytes come from. Paths are as written; the lists may be empty where the reference allows it. */
export type TrustSource =
  | { readonly kind: "paths"; readonly field: string; readonly paths: readonly string[] }
  | { readonly kind: "data"; readonly field: string; readonly data: readonly Uint8Array[] };

export type SignedIdentity =
  | { readonly type: "matchExact" }
  | { readonly type: "matchRepoDigestOrExact" }
  | { readonly type: "matchRepository" }
  | { readonly type: "exactReference"; readonly dockerReference: DockerReference }
  | { readonly type: "exactRepository"; readonly dockerRepository: DockerReference }
  | { readonly type: "remapIdentity"; readonly prefix: string; readonly signedPrefix: string };
