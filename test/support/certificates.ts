/** Certificates for tests, written field by field so that any of them can be wrong. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Certificate } from "../../src/crypto/x509/certificate.ts";
import { parseCertificate } from "../../src/crypto/x509/parse-certificate.ts";
import { derTag } from "../../src/encoding/der.ts";
import { encodeDer, encodeDerInteger, encodeDerOid } from "../../src/encoding/der-writer.ts";

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return encodeDer(derTag.sequence, parts);
}

/** An element with this tag whose content is given as text (Latin-1) or bytes. */
export function element(tag: number, content: string | Uint8Array): Uint8Array {
  return encodeDer(tag, [typeof content === "string" ? Buffer.from(content, "latin1") : content]);
}

export function bitString(bytes: Uint8Array): Uint8Array {
  return encodeDer(derTag.bitString, [Uint8Array.of(0), bytes]);
}

export function commonName(text: string): Uint8Array {
  return sequence(encodeDer(derTag.set, [sequence(encodeDerOid("2.5.4.3"), element(0x0c, text))]));
}

export function extension(oid: string, value: Uint8Array, { isCritical = false } = {}): Uint8Array {
  const critical = isCritical ? [Uint8Array.of(1, 1, 0xff)] : [];
  return sequence(encodeDerOid(oid), ...critical, element(derTag.octetString, value));
}

export const isCa = extension("2.5.29.19", sequence(Uint8Array.of(1, 1, 0xff)), { isCritical: true });

export function subjectAltName(...names: readonly Uint8Array[]): Uint8Array {
  return extension("2.5.29.17", sequence(...names));
}

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly spki: Uint8Array;
}

export function newKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { privateKey, spki: publicKey.export({ type: "spki", format: "der" }) };
}

/** All keys of certificates that do not say otherwise: what is signed with them always verifies. */
export const sharedKey = newKey();

export const ecdsaWithSha256 = sequence(encodeDerOid("1.2.840.10045.4.3.2"));

/** Noon on 2024-05-05, within the validity of certificates that do not say otherwise. */
export const noonSeconds = Date.UTC(2024, 4, 5, 12) / 1000;

export interface CertificateParts {
  readonly version: Uint8Array;
  readonly serial: Uint8Array;
  readonly innerAlgorithm: Uint8Array;
  readonly outerAlgorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly notBefore: Uint8Array;
  readonly notAfter: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly uniqueIds: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  /** Behind the extensions, inside of what is signed. */
  readonly tail: Uint8Array;
  readonly signer: TestKey;
}

const defaults: CertificateParts = {
  version: element(0xa0, encodeDerInteger(2n)),
  serial: encodeDerInteger(1n),
  innerAlgorithm: ecdsaWithSha256,
  outerAlgorithm: ecdsaWithSha256,
  issuer: commonName("root"),
  notBefore: element(derTag.utcTime, "240101000000Z"),
  notAfter: element(derTag.generalizedTime, "20250101000000Z"),
  subject: commonName("leaf"),
  spki: sharedKey.spki,
  uniqueIds: new Uint8Array(),
  extensions: [],
  tail: new Uint8Array(),
  signer: sharedKey,
};

/** DER of a certificate, signed with ECDSA and SHA-256. */
export function certificateDer(changes: Partial<CertificateParts> = {}): Uint8Array {
  const parts = { ...defaults, ...changes };
  const extensions = parts.extensions.length === 0 ? [] : [element(0xa3, sequence(...parts.extensions))];
  const tbs = sequence(
    parts.version,
    parts.serial,
    parts.innerAlgorithm,
    parts.issuer,
    sequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.spki,
    parts.uniqueIds,
    ...extensions,
    parts.tail,
  );
  return sequence(tbs, parts.outerAlgorithm, bitString(sign("sha256", tbs, parts.signer.privateKey)));
}

/** As `certificateDer`, parsed; it must be well-formed. */
export function certificate(changes: Partial<CertificateParts> = {}): Certificate {
  const parsed = parseCertificate(certificateDer(changes));
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

/** A self-signed root called "root". */
export function root(changes: Partial<CertificateParts> = {}): Certificate {
  return certificate({ subject: commonName("root"), extensions: [isCa], ...changes });
}

export function pem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.map((line) => `${line}\n`).join("")}-----END ${type}-----\n`;
}

/** An RSA key of any size; nobody has its private half. */
export function rsaSpki(modulusBits: number, exponent: bigint): Uint8Array {
  const modulus =
    BigInt(`0x${randomBytes(Math.ceil(modulusBits / 8)).toString("hex")}`) | 1n | (1n << BigInt(modulusBits - 1));
  return sequence(
    sequence(encodeDerOid("1.2.840.113549.1.1.1"), Uint8Array.of(5, 0)),
    bitString(
      encodeDer(derTag.sequence, [encodeDerInteger(BigInt.asUintN(modulusBits, modulus)), encodeDerInteger(exponent)]),
    ),
  );
}
