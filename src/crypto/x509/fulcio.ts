import { unmarshalAsn1String } from "../../encoding/asn1.ts";
import { decodeUtf8Strictly } from "../../encoding/asn1-string.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type Certificate, extensionOf } from "./certificate.ts";

/** The whole value of the extension is the issuer. */
const issuerV1 = "1.3.6.1.4.1.57264.1.1";
/** The value is an ASN.1 string. */
const issuerV2 = "1.3.6.1.4.1.57264.1.8";

/**
 * The OIDC issuer that Fulcio recorded (containers/image: signature/fulcio_cert.go fulcioIssuerInCertificate); the
 * problem is said in English, as a detail.
 *
 * With both extensions they must agree. A v1 value that is not UTF-8 is a problem here; in Go it is a string that no
 * issuer in a policy is equal to.
 */
export function fulcioIssuer(certificate: Certificate): Result<string, string> {
  const v1 = extensionOf(certificate, issuerV1);
  const v2 = extensionOf(certificate, issuerV2);
  const issuer1 = v1 && decodeUtf8Strictly(v1.value);
  const issuer2 = v2 && unmarshalAsn1String(v2.value);
  if (v1 !== undefined && issuer1 === undefined) return fail("the OIDC issuer is not UTF-8");
  if (v2 !== undefined && issuer2 === undefined) return fail("the OIDC issuer is malformed");
  if (issuer1 !== undefined && issuer2 !== undefined && issuer1 !== issuer2) {
    return fail("the two statements of the OIDC issuer differ");
  }
  const issuer = issuer1 ?? issuer2;
  return issuer === undefined ? fail("there is no OIDC issuer") : ok(issuer);
}
