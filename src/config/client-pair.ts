import type { KeyObject } from "node:crypto";
import { parseCertificate } from "../crypto/x509/parse-certificate.ts";
import { fail, ok, type Result } from "../result.ts";
import { nodeCrypto } from "../runtime/built-in.ts";
import { encodePem, pemBlocks } from "./pem-certificates.ts";

/** Who one is to a server, in PEM. */
export interface ClientPair {
  /** With those that lead to its CA behind it. */
  readonly certificate: string;
  /** Secret, in PKCS #8. */
  readonly key: string;
}

/**
 * A client's certificate and its private key out of two PEM files: go: crypto/tls X509KeyPair. The problem is a text for a person, and
 * says nothing of the key.
 */
export function parseClientPair(certificateText: Uint8Array, keyText: Uint8Array): Result<ClientPair, string> {
  const chain = pemBlocks(certificateText).filter(({ type }) => type === "CERTIFICATE");
  const [leaf] = chain;
  if (leaf === undefined) return fail("there is no certificate in PEM in it");
  const block = pemBlocks(keyText).find(({ type }) => type === "PRIVATE KEY" || type.endsWith(" PRIVATE KEY"));
  if (block === undefined) return fail("there is no private key in PEM for it");
  const certificate = parseCertificate(leaf.bytes);
  if (!certificate.ok) return fail(`its certificate is malformed: ${certificate.problem.detail}`);
  const { publicKey } = certificate.value;
  if (publicKey.kind === "unsupported") return fail("its certificate is for a kind of key that is not known");
  const key = parsePrivateKey(block.bytes);
  if (key === undefined) return fail("its private key cannot be read, or is encrypted");
  if (!isPairOf(key, publicKey.spki)) return fail("its private key is not that of the certificate");
  return ok({
    certificate: chain.map(({ bytes }) => encodePem("CERTIFICATE", bytes)).join(""),
    key: encodePem("PRIVATE KEY", key.export({ type: "pkcs8", format: "der" })),
  });
}

/** In whichever of the three forms it is, whatever the label says (go: crypto/tls parsePrivateKey). */
function parsePrivateKey(der: Uint8Array): KeyObject | undefined {
  for (const type of ["pkcs1", "pkcs8", "sec1"] as const) {
    try {
      return nodeCrypto().createPrivateKey({ key: Buffer.from(der), format: "der", type });
    } catch {
      // The next form.
    }
  }
  return undefined;
}

/** Whether the numbers are the same, and one makes what the other verifies: a file may hold the numbers of two keys. */
function isPairOf(key: KeyObject, spki: Uint8Array): boolean {
  try {
    const { createPublicKey, sign, verify } = nodeCrypto();
    const publicKey = createPublicKey(key);
    if (Buffer.compare(publicKey.export({ type: "spki", format: "der" }), spki) !== 0) return false;
    const digest = key.asymmetricKeyType === "ed25519" ? null : "sha256";
    const message = Buffer.from("proof");
    return verify(digest, message, publicKey, sign(digest, message, key));
  } catch {
    return false;
  }
}
