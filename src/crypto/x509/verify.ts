/** Path building and validation (go: crypto/x509 Certificate.Verify). */
import { ok, type Result } from "../../result.ts";
import { cost, type WorkBudget } from "../budget.ts";
import { costOf } from "../public-key.ts";
import {
  type Certificate,
  type CertificateCode,
  type CertificateProblem,
  extensionOf,
  extensionOid,
  problemWith,
} from "./certificate.ts";
import { nameConstraintFlaw } from "./check-name-constraints.ts";
import { arePoliciesValid } from "./policies.ts";
import { CertPool } from "./pool.ts";
import { verifySigned } from "./signature-algorithm.ts";

export interface ChainQuestion {
  readonly leaf: Certificate;
  readonly intermediates: Iterable<Certificate>;
  readonly roots: CertPool;
  /** Since 1970; not necessarily whole. Both ends of a validity period belong to it. */
  readonly atSeconds: number;
  /**
   * A critical subjectAltName of the leaf with only unknown kinds of names is no obstacle: for Fulcio certificates, where
   * the caller matches names itself (containers/image: signature/fulcio_cert.go verifyFulcioCertificateAtTime).
   */
  readonly ignoreUnhandledCriticalSan: boolean;
  /** What comes out counts only if it is not spent by then. */
  readonly budget: WorkBudget;
}

export interface VerifiedChain {
  /** From the leaf to a trusted root. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/**
 * Whether a chain leads from the leaf to a root, good for code signing.
 *
 * A leaf that is itself a root is its own chain. On failure the problem is the most telling one of those that ended the
 * search: an expired issuer, then one that may not sign, then a signature that does not fit, then that there is none.
 */
export function verifyChain(question: ChainQuestion): Result<VerifiedChain, CertificateProblem> {
  const { leaf, roots } = question;
  const leafFlaw = unhandledFlaw(leaf, question.ignoreUnhandledCriticalSan) ?? timeFlaw(leaf, question.atSeconds);
  if (leafFlaw !== undefined) return { ok: false, problem: leafFlaw };
  const search = new ChainSearch(question);
  if (!roots.has(leaf)) search.extend([leaf]);
  const chains = roots.has(leaf) ? [[leaf] as const] : search.chains;
  if (chains.length === 0) return { ok: false, problem: search.problem };
  let problem: CertificateProblem | undefined;
  for (const chain of chains) {
    const found = checkWholeChain(chain);
    if (found.ok) return found;
    problem ??= found.problem;
  }
  return { ok: false, problem: problem ?? search.problem };
}

type Chain = readonly [Certificate, ...Certificate[]];

/** What depends on the whole chain. */
function checkWholeChain(chain: Chain): Result<VerifiedChain, CertificateProblem> {
  const [leaf] = chain;
  const code = "signature.certificate.constraint";
  if (!arePoliciesValid(chain)) return problemWith(leaf, code, "the certificate policies of the chain do not fit");
  const restricted = chain.find((certificate) => !allowsCodeSigning(certificate));
  if (restricted !== undefined) return problemWith(restricted, code, "it may not be used for code signing");
  const flaw = nameConstraintFlaw(chain);
  return flaw === undefined ? ok({ certificates: chain }) : problemWith(leaf, code, flaw);
}

const anyExtKeyUsage = "2.5.29.37.0";
const codeSigning = "1.3.6.1.5.5.7.3.3";

/** Every certificate of the chain must allow it, the root as well; no statement allows everything. */
function allowsCodeSigning({ extKeyUsages }: Certificate): boolean {
  return extKeyUsages.length === 0 || extKeyUsages.includes(anyExtKeyUsage) || extKeyUsages.includes(codeSigning);
}

/** go: maxChainSignatureChecks; bounds the search where many certificates have the same name. */
const maxSignatureChecks = 100;

class ChainSearch {
  readonly chains: Chain[] = [];
  readonly #question: ChainQuestion;
  readonly #intermediates: CertPool;
  #signatureChecks = 0;
  #hint: CertificateProblem | undefined;

  constructor(question: ChainQuestion) {
    this.#question = question;
    this.#intermediates = new CertPool(question.intermediates);
  }

  get problem(): CertificateProblem {
    return (
      this.#hint ?? problemWith(this.#question.leaf, "signature.certificate.untrusted", "no trusted issuer").problem
    );
  }

  /** Collects every chain to a root that goes on from here. `false`: the limit is reached, nothing more is tried. */
  extend(chain: Chain): boolean {
    const child = chain.at(-1) ?? chain[0];
    for (const root of this.#question.roots.potentialParents(child)) {
      if (!this.#mayCheck(root)) return false;
      if (this.#isParent(root, chain, "root")) this.chains.push([...chain, root]);
    }
    for (const intermediate of this.#intermediates.potentialParents(child)) {
      if (!this.#mayCheck(intermediate)) return false;
      if (this.#isParent(intermediate, chain, "intermediate")) this.extend([...chain, intermediate]);
    }
    return true;
  }

  #mayCheck({ publicKey, raw }: Certificate): boolean {
    this.#signatureChecks += 1;
    if (this.#signatureChecks > maxSignatureChecks) return false;
    return this.#question.budget.spend(costOf(publicKey) + cost.octets(raw.length));
  }

  #isParent(candidate: Certificate, chain: Chain, role: "root" | "intermediate"): boolean {
    if (isInChain(candidate, chain)) return false;
    const child = chain.at(-1) ?? chain[0];
    const flaw =
      signatureFlaw(child, candidate) ??
      unhandledFlaw(candidate, false) ??
      timeFlaw(candidate, this.#question.atSeconds) ??
      authorityFlaw(candidate, chain, role);
    if (flaw === undefined) return true;
    if (this.#hint === undefined || rankOf(flaw) < rankOf(this.#hint)) this.#hint = flaw;
    return false;
  }
}

const ranking: readonly CertificateCode[] = ["signature.certificate.expired", "signature.certificate.constraint"];

function rankOf({ code }: CertificateProblem): number {
  const rank = ranking.indexOf(code);
  return rank < 0 ? ranking.length : rank;
}

/** Also for a subject and key that come back in another certificate: cross-signatures make loops (go: alreadyInChain). */
function isInChain(candidate: Certificate, chain: Chain): boolean {
  const candidateSan = extensionOf(candidate, extensionOid.subjectAltName);
  for (const certificate of chain) {
    if (Buffer.compare(candidate.rawSubject, certificate.rawSubject) !== 0) continue;
    if (Buffer.compare(candidate.rawPublicKeyInfo, certificate.rawPublicKeyInfo) !== 0) continue;
    const san = extensionOf(certificate, extensionOid.subjectAltName);
    if (candidateSan === undefined && san === undefined) return true;
    // Go does not look at the rest of the chain then.
    if (candidateSan === undefined || san === undefined) return false;
    if (Buffer.compare(candidateSan.value, san.value) === 0) return true;
  }
  return false;
}

const keyCertSign = 1 << 5;

/** go: Certificate.CheckSignatureFrom. */
function signatureFlaw(child: Certificate, parent: Certificate): CertificateProblem | undefined {
  const { basicConstraints, version, keyUsage } = parent;
  if (basicConstraints === undefined ? version === 3 : !basicConstraints.isCa)
    return constraint(parent, "it is not a CA");
  if (keyUsage !== 0 && (keyUsage & keyCertSign) === 0) return constraint(parent, "its key may not sign certificates");
  const { signatureAlgorithm, rawTbs, signature } = child;
  const code = "signature.certificate.untrusted";
  if (signatureAlgorithm === undefined) return flaw(child, code, "its signature algorithm is not accepted");
  const isSigned = verifySigned(parent.publicKey, signatureAlgorithm, { message: rawTbs, signature });
  return isSigned ? undefined : flaw(child, code, "its signature is not by the issuer it names");
}

function unhandledFlaw(certificate: Certificate, ignoreSan: boolean): CertificateProblem | undefined {
  const unhandled = certificate.unhandledCriticalExtensions.find(
    (oid) => !(ignoreSan && oid === extensionOid.subjectAltName),
  );
  return unhandled === undefined ? undefined : constraint(certificate, `critical extension ${unhandled} is not known`);
}

function timeFlaw(certificate: Certificate, atSeconds: number): CertificateProblem | undefined {
  const code = "signature.certificate.expired";
  if (atSeconds < certificate.notBeforeSeconds) return flaw(certificate, code, "it was not valid yet");
  return atSeconds <= certificate.notAfterSeconds ? undefined : flaw(certificate, code, "it was not valid any more");
}

/** go: Certificate.isValid. A root need not have basic constraints, but what they say counts. */
function authorityFlaw(
  certificate: Certificate,
  chain: Chain,
  role: "root" | "intermediate",
): CertificateProblem | undefined {
  const { basicConstraints } = certificate;
  if (role === "intermediate" && basicConstraints?.isCa !== true) return constraint(certificate, "it is not a CA");
  const intermediates = chain.length - 1;
  const maxPathLength = basicConstraints?.maxPathLength ?? Number.POSITIVE_INFINITY;
  return intermediates > maxPathLength ? constraint(certificate, "its path length limit is exceeded") : undefined;
}

function constraint(certificate: Certificate, detail: string): CertificateProblem {
  return flaw(certificate, "signature.certificate.constraint", detail);
}

function flaw(certificate: Certificate, code: CertificateCode, detail: string): CertificateProblem {
  return { code, detail, untrustedSubject: certificate.subjectText };
}
