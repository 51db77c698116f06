/** Which algorithm a certificate is signed with, and whether it really is (go: crypto/x509 checkSignature). */
import { type AlgorithmIdentifier, Asn1Reader, asn1Tag } from "../../encoding/asn1.ts";
import { decodeInteger } from "../../encoding/der.ts";
import { verifyEcdsaAsn1 } from "../ecdsa-check.ts";
import { type HashName, type Signed, verifyEd25519, verifyRsaPkcs1, verifyRsaPss } from "../signature-check.ts";
import type { PublicKey } from "../spki.ts";

/** MD5, SHA-1 and DSA are left out: Go knows them, and refuses every certificate signed with them. */
export type SignatureAlgorithm =
  | { readonly kind: "rsa-pkcs1" | "rsa-pss" | "ecdsa"; readonly hash: HashName }
  | { readonly kind: "ed25519" };

const oids: Readonly<Record<string, SignatureAlgorithm>> = {
  "1.2.840.113549.1.1.11": { kind: "rsa-pkcs1", hash: "sha256" },
  "1.2.840.113549.1.1.12": { kind: "rsa-pkcs1", hash: "sha384" },
  "1.2.840.113549.1.1.13": { kind: "rsa-pkcs1", hash: "sha512" },
  "1.2.840.10045.4.3.2": { kind: "ecdsa", hash: "sha256" },
  "1.2.840.10045.4.3.3": { kind: "ecdsa", hash: "sha384" },
  "1.2.840.10045.4.3.4": { kind: "ecdsa", hash: "sha512" },
};

const ed25519 = "1.3.101.112";
const rsaPss = "1.2.840.113549.1.1.10";
const mgf1 = "1.2.840.113549.1.1.8";

const hashes: Readonly<Record<string, { readonly hash: HashName; readonly sizeBytes: bigint }>> = {
  "2.16.840.1.101.3.4.2.1": { hash: "sha256", sizeBytes: 32n },
  "2.16.840.1.101.3.4.2.2": { hash: "sha384", sizeBytes: 48n },
  "2.16.840.1.101.3.4.2.3": { hash: "sha512", sizeBytes: 64n },
};

/** Parameters count for Ed25519 (none) and RSA-PSS only (go: crypto/x509 getSignatureAlgorithmFromAI). */
export function signatureAlgorithmOf({ oid, parameters }: AlgorithmIdentifier): SignatureAlgorithm | undefined {
  if (oid === ed25519) return parameters.length === 0 ? { kind: "ed25519" } : undefined;
  if (oid === rsaPss) return pssAlgorithm(parameters);
  return Object.hasOwn(oids, oid) ? oids[oid] : undefined;
}

/** Mask hash and message hash must be the same, the salt as long as the hash, the trailer the usual one. */
function pssAlgorithm(parameters: Uint8Array): SignatureAlgorithm | undefined {
  const fields = new Asn1Reader(parameters).enter(asn1Tag.sequence);
  if (fields === undefined) return undefined;
  const hash = explicitAlgorithm(fields, 0);
  const mask = explicitAlgorithm(fields, 1);
  const saltLength = fields.readExplicit(2, asn1Tag.integer);
  const trailer = fields.readExplicit(3, asn1Tag.integer);
  if (hash === undefined || mask === undefined || mask.oid !== mgf1) return undefined;
  const maskHash = new Asn1Reader(mask.parameters).readAlgorithmIdentifier();
  if (maskHash === undefined || maskHash.oid !== hash.oid) return undefined;
  if (!isAbsentOrNull(hash.parameters) || !isAbsentOrNull(maskHash.parameters)) return undefined;
  if (trailer === undefined || (trailer !== "absent" && decodeInteger(trailer) !== 1n)) return undefined;
  if (saltLength === undefined || saltLength === "absent") return undefined;
  const known = Object.hasOwn(hashes, hash.oid) ? hashes[hash.oid] : undefined;
  if (known === undefined || decodeInteger(saltLength) !== known.sizeBytes) return undefined;
  return { kind: "rsa-pss", hash: known.hash };
}

function explicitAlgorithm(fields: Asn1Reader, number: number): AlgorithmIdentifier | undefined {
  const content = fields.readExplicit(number, asn1Tag.sequence);
  if (content === undefined || content === "absent") return undefined;
  return new Asn1Reader(content).readAlgorithmFields();
}

function isAbsentOrNull(parameters: Uint8Array): boolean {
  return parameters.length === 0 || (parameters.length === 2 && parameters[0] === 5 && parameters[1] === 0);
}

/** Whether `signed` carries a good signature by `key` of the kind that `algorithm` says. */
export function verifySigned(key: PublicKey, algorithm: SignatureAlgorithm, signed: Signed): boolean {
  switch (algorithm.kind) {
    case "rsa-pkcs1":
      return key.kind === "rsa" && verifyRsaPkcs1(key, algorithm.hash, signed);
    case "rsa-pss":
      return key.kind === "rsa" && verifyRsaPss(key, algorithm.hash, signed);
    case "ecdsa":
      return key.kind === "ecdsa" && verifyEcdsaAsn1(key, algorithm.hash, signed);
    case "ed25519":
      return key.kind === "ed25519" && verifyEd25519(key, signed);
  }
}
