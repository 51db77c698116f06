import type { TooCostly } from "../crypto/budget.ts";
import type { KeyNotKept } from "../crypto/openpgp/keys-not-kept.ts";
import type { OpenPgpProblem } from "../crypto/openpgp/problems.ts";
import type { CertificateProblem } from "../crypto/x509/certificate.ts";
import type { RekorProblem } from "../signature/rekor-set.ts";
import type { IdentityMismatch } from "../verdict/identity-mismatch.ts";

/** Who made a signature, known once the cryptography checked out. Texts come from keys and certificates: escape them. */
export type Signer =
  | {
      readonly kind: "openpgp";
      /** Upper-case hex of the primary key, and of the key or subkey that signed. */
      readonly fingerprint: string;
      readonly signingFingerprint: string;
      readonly userId: string | undefined;
      readonly signedAtSeconds: number;
    }
  | {
      readonly kind: "key";
      /** SHA-256 of the key's SubjectPublicKeyInfo, lower-case hex. */
      readonly keySha256: string;
      /** Which of the policy's keys: a path, or a field with an index. */
      readonly source: string;
      readonly loggedAtSeconds: number | undefined;
    }
  | {
      readonly kind: "certificate";
      readonly subject: string;
      readonly issuer: string;
      readonly emails: readonly string[];
      readonly oidcIssuer: string | undefined;
      /** SHA-256 of the certificate's DER, lower-case hex. */
      readonly certificateSha256: string;
      readonly loggedAtSeconds: number | undefined;
    };

/** What a signature says of itself; untrusted, for people who look for the reason of a rejection. */
export interface Claims {
  readonly untrustedDockerReference: string | undefined;
  readonly untrustedManifestDigest: string | undefined;
  /** OpenPGP issuer key ID, upper-case hex of 16 digits. */
  readonly untrustedKeyId: string | undefined;
}

/** A key that the signature claims to be by, and that is in a file of the policy without being any good there. */
export interface KeyInFile {
  /** A path, or the field that holds the data. */
  readonly source: string;
  readonly key: KeyNotKept;
}

/** Why one signature was not accepted. `detail` is a short technical fact; the sentence for people is made in text/. */
export type SignatureRejection =
  | { readonly code: "signature.format.other" }
  | { readonly code: "signature.mime-type.other"; readonly untrustedMimeType: string }
  | {
      readonly code: "signature.key.not-listed";
      /** Of the primary key. */
      readonly fingerprint: string;
      readonly userId: string | undefined;
      /** Its subkey is listed, which is not enough. */
      readonly isSubkeyListed: boolean;
    }
  | TooCostly
  | Exclude<OpenPgpProblem, { code: "signature.key.unknown" }>
  | { readonly code: "signature.key.unknown"; readonly untrustedKeyId: string; readonly inFile?: KeyInFile }
  | CertificateProblem
  | RekorProblem
  | {
      readonly code: "signature.payload.malformed" | "signature.rekor.untrusted" | "signature.rekor.mismatch";
      readonly detail: string;
    }
  | { readonly code: "signature.digest.algorithm"; readonly signedDigest: string; readonly algorithm: string }
  | { readonly code: "signature.digest.mismatch"; readonly signedDigest: string }
  | {
      readonly code: "signature.identity.mismatch";
      readonly signedReference: string;
      readonly mismatch: IdentityMismatch;
    }
  | { readonly code: "signature.annotation.missing"; readonly annotation: string }
  | { readonly code: "signature.base64.malformed" }
  | {
      readonly code: "signature.certificate.issuer";
      readonly found: string | undefined;
      readonly required: string;
      readonly detail: string;
      /** The certificate has URIs and no email address: whatever the issuer, it is for nobody that a policy can name. */
      readonly isForUri: boolean;
    }
  | {
      readonly code: "signature.certificate.email";
      readonly found: readonly string[];
      /** URIs that the certificate is for; they are never compared with an email address. */
      readonly uris: readonly string[];
      readonly required: string;
      /** What the policy requires is itself no address, but a URI, which no certificate has as one. */
      readonly requiresUri: boolean;
    }
  | { readonly code: "signature.certificate.hostname"; readonly required: string; readonly detail: string };
