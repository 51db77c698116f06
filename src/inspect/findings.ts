import type { KeyNotKept } from "../crypto/openpgp/keys-not-kept.ts";
import type { BackEndRefusal } from "../crypto/openpgp/listing.ts";
import type { JsonPath, PolicyFlaw, Position } from "../policy/problem.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";

/**
 * What looks like a mistake in a policy that can be judged by: every published code, once, with its severity
 * (docs/policy-tools.md is checked against this table). What a verification would fail with has a code of src/codes.ts instead,
 * and is an error. Codes may be added, never renamed or given another meaning.
 */
export const lints = {
  "lint.default.accepts-anything": {
    severity: "warning",
    meaning: "Images that no scope names are accepted without any signature.",
  },
  "lint.transport.unknown": { severity: "warning", meaning: "There is no transport of that name." },
  "lint.scope.never-matches": { severity: "warning", meaning: "No image has this scope." },
  "lint.scope.host-case": {
    severity: "warning",
    meaning: "The host of a scope has upper-case letters, and matches only where images are named so too.",
  },
  "lint.scope.redundant": { severity: "note", meaning: "A scope asks for the same as the one that it is inside of." },
  "lint.scope.weaker": {
    severity: "note",
    meaning: "A scope accepts anything, inside of one that asks for signatures; scopes do not add up.",
  },
  "lint.scope.official": {
    severity: "note",
    meaning: "docker.io/NAME is a namespace; the image that Docker calls NAME is docker.io/library/NAME.",
  },
  "lint.scope.docker-daemon": {
    severity: "note",
    meaning: "A scope of docker-daemon is for images that a local Docker daemon has, not for those of the registry.",
  },
  "lint.requirement.pointless": {
    severity: "warning",
    meaning: "A requirement changes nothing beside the others of its scope, or makes them change nothing.",
  },
  "lint.requirement.all-needed": {
    severity: "note",
    meaning: "Requirements that look like alternatives, or like an old and a new key; all of them must be met.",
  },
  "lint.requirement.unsupported": {
    severity: "warning",
    meaning: "The requirement was never implemented, and rejects every image.",
  },
  "lint.identity.exact": {
    severity: "note",
    meaning: "matchExact refuses an image pulled by digest if the signature names a tag.",
  },
  "lint.identity.exact-digest": {
    severity: "warning",
    meaning: "matchExact for images pulled by digest: only signatures that name this digest match.",
  },
  "lint.identity.by-digest": {
    severity: "warning",
    meaning:
      "A sigstore requirement without signedIdentity refuses signatures that name a repository only, as cosign makes them.",
  },
  "lint.identity.remaps-nothing": { severity: "warning", meaning: "remapIdentity changes the name of no image here." },
  "lint.identity.remap-by-digest": {
    severity: "note",
    meaning: "remapIdentity refuses sigstore signatures that name a repository only, as cosign makes them.",
  },
  "lint.identity.tag-ignored": {
    severity: "warning",
    meaning: "The tag or digest in exactRepository is ignored.",
  },
  "lint.identity.none": {
    severity: "warning",
    meaning: "Images of this transport have no name that a signature could be compared with: all are refused.",
  },
  "lint.subject.email": {
    severity: "warning",
    meaning: "subjectEmail is not an email address: only email addresses are compared, as they are.",
  },
  "lint.subject.hostname": {
    severity: "warning",
    meaning: "subjectHostname is not the name of a host: patterns and addresses of pages match nothing.",
  },
  "lint.subject.issuer": {
    severity: "warning",
    meaning: "oidcIssuer is not the address of an issuer: it is compared as it is.",
  },
  "lint.rekor.off": {
    severity: "warning",
    meaning: "A Rekor key field without a value: no log entry is asked for.",
  },
  "lint.keyring.no-usable-key": {
    severity: "warning",
    meaning: "No key of the keyring can verify a signature now.",
  },
  "lint.key.expired": { severity: "warning", meaning: "Keys have expired; signatures by them are refused." },
  "lint.key.expires-soon": { severity: "warning", meaning: "Keys expire within 90 days." },
  "lint.key.revoked": { severity: "warning", meaning: "Keys are revoked; signatures by them are refused." },
  "lint.key.unusable": { severity: "warning", meaning: "Keys cannot verify signatures for another reason." },
  "lint.key.refused-by-build": {
    severity: "warning",
    meaning: "Keys are refused by some builds of podman and skopeo, and so here; which ones is said.",
  },
  "lint.key.left-out": {
    severity: "warning",
    meaning: "Keys in the file are not imported: nothing valid binds them to an owner or a primary key.",
  },
  "lint.key.not-read": {
    severity: "warning",
    meaning: "Keys in the file are not read by GnuPG: they are of a newer version, or beside one that is.",
  },
  "lint.key.relative-path": {
    severity: "warning",
    meaning: "The path of a key or certificate begins at the directory in which a program happens to be started.",
  },
  "lint.key.weak": { severity: "warning", meaning: "Keys are accepted that are too weak today." },
  "lint.key.private": { severity: "warning", meaning: "There is a private key where a public one belongs." },
  "lint.key.unsupported": {
    severity: "warning",
    meaning: "The key can be read, and every signature is refused because of it.",
  },
  "lint.key.second-ignored": { severity: "warning", meaning: "Only the first key of the file is read." },
  "lint.file.writable": {
    severity: "warning",
    meaning: "Every user of the machine can change the policy, or a key or certificate that it names.",
  },
  "lint.certificate.expired": { severity: "warning", meaning: "A certificate has expired." },
  "lint.certificate.expires-soon": { severity: "warning", meaning: "A certificate expires within 90 days." },
  "lint.certificate.not-yet-valid": { severity: "warning", meaning: "A certificate is not valid yet." },
  "lint.certificate.weak": { severity: "warning", meaning: "A certificate has a key that is too weak today." },
  "lint.certificate.not-ca": {
    severity: "warning",
    meaning: "A certificate among the roots is not one of a CA: it vouches for itself only.",
  },
  "lint.certificate.skipped": {
    severity: "warning",
    meaning: "Something in a file of CA certificates is passed over.",
  },
  "lint.registries.no-attachments": {
    severity: "warning",
    meaning: "registries.d does not say use-sigstore-attachments: sigstore signatures are not downloaded.",
  },
  "lint.registries.no-lookaside": {
    severity: "note",
    meaning:
      "registries.d names no lookaside: simple signing signatures come from the registry itself, or a local directory.",
  },
  "lint.registries.missing": {
    severity: "warning",
    meaning: "The directory that --registries.d names does not exist.",
  },
  "lint.registries.passed-over": {
    severity: "warning",
    meaning: "Files in registries.d are not read, as their names do not end in .yaml.",
  },
  "lint.registries.unusable": {
    severity: "warning",
    meaning: "registries.d cannot be read: tools that download signatures fail.",
  },
} as const satisfies Record<string, LintEntry>;

export type Severity = "error" | "warning" | "note";

interface LintEntry {
  readonly severity: Exclude<Severity, "error">;
  readonly meaning: string;
}

export type LintCode = keyof typeof lints;

/** A key of a keyring, as far as a finding names it. */
export interface NamedKey {
  readonly fingerprint: string;
  readonly userId: string | undefined;
  /** When it expires or expired. */
  readonly atSeconds?: number | undefined;
  readonly detail?: string | undefined;
  /** Which back ends refuse it, and why. */
  readonly refusals?: readonly BackEndRefusal[];
}

export type ScopeTrap =
  | "blank"
  | "scheme"
  | "trailing-slash"
  | "wildcard"
  | "upper-case"
  | "alias"
  | "short-name"
  | "tag-and-digest"
  | "symlink"
  | "path"
  | "other";

/** `source` is a path, or the field that holds the data. */
export type Lint =
  | { readonly code: "lint.default.accepts-anything"; readonly transport: string | undefined }
  | { readonly code: "lint.transport.unknown"; readonly transport: string; readonly nearest: string | undefined }
  | {
      readonly code: "lint.scope.never-matches";
      readonly scope: string;
      readonly trap: ScopeTrap;
      readonly nearest: string | undefined;
    }
  | { readonly code: "lint.scope.host-case"; readonly scope: string; readonly nearest: string }
  | { readonly code: "lint.scope.redundant"; readonly wider: string }
  | { readonly code: "lint.scope.weaker"; readonly wider: string }
  | { readonly code: "lint.scope.official"; readonly scope: string; readonly official: string }
  | { readonly code: "lint.scope.docker-daemon"; readonly scope: string }
  /** `keys`: of one kind, by different keys; `kinds`: one of each kind of signature. */
  | { readonly code: "lint.requirement.all-needed"; readonly why: "keys" | "kinds"; readonly type: string }
  | { readonly code: "lint.requirement.pointless"; readonly type: "reject" | "insecureAcceptAnything" }
  | { readonly code: "lint.requirement.unsupported"; readonly type: string }
  | { readonly code: "lint.identity.exact" }
  | { readonly code: "lint.identity.exact-digest" }
  | { readonly code: "lint.identity.by-digest" }
  | {
      readonly code: "lint.identity.remaps-nothing";
      readonly prefix: string;
      readonly why: "same" | "outside" | "short-name";
      readonly scope: string;
    }
  | { readonly code: "lint.identity.remap-by-digest" }
  | { readonly code: "lint.identity.tag-ignored"; readonly repository: string }
  | { readonly code: "lint.identity.none"; readonly transport: string }
  | { readonly code: "lint.subject.email"; readonly value: string; readonly why: "uri" | "pattern" | "other" }
  | { readonly code: "lint.subject.hostname"; readonly value: string }
  | { readonly code: "lint.subject.issuer"; readonly value: string }
  | { readonly code: "lint.rekor.off"; readonly field: string }
  | { readonly code: "lint.keyring.no-usable-key"; readonly source: string; readonly count: number }
  | { readonly code: "lint.key.expired"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.expires-soon"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.revoked"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.unusable"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.refused-by-build"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.left-out"; readonly source: string; readonly fingerprints: readonly string[] }
  | { readonly code: "lint.key.not-read"; readonly source: string; readonly keys: readonly KeyNotKept[] }
  | { readonly code: "lint.key.relative-path"; readonly source: string }
  | { readonly code: "lint.file.writable"; readonly source: string }
  | { readonly code: "lint.key.weak"; readonly source: string; readonly keys: readonly NamedKey[] }
  | { readonly code: "lint.key.private"; readonly source: string; readonly kind: string }
  | { readonly code: "lint.key.unsupported"; readonly source: string; readonly algorithm: string }
  | { readonly code: "lint.key.second-ignored"; readonly source: string; readonly count: number }
  | CertificateLint<"lint.certificate.expired">
  | CertificateLint<"lint.certificate.expires-soon">
  | CertificateLint<"lint.certificate.not-yet-valid">
  | CertificateLint<"lint.certificate.weak">
  | CertificateLint<"lint.certificate.not-ca">
  | { readonly code: "lint.certificate.skipped"; readonly source: string; readonly count: number }
  | { readonly code: "lint.registries.no-attachments"; readonly scope: string; readonly files: readonly string[] }
  | { readonly code: "lint.registries.no-lookaside"; readonly scope: string }
  | { readonly code: "lint.registries.missing"; readonly source: string }
  | { readonly code: "lint.registries.passed-over"; readonly files: readonly string[]; readonly isOnly: boolean }
  | { readonly code: "lint.registries.unusable"; readonly source: string; readonly reason: string };

interface CertificateLint<Code extends LintCode> {
  readonly code: Code;
  readonly source: string;
  readonly subject: string;
  /** The bound of its validity that matters. */
  readonly atSeconds: number;
  readonly detail: string;
}

/** One thing to know about a policy, with its place in the file. */
export type Finding = (PolicyFlaw | TrustProblem | Lint) & { readonly at: Position; readonly path: JsonPath };

export function severityOf(code: Finding["code"]): Severity {
  return isLint(code) ? lints[code].severity : "error";
}

function isLint(code: string): code is LintCode {
  return Object.hasOwn(lints, code);
}
