import { nodeCrypto } from "../runtime/built-in.ts";

/** Known to be certificates: those of a system are read for each of its registries. */
const known = new Set<string>();

/** The certificates in a text of PEM blocks, one text each; everything else in it is passed over, as by Go's `AppendCertsFromPEM`. */
export function pemCertificates(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter(isCertificate);
}

function isCertificate(block: string): boolean {
  if (known.has(block)) return true;
  try {
    new (nodeCrypto().X509Certificate)(block);
    known.add(block);
    return true;
  } catch {
    return false;
  }
}
