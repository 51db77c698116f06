import { parseCertificate } from "../crypto/x509/parse-certificate.ts";
import { decodePemBlock, type PemBlock } from "../encoding/pem.ts";
import { nodeCrypto } from "../runtime/built-in.ts";

/** The PEM blocks of a text in order. */
export function pemBlocks(text: Uint8Array): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let block = decodePemBlock(text); block !== undefined; block = decodePemBlock(block.rest)) blocks.push(block);
  return blocks;
}

/** A block of RFC 7468. */
export function encodePem(type: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("base64")
    .match(/.{1,64}/g);
  return [`-----BEGIN ${type}-----`, ...(lines ?? []), `-----END ${type}-----`, ""].join("\n");
}

/**
 * The certificates of PEM texts, each once: those that Go adds to a pool (crypto/x509 CertPool.AppendCertsFromPEM), which passes over
 * blocks of other types or with headers, and what it cannot read. What the runtime cannot read is passed over, too: it would take the
 * others down with it (Bun), and nothing is trusted for it.
 */
export function trustedCertificates(texts: Iterable<Uint8Array>): readonly string[] {
  const found = new Map<string, string>();
  for (const text of texts) {
    for (const { type, headers, bytes } of pemBlocks(text)) {
      if (type !== "CERTIFICATE" || headers.size > 0) continue;
      const pem = encodePem(type, bytes);
      if (!found.has(pem) && parseCertificate(bytes).ok && isReadable(bytes)) found.set(pem, pem);
    }
  }
  return [...found.values()];
}

function isReadable(der: Uint8Array): boolean {
  try {
    return new (nodeCrypto().X509Certificate)(der) !== undefined;
  } catch {
    return false;
  }
}
