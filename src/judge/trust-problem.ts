import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";

/**
 * Trust material that the policy names and that cannot be used. `source` is a path, or the field that holds the data; `backEnd`, for
 * OpenPGP, the first that cannot use it.
 */
export type TrustProblem =
  | { readonly code: "policy.trust.unreadable"; readonly source: string; readonly reason: string }
  | { readonly code: "policy.trust.too-large"; readonly source: string; readonly maxBytes: number }
  | {
      readonly code: "policy.trust.invalid";
      readonly source: string;
      readonly detail: string;
      readonly backEnd?: OpenPgpBackEnd;
    }
  | { readonly code: "policy.trust.empty"; readonly source: string; readonly backEnd?: OpenPgpBackEnd }
  | { readonly code: "policy.trust.too-costly"; readonly source: string }
  | { readonly code: "policy.trust.unsupported"; readonly keyType: string };
