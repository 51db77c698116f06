import type { KeyObject } from "node:crypto";
import { parseCertificate } from "../crypto/x509/parse-certificate.ts";
import { Asn1Reader, asn1Tag } from "../encoding/asn1.ts";
import { derTag } from "../encoding/der.ts";
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

/**
 * In whichever of the three forms it is, whatever the label says (go: crypto/tls parsePrivateKey). Stricter, as OpenSSL is: the public half
 * that stands in the file of an elliptic key must be a point of the curve; Go passes it over.
 */
function parsePrivateKey(der: Uint8Array): KeyObject | undefined {
  const type = formOf(der);
  if (type === undefined) return undefined;
  try {
    return nodeCrypto().createPrivateKey({ key: Buffer.from(der), format: "der", type });
  } catch {
    return undefined;
  }
}

/**
 * By what follows the version: OpenSSL takes each form for each. Only of PKCS #1 Go takes nothing behind the key, and no version that is
 * not known (crypto/x509 ParsePKCS1PrivateKey).
 */
function formOf(der: Uint8Array): "pkcs1" | "pkcs8" | "sec1" | undefined {
  const outer = new Asn1Reader(der);
  const key = outer.enter(asn1Tag.sequence);
  const version = key?.readInt64();
  const next = key?.readRaw()?.[0];
  if (version === undefined) return undefined;
  if (next === derTag.integer) return version <= 1n && outer.isEmpty ? "pkcs1" : undefined;
  return next === derTag.sequence ? "pkcs8" : "sec1";
}

/** Whether the numbers are the same, and one makes what the other verifies: a file may hold the numbers of two keys. */
function isPairOf(key: KeyObject, spki: Uint8Array): boolean {
  try {
    if (key.asymmetricKeyType === "rsa" && !isConsistentRsa(key)) return false;
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

/** Whether the numbers of an RSA key fit each other (go: crypto/rsa PrivateKey.Validate): OpenSSL makes do with some of them. */
function isConsistentRsa(key: KeyObject): boolean {
  const jwk = key.export({ format: "jwk" });
  const number = (text: string | undefined) =>
    BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex") || "0"}`);
  const [n, e, d, p, q] = [number(jwk.n), number(jwk.e), number(jwk.d), number(jwk.p), number(jwk.q)];
  if (p <= 1n || q <= 1n || p * q !== n) return false;
  return (
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    number(jwk.dp) === d % (p - 1n) &&
    number(jwk.dq) === d % (q - 1n) &&
    (number(jwk.qi) * q) % p === 1n
  );
}
