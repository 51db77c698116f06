/** Public keys of a policy, and what sigstore's `LoadVerifier(key, SHA256)` makes of them. */
import { Asn1Reader, asn1Tag } from "../encoding/asn1.ts";
import { decodePemBlock } from "../encoding/pem.ts";
import { assertNever, fail, ok, type Result } from "../result.ts";
import { cost } from "./budget.ts";
import { bigIntOf } from "./curves.ts";
import { type EcdsaCheck, type EcdsaNumbers, readEcdsaNumbers, verifyEcdsaNumbers } from "./ecdsa-check.ts";
import { type Signed, verifyEd25519, verifyRsaPkcs1 } from "./signature-check.ts";
import { type EcdsaPublicKey, type PublicKey, parseKeyInfo, rsaKey, type SigningPublicKey } from "./spki.ts";

export type { EcdsaPublicKey, PublicKey, SigningPublicKey } from "./spki.ts";

export interface KeyProblem {
  readonly code: "policy.trust.invalid";
  readonly detail: string;
}

/**
 * The key in the first PEM block: sigstore's `cryptoutils.UnmarshalPEMToPublicKey`.
 *
 * The block must be a PUBLIC KEY (PKIX) or an RSA PUBLIC KEY (PKCS #1). X25519 and DSA keys are read, as `unsupported`.
 */
export function parsePublicKeyPem(pem: Uint8Array): Result<PublicKey, KeyProblem> {
  const block = decodePemBlock(pem);
  if (block === undefined) return invalid("there is no PEM block");
  if (block.type === "PUBLIC KEY") return parsePkix(block.bytes);
  if (block.type === "RSA PUBLIC KEY") return parsePkcs1(block.bytes);
  return invalid(`the PEM block is a ${JSON.stringify(block.type)}, not a public key`);
}

/** go: crypto/x509 ParsePKIXPublicKey. */
function parsePkix(der: Uint8Array): Result<PublicKey, KeyProblem> {
  const outer = new Asn1Reader(der);
  const sequence = outer.enter(asn1Tag.sequence);
  const algorithm = sequence?.readAlgorithmIdentifier();
  const bits = sequence?.readBitString();
  if (algorithm === undefined || bits === undefined) return invalid("it is not a PKIX public key");
  if (!outer.isEmpty) return invalid("there is data after the key");
  const key = parseKeyInfo({ algorithm, bits });
  return key.ok ? key : invalid(key.problem);
}

/** go: crypto/x509 ParsePKCS1PublicKey. */
function parsePkcs1(der: Uint8Array): Result<PublicKey, KeyProblem> {
  const outer = new Asn1Reader(der);
  const sequence = outer.enter(asn1Tag.sequence);
  const modulus = sequence?.readInteger();
  const exponent = sequence?.readInt64();
  if (modulus === undefined || exponent === undefined) return invalid("it is not a PKCS #1 public key");
  if (!outer.isEmpty) return invalid("there is data after the key");
  if (modulus <= 0n || exponent <= 0n) return invalid("a number of the RSA key is not positive");
  if (exponent > 2n ** 31n - 1n) return invalid("the RSA exponent is too large");
  return ok(rsaKey({ modulus, exponent }));
}

function invalid(detail: string): { readonly ok: false; readonly problem: KeyProblem } {
  return fail({ code: "policy.trust.invalid", detail });
}

/** What it costs to check one signature by this key (budget.ts). The DER of an RSA key is a little longer than its modulus. */
export function costOf(key: PublicKey): number {
  if (key.kind !== "rsa") return cost.curve;
  return cost.rsa(Math.min(key.spki.length * 8, 16_384), key.exponent.toString(2).length);
}

/** Whether sigstore's `LoadVerifier` takes the key; if not, no signature is looked at, whatever other keys there are. */
export function usableForBlobs(key: PublicKey): key is SigningPublicKey {
  return key.kind !== "unsupported";
}

/**
 * sigstore's `LoadVerifier(key, SHA256)` and `VerifySignature`: RSA PKCS #1 v1.5 and ECDSA on the SHA-256 of the message,
 * whatever the size of the key, and Ed25519 on the message. `false` for an unsupported key.
 */
export async function verifyBlob(key: PublicKey, signed: Signed, checkEcdsa: EcdsaCheck): Promise<boolean> {
  switch (key.kind) {
    case "ecdsa":
      return verifyEcdsaBlob(key, signed, checkEcdsa);
    case "rsa":
      return verifyRsaPkcs1(key, "sha256", signed);
    case "ed25519":
      return verifyEd25519(key, signed);
    case "unsupported":
      return false;
    default:
      return assertNever(key);
  }
}

async function verifyEcdsaBlob(
  key: EcdsaPublicKey,
  { message, signature }: Signed,
  check: EcdsaCheck,
): Promise<boolean> {
  const numbers = ecdsaNumbers(signature);
  return numbers !== undefined && verifyEcdsaNumbers(key, { message, ...numbers }, check);
}

/** sigstore: pkg/signature/ecdsa.go VerifySignature: what is not ASN.1 is r and s in halves (IEEE P1363). */
function ecdsaNumbers(signature: Uint8Array): EcdsaNumbers | undefined {
  const numbers = readEcdsaNumbers(signature);
  if (numbers !== undefined) return numbers;
  // Lenient on purpose, as there: a SEQUENCE of two numbers is not tried as halves, even where it is not strict DER.
  const sequence = new Asn1Reader(signature).enter(asn1Tag.sequence);
  const isAsn1 = sequence?.readInteger() !== undefined && sequence.readInteger() !== undefined;
  if (isAsn1 || signature.length === 0 || signature.length > 132 || signature.length % 2 !== 0) return undefined;
  const half = signature.length / 2;
  return { r: bigIntOf(signature.subarray(0, half)), s: bigIntOf(signature.subarray(half)) };
}
