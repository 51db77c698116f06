import { decodePemBlock } from "../../encoding/pem.ts";
import { trimSpaceAsGo } from "../../encoding/space.ts";
import { ok, type Result } from "../../result.ts";
import { cost, type WorkBudget } from "../budget.ts";
import { type Certificate, type CertificateProblem, malformed } from "./certificate.ts";
import { parseCertificate } from "./parse-certificate.ts";

/**
 * All certificates of a PEM text, in order: sigstore's `cryptoutils.UnmarshalCertificatesFromPEM`.
 *
 * Blocks of any type and with any headers are taken for certificates; text may stand before a block, but not after the
 * last one, except blanks at the very end. An empty text gives no certificates, and is not an error. Where the budget ends,
 * the text is malformed.
 */
export function parseCertificatesPem(
  pem: Uint8Array,
  budget: WorkBudget,
): Result<readonly Certificate[], CertificateProblem> {
  const certificates: Certificate[] = [];
  let rest: Uint8Array = trimSpaceAsGo(Buffer.from(pem.buffer, pem.byteOffset, pem.length));
  while (rest.length > 0) {
    const block = decodePemBlock(rest);
    if (block === undefined) return malformed("there is text that is no PEM block");
    if (!budget.spend(cost.certificate(block.bytes.length))) return malformed("it is too much to read");
    const certificate = parseCertificate(block.bytes);
    if (!certificate.ok) return certificate;
    certificates.push(certificate.value);
    rest = block.rest;
  }
  return ok(certificates);
}
