// Made from docs/varlink/dev.sealcheck.Image.varlink by scripts/manual.ts.

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
  /** Of exactly the bytes that were judged. */
  readonly manifest_digest: string;
  readonly manifest_media_type: string;
  readonly manifest_size_bytes: number;
  readonly policy_path: string;
  readonly policy_transport: string;
  readonly policy_scope: string;
  /** In the order of the policy, up to and including the first that failed. */
  readonly requirements: readonly RequirementVerdict[];
};

type Platform = {
  readonly operating_system: string;
  readonly architecture: string;
  readonly variant: string | null;
};

type OpenOptions = {
  /** Accept only if the policy verified a signature. */
  readonly require_signed: boolean | null;
  /** Which instance of an index; null means the host's. */
  readonly platform: Platform | null;
};

/** As the transports of the same names write it. */
type DirectoryLayout = "dir" | "oci";

/** size_bytes is null where the manifest does not tell. */
type Layer = {
  readonly digest: string;
  readonly media_type: string;
  readonly size_bytes: number | null;
};

/** Open an image and judge it for an identity. Exactly one of reference and directory_fd_index. */
type OpenParameters = {
  /** transport:reference. */
  readonly reference: string | null;
  /** Index into the descriptors sent with this call: an open directory. */
  readonly directory_fd_index: number | null;
  /** Of that directory; null means dir. */
  readonly directory_layout: DirectoryLayout | null;
  /** Which image of an oci layout that has several: its org.opencontainers.image.ref.name. */
  readonly image_name: string | null;
  readonly identity: string;
  readonly options: OpenOptions | null;
};

type OpenReply = {
  /** From 1; null if rejected: there is no way to content that was not accepted. */
  readonly image: number | null;
  /** Of the top manifest, or of the instance if that is what carries the signature: see verdict.manifest_digest. */
  readonly verdict: Verdict;
};

/** The manifest of the chosen instance, byte for byte, as a sealed memory file at offset 0. */
type GetManifestParameters = {
  readonly image: number;
};

type GetManifestReply = {
  readonly digest: string;
  readonly media_type: string;
  readonly size_bytes: number;
  /** Index into the descriptors sent with this reply. */
  readonly manifest_fd_index: number;
};

/** The configuration blob, byte for byte, its digest checked, as a sealed memory file at offset 0. */
type GetConfigParameters = {
  readonly image: number;
};

type GetConfigReply = {
  readonly digest: string;
  readonly media_type: string;
  readonly size_bytes: number;
  /** Index into the descriptors sent with this reply. */
  readonly config_fd_index: number;
};

/** Of the chosen instance, lowest layer first. */
type GetLayerInfoParameters = {
  readonly image: number;
};

type GetLayerInfoReply = {
  readonly layers: readonly Layer[];
};

/**
 * A blob that the manifest names. The bytes come through a pipe while further calls go on; the pipe ends by itself.
 * They are good only once FinishBlob has replied: a broken blob ends early or with wrong bytes.
 */
type GetBlobParameters = {
  readonly image: number;
  readonly digest: string;
};

type GetBlobReply = {
  /** For FinishBlob. From 1, never used again on this connection. */
  readonly blob: number;
  /** As announced by the source; null if unknown. */
  readonly size_bytes: number | null;
  /** Index into the descriptors sent with this reply: the read end of the pipe. */
  readonly data_fd_index: number;
};

/** Waits until all of a blob is written, and replies only if digest and size were right. Read the pipe meanwhile. */
type FinishBlobParameters = {
  readonly blob: number;
};

type FinishBlobReply = {
  readonly size_bytes: number;
};

/** Blobs under way go on. */
type CloseParameters = {
  readonly image: number;
};

type CloseReply = Readonly<Record<never, never>>;

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

/** The image is there, but it, or a signature, cannot be read, is malformed, or is over a limit. */
type ImageUnusableError = {
  readonly code: string;
  readonly message: string;
};

/** There is no such image, for certain. The policy was not asked. */
type ImageNotFoundError = {
  readonly code: string;
  readonly message: string;
};

/** The source did not answer, or refused. retryable: the same call may work later. */
type SourceUnavailableError = {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
};

/** No such image handle, or blob, on this connection. */
type HandleUnknownError = {
  readonly handle: number;
};

/** The manifest names no such blob. */
type BlobUnknownError = {
  readonly digest: string;
};

/** The blob's bytes do not match its digest or size, or the reader went away. */
type BlobBrokenError = {
  readonly code: string;
  readonly message: string;
};

/** The caller may not ask for this. */
type NotPermittedError = {
  readonly code: string;
  readonly message: string;
};

/** Too many images, blobs or calls in flight, or a message over the limit. */
type LimitReachedError = {
  readonly code: string;
  readonly message: string;
};

/** A bug in the service. Never read it as accepted or rejected. */
type InternalFailureError = {
  readonly code: string;
  readonly message: string;
};

/** All types of dev.sealcheck.Image. */
export type DevSealcheckImage = {
  readonly types: {
    readonly Outcome: Outcome;
    readonly Signer: Signer;
    readonly Claim: Claim;
    readonly SignatureVerdict: SignatureVerdict;
    readonly RequirementVerdict: RequirementVerdict;
    readonly Verdict: Verdict;
    readonly Platform: Platform;
    readonly OpenOptions: OpenOptions;
    readonly DirectoryLayout: DirectoryLayout;
    readonly Layer: Layer;
  };
  readonly methods: {
    readonly Open: {
      readonly parameters: OpenParameters;
      readonly reply: OpenReply;
    };
    readonly GetManifest: {
      readonly parameters: GetManifestParameters;
      readonly reply: GetManifestReply;
    };
    readonly GetConfig: {
      readonly parameters: GetConfigParameters;
      readonly reply: GetConfigReply;
    };
    readonly GetLayerInfo: {
      readonly parameters: GetLayerInfoParameters;
      readonly reply: GetLayerInfoReply;
    };
    readonly GetBlob: {
      readonly parameters: GetBlobParameters;
      readonly reply: GetBlobReply;
    };
    readonly FinishBlob: {
      readonly parameters: FinishBlobParameters;
      readonly reply: FinishBlobReply;
    };
    readonly Close: {
      readonly parameters: CloseParameters;
      readonly reply: CloseReply;
    };
  };
  readonly errors: {
    readonly IdentityInvalid: IdentityInvalidError;
    readonly PolicyUnusable: PolicyUnusableError;
    readonly ImageUnusable: ImageUnusableError;
    readonly ImageNotFound: ImageNotFoundError;
    readonly SourceUnavailable: SourceUnavailableError;
    readonly HandleUnknown: HandleUnknownError;
    readonly BlobUnknown: BlobUnknownError;
    readonly BlobBroken: BlobBrokenError;
    readonly NotPermitted: NotPermittedError;
    readonly LimitReached: LimitReachedError;
    readonly InternalFailure: InternalFailureError;
  };
};

export const dev_sealcheck_Image: InterfaceText<DevSealcheckImage> = {
  name: "dev.sealcheck.Image",
  text: `# Opens container images with an identity given separately, judges them, and hands out their content.
# The same service as skopeo's image proxy protocol (Open is OpenImageWithIdentity, FinishBlob is FinishPipe).
# Handles belong to the connection that opened them, are never used again, and close with it.
# Rules of dev.sealcheck.Verify hold here too: growth, unknown parameters, null, size of messages.
# This interface needs a transport that carries descriptors (AF_UNIX).
interface dev.sealcheck.Image

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
  # Of exactly the bytes that were judged.
  manifest_digest: string,
  manifest_media_type: string,
  manifest_size_bytes: int,
  policy_path: string,
  policy_transport: string,
  policy_scope: string,
  # In the order of the policy, up to and including the first that failed.
  requirements: []RequirementVerdict
)

type Platform (
  operating_system: string,
  architecture: string,
  variant: ?string
)

type OpenOptions (
  # Accept only if the policy verified a signature.
  require_signed: ?bool,
  # Which instance of an index; null means the host's.
  platform: ?Platform
)

# As the transports of the same names write it.
type DirectoryLayout (dir, oci)

# Open an image and judge it for an identity. Exactly one of reference and directory_fd_index.
method Open(
  # transport:reference.
  reference: ?string,
  # Index into the descriptors sent with this call: an open directory.
  directory_fd_index: ?int,
  # Of that directory; null means dir.
  directory_layout: ?DirectoryLayout,
  # Which image of an oci layout that has several: its org.opencontainers.image.ref.name.
  image_name: ?string,
  identity: string,
  options: ?OpenOptions
) -> (
  # From 1; null if rejected: there is no way to content that was not accepted.
  image: ?int,
  # Of the top manifest, or of the instance if that is what carries the signature: see verdict.manifest_digest.
  verdict: Verdict
)

# The manifest of the chosen instance, byte for byte, as a sealed memory file at offset 0.
method GetManifest(image: int) -> (
  digest: string,
  media_type: string,
  size_bytes: int,
  # Index into the descriptors sent with this reply.
  manifest_fd_index: int
)

# The configuration blob, byte for byte, its digest checked, as a sealed memory file at offset 0.
method GetConfig(image: int) -> (
  digest: string,
  media_type: string,
  size_bytes: int,
  # Index into the descriptors sent with this reply.
  config_fd_index: int
)

# size_bytes is null where the manifest does not tell.
type Layer (
  digest: string,
  media_type: string,
  size_bytes: ?int
)

# Of the chosen instance, lowest layer first.
method GetLayerInfo(image: int) -> (layers: []Layer)

# A blob that the manifest names. The bytes come through a pipe while further calls go on; the pipe ends by itself.
# They are good only once FinishBlob has replied: a broken blob ends early or with wrong bytes.
method GetBlob(image: int, digest: string) -> (
  # For FinishBlob. From 1, never used again on this connection.
  blob: int,
  # As announced by the source; null if unknown.
  size_bytes: ?int,
  # Index into the descriptors sent with this reply: the read end of the pipe.
  data_fd_index: int
)

# Waits until all of a blob is written, and replies only if digest and size were right. Read the pipe meanwhile.
method FinishBlob(blob: int) -> (size_bytes: int)

# Blobs under way go on.
method Close(image: int) -> ()

# The identity makes no sense.
error IdentityInvalid (code: string, message: string)

# No policy.json, an invalid one, or trust material it names that cannot be used.
error PolicyUnusable (code: string, message: string)

# The image is there, but it, or a signature, cannot be read, is malformed, or is over a limit.
error ImageUnusable (code: string, message: string)

# There is no such image, for certain. The policy was not asked.
error ImageNotFound (code: string, message: string)

# The source did not answer, or refused. retryable: the same call may work later.
error SourceUnavailable (code: string, message: string, retryable: bool)

# No such image handle, or blob, on this connection.
error HandleUnknown (handle: int)

# The manifest names no such blob.
error BlobUnknown (digest: string)

# The blob's bytes do not match its digest or size, or the reader went away.
error BlobBroken (code: string, message: string)

# The caller may not ask for this.
error NotPermitted (code: string, message: string)

# Too many images, blobs or calls in flight, or a message over the limit.
error LimitReached (code: string, message: string)

# A bug in the service. Never read it as accepted or rejected.
error InternalFailure (code: string, message: string)
`,
};
