/** Distinguished names: which are well-formed (go: crypto/x509 parseName), and how they are shown. */
import { asn1StringTag, decodeAsn1String } from "../../encoding/asn1-string.ts";
import { DerReader, derTag } from "../../encoding/der.ts";

interface Attribute {
  readonly oid: string;
  readonly value: string;
}

/** The name in RFC 2253's order and spelling, or `undefined` where it is malformed. `der` includes the outer tag. */
export function nameText(der: Uint8Array): string | undefined {
  const sequence = new DerReader(der).enter(derTag.sequence);
  if (sequence === undefined) return undefined;
  const parts: string[] = [];
  while (!sequence.isEmpty) {
    const attributes = readAttributes(sequence.enter(derTag.set));
    if (attributes === undefined) return undefined;
    if (attributes.length > 0) parts.push(attributes.map(attributeText).join("+"));
  }
  return parts.reverse().join(",");
}

function readAttributes(set: DerReader | undefined): readonly Attribute[] | undefined {
  if (set === undefined) return undefined;
  const attributes: Attribute[] = [];
  while (!set.isEmpty) {
    const sequence = set.enter(derTag.sequence);
    const oid = sequence?.readOid();
    const element = sequence?.readAny();
    if (oid === undefined || element === undefined) return undefined;
    // GeneralString is read by encoding/asn1, but not by crypto/x509.
    if (element.tag === asn1StringTag.general) return undefined;
    const value = decodeAsn1String(element.tag, element.content);
    if (value === undefined) return undefined;
    attributes.push({ oid, value });
  }
  return attributes;
}

const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "SERIALNUMBER",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.17": "POSTALCODE",
  "0.9.2342.19200300.100.1.25": "DC",
};

function attributeText({ oid, value }: Attribute): string {
  return `${shortNames[oid] ?? oid}=${value.replaceAll(/[,+"\\<>;]/g, "\\$&")}`;
}
