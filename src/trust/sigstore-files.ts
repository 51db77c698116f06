import { cost, type WorkBudget } from "../crypto/budget.ts";
import { type PublicKey, parsePublicKeyPem } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import type { CertPool } from "../crypto/x509/pool.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";
import { invalidTrust } from "./trust-content.ts";

/** What a requirement names: a file, or a field with the data itself, and what is in it. */
export interface TrustPiece {
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** A public key of the policy, and where it came from. */
export interface TrustedKey {
  readonly source: string;
  readonly key: PublicKey;
  /** Of its canonical DER, in hex. */
  readonly keySha256: string;
}

/*
 * What the judge and `policy check` make of the keys and certificates of sigstoreSigned: read here for both, so that a check says
 * what a verdict would. The budget is that of all files that are read together.
 */

export async function readSigstoreKey(
  role: "sigstore" | "rekor",
  { source, bytes }: TrustPiece,
  budget: WorkBudget,
): Promise<Result<TrustedKey, TrustProblem>> {
  if (!budget.spend(cost.certificate(bytes.length))) return fail({ code: "policy.trust.too-costly", source });
  const key = parsePublicKeyPem(bytes);
  if (!key.ok) return invalidTrust({ role, source, bytes }, key.problem.detail);
  // sigstore's logs sign with ECDSA, and the reference takes nothing else: signature/internal/rekor_set.go.
  if (role === "rekor" && key.value.kind !== "ecdsa") {
    return fail({ code: "policy.trust.invalid", source, detail: "a Rekor key must be an ECDSA key" });
  }
  return ok({ source, key: key.value, keySha256: sha256Hex(key.value.spki) });
}

export async function readRoots(
  { source, bytes }: TrustPiece,
  budget: WorkBudget,
): Promise<Result<CertPool, TrustProblem>> {
  const { certPoolFromPem } = await import("../crypto/x509/pool.ts");
  const pool = certPoolFromPem(bytes, budget);
  if (budget.isSpent) return fail({ code: "policy.trust.too-costly", source });
  return pool.size > 0 ? ok(pool) : invalidTrust({ role: "roots", source, bytes }, "it holds no certificate");
}

export async function readIntermediates(
  { source, bytes }: TrustPiece,
  budget: WorkBudget,
): Promise<Result<readonly Certificate[], TrustProblem>> {
  const { parseCertificatesPem } = await import("../crypto/x509/pem.ts");
  const certificates = parseCertificatesPem(bytes, budget);
  if (budget.isSpent) return fail({ code: "policy.trust.too-costly", source });
  if (certificates.ok) return certificates;
  return invalidTrust({ role: "intermediates", source, bytes }, certificates.problem.detail);
}
