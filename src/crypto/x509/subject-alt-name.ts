/** Subject alternative names (go: crypto/x509 parseSANExtension). */
import { decodeIa5 } from "../../encoding/asn1-string.ts";
import { contextTag, DerReader, derTag } from "../../encoding/der.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { ExtensionFields } from "./certificate.ts";
import { isDomainNameValid } from "./domain.ts";
import { parseUriHost } from "./uri.ts";

type AltNames = Pick<ExtensionFields, "emailAddresses" | "dnsNames" | "ipAddresses" | "uris" | "uriHosts">;

/** The problem is said in English, as a detail. Names of other kinds are passed over. */
export function parseSubjectAltName(value: Uint8Array): Result<AltNames, string> {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return fail("the subject alternative names are malformed");
  const emailAddresses: string[] = [];
  const dnsNames: string[] = [];
  const ipAddresses: Uint8Array[] = [];
  const uris: string[] = [];
  const uriHosts: string[] = [];
  while (!sequence.isEmpty) {
    const name = sequence.readAny();
    if (name === undefined) return fail("the subject alternative names are malformed");
    const text = decodeIa5(name.content);
    switch (name.tag) {
      case contextTag(1):
        if (text === undefined) return fail("an email address is not ASCII");
        emailAddresses.push(text);
        break;
      case contextTag(2):
        if (text === undefined) return fail("a DNS name is not ASCII");
        dnsNames.push(text);
        break;
      case contextTag(6): {
        const host = text === undefined ? undefined : parseUriHost(text);
        if (text === undefined || host === undefined || !isDomainNameValid(host, { isConstraint: false }))
          return fail("a URI is malformed");
        uris.push(text);
        uriHosts.push(host);
        break;
      }
      case contextTag(7):
        if (name.content.length !== 4 && name.content.length !== 16) return fail("an IP address is of a wrong length");
        ipAddresses.push(name.content);
        break;
      default:
        break;
    }
  }
  return ok({ emailAddresses, dnsNames, ipAddresses, uris, uriHosts });
}
