import type { PublicKey } from "../spki.ts";
import type { NameConstraints } from "./name-constraints.ts";
import type { PolicyExtensions } from "./policy-extensions.ts";
import type { SignatureAlgorithm } from "./signature-algorithm.ts";

export interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

export interface BasicConstraints {
  readonly isCa: boolean;
  /** `undefined`: no limit. */
  readonly maxPathLength: number | undefined;
}

/** What the extensions say. Absent ones are empty lists, empty bytes, 0 or `undefined`. */
export interface ExtensionFields {
  /** Bit i is named bit i of RFC 5280, section 4.2.1.3; 0 also where the extension is absent. */
  readonly keyUsage: number;
  readonly basicConstraints: BasicConstraints | undefined;
  /** Dotted OIDs. */
  readonly extKeyUsages: readonly string[];
  readonly subjectKeyId: Uint8Array;
  readonly authorityKeyId: Uint8Array;
  readonly emailAddresses: readonly string[];
  readonly dnsNames: readonly string[];
  /** Of 4 or 16 bytes each. */
  readonly ipAddresses: readonly Uint8Array[];
  /** As they are written. */
  readonly uris: readonly string[];
  /** The host part of each URI, with its port if it has one; "" for a URI without a host. */
  readonly uriHosts: readonly string[];
  readonly nameConstraints: NameConstraints | undefined;
  readonly policies: PolicyExtensions;
  /** Dotted OIDs of the critical extensions that nothing here understands. */
  readonly unhandledCriticalExtensions: readonly string[];
}

/** A parsed certificate. Nothing about it is to be trusted before `verifyChain`, and its texts are never to be compared. */
export interface Certificate extends ExtensionFields {
  readonly raw: Uint8Array;
  readonly rawTbs: Uint8Array;
  readonly rawSubject: Uint8Array;
  readonly rawIssuer: Uint8Array;
  readonly rawPublicKeyInfo: Uint8Array;
  readonly version: number;
  /** Lower-case, an even number of digits, no sign. */
  readonly serialHex: string;
  readonly notBeforeSeconds: number;
  readonly notAfterSeconds: number;
  /** For people, most specific part first (RFC 2253). */
  readonly subjectText: string;
  readonly issuerText: string;
  readonly publicKey: PublicKey;
  /** `undefined`: not known. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined;
  readonly signature: Uint8Array;
  readonly extensions: readonly Extension[];
  /** Of the whole certificate, lower-case hex. */
  readonly fingerprintSha256: string;
}

export type CertificateCode =
  | "signature.certificate.malformed"
  | "signature.certificate.expired"
  | "signature.certificate.untrusted"
  | "signature.certificate.constraint";

export interface CertificateProblem {
  readonly code: CertificateCode;
  readonly detail: string;
  /** Subject of the certificate at fault, if it could be read. Chosen by whoever made the certificate. */
  readonly untrustedSubject?: string;
}

/** The certificate at fault is `certificate`. */
export function problemWith(
  certificate: Certificate,
  code: CertificateCode,
  detail: string,
): { readonly ok: false; readonly problem: CertificateProblem } {
  return { ok: false, problem: { code, detail, untrustedSubject: certificate.subjectText } };
}

export function malformed(detail: string): { readonly ok: false; readonly problem: CertificateProblem } {
  return { ok: false, problem: { code: "signature.certificate.malformed", detail } };
}

export const extensionOid = {
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyId: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
} as const;

export function extensionOf(certificate: Certificate, oid: string): Extension | undefined {
  return certificate.extensions.find((extension) => extension.oid === oid);
}
