/**
 * Whether a `subjectEmail` is a URI, as certificates of CI workflows are for. The reference compares it with email addresses of a
 * certificate only (signature/fulcio_cert.go verifyFulcioCertificateAtTime, signature/pki_cert.go), so that it never matches: what
 * `policy check`, `policy explain` and a rejection say of it goes by this.
 */
export function isUriSubject(subjectEmail: string): boolean {
  return subjectEmail.includes("://") || subjectEmail.startsWith("mailto:");
}
