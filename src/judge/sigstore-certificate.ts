import type { WorkBudget } from "../crypto/budget.ts";
import type { EcdsaPublicKey } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import { fulcioIssuer } from "../crypto/x509/fulcio.ts";
import { verifyHostname } from "../crypto/x509/hostname.ts";
import { parseCertificatesPem } from "../crypto/x509/pem.ts";
import { verifyChain } from "../crypto/x509/verify.ts";
import { decodePemBlock } from "../encoding/pem.ts";
import { fail, ok, type Result } from "../result.ts";
import type { FulcioMaterial, PkiMaterial } from "../trust/trust-store.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";
import { openRekorSet, rekorMismatch } from "./rekor.ts";
import {
  annotations,
  type CandidateKey,
  type CertificateParts,
  requireAnnotation,
  type UntrustedParts,
} from "./sigstore-candidate.ts";
import { isUriSubject } from "./uri-subject.ts";

/**
 * The key of a certificate that Fulcio issued to the right person, at the time Rekor logged the signature
 * (signature/fulcio_cert.go verifyRekorFulcio). The reference does not look at certificate timestamps (SCTs) either: the
 * log entry already proves that the certificate is public.
 */
export function fulcioCandidate(
  trust: FulcioMaterial,
  rekorKeys: readonly EcdsaPublicKey[],
  parts: CertificateParts,
): Result<CandidateKey, SignatureRejection> {
  const set = requireAnnotation(parts.untrustedAnnotations, annotations.rekorSet);
  if (!set.ok) return set;
  const pem = requireAnnotation(parts.untrustedAnnotations, annotations.certificate);
  if (!pem.ok) return pem;
  const block = decodePemBlock(Buffer.from(pem.value));
  if (block === undefined || block.rest.length > 0) {
    return malformed("the certificate is not exactly one PEM block");
  }
  const entry = openRekorSet(set.value, rekorKeys, parts.budget);
  if (!entry.ok) return entry;
  const mismatch = rekorMismatch(entry.value, {
    keyOrCertificate: block.bytes,
    signature: parts.untrustedSignature,
    payload: parts.untrustedPayload,
  });
  if (mismatch !== undefined) return fail(mismatch);
  const loggedAtSeconds = entry.value.integratedTimeSeconds;

  const certificates = readCertificates(pem.value, parts);
  if (!certificates.ok) return certificates;
  const { leaf, intermediates } = certificates.value;
  const verified = verifyChain({
    leaf,
    intermediates,
    roots: trust.roots,
    atSeconds: loggedAtSeconds === goZeroTimeSeconds ? parts.nowSeconds : loggedAtSeconds,
    // Fulcio's names may be of kinds that Go does not know; they are matched below, by what they must contain.
    ignoreUnhandledCriticalSan: true,
    budget: parts.budget,
  });
  if (!verified.ok) return verified;

  const issuer = fulcioIssuer(leaf);
  if (!issuer.ok)
    return fail({
      code: "signature.certificate.issuer",
      found: undefined,
      required: trust.oidcIssuer,
      detail: issuer.problem,
      isForUri: isForUri(leaf),
    });
  if (issuer.value !== trust.oidcIssuer) {
    return fail({
      code: "signature.certificate.issuer",
      found: issuer.value,
      required: trust.oidcIssuer,
      detail: "it differs",
      isForUri: isForUri(leaf),
    });
  }
  return requireEmail(leaf, trust.subjectEmail) ?? ok(candidate(leaf, { oidcIssuer: issuer.value, loggedAtSeconds }));
}

/** The key of a certificate that one of the policy's authorities issued to the right person or host, valid now (signature/pki_cert.go). */
export function pkiCandidate(trust: PkiMaterial, parts: CertificateParts): Result<CandidateKey, SignatureRejection> {
  const pem = requireAnnotation(parts.untrustedAnnotations, annotations.certificate);
  if (!pem.ok) return pem;
  const certificates = readCertificates(pem.value, parts);
  if (!certificates.ok) return certificates;
  const { leaf, intermediates } = certificates.value;
  const verified = verifyChain({
    leaf,
    intermediates: [...trust.intermediates, ...intermediates],
    roots: trust.roots,
    atSeconds: parts.nowSeconds,
    ignoreUnhandledCriticalSan: false,
    budget: parts.budget,
  });
  if (!verified.ok) return verified;
  if (trust.subjectEmail !== undefined) {
    const refused = requireEmail(leaf, trust.subjectEmail);
    if (refused !== undefined) return refused;
  }
  if (trust.subjectHostname !== undefined && !verifyHostname(leaf, trust.subjectHostname)) {
    return fail({
      code: "signature.certificate.hostname",
      required: trust.subjectHostname,
      detail: "no name of the certificate matches",
    });
  }
  return ok(candidate(leaf, { oidcIssuer: undefined, loggedAtSeconds: undefined }));
}

/** Go's `time.Time{}` as Unix seconds: a log entry of this very second makes the reference verify the chain at the current time. */
const goZeroTimeSeconds = -62135596800;

/** The certificate of a signature, and those that may lead from it to a root. */
function readCertificates(
  pem: string,
  { untrustedAnnotations, budget }: UntrustedParts,
): Result<{ readonly leaf: Certificate; readonly intermediates: readonly Certificate[] }, SignatureRejection> {
  const chain = readChain(untrustedAnnotations, budget);
  if (!chain.ok) return chain;
  const leaf = readLeaf(pem, budget);
  return leaf.ok ? ok({ leaf: leaf.value, intermediates: chain.value }) : leaf;
}

function readLeaf(pem: string, budget: WorkBudget): Result<Certificate, SignatureRejection> {
  const certificates = parseCertificatesPem(Buffer.from(pem), budget);
  if (!certificates.ok) return malformed(certificates.problem.detail);
  const [leaf, ...others] = certificates.value;
  if (leaf === undefined) return malformed("there is no certificate");
  return others.length === 0 ? ok(leaf) : malformed("there are several certificates where one belongs");
}

/** The last certificate of the chain is left out, whatever it is: the reference takes it for the root. */
function readChain(
  untrustedAnnotations: ReadonlyMap<string, string>,
  budget: WorkBudget,
): Result<readonly Certificate[], SignatureRejection> {
  const pem = untrustedAnnotations.get(annotations.chain);
  if (pem === undefined || pem === "") return ok([]);
  const certificates = parseCertificatesPem(Buffer.from(pem), budget);
  return certificates.ok ? ok(certificates.value.slice(0, -1)) : malformed(`the chain: ${certificates.problem.detail}`);
}

function isForUri({ emailAddresses, uris }: Certificate): boolean {
  return emailAddresses.length === 0 && uris.length > 0;
}

/** Compared exactly, letter case included. */
function requireEmail(
  { emailAddresses, uris }: Certificate,
  required: string,
): { readonly ok: false; readonly problem: SignatureRejection } | undefined {
  if (emailAddresses.includes(required)) return undefined;
  const requiresUri = isUriSubject(required);
  return fail({ code: "signature.certificate.email", found: emailAddresses, uris, required, requiresUri });
}

function candidate(
  leaf: Certificate,
  logged: { readonly oidcIssuer: string | undefined; readonly loggedAtSeconds: number | undefined },
): CandidateKey {
  return {
    key: leaf.publicKey,
    signer: {
      kind: "certificate",
      subject: leaf.subjectText,
      issuer: leaf.issuerText,
      emails: leaf.emailAddresses,
      certificateSha256: leaf.fingerprintSha256,
      ...logged,
    },
  };
}

function malformed(detail: string): { readonly ok: false; readonly problem: SignatureRejection } {
  return fail({ code: "signature.certificate.malformed", detail });
}
