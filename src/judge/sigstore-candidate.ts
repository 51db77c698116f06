import type { WorkBudget } from "../crypto/budget.ts";
import type { PublicKey } from "../crypto/public-key.ts";
import { fail, ok, type Result } from "../result.ts";
import type { SignatureRejection, Signer } from "../verdict/signature-outcome.ts";

/** A key that may have made a sigstore signature, and who that would be. */
export interface CandidateKey {
  readonly key: PublicKey;
  readonly signer: Signer;
}

/** What the key of a sigstore signature is found by. */
export interface UntrustedParts {
  readonly untrustedAnnotations: ReadonlyMap<string, string>;
  readonly untrustedSignature: Uint8Array;
  readonly untrustedPayload: Uint8Array;
  readonly budget: WorkBudget;
}

/** The same, for a key that a certificate vouches for. */
export interface CertificateParts extends UntrustedParts {
  readonly nowSeconds: number;
}

/** cosign's annotations (containers/image: internal/signature/sigstore.go). */
export const annotations = {
  signature: "dev.cosignproject.cosign/signature",
  rekorSet: "dev.sigstore.cosign/bundle",
  certificate: "dev.sigstore.cosign/certificate",
  chain: "dev.sigstore.cosign/chain",
} as const;

export function requireAnnotation(
  untrustedAnnotations: ReadonlyMap<string, string>,
  annotation: string,
): Result<string, SignatureRejection> {
  const value = untrustedAnnotations.get(annotation);
  return value === undefined ? fail({ code: "signature.annotation.missing", annotation }) : ok(value);
}
