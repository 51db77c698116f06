import type { Code } from "../codes.ts";
import type { BackEndOpinion } from "../crypto/openpgp/back-end.ts";
import type { Digest } from "../encoding/digest.ts";
import type { Identity, IdentityProblem } from "../identity/identity.ts";
import type { ReferenceFlaw } from "../identity/transport.ts";
import type { SignatureOrigin, UnreadSignature } from "../image/image.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { Requirement } from "../policy/policy.ts";
import type { PolicyProblem } from "../policy/problem.ts";
import type { MissedScope } from "../verdict/missed-scope.ts";
import type { BlobsChecked, Selection } from "./selection.ts";
import type { Claims, SignatureRejection, Signer } from "./signature-outcome.ts";
import type { TrustProblem } from "./trust-problem.ts";

/**
 * What the policy says of one image under one identity. `accepted` is built in exactly one place (judge.ts), after the
 * whole evaluation has finished and allowed the image.
 */
export type Verdict = AcceptedVerdict | RejectedVerdict | ErrorVerdict;

export interface Judged {
  readonly identity: Identity;
  /** Of the source, if the image was to be read from one. */
  readonly transport?: string | undefined;
  /** A platform was asked for, and there was no index to choose from. */
  readonly isPlatformUnused?: boolean;
  /** Where the signatures were found, if the image was read from a source. */
  readonly signaturesFrom?: SignatureOrigin;
  /** What became of the images of an index, if one or all of them were asked for. */
  readonly selection?: Selection | undefined;
  /** If they were asked for: what the blobs are like. */
  readonly blobs?: BlobsChecked;
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
  readonly code: RejectionProblem["code"];
  readonly problem: RejectionProblem;
  /** Requirements of the deciding scope that come after the one that was not met. */
  readonly unjudged: readonly Requirement[];
  /** A signature file that was not looked at, as the one before it is missing. */
  readonly unreadSignature?: UnreadSignature | undefined;
  /** Scopes of the policy that were probably meant for this image. */
  readonly missedScopes: readonly MissedScope[];
}

/** Something the evaluation needs could not be read, parsed or used: not accepted. Whatever was known by then is there. */
export interface ErrorVerdict {
  readonly outcome: "error";
  readonly transport?: string | undefined;
  readonly isPlatformUnused?: boolean;
  readonly signaturesFrom?: SignatureOrigin;
  /** What became of the images of an index, if one or all of them were asked for. */
  readonly selection?: Selection | undefined;
  /** If they were asked for: what the blobs are like. */
  readonly blobs?: BlobsChecked;
  readonly code: ErrorProblem["code"];
  readonly problem: ErrorProblem;
  readonly identity: Identity | undefined;
  readonly manifest: ManifestFacts | undefined;
  readonly policy: { readonly path: string | undefined; readonly scope: DecidingScope | undefined };
  readonly requirements: readonly RequirementOutcome[];
}

export type ErrorProblem =
  | TrustProblem
  | ImageProblem
  | IdentityProblem
  | PolicyFileProblem
  | InvalidPolicy
  | SourceProblem
  | InternalProblem;

export type PolicyFileProblem =
  | { readonly code: "policy.missing"; readonly searched: readonly string[] }
  | { readonly code: "policy.unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "policy.too-large"; readonly path: string; readonly maxBytes: number };

/** `code` is that of the first of the `problems`, of which there is at least one. */
export interface InvalidPolicy {
  readonly code: PolicyProblem["code"];
  readonly problems: readonly PolicyProblem[];
}

/** What was named as the source is nothing that can be verified here. */
export type SourceProblem =
  | { readonly code: "usage.source.registry"; readonly source: string }
  | { readonly code: "usage.source.unsupported"; readonly source: string; readonly transport: string }
  | {
      readonly code: "usage.source.invalid";
      readonly source: string;
      readonly transport: string;
      readonly flaw: ReferenceFlaw;
    }
  | {
      readonly code: "usage.request.malformed";
      readonly detail: string;
      /** Not a line is at fault, but the input: there may be more requests. */
      readonly form?: "input" | "call";
    };

export interface InternalProblem {
  readonly code: "internal.error";
  readonly detail: string;
}

/**
 * The part of the policy that decided: a scope of a transport ("" is the transport's default), or the policy's default; or
 * that there was no policy, and the arguments of `standalone-verify` said what to ask for.
 */
export type DecidingScope =
  | { readonly kind: "transport"; readonly transport: string; readonly scope: string }
  | { readonly kind: "default" }
  | { readonly kind: "arguments" };

export type RejectionProblem =
  | {
      readonly code: "requirement.identity.digest-mismatch";
      readonly expected: Digest;
      readonly actual: Digest;
      /** The manifest is an index, and the identity is that of an image in it. */
      readonly isInstance: boolean;
    }
  | { readonly code: "requirement.reject" }
  | { readonly code: "requirement.unsupported"; readonly type: "signedBaseLayer" }
  | {
      readonly code: "requirement.signature.missing";
      readonly others: number;
      /** Only if the manifest is an index. */
      readonly instances?: InstanceSignatures;
    }
  | { readonly code: "requirement.signature.not-accepted"; readonly count: number }
  | { readonly code: "requirement.signed.missing" };

/** What became of the images that an index lists, which are not judged. */
export interface InstanceSignatures {
  readonly listed: number;
  /** How many of them lie beside the index, and have a signature there; `undefined` if nobody can tell. */
  readonly found: { readonly present: number; readonly signed: number } | undefined;
}

export interface RequirementOutcome {
  readonly requirement: Requirement;
  /** Absent when the requirement is satisfied. */
  readonly problem: RejectionProblem | TrustProblem | ImageProblem | undefined;
  /** Every signature considered, in file order, up to the one that was accepted. */
  readonly signatures: readonly SignatureOutcome[];
}

export type SignatureOutcome = {
  /** `signature-1`, … */
  readonly name: string;
  readonly format: "simple-signing" | "sigstore";
  /** What the signature says of itself. Never trust it. */
  readonly claimed: Claims;
  /** What each back end of the reference that was asked says of an OpenPGP message; empty for everything else. */
  readonly opinions: readonly BackEndOpinion[];
} & (
  | { readonly accepted: true; readonly code: Extract<Code, "signature.accepted">; readonly signer: Signer }
  | {
      readonly accepted: false;
      readonly code: SignatureRejection["code"];
      readonly rejection: SignatureRejection;
      /** Only when the cryptography checked out, and something else did not. */
      readonly signer: Signer | undefined;
    }
);
