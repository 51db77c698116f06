import type { Code } from "../codes.ts";
import type { Digest } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { Requirement } from "../policy/policy.ts";
import type { Claims, SignatureRejection, Signer } from "./signature-outcome.ts";
import type { TrustProblem } from "./trust-problem.ts";

/**
 * What the policy says of one image under one identity. `accepted` is built in exactly one place (judge.ts), after the
 * whole evaluation has finished and allowed the image.
 */
export type Verdict = AcceptedVerdict | RejectedVerdict | UndecidedVerdict;

interface Judged {
  readonly identity: Identity;
  /** Of exactly the bytes that were judged. */
  readonly manifest: ManifestFacts;
  readonly policy: { readonly path: string | undefined; readonly scope: DecidingScope };
  /** In the policy's order, up to and including the first that failed. */
  readonly requirements: readonly RequirementOutcome[];
}

export interface AcceptedVerdict extends Judged {
  readonly outcome: "accepted";
  readonly code: "accepted";
}

export interface RejectedVerdict extends Judged {
  readonly outcome: "rejected";
  readonly problem: RejectionProblem;
}

/** Something the evaluation needs could not be read or used: not accepted, but not for want of a signature. */
export interface UndecidedVerdict extends Judged {
  readonly outcome: "error";
  readonly problem: TrustProblem | ImageProblem;
}

/** The part of the policy that decided: a scope of a transport ("" is the transport's default), or the policy's default. */
export type DecidingScope =
  | { readonly kind: "transport"; readonly transport: string; readonly scope: string }
  | { readonly kind: "default" };

export type RejectionProblem =
  | { readonly code: "requirement.identity.digest-mismatch"; readonly expected: Digest; readonly actual: Digest }
  | { readonly code: "requirement.reject" }
  | { readonly code: "requirement.unsupported"; readonly type: "signedBaseLayer" }
  | { readonly code: "requirement.signature.missing"; readonly others: number }
  | { readonly code: "requirement.signature.not-accepted"; readonly count: number }
  | { readonly code: "requirement.signed.missing" };

export interface RequirementOutcome {
  readonly requirement: Requirement;
  /** Absent when the requirement is satisfied. */
  readonly problem: RejectionProblem | TrustProblem | ImageProblem | undefined;
  /** Every signature considered, in file order, up to the one that was accepted. */
  readonly signatures: readonly SignatureOutcome[];
}

export type SignatureOutcome = {
  readonly name: string;
  readonly format: "simple-signing" | "sigstore";
  /** What the signature says of itself. Never trust it. */
  readonly claimed: Claims;
} & (
  | { readonly accepted: true; readonly code: Extract<Code, "signature.accepted">; readonly signer: Signer }
  | {
      readonly accepted: false;
      readonly rejection: SignatureRejection;
      /** Only when the cryptography checked out, and something else did not. */
      readonly signer: Signer | undefined;
    }
);
