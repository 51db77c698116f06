/** What each known extension must look like (go: crypto/x509 processExtensions). The first flaw decides. */
import { constructedContextTag, contextTag, DerReader, derTag } from "../../encoding/der.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type BasicConstraints, type Extension, type ExtensionFields, extensionOid } from "./certificate.ts";
import { parseNameConstraints } from "./name-constraints.ts";
import { parseSubjectAltName } from "./subject-alt-name.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Fields = Mutable<ExtensionFields>;

/** Fills in its fields. A text is what is wrong, in English; `unhandled`: fatal if the extension is critical. */
type Reader = (fields: Fields, extension: Extension) => string | "unhandled" | undefined;

const readers: Readonly<Record<string, Reader>> = {
  [extensionOid.keyUsage]: readKeyUsage,
  [extensionOid.basicConstraints]: readBasicConstraints,
  [extensionOid.subjectAltName]: readSubjectAltName,
  [extensionOid.nameConstraints]: readNameConstraints,
  [extensionOid.crlDistributionPoints]: checkCrlDistributionPoints,
  [extensionOid.authorityKeyId]: readAuthorityKeyId,
  [extensionOid.subjectKeyId]: readSubjectKeyId,
  [extensionOid.extKeyUsage]: readExtKeyUsage,
  [extensionOid.certificatePolicies]: readPolicies,
  [extensionOid.policyMappings]: readPolicyMappings,
  [extensionOid.policyConstraints]: readPolicyConstraints,
  [extensionOid.inhibitAnyPolicy]: readInhibitAnyPolicy,
  [extensionOid.authorityInfoAccess]: checkAuthorityInfoAccess,
};

/** The fields of a certificate with these extensions; the problem is said in English, as a detail. */
export function readExtensions(extensions: readonly Extension[]): Result<ExtensionFields, string> {
  const unhandled: string[] = [];
  const fields: Fields = {
    keyUsage: 0,
    basicConstraints: undefined,
    extKeyUsages: [],
    subjectKeyId: new Uint8Array(),
    authorityKeyId: new Uint8Array(),
    emailAddresses: [],
    dnsNames: [],
    ipAddresses: [],
    uris: [],
    uriHosts: [],
    nameConstraints: undefined,
    policies: {
      identifiers: [],
      mappings: [],
      requireExplicit: undefined,
      inhibitMapping: undefined,
      inhibitAny: undefined,
    },
    unhandledCriticalExtensions: unhandled,
  };
  for (const extension of extensions) {
    const reader = Object.hasOwn(readers, extension.oid) ? readers[extension.oid] : undefined;
    const flaw = reader === undefined ? "unhandled" : reader(fields, extension);
    if (flaw === undefined) continue;
    if (flaw !== "unhandled") return fail(flaw);
    if (extension.isCritical) unhandled.push(extension.oid);
  }
  return ok(fields);
}

function readKeyUsage(fields: Fields, { value }: Extension): string | undefined {
  const bits = new DerReader(value).readBitString();
  if (bits === undefined) return "the key usage is malformed";
  for (let i = 0; i < Math.min(bits.bitLength, 9); i++) {
    if ((((bits.bytes[i >> 3] ?? 0) << (i & 7)) & 0x80) !== 0) fields.keyUsage |= 1 << i;
  }
  return undefined;
}

function readBasicConstraints(fields: Fields, { value }: Extension): string | undefined {
  fields.basicConstraints = parseBasicConstraints(value);
  return fields.basicConstraints === undefined ? "the basic constraints are malformed" : undefined;
}

function parseBasicConstraints(value: Uint8Array): BasicConstraints | undefined {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return undefined;
  const isCa = sequence.isNext(derTag.boolean) ? sequence.readBoolean() : false;
  if (isCa === undefined) return undefined;
  if (!sequence.isNext(derTag.integer)) return { isCa, maxPathLength: undefined };
  const maxPathLength = sequence.readInt64();
  return maxPathLength === undefined || maxPathLength < 0n ? undefined : { isCa, maxPathLength: Number(maxPathLength) };
}

function readSubjectAltName(fields: Fields, { value }: Extension): string | "unhandled" | undefined {
  const names = parseSubjectAltName(value);
  if (!names.ok) return names.problem;
  Object.assign(fields, names.value);
  // Only kinds of names that are not known, as otherName.
  const isEmpty = Object.values(names.value).every((list: readonly unknown[]) => list.length === 0);
  return isEmpty ? "unhandled" : undefined;
}

function readNameConstraints(fields: Fields, { value }: Extension): string | "unhandled" | undefined {
  const constraints = parseNameConstraints(value);
  if (!constraints.ok) return constraints.problem;
  fields.nameConstraints = constraints.value;
  return constraints.value.hasUnknownKinds ? "unhandled" : undefined;
}

/** Only looked at as far as Go does; nothing is revoked here. */
function checkCrlDistributionPoints(_fields: Fields, { value }: Extension): string | undefined {
  const flaw = "the CRL distribution points are malformed";
  const points = new DerReader(value).enter(derTag.sequence);
  if (points === undefined) return flaw;
  while (!points.isEmpty) {
    const point = points.enter(derTag.sequence);
    if (point === undefined) return flaw;
    if (!point.isNext(constructedContextTag(0))) continue;
    const fullName = point.enter(constructedContextTag(0))?.enter(constructedContextTag(0));
    if (fullName === undefined) return flaw;
    while (fullName.isNext(contextTag(6))) {
      if (fullName.read(contextTag(6)) === undefined) return flaw;
    }
  }
  return undefined;
}

function readAuthorityKeyId(fields: Fields, { isCritical, value }: Extension): string | undefined {
  if (isCritical) return "the authority key identifier is marked critical";
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return "the authority key identifier is malformed";
  if (!sequence.isNext(contextTag(0))) return undefined;
  const id = sequence.read(contextTag(0));
  if (id === undefined) return "the authority key identifier is malformed";
  fields.authorityKeyId = id;
  return undefined;
}

function readSubjectKeyId(fields: Fields, { isCritical, value }: Extension): string | undefined {
  if (isCritical) return "the subject key identifier is marked critical";
  const id = new DerReader(value).read(derTag.octetString);
  if (id === undefined) return "the subject key identifier is malformed";
  fields.subjectKeyId = id;
  return undefined;
}

function readExtKeyUsage(fields: Fields, { value }: Extension): string | undefined {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return "the extended key usages are malformed";
  const usages: string[] = [];
  while (!sequence.isEmpty) {
    const usage = sequence.readOid();
    if (usage === undefined) return "the extended key usages are malformed";
    usages.push(usage);
  }
  fields.extKeyUsages = usages;
  return undefined;
}

function readPolicies(fields: Fields, { value }: Extension): string | undefined {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return "the certificate policies are malformed";
  const identifiers = new Set<string>();
  while (!sequence.isEmpty) {
    const oid = sequence.enter(derTag.sequence)?.read(derTag.oid);
    if (oid === undefined || !isLongOid(oid)) return "the certificate policies are malformed";
    const hex = Buffer.from(oid).toString("hex");
    if (identifiers.has(hex)) return "a certificate policy is there twice";
    identifiers.add(hex);
  }
  fields.policies = { ...fields.policies, identifiers: [...identifiers] };
  return undefined;
}

/** An OID with components of any size; they must be minimal and whole (go: crypto/x509 newOIDFromDER). */
function isLongOid(content: Uint8Array): boolean {
  let isStart = true;
  for (const byte of content) {
    if (isStart && byte === 0x80) return false;
    isStart = byte < 0x80;
  }
  return isStart && content.length > 0;
}

function readPolicyMappings(fields: Fields, { value }: Extension): string | undefined {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return "the policy mappings are malformed";
  const mappings: { readonly issuer: string; readonly subject: string }[] = [];
  while (!sequence.isEmpty) {
    const mapping = sequence.enter(derTag.sequence);
    const issuer = mapping?.read(derTag.oid);
    const subject = mapping?.read(derTag.oid);
    if (issuer === undefined || subject === undefined) return "the policy mappings are malformed";
    mappings.push({ issuer: Buffer.from(issuer).toString("hex"), subject: Buffer.from(subject).toString("hex") });
  }
  fields.policies = { ...fields.policies, mappings };
  return undefined;
}

function readPolicyConstraints(fields: Fields, { value }: Extension): string | undefined {
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return "the policy constraints are malformed";
  const requireExplicit = sequence.isNext(contextTag(0)) ? sequence.readInt64(contextTag(0)) : "absent";
  const inhibitMapping = sequence.isNext(contextTag(1)) ? sequence.readInt64(contextTag(1)) : "absent";
  if (requireExplicit === undefined || inhibitMapping === undefined) return "the policy constraints are malformed";
  fields.policies = {
    ...fields.policies,
    requireExplicit: requireExplicit === "absent" ? undefined : Number(requireExplicit),
    inhibitMapping: inhibitMapping === "absent" ? undefined : Number(inhibitMapping),
  };
  return undefined;
}

function readInhibitAnyPolicy(fields: Fields, { value }: Extension): string | undefined {
  const inhibitAny = new DerReader(value).readInt64();
  if (inhibitAny === undefined) return "the inhibitAnyPolicy extension is malformed";
  fields.policies = { ...fields.policies, inhibitAny: Number(inhibitAny) };
  return undefined;
}

function checkAuthorityInfoAccess(_fields: Fields, { isCritical, value }: Extension): string | undefined {
  if (isCritical) return "the authority information access is marked critical";
  const flaw = "the authority information access is malformed";
  const sequence = new DerReader(value).enter(derTag.sequence);
  if (sequence === undefined) return flaw;
  while (!sequence.isEmpty) {
    const description = sequence.enter(derTag.sequence);
    if (description?.readOid() === undefined) return flaw;
    if (description.isNext(contextTag(6)) && description.read(contextTag(6)) === undefined) return flaw;
  }
  return undefined;
}
