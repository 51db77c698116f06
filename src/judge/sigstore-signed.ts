import { usableForBlobs, verifyBlob } from "../crypto/public-key.ts";
import { decodeBase64AsGo } from "../encoding/base64.ts";
import { maxCertificateChecks } from "../limits.ts";
import type { SigstoreSigned } from "../policy/policy.ts";
import { assertNever, ok, type Result } from "../result.ts";
import type { SigstoreEnvelope } from "../signature/blob.ts";
import { parseSignedPayload } from "../signature/payload.ts";
import type { NamedSignature } from "./image-signatures.ts";
import {
  type JudgingContext,
  judgeSignatures,
  type Selection,
  type SignatureFinding,
  type SignaturesJudged,
} from "./judge-signatures.ts";
import { claimsOf, type Expected, payloadMismatch } from "./match-payload.ts";
import type { SignatureRejection, Signer } from "./signature-outcome.ts";
import { annotations, type CandidateKey, type CertificateParts, requireAnnotation } from "./sigstore-candidate.ts";
import { candidateKeys } from "./sigstore-keys.ts";
import type { SigstoreMaterial } from "./trust.ts";

/** sigstoreSigned: one sigstore signature by a key, or by a certificate of the right person, for this manifest and identity. */
export function judgeSigstoreSigned(
  requirement: SigstoreSigned,
  signatures: readonly NamedSignature[],
  context: JudgingContext,
): Promise<SignaturesJudged> {
  const { expected, trust, nowSeconds } = context;
  const checks = { left: maxCertificateChecks };
  return judgeSignatures(signatures, {
    select: selectSigstore,
    loadTrust: () => trust.sigstore(requirement),
    judge: (envelope, material) => judgeEnvelope(envelope, { material, expected, nowSeconds, checks }),
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

/** The order of the steps is that of signature/policy_eval_sigstore.go isSignatureAccepted. */
async function judgeEnvelope(
  envelope: SigstoreEnvelope,
  context: Pick<CertificateParts, "nowSeconds" | "checks"> & {
    readonly material: SigstoreMaterial;
    readonly expected: Expected;
  },
): Promise<SignatureFinding> {
  const { material, expected, nowSeconds, checks } = context;
  const { untrustedPayload, untrustedAnnotations } = envelope;
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

  const parts = { untrustedAnnotations, untrustedSignature, untrustedPayload, nowSeconds, checks };
  const candidates = findCandidates(material, parts);
  if (!candidates.ok) return reject(candidates.problem);
  // A key that cannot verify anything fails the requirement, even where another one would match.
  for (const { key, signer } of candidates.value) {
    if (usableForBlobs(key)) continue;
    const detail = `a key of the kind ${key.algorithm} cannot verify signatures`;
    if (signer.kind !== "key") return reject({ code: "signature.certificate.constraint", detail });
    return { kind: "unusable-trust", problem: { code: "policy.trust.invalid", source: signer.source, detail } };
  }
  const match = await findAsync(candidates.value, ({ key }) => verifyBlob(key, untrustedPayload, untrustedSignature));
  if (match === undefined) return reject({ code: "signature.invalid", detail: "none of the keys made this signature" });
  const mismatch = payloadMismatch(untrustedContent, expected);
  return mismatch === undefined ? { kind: "accepted", signer: match.signer, claimed } : reject(mismatch, match.signer);
}

async function findAsync<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await isWanted(item)) return item;
  return undefined;
}

function findCandidates(
  { trust, rekorKeys }: SigstoreMaterial,
  parts: CertificateParts,
): Result<readonly CandidateKey[], SignatureRejection> {
  switch (trust.kind) {
    case "keys":
      return candidateKeys(trust.keys, rekorKeys, parts);
    case "certificates": {
      const candidate = trust.find(rekorKeys, parts);
      return candidate.ok ? ok([candidate.value]) : candidate;
    }
    default:
      return assertNever(trust);
  }
}
