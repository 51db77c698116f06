import { decodePemBlock } from "../../encoding/pem.ts";
import { cost, type WorkBudget } from "../budget.ts";
import type { Certificate } from "./certificate.ts";
import { parseCertificate } from "./parse-certificate.ts";

/** Certificates to build chains with (go: crypto/x509 CertPool). One that is there already is not added again. */
export class CertPool {
  readonly #bySubject = new Map<string, Certificate[]>();
  readonly #fingerprints = new Set<string>();

  constructor(certificates: Iterable<Certificate> = []) {
    for (const certificate of certificates) this.#add(certificate);
  }

  get size(): number {
    return this.#fingerprints.size;
  }

  has(certificate: Certificate): boolean {
    return this.#fingerprints.has(certificate.fingerprintSha256);
  }

  /**
   * Those that may have signed `certificate`, by name alone: first those whose key identifier fits, then those where one
   * of the two has none, then the others. The order counts, because the number of signatures that are checked is limited.
   */
  potentialParents(certificate: Certificate): readonly Certificate[] {
    const candidates = this.#bySubject.get(keyOf(certificate.rawIssuer)) ?? [];
    const wanted = certificate.authorityKeyId;
    const rank = ({ subjectKeyId }: Certificate): number => {
      if (Buffer.compare(subjectKeyId, wanted) === 0) return 0;
      return subjectKeyId.length === 0 || wanted.length === 0 ? 1 : 2;
    };
    return [0, 1, 2].flatMap((wantedRank) => candidates.filter((candidate) => rank(candidate) === wantedRank));
  }

  #add(certificate: Certificate): void {
    if (this.has(certificate)) return;
    this.#fingerprints.add(certificate.fingerprintSha256);
    const key = keyOf(certificate.rawSubject);
    const others = this.#bySubject.get(key);
    if (others === undefined) this.#bySubject.set(key, [certificate]);
    else others.push(certificate);
  }
}

function keyOf(name: Uint8Array): string {
  return Buffer.from(name).toString("latin1");
}

/**
 * The certificates of a PEM file, for trust roots (go: CertPool.AppendCertsFromPEM): blocks with headers or of another
 * type than CERTIFICATE, and certificates that do not parse, are passed over, and all behind the end of the budget. The pool
 * may be empty.
 */
export function certPoolFromPem(pem: Uint8Array, budget: WorkBudget): CertPool {
  const certificates: Certificate[] = [];
  let rest = pem;
  for (;;) {
    const block = decodePemBlock(rest);
    if (block === undefined || !budget.spend(cost.certificate(block.bytes.length))) return new CertPool(certificates);
    rest = block.rest;
    if (block.type !== "CERTIFICATE" || block.headers.size !== 0) continue;
    const certificate = parseCertificate(block.bytes);
    if (certificate.ok) certificates.push(certificate.value);
  }
}
