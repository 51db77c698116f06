/** DER to certificate, with the strictness of Go's crypto/x509 ParseCertificate. */
import type { AlgorithmIdentifier } from "../../encoding/asn1.ts";
import { constructedContextTag, contextTag, DerReader, derTag, rightAligned } from "../../encoding/der.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { keyOid, type PublicKey, parseKeyInfo } from "../spki.ts";
import { type Certificate, type CertificateProblem, type Extension, malformed } from "./certificate.ts";
import { readExtensions } from "./extensions.ts";
import { nameText } from "./name.ts";
import { signatureAlgorithmOf } from "./signature-algorithm.ts";
import { readTime } from "./time.ts";

/**
 * Parses one certificate; nothing may follow it.
 *
 * Not everything is looked at: what comes after the extensions, after the signature, and in most places after the last
 * known field is ignored, as Go does.
 */
export function parseCertificate(der: Uint8Array): Result<Certificate, CertificateProblem> {
  const outer = new DerReader(der);
  const certificate = outer.enter(derTag.sequence);
  const rawTbs = certificate?.readFull(derTag.sequence);
  if (certificate === undefined || rawTbs === undefined) return malformed("it is not a certificate");
  if (!outer.isEmpty) return malformed("there is data after the certificate");
  const signatureAlgorithm = certificate.read(derTag.sequence);
  if (signatureAlgorithm === undefined) return malformed("the signature algorithm is malformed");
  const tbs = parseTbs(rawTbs, signatureAlgorithm);
  if (!tbs.ok) return malformed(tbs.problem);
  const signature = certificate.readBitString();
  if (signature === undefined) return malformed("the signature is malformed");
  const fingerprintSha256 = sha256Hex(der);
  return ok({ ...tbs.value, raw: der, rawTbs, signature: rightAligned(signature), fingerprintSha256 });
}

type Tbs = Omit<Certificate, "raw" | "rawTbs" | "signature" | "fingerprintSha256">;

/** The problem is said in English, as a detail. */
function parseTbs(rawTbs: Uint8Array, outerAlgorithm: Uint8Array): Result<Tbs, string> {
  const tbs = new DerReader(rawTbs).enter(derTag.sequence);
  const version = tbs && readVersion(tbs);
  if (tbs === undefined || version === undefined) return fail("the version is malformed, or not known");
  const serial = tbs.readInteger();
  if (serial === undefined) return fail("the serial number is malformed");
  if (serial < 0n) return fail("the serial number is negative");
  const innerAlgorithm = tbs.read(derTag.sequence);
  if (innerAlgorithm === undefined || Buffer.compare(innerAlgorithm, outerAlgorithm) !== 0) {
    return fail("the two statements of the signature algorithm differ");
  }
  const algorithm = readAlgorithm(new DerReader(innerAlgorithm));
  if (algorithm === undefined) return fail("the signature algorithm is malformed");
  const rawIssuer = tbs.readFull(derTag.sequence);
  const issuerText = rawIssuer && nameText(rawIssuer);
  if (rawIssuer === undefined || issuerText === undefined) return fail("the issuer is malformed");
  const validity = tbs.enter(derTag.sequence);
  const notBeforeSeconds = validity && readTime(validity);
  const notAfterSeconds = validity && readTime(validity);
  if (notBeforeSeconds === undefined || notAfterSeconds === undefined) return fail("the validity is malformed");
  const rawSubject = tbs.readFull(derTag.sequence);
  const subjectText = rawSubject && nameText(rawSubject);
  if (rawSubject === undefined || subjectText === undefined) return fail("the subject is malformed");
  const rawPublicKeyInfo = tbs.readFull(derTag.sequence);
  if (rawPublicKeyInfo === undefined) return fail("the public key is malformed");
  const publicKey = readPublicKey(rawPublicKeyInfo);
  if (!publicKey.ok) return publicKey;
  const extensions = version < 2 ? ok([]) : readUniqueIdsAndExtensions(tbs, version);
  if (!extensions.ok) return extensions;
  const fields = readExtensions(extensions.value);
  if (!fields.ok) return fields;
  const serialHex = serial.toString(16);
  return ok({
    ...fields.value,
    version,
    serialHex: serialHex.length % 2 === 0 ? serialHex : `0${serialHex}`,
    signatureAlgorithm: signatureAlgorithmOf(algorithm),
    rawIssuer,
    issuerText,
    notBeforeSeconds,
    notAfterSeconds,
    rawSubject,
    subjectText,
    rawPublicKeyInfo,
    publicKey: publicKey.value,
    extensions: extensions.value,
  });
}

/** 1, 2 or 3; what is written is one less. */
function readVersion(tbs: DerReader): number | undefined {
  if (!tbs.isNext(constructedContextTag(0))) return 1;
  const wrapper = tbs.enter(constructedContextTag(0));
  const written = wrapper?.readInt64();
  if (written === undefined || wrapper?.isEmpty !== true || written < 0n) return undefined;
  // Go adds one to an int: the greatest one turns negative there, which passes for "below 2". Test row "version 2^63 - 1".
  if (written === 2n ** 63n - 1n) return 1;
  return written <= 2n ? Number(written) + 1 : undefined;
}

function readAlgorithm(fields: DerReader): AlgorithmIdentifier | undefined {
  const oid = fields.readOid();
  if (oid === undefined) return undefined;
  if (fields.isEmpty) return { oid, parameters: new Uint8Array() };
  const parameters = fields.readAny();
  return parameters && { oid, parameters: parameters.full };
}

/** Kinds of keys that Go's certificates know; keys of another kind are not looked at. */
const certificateKeys: readonly string[] = [keyOid.rsa, keyOid.dsa, keyOid.ecdsa, keyOid.ed25519];

function readPublicKey(raw: Uint8Array): Result<PublicKey, string> {
  const info = new DerReader(raw).enter(derTag.sequence);
  const fields = info?.enter(derTag.sequence);
  const algorithm = fields && readAlgorithm(fields);
  const bits = info?.readBitString();
  if (algorithm === undefined || bits === undefined) return fail("the public key is malformed");
  if (certificateKeys.includes(algorithm.oid)) return parseKeyInfo({ algorithm, bits });
  return ok({ kind: "unsupported", algorithm: algorithm.oid, spki: raw });
}

function readUniqueIdsAndExtensions(tbs: DerReader, version: number): Result<readonly Extension[], string> {
  if (!tbs.skipOptional(contextTag(1)) || !tbs.skipOptional(contextTag(2))) return fail("a unique ID is malformed");
  if (version < 3 || !tbs.isNext(constructedContextTag(3))) return ok([]);
  const sequence = tbs.enter(constructedContextTag(3))?.enter(derTag.sequence);
  if (sequence === undefined) return fail("the extensions are malformed");
  const extensions = new Map<string, Extension>();
  while (!sequence.isEmpty) {
    const extension = readExtension(sequence.enter(derTag.sequence));
    if (extension === undefined) return fail("an extension is malformed");
    if (extensions.has(extension.oid)) return fail(`extension ${extension.oid} is there twice`);
    extensions.set(extension.oid, extension);
  }
  return ok([...extensions.values()]);
}

function readExtension(fields: DerReader | undefined): Extension | undefined {
  const oid = fields?.readOid();
  if (fields === undefined || oid === undefined) return undefined;
  const isCritical = fields.isNext(derTag.boolean) ? fields.readBoolean() : false;
  const value = isCritical === undefined ? undefined : fields.read(derTag.octetString);
  return isCritical === undefined || value === undefined ? undefined : { oid, isCritical, value };
}
