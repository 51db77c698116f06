import type { WorkBudget } from "../crypto/budget.ts";
import type { EcdsaCheck } from "../crypto/ecdsa-check.ts";
import type { BackEndOpinion } from "../crypto/openpgp/back-end.ts";
import type { Result } from "../result.ts";
import type { TrustStore } from "../trust/trust-store.ts";
import type { Claims, SignatureRejection, Signer } from "../verdict/signature-outcome.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";
import type { RejectionProblem, SignatureOutcome } from "../verdict/verdict.ts";
import type { NamedSignature } from "./image-signatures.ts";
import type { Expected } from "./match-payload.ts";

/** What a requirement makes of all signatures: it is satisfied if `problem` is absent. */
export interface SignaturesJudged {
  readonly problem: RejectionProblem | TrustProblem | undefined;
  readonly signatures: readonly SignatureOutcome[];
}

/** What the signatures of an image are judged by, besides the requirement. */
export interface JudgingContext {
  readonly expected: Expected;
  readonly trust: TrustStore;
  readonly nowSeconds: number;
  readonly checkEcdsa: EcdsaCheck;
  /** For all signatures and requirements of the image. */
  readonly budget: WorkBudget;
}

/** What a requirement makes of one signature. */
export type SignatureFinding =
  | {
      readonly kind: "accepted";
      readonly signer: Signer;
      readonly claimed: Claims;
      readonly opinions?: readonly BackEndOpinion[];
    }
  | {
      readonly kind: "rejected";
      readonly rejection: SignatureRejection;
      readonly signer?: Signer;
      readonly claimed: Claims;
      readonly opinions?: readonly BackEndOpinion[];
    }
  /** Trust material that proved unusable only now; no other signature can help. */
  | { readonly kind: "unusable-trust"; readonly problem: TrustProblem };

/** A signature that a requirement looks at, or the reason why it does not. */
export type Selection<C> =
  | { readonly kind: "candidate"; readonly candidate: C }
  | { readonly kind: "ignored"; readonly rejection: SignatureRejection };

/**
 * What signedBy and sigstoreSigned have in common: one acceptable signature is enough; those that a requirement does not
 * look at count as absent; and trust material is read only once there is a signature to judge by it.
 */
export async function judgeSignatures<C, T>(
  signatures: readonly NamedSignature[],
  requirement: {
    readonly select: (signature: NamedSignature) => Selection<C>;
    readonly loadTrust: () => Promise<Result<T, TrustProblem>>;
    readonly judge: (candidate: C, trust: T) => SignatureFinding | Promise<SignatureFinding>;
  },
): Promise<SignaturesJudged> {
  const outcomes: SignatureOutcome[] = [];
  let candidates = 0;
  for (const signature of signatures) {
    const { name, format } = signature;
    const selection = requirement.select(signature);
    if (selection.kind === "ignored") {
      const { rejection } = selection;
      outcomes.push({
        name,
        format,
        accepted: false,
        code: rejection.code,
        rejection,
        signer: undefined,
        claimed: noClaims,
        opinions: [],
      });
      continue;
    }
    candidates += 1;
    const trust = await requirement.loadTrust();
    if (!trust.ok) return { problem: trust.problem, signatures: outcomes };
    const finding = await requirement.judge(selection.candidate, trust.value);
    switch (finding.kind) {
      case "unusable-trust":
        return { problem: finding.problem, signatures: outcomes };
      case "accepted": {
        const { signer, claimed, opinions = [] } = finding;
        outcomes.push({ name, format, accepted: true, code: "signature.accepted", signer, claimed, opinions });
        return { problem: undefined, signatures: outcomes };
      }
      case "rejected": {
        const { rejection, signer, claimed, opinions = [] } = finding;
        outcomes.push({ name, format, accepted: false, code: rejection.code, rejection, signer, claimed, opinions });
      }
    }
  }
  const problem: RejectionProblem =
    candidates === 0
      ? { code: "requirement.signature.missing", others: outcomes.length }
      : { code: "requirement.signature.not-accepted", count: candidates };
  return { problem, signatures: outcomes };
}

const noClaims: Claims = {
  untrustedDockerReference: undefined,
  untrustedManifestDigest: undefined,
  untrustedKeyId: undefined,
};
