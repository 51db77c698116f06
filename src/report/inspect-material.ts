import type { KeyNotKept } from "../crypto/openpgp/keys-not-kept.ts";
import { type BackEndRefusal, canVerify, type DescribedKey, type DescribedPart } from "../crypto/openpgp/listing.ts";
import type { PublicKey } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import { isRelativeFile, type Material, type RequirementMaterial } from "../inspect/material.ts";
import { assertNever } from "../result.ts";
import type { TrustRole } from "../verdict/trust-problem.ts";
import { backEndText } from "../words/back-end-words.ts";
import { countText, groupedHex, timeText } from "../words/format.ts";
import { dayText } from "../words/inspect-words.ts";
import { line, quote } from "../words/quote.ts";
import { trustMessage } from "../words/trust-words.ts";

/** The keys and certificates of a requirement, line by line, without indentation. */
export function materialLines({ materials, problem }: RequirementMaterial, nowSeconds: number): readonly string[] {
  return [
    ...(problem === undefined ? [] : [`${trustMessage(problem.problem)}.`]),
    ...materials.flatMap((material) => [
      `${roles[material.role]} ${line(material.source)}:`,
      ...fileLines(material),
      ...contentLines(material, nowSeconds),
    ]),
  ];
}

function fileLines(material: Material): readonly string[] {
  return [
    ...(isRelativeFile(material)
      ? ["  A relative path: it begins at the directory that a program is started in, not at the policy."]
      : []),
    ...(material.isWritableByAll ? ["  Every user of this machine can change that file."] : []),
  ];
}

const roles: Readonly<Record<TrustRole, string>> = {
  openpgp: "OpenPGP keys of",
  sigstore: "Key of",
  rekor: "Rekor key of",
  roots: "CA certificates of",
  intermediates: "Intermediate certificates of",
};

function contentLines({ content }: Material, nowSeconds: number): readonly string[] {
  if (!content.ok) return [`  Not usable: ${trustMessage(content.problem)}.`];
  const { value } = content;
  switch (value.kind) {
    case "public-key":
      return [`  ${publicKeyText(value.key)}, SHA-256 ${groupedHex(value.keySha256)}`];
    case "certificates":
      return value.certificates.map((certificate) => `  ${certificateText(certificate, nowSeconds)}`);
    case "keyring": {
      const { keys, leftOut, unread } = value.listing;
      const usable = keys.filter((key) => key.parts.some(canVerify));
      const others = keys.filter((key) => !usable.includes(key));
      return [
        ...usable.flatMap(keyLines),
        ...(others.length === 0
          ? []
          : [`  ${countText(others.length, "key")} of no use:`, ...others.flatMap(keyLines)]),
        ...(unread.length === 0 ? [] : ["  In the file, but not read by GnuPG:", ...unread.map(unreadLine)]),
        ...(leftOut.length === 0
          ? []
          : [
              `  Not imported (no valid self-signature or binding):`,
              ...leftOut.map((key) => `    ${groupedHex(key)}`),
            ]),
      ];
    }
    default:
      return assertNever(value);
  }
}

function unreadLine({ fingerprint, version, userId, why }: KeyNotKept): string {
  const owner = userId === undefined ? "" : `  ${quote(userId)}`;
  const reason =
    why === "version" ? `of version ${version}` : "it stops at another key, of a version that it does not know";
  return `    ${groupedHex(fingerprint)}${owner}, ${reason}`;
}

/** A key with its owners, and below it the subkeys that are meant to sign. */
function keyLines({ fingerprint, userIds, parts }: DescribedKey): readonly string[] {
  const [primary, ...subkeys] = parts;
  const signers = subkeys.filter(({ state }) => state !== "not-for-signing");
  return [
    `  ${groupedHex(fingerprint)}  ${partText(primary)}`,
    ...userIds.slice(0, maxUserIds).map((userId) => `    ${quote(userId)}`),
    ...(userIds.length > maxUserIds ? [`    and ${countText(userIds.length - maxUserIds, "more user ID")}`] : []),
    ...signers.map((part) => `    subkey ${groupedHex(part.fingerprint)}  ${partText(part)}`),
  ];
}

const maxUserIds = 4;

const states: Readonly<Record<DescribedPart["state"], string>> = {
  good: "verifies signatures",
  revoked: "revoked",
  expired: "expired",
  unusable: "unusable: no valid self-signature, binding or cross-certification",
  "not-for-signing": "does not sign",
  future: "dated in the future",
  ambiguous: "unusable: several keys have this subkey",
};

function partText({ algorithm, isWeak, state, expiresAtSeconds, refusals }: DescribedPart): string {
  const until =
    expiresAtSeconds === undefined ? "" : `, ${state === "expired" ? "since" : "until"} ${dayText(expiresAtSeconds)}`;
  const said = refusals.length === 0 ? states[state] : `refused by ${refusals.map(refusalText).join("; ")}`;
  return `${line(algorithm)}${isWeak ? " (weak)" : ""}, ${said}${until}`;
}

/** `Sequoia (as on Fedora 43 and newer): RSA of 1024 bits`. */
function refusalText({ backEnd, detail }: BackEndRefusal): string {
  return `${backEndText(backEnd)}: ${line(detail)}`;
}

/** `ECDSA P-256`, `RSA 4096`. */
export function publicKeyText(key: PublicKey): string {
  switch (key.kind) {
    case "ecdsa":
      return `ECDSA ${key.curve}`;
    case "rsa":
      return `RSA ${key.modulus.toString(2).length}`;
    case "ed25519":
      return "Ed25519";
    case "unsupported":
      return `${line(key.algorithm)}, which verifies nothing`;
    default:
      return assertNever(key);
  }
}

function certificateText(certificate: Certificate, nowSeconds: number): string {
  const { subjectText, notBeforeSeconds, notAfterSeconds, publicKey, basicConstraints, fingerprintSha256 } =
    certificate;
  const state = notAfterSeconds < nowSeconds ? "expired, " : notBeforeSeconds > nowSeconds ? "not valid yet, " : "";
  const ca = basicConstraints?.isCa === true ? "" : ", not a CA";
  return (
    `${quote(subjectText)}, ${publicKeyText(publicKey)}${ca}, ${state}${dayText(notBeforeSeconds)} to ${dayText(notAfterSeconds)}, ` +
    `SHA-256 ${groupedHex(fingerprintSha256)}`
  );
}

/** One source of keys in the JSON of `policy explain` and `policy show`. */
export function materialDocument(material: Material): object {
  const { role, source, content, sha256 } = material;
  const about = { role, source, sha256: sha256 ?? null, writableByAll: material.isWritableByAll };
  if (!content.ok) return { ...about, code: content.problem.code, message: trustMessage(content.problem) };
  const { value } = content;
  switch (value.kind) {
    case "public-key":
      return { ...about, publicKey: { algorithm: publicKeyText(value.key), sha256: value.keySha256 } };
    case "certificates":
      return { ...about, certificates: value.certificates.map(certificateDocument) };
    case "keyring":
      return {
        ...about,
        keys: value.listing.keys.map(keyDocument),
        notImported: value.listing.leftOut,
        notRead: value.listing.unread.map(unreadDocument),
      };
    default:
      return assertNever(value);
  }
}

function unreadDocument({ fingerprint, version, userId, why }: KeyNotKept): object {
  return { fingerprint, version, userId: userId ?? null, why };
}

function keyDocument({ fingerprint, userIds, createdAtSeconds, parts }: DescribedKey): object {
  return {
    fingerprint,
    userIds,
    created: timeText(createdAtSeconds),
    usable: parts.some(canVerify),
    parts: parts.map((part) => ({
      fingerprint: part.fingerprint,
      algorithm: part.algorithm,
      usable: canVerify(part),
      state: part.state,
      ...(part.refusals.length === 0 ? {} : { refusals: part.refusals }),
      expires: part.expiresAtSeconds === undefined ? null : timeText(part.expiresAtSeconds),
    })),
  };
}

function certificateDocument(certificate: Certificate): object {
  return {
    subject: certificate.subjectText,
    issuer: certificate.issuerText,
    algorithm: publicKeyText(certificate.publicKey),
    isCa: certificate.basicConstraints?.isCa === true,
    notBefore: timeText(certificate.notBeforeSeconds),
    notAfter: timeText(certificate.notAfterSeconds),
    sha256: certificate.fingerprintSha256,
  };
}
