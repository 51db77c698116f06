import { canVerify, type DescribedKey, type KeyringListing } from "../crypto/openpgp/listing.ts";
import type { PublicKey } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import { assertNever } from "../result.ts";
import type { Lint, NamedKey } from "./findings.ts";
import type { Material } from "./material.ts";

/** How long before its end a key or certificate is reported. */
const soonSeconds = 90 * 24 * 60 * 60;

/** What is wrong with keys and certificates that can be used. */
export function lintMaterial(material: Material, nowSeconds: number): readonly Lint[] {
  const { source, privateKey, content, isWritableByAll } = material;
  const lints: Lint[] = privateKey === undefined ? [] : [{ code: "lint.key.private", source, kind: privateKey }];
  if (isWritableByAll) lints.push({ code: "lint.file.writable", source });
  if (!content.ok) return lints;
  switch (content.value.kind) {
    case "keyring":
      return [...lints, ...lintKeyring(content.value.listing, source, nowSeconds)];
    case "public-key": {
      const { key, blockCount } = content.value;
      if (blockCount > 1) lints.push({ code: "lint.key.second-ignored", source, count: blockCount });
      return [...lints, ...lintPublicKey(key, content.value.keySha256, source)];
    }
    case "certificates": {
      const { certificates, skippedCount } = content.value;
      if (skippedCount > 0) lints.push({ code: "lint.certificate.skipped", source, count: skippedCount });
      const isRoot = material.role === "roots";
      for (const certificate of certificates)
        lints.push(...lintCertificate(certificate, { source, isRoot, nowSeconds }));
      return lints;
    }
    default:
      return assertNever(content.value);
  }
}

function lintPublicKey(key: PublicKey, keySha256: string, source: string): readonly Lint[] {
  if (key.kind === "unsupported") return [{ code: "lint.key.unsupported", source, algorithm: key.algorithm }];
  const detail = weakness(key);
  if (detail === undefined) return [];
  return [{ code: "lint.key.weak", source, keys: [{ fingerprint: keySha256, userId: undefined, detail }] }];
}

/** NIST SP 800-57 part 1, section 5.6.3: less than 112 bits, or too near. The reference takes both. */
function weakness(key: PublicKey): string | undefined {
  if (key.kind === "ecdsa") return key.curve === "P-224" ? "ECDSA P-224" : undefined;
  const bits = key.kind === "rsa" ? key.modulus.toString(2).length : 2048;
  return bits < 2048 ? `RSA ${bits}` : undefined;
}

function lintKeyring(listing: KeyringListing, source: string, nowSeconds: number): readonly Lint[] {
  const lints: Lint[] = [];
  const { keys, leftOut, unread } = listing;
  const usable = keys.filter((key) => key.parts.some(canVerify));
  if (usable.length === 0) lints.push({ code: "lint.keyring.no-usable-key", source, count: keys.length });
  const by: Record<UselessState, NamedKey[]> = { expired: [], revoked: [], unusable: [], refused: [] };
  for (const key of keys) {
    if (!usable.includes(key)) by[stateOf(key)].push(named(key));
    else by.refused.push(...refusedParts(key));
  }
  if (by.expired.length > 0) lints.push({ code: "lint.key.expired", source, keys: by.expired });
  if (by.revoked.length > 0) lints.push({ code: "lint.key.revoked", source, keys: by.revoked });
  if (by.unusable.length > 0) lints.push({ code: "lint.key.unusable", source, keys: by.unusable });
  if (by.refused.length > 0) lints.push({ code: "lint.key.refused-by-build", source, keys: by.refused });

  const soon = usable.flatMap((key) => {
    const atSeconds = lastDay(key);
    return atSeconds !== undefined && atSeconds - nowSeconds <= soonSeconds ? [{ ...named(key), atSeconds }] : [];
  });
  if (soon.length > 0) lints.push({ code: "lint.key.expires-soon", source, keys: soon });
  const weak = usable.flatMap((key) => {
    const part = key.parts.find((candidate) => candidate.isWeak && canVerify(candidate));
    return part === undefined ? [] : [{ ...named(key), detail: part.algorithm }];
  });
  if (weak.length > 0) lints.push({ code: "lint.key.weak", source, keys: weak });
  if (unread.length > 0) lints.push({ code: "lint.key.not-read", source, keys: unread });
  if (leftOut.length > 0) lints.push({ code: "lint.key.left-out", source, fingerprints: leftOut });
  return lints;
}

type UselessState = "expired" | "revoked" | "unusable" | "refused";

/** Why a key none of whose parts can verify cannot. */
function stateOf({ parts }: DescribedKey): UselessState {
  const [primary] = parts;
  if (primary.state === "revoked" || primary.state === "expired") return primary.state;
  // One that GnuPG would take, and another back end refuses; what its other parts are does not matter then.
  if (parts.some(({ state }) => state === "good")) return "refused";
  if (parts.some(({ state }) => state === "expired")) return "expired";
  return parts.some(({ state }) => state === "revoked") ? "revoked" : "unusable";
}

/** Of a key that is good for something, the parts that some builds refuse: the publisher may sign with one of these. */
function refusedParts({ parts, userIds }: DescribedKey): readonly NamedKey[] {
  return parts.flatMap(({ fingerprint, refusals }) =>
    refusals.length === 0 ? [] : [{ fingerprint, userId: userIds[0], refusals }],
  );
}

function named({ fingerprint, userIds, parts }: DescribedKey): NamedKey {
  const expired = parts.find(({ state }) => state === "expired");
  const refusals = parts.find((part) => part.refusals.length > 0)?.refusals ?? [];
  return { fingerprint, userId: userIds[0], atSeconds: expired?.expiresAtSeconds, refusals };
}

/** When the last of its parts that can verify stops; `undefined`: never. */
function lastDay({ parts }: DescribedKey): number | undefined {
  let last = 0;
  for (const part of parts.filter(canVerify)) {
    if (part.expiresAtSeconds === undefined) return undefined;
    last = Math.max(last, part.expiresAtSeconds);
  }
  return last;
}

function lintCertificate(
  certificate: Certificate,
  { source, isRoot, nowSeconds }: { source: string; isRoot: boolean; nowSeconds: number },
): readonly Lint[] {
  const { notBeforeSeconds, notAfterSeconds, subjectText, publicKey, basicConstraints } = certificate;
  const about = { source, subject: subjectText, atSeconds: notAfterSeconds, detail: "" };
  const lints: Lint[] = [];
  if (notAfterSeconds < nowSeconds) lints.push({ ...about, code: "lint.certificate.expired" });
  else if (notAfterSeconds - nowSeconds <= soonSeconds) lints.push({ ...about, code: "lint.certificate.expires-soon" });
  if (notBeforeSeconds > nowSeconds) {
    lints.push({ ...about, code: "lint.certificate.not-yet-valid", atSeconds: notBeforeSeconds });
  }
  const detail = weakness(publicKey);
  if (detail !== undefined) lints.push({ ...about, code: "lint.certificate.weak", detail });
  if (isRoot && basicConstraints?.isCa !== true) lints.push({ ...about, code: "lint.certificate.not-ca" });
  return lints;
}
