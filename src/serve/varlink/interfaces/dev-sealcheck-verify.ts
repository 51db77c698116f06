// Made from docs/varlink/dev.sealcheck.Verify.varlink by scripts/manual.ts.

import type { InterfaceText } from "../interface.ts";

type Outcome = "accepted" | "rejected";

/**
 * Who made a signature. Filled in only after the cryptography checked out.
 * kind: "gpg", "key", "fulcio", "pki". Open set: treat a word you do not know as "other".
 */
type Signer = {
  readonly kind: string;
  readonly fingerprint: string | null;
  readonly user_id: string | null;
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly logged_at_seconds: number | null;
};

/** What a signature says of itself. Never trust it; it is here for people. */
type Claim = {
  readonly docker_reference: string | null;
  readonly manifest_digest: string | null;
  readonly creator: string | null;
  readonly timestamp_seconds: number | null;
};

/** format: "simple-signing", "sigstore"; open set. */
type SignatureVerdict = {
  readonly name: string;
  readonly format: string;
  readonly accepted: boolean;
  readonly code: string;
  readonly message: string;
  readonly signer: Signer | null;
  readonly claimed: Claim | null;
};

/** kind: the "type" of the requirement in policy.json; open set. */
type RequirementVerdict = {
  readonly kind: string;
  readonly satisfied: boolean;
  readonly code: string;
  readonly message: string;
  readonly signatures: readonly SignatureVerdict[];
};

type Verdict = {
  readonly outcome: Outcome;
  /** "accepted", or one of the published codes. Open set. */
  readonly code: string;
  /** For a person; several lines. */
  readonly message: string;
  /** Normalized. */
  readonly identity: string;
  /** Of exactly the bytes that were judged, or the digest that was given instead of them. */
  readonly manifest_digest: string;
  /** null where only a digest was given. */
  readonly manifest_media_type: string | null;
  /** null where only a digest was given. */
  readonly manifest_size_bytes: number | null;
  readonly policy_path: string;
  readonly policy_transport: string;
  readonly policy_scope: string;
  /** In the order of the policy, up to and including the first that failed. */
  readonly requirements: readonly RequirementVerdict[];
};

/** Which area failed, as the errors below. */
type FailureKind = "identity" | "policy" | "image" | "limit";

type Failure = {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
};

type Options = {
  /** Accept only if the policy verified a signature. */
  readonly require_signed: boolean | null;
};

/** id comes back with the answer; the service makes nothing of it. The rest as in VerifyBytes. */
type Request = {
  readonly id: string | null;
  readonly identity: string;
  readonly manifest: string | null;
  readonly manifest_digest: string | null;
  readonly signatures: readonly string[];
  readonly options: Options | null;
};

type RequirementText = {
  readonly kind: string;
  readonly text: string;
};

/**
 * Since the service started. accepted and rejected count verdicts, and errors calls that were answered with one.
 * The percentiles are of the time that recent verdicts took; null before the first.
 */
type Metrics = {
  readonly calls: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: number;
  readonly p50_microseconds: number | null;
  readonly p99_microseconds: number | null;
  /** Open now, the one that asks included. */
  readonly connections: number;
};

/**
 * Judge bytes carried in the call: nothing can change between the check and the use.
 * Exactly one of manifest and manifest_digest. With a digest the signatures are judged for it: whoever asks makes sure that
 * the manifest in use has this digest.
 */
type VerifyBytesParameters = {
  readonly identity: string;
  /** Base64. */
  readonly manifest: string | null;
  /** "sha256:" or "sha512:", and hex. */
  readonly manifest_digest: string | null;
  /** Base64, signature-1 first, each in the form that a dir: layout stores. */
  readonly signatures: readonly string[];
  readonly options: Options | null;
};

type VerifyBytesReply = {
  readonly verdict: Verdict;
};

/**
 * Judge a dir: layout. Its open directory (O_PATH will do) travels with the call as SCM_RIGHTS.
 * Only regular files directly in it are read, without following symbolic links.
 */
type VerifyDirectoryParameters = {
  readonly identity: string;
  /** Index into the descriptors sent with this call, from 0. */
  readonly directory_fd_index: number;
  readonly options: Options | null;
};

type VerifyDirectoryReply = {
  readonly verdict: Verdict;
  /**
   * Index into the descriptors sent with this reply: a sealed memory file, at offset 0, with exactly the manifest that
   * was judged. Only if accepted, and null where the transport cannot carry descriptors.
   */
  readonly manifest_fd_index: number | null;
};

/**
 * Judge many: one reply for each request, in their order; the last one does not continue. A request that cannot be judged
 * has a failure instead of a verdict and does not end the stream. An empty list is an InvalidParameter.
 * [Requires 'more' flag]
 */
type VerifyManyParameters = {
  readonly requests: readonly Request[];
};

type VerifyManyReply = {
  /** Index into requests, from 0. */
  readonly index: number;
  readonly id: string | null;
  /** Exactly one of verdict and failure is not null. */
  readonly verdict: Verdict | null;
  readonly failure: Failure | null;
};

/** Which scope decides for an identity, and what its requirements ask for. */
type ExplainIdentityParameters = {
  readonly identity: string;
};

type ExplainIdentityReply = {
  /** Normalized. */
  readonly identity: string;
  readonly transport: string;
  readonly scope: string;
  readonly candidates: readonly string[];
  readonly requirements: readonly RequirementText[];
};

/** The program, the version of the verdict, the policy in force, and what was done. Answers under a broken policy too. */
type GetStatusParameters = Readonly<Record<never, never>>;

type GetStatusReply = {
  readonly version: string;
  readonly verdict_version: number;
  readonly policy_path: string;
  /** When the policy in force was read; null if there is none. */
  readonly policy_loaded_at_seconds: number | null;
  /** Why there is no policy in force; every Verify call fails with PolicyUnusable then. */
  readonly policy_failure: Failure | null;
  readonly metrics: Metrics;
};

/** The identity makes no sense. */
type IdentityInvalidError = {
  readonly code: string;
  readonly message: string;
};

/** No policy.json, an invalid one, or trust material it names that cannot be used. */
type PolicyUnusableError = {
  readonly code: string;
  readonly message: string;
};

/** The manifest or a signature cannot be read, is malformed, or is over a limit for its kind. */
type ImageUnusableError = {
  readonly code: string;
  readonly message: string;
};

/** The caller may not ask for this. */
type NotPermittedError = {
  readonly code: string;
  readonly message: string;
};

/** Too many calls in flight or connections, or a message over the limit. */
type LimitReachedError = {
  readonly code: string;
  readonly message: string;
};

/** A bug in the service. Never read it as accepted or rejected. */
type InternalFailureError = {
  readonly code: string;
  readonly message: string;
};

/** All types of dev.sealcheck.Verify. */
export type DevSealcheckVerify = {
  readonly types: {
    readonly Outcome: Outcome;
    readonly Signer: Signer;
    readonly Claim: Claim;
    readonly SignatureVerdict: SignatureVerdict;
    readonly RequirementVerdict: RequirementVerdict;
    readonly Verdict: Verdict;
    readonly FailureKind: FailureKind;
    readonly Failure: Failure;
    readonly Options: Options;
    readonly Request: Request;
    readonly RequirementText: RequirementText;
    readonly Metrics: Metrics;
  };
  readonly methods: {
    readonly VerifyBytes: {
      readonly parameters: VerifyBytesParameters;
      readonly reply: VerifyBytesReply;
    };
    readonly VerifyDirectory: {
      readonly parameters: VerifyDirectoryParameters;
      readonly reply: VerifyDirectoryReply;
    };
    readonly VerifyMany: {
      readonly parameters: VerifyManyParameters;
      readonly reply: VerifyManyReply;
    };
    readonly ExplainIdentity: {
      readonly parameters: ExplainIdentityParameters;
      readonly reply: ExplainIdentityReply;
    };
    readonly GetStatus: {
      readonly parameters: GetStatusParameters;
      readonly reply: GetStatusReply;
    };
  };
  readonly errors: {
    readonly IdentityInvalid: IdentityInvalidError;
    readonly PolicyUnusable: PolicyUnusableError;
    readonly ImageUnusable: ImageUnusableError;
    readonly NotPermitted: NotPermittedError;
    readonly LimitReached: LimitReachedError;
    readonly InternalFailure: InternalFailureError;
  };
};

export const dev_sealcheck_Verify: InterfaceText<DevSealcheckVerify> = {
  name: "dev.sealcheck.Verify",
  text: `# Judges container images by the machine's policy.json, for an identity given separately. Pulls nothing.
# A verdict "rejected" is a normal reply: it is the answer. An error means that no judgement could be made.
# The policy is the service's own: no call can choose it.
# This interface only grows: nullable parameters, fields of replies, methods, errors. Ignore fields of a reply that
# you do not know. The service refuses parameters that it does not know (a misspelt require_signed must not pass).
# null and absent are the same. A message has at most 16777216 bytes with its NUL; more gets LimitReached and a closed connection.
# Base64 is RFC 4648 section 4, padded, without white space.
interface dev.sealcheck.Verify

type Outcome (accepted, rejected)

# Who made a signature. Filled in only after the cryptography checked out.
# kind: "gpg", "key", "fulcio", "pki". Open set: treat a word you do not know as "other".
type Signer (
  kind: string,
  fingerprint: ?string,
  user_id: ?string,
  subject: ?string,
  issuer: ?string,
  logged_at_seconds: ?int
)

# What a signature says of itself. Never trust it; it is here for people.
type Claim (
  docker_reference: ?string,
  manifest_digest: ?string,
  creator: ?string,
  timestamp_seconds: ?int
)

# format: "simple-signing", "sigstore"; open set.
type SignatureVerdict (
  name: string,
  format: string,
  accepted: bool,
  code: string,
  message: string,
  signer: ?Signer,
  claimed: ?Claim
)

# kind: the "type" of the requirement in policy.json; open set.
type RequirementVerdict (
  kind: string,
  satisfied: bool,
  code: string,
  message: string,
  signatures: []SignatureVerdict
)

type Verdict (
  outcome: Outcome,
  # "accepted", or one of the published codes. Open set.
  code: string,
  # For a person; several lines.
  message: string,
  # Normalized.
  identity: string,
  # Of exactly the bytes that were judged, or the digest that was given instead of them.
  manifest_digest: string,
  # null where only a digest was given.
  manifest_media_type: ?string,
  # null where only a digest was given.
  manifest_size_bytes: ?int,
  policy_path: string,
  policy_transport: string,
  policy_scope: string,
  # In the order of the policy, up to and including the first that failed.
  requirements: []RequirementVerdict
)

# Which area failed, as the errors below.
type FailureKind (identity, policy, image, limit)

type Failure (kind: FailureKind, code: string, message: string)

type Options (
  # Accept only if the policy verified a signature.
  require_signed: ?bool
)

# Judge bytes carried in the call: nothing can change between the check and the use.
# Exactly one of manifest and manifest_digest. With a digest the signatures are judged for it: whoever asks makes sure that
# the manifest in use has this digest.
method VerifyBytes(
  identity: string,
  # Base64.
  manifest: ?string,
  # "sha256:" or "sha512:", and hex.
  manifest_digest: ?string,
  # Base64, signature-1 first, each in the form that a dir: layout stores.
  signatures: []string,
  options: ?Options
) -> (verdict: Verdict)

# Judge a dir: layout. Its open directory (O_PATH will do) travels with the call as SCM_RIGHTS.
# Only regular files directly in it are read, without following symbolic links.
method VerifyDirectory(
  identity: string,
  # Index into the descriptors sent with this call, from 0.
  directory_fd_index: int,
  options: ?Options
) -> (
  verdict: Verdict,
  # Index into the descriptors sent with this reply: a sealed memory file, at offset 0, with exactly the manifest that
  # was judged. Only if accepted, and null where the transport cannot carry descriptors.
  manifest_fd_index: ?int
)

# id comes back with the answer; the service makes nothing of it. The rest as in VerifyBytes.
type Request (
  id: ?string,
  identity: string,
  manifest: ?string,
  manifest_digest: ?string,
  signatures: []string,
  options: ?Options
)

# Judge many: one reply for each request, in their order; the last one does not continue. A request that cannot be judged
# has a failure instead of a verdict and does not end the stream. An empty list is an InvalidParameter.
# [Requires 'more' flag]
method VerifyMany(requests: []Request) -> (
  # Index into requests, from 0.
  index: int,
  id: ?string,
  # Exactly one of verdict and failure is not null.
  verdict: ?Verdict,
  failure: ?Failure
)

type RequirementText (kind: string, text: string)

# Which scope decides for an identity, and what its requirements ask for.
method ExplainIdentity(identity: string) -> (
  # Normalized.
  identity: string,
  transport: string,
  scope: string,
  candidates: []string,
  requirements: []RequirementText
)

# Since the service started. accepted and rejected count verdicts, and errors calls that were answered with one.
# The percentiles are of the time that recent verdicts took; null before the first.
type Metrics (
  calls: int,
  accepted: int,
  rejected: int,
  errors: int,
  p50_microseconds: ?int,
  p99_microseconds: ?int,
  # Open now, the one that asks included.
  connections: int
)

# The program, the version of the verdict, the policy in force, and what was done. Answers under a broken policy too.
method GetStatus() -> (
  version: string,
  verdict_version: int,
  policy_path: string,
  # When the policy in force was read; null if there is none.
  policy_loaded_at_seconds: ?int,
  # Why there is no policy in force; every Verify call fails with PolicyUnusable then.
  policy_failure: ?Failure,
  metrics: Metrics
)

# The identity makes no sense.
error IdentityInvalid (code: string, message: string)

# No policy.json, an invalid one, or trust material it names that cannot be used.
error PolicyUnusable (code: string, message: string)

# The manifest or a signature cannot be read, is malformed, or is over a limit for its kind.
error ImageUnusable (code: string, message: string)

# The caller may not ask for this.
error NotPermitted (code: string, message: string)

# Too many calls in flight or connections, or a message over the limit.
error LimitReached (code: string, message: string)

# A bug in the service. Never read it as accepted or rejected.
error InternalFailure (code: string, message: string)
`,
};
