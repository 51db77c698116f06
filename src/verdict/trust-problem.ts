import type { KeyKind } from "../crypto/key-kind.ts";
import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";

/** What keys or certificates are for. */
export type TrustRole = "openpgp" | "sigstore" | "rekor" | "roots" | "intermediates";

/** What was wanted of a file or value, and what it looks like; for the message only. */
export interface TrustContent {
  readonly wanted: TrustRole;
  readonly found: KeyKind;
}

/** Trust material that the policy names and that cannot be used. `source` is a path, or the field that holds the data. */
export type TrustProblem =
  | {
      readonly code: "policy.trust.unreadable";
      readonly source: string;
      readonly reason: string;
      readonly isDirectory?: boolean;
    }
  | { readonly code: "policy.trust.too-large"; readonly source: string; readonly maxBytes: number }
  | {
      readonly code: "policy.trust.invalid";
      readonly source: string;
      readonly detail: string;
      readonly builds?: KeyFileOpinions;
      readonly content?: TrustContent;
    }
  /** Without `content`, nothing is named at all. */
  | {
      readonly code: "policy.trust.empty";
      readonly source: string;
      readonly builds?: KeyFileOpinions;
      readonly content?: TrustContent;
    }
  | { readonly code: "policy.trust.too-costly"; readonly source: string }
  | { readonly code: "policy.trust.unsupported"; readonly keyType: string };

/** Of OpenPGP key files: which of the back ends that were asked would not judge by them, and which would. */
export interface KeyFileOpinions {
  readonly refusedBy: readonly OpenPgpBackEnd[];
  readonly acceptedBy: readonly OpenPgpBackEnd[];
}
