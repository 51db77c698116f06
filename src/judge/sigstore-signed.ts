import { cost, type WorkBudget } from "../crypto/budget.ts";
import type { EcdsaCheck } from "../crypto/ecdsa-check.ts";
import { costOf, usableForBlobs, verifyBlob } from "../crypto/public-key.ts";
import { decodeBase64AsGo } from "../encoding/base64.ts";
import type { SigstoreSigned } from "../policy/policy.ts";
import { ok, type Result } from "../result.ts";
import type { SigstoreEnvelope } from "../signature/blob.ts";
import { parseSignedPayload } from "../signature/payload.ts";
import type { SigstoreMaterial } from "../trust/trust-store.ts";
import type { SignatureRejection, Signer } from "../verdict/signature-outcome.ts";
import type { NamedSignature } from "./image-signatures.ts";
import {
  type JudgingContext,
  judgeSignatures,
  type Selection,
  type SignatureFinding,
  type SignaturesJudged,
} from "./judge-signatures.ts";
import { claimsOf, type Expected, payloadMismatch } from "./match-payload.ts";
import { annotations, type CandidateKey, type CertificateParts, requireAnnotation } from "./sigstore-candidate.ts";
import { candidateKeys } from "./sigstore-keys.ts";

/** sigstoreSigned: one sigstore signature by a key, or by a certificate of the right person, for this manifest and identity. */
export function judgeSigstoreSigned(
  requirement: SigstoreSigned,
  signatures: readonly NamedSignature[],
  context: JudgingContext,
): Promise<SignaturesJudged> {
  const { expected, trust, nowSeconds, budget, checkEcdsa } = context;
  return judgeSignatures(signatures, {
    select: selectSigstore,
    loadTrust: () => trust.sigstore(requirement),
    judge: (envelope, material) => judgeWithin(budget, envelope, { material, expected, nowSeconds, checkEcdsa }),
  });
}

/** cosign's media type of a signature; other attachments are none. */
const signatureMimeType = "application/vnd.dev.cosign.simplesigning.v1+json";

function selectSigstore(signature: NamedSignature): Selection<SigstoreEnvelope> {
  if (signature.format !== "sigstore") return { kind: "ignored", rejection: { code: "signature.format.other" } };
  const { untrustedMimeType } = signature.envelope;
  if (untrustedMimeType === signatureMimeType) return { kind: "candidate", candidate: signature.envelope };
  return { kind: "ignored", rejection: { code: "signature.mime-type.other", untrustedMimeType } };
}

interface Question {
  readonly material: SigstoreMaterial;
  readonly expected: Expected;
  readonly nowSeconds: number;
  readonly checkEcdsa: EcdsaCheck;
}

/** Whatever came out of it, it does not count if the budget is spent. */
async function judgeWithin(
  budget: WorkBudget,
  envelope: SigstoreEnvelope,
  question: Question,
): Promise<SignatureFinding> {
  const finding = budget.isSpent ? undefined : await judgeEnvelope(budget, envelope, question);
  if (finding !== undefined && !budget.isSpent) return finding;
  return { kind: "rejected", rejection: { code: "signature.too-costly" }, claimed: claimsOf(undefined, undefined) };
}

/** The order of the steps is that of signature/policy_eval_sigstore.go isSignatureAccepted. */
async function judgeEnvelope(
  budget: WorkBudget,
  envelope: SigstoreEnvelope,
  { material, expected, nowSeconds, checkEcdsa }: Question,
): Promise<SignatureFinding> {
  const { untrustedPayload, untrustedAnnotations } = envelope;
  budget.spend(cost.json(untrustedPayload.length));
  const untrustedContent = parseSignedPayload(untrustedPayload, "sigstore");
  const claimed = claimsOf(untrustedContent, undefined);
  const reject = (rejection: SignatureRejection, signer?: Signer): SignatureFinding => ({
    kind: "rejected",
    rejection,
    claimed,
    ...(signer && { signer }),
  });

  const untrustedBase64 = requireAnnotation(untrustedAnnotations, annotations.signature);
  if (!untrustedBase64.ok) return reject(untrustedBase64.problem);
  const untrustedSignature = decodeBase64AsGo(untrustedBase64.value);
  if (untrustedSignature === undefined) return reject({ code: "signature.base64.malformed" });

  const parts = { untrustedAnnotations, untrustedSignature, untrustedPayload, nowSeconds, budget };
  const candidates = await findCandidates(material, parts);
  if (!candidates.ok) return reject(candidates.problem);
  // A key that cannot verify anything fails the requirement, even where another one would match.
  for (const { key, signer } of candidates.value) {
    if (usableForBlobs(key)) continue;
    const detail = `a key of the kind ${key.algorithm} cannot verify signatures`;
    if (signer.kind !== "key") return reject({ code: "signature.certificate.constraint", detail });
    return { kind: "unusable-trust", problem: { code: "policy.trust.invalid", source: signer.source, detail } };
  }
  const match = await findAsync(
    candidates.value,
    async ({ key }) =>
      budget.spend(costOf(key) + cost.octets(untrustedPayload.length)) &&
      verifyBlob(key, { message: untrustedPayload, signature: untrustedSignature }, checkEcdsa),
  );
  if (match === undefined) return reject({ code: "signature.invalid", detail: "none of the keys made this signature" });
  const mismatch = payloadMismatch(untrustedContent, expected);
  return mismatch === undefined ? { kind: "accepted", signer: match.signer, claimed } : reject(mismatch, match.signer);
}

async function findAsync<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await isWanted(item)) return item;
  return undefined;
}

async function findCandidates(
  { trust, rekorKeys }: SigstoreMaterial,
  parts: CertificateParts,
): Promise<Result<readonly CandidateKey[], SignatureRejection>> {
  if (trust.kind === "keys") return candidateKeys(trust.keys, rekorKeys, parts);
  // X.509 is loaded only by policies that trust certificates.
  const { fulcioCandidate, pkiCandidate } = await import("./sigstore-certificate.ts");
  const candidate =
    trust.kind === "fulcio" ? fulcioCandidate(trust, rekorKeys ?? [], parts) : pkiCandidate(trust, parts);
  return candidate.ok ? ok([candidate.value]) : candidate;
}
