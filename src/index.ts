/**
 * Verifies, off-line, that a manifest and signatures somebody already downloaded are acceptable under a policy.json.
 *
 * Parse a policy once, prepare a verifier once, verify many times from bytes: see docs/library.md.
 *
 * @packageDocumentation
 */

export { type Code, codes, type ExitCode, exitCodeOf } from "./codes.ts";
export type { TooCostly } from "./crypto/budget.ts";
export type { KeyKind } from "./crypto/key-kind.ts";
export type { BackEndOpinion, OpenPgpBackEnd } from "./crypto/openpgp/back-end.ts";
export type { KeyNotKept } from "./crypto/openpgp/keys-not-kept.ts";
export type { MessageForm } from "./crypto/openpgp/message-form.ts";
export type { KeyFacts, OpenPgpProblem } from "./crypto/openpgp/problems.ts";
export type { CertificateCode, CertificateProblem } from "./crypto/x509/certificate.ts";
export type { Digest, DigestAlgorithm } from "./encoding/digest.ts";
export type { BlobsChoice } from "./engine/choices.ts";
export { hostPathResolver } from "./host/path-resolver.ts";
export type { DockerReference, DockerReferenceProblem } from "./identity/docker-reference.ts";
export type { Identity, IdentityProblem } from "./identity/identity.ts";
export type { PathProblem, PathResolver } from "./identity/path-resolver.ts";
export type { ReferenceFlaw, ReferenceProblem } from "./identity/transport.ts";
export type { AccessFailure, AccessProblem, ConfigProblem, MirrorFailure } from "./image/access-problem.ts";
export type { FindInstances } from "./image/find-instances.ts";
export type { Image, SignatureOrigin, UnreadSignature } from "./image/image.ts";
export type { ManifestFacts } from "./image/manifest.ts";
export type { ArchiveFlaw, FoundSource, ImageProblem, LocalProblem, MistakenFile } from "./image/problem.ts";
export {
  errorVerdict,
  explain,
  parseIdentity,
  parsePolicy,
  readDirSource,
  verdictDocument,
} from "./library/functions.ts";
export {
  type CallOptions,
  type EngineOptions,
  type EngineRequest,
  type EngineResult,
  openEngine,
  type VerificationEngine,
} from "./library/open-engine.ts";
export type { VerifyRequest } from "./library/request.ts";
export { prepareVerifier, type Verifier, type VerifierHost, type VerifierOptions } from "./library/verifier.ts";
export type {
  InsecureAcceptAnything,
  KeyType,
  Policy,
  Reject,
  Requirement,
  SignedBaseLayer,
  SignedBy,
  SignedIdentity,
  SigstoreSigned,
  SigstoreTrust,
  TrustSource,
} from "./policy/policy.ts";
export type { JsonKind, JsonPath, PolicyFlaw, PolicyProblem, Position } from "./policy/problem.ts";
export type {
  BackEndDocument,
  ClaimedDocument,
  InstanceDocument,
  ManifestDocument,
  ProblemDocument,
  RequirementDocument,
  SelectionDocument,
  SignatureDocument,
  SignerDocument,
  VerdictDocument,
} from "./report/document.ts";
export type { Eventually, Result } from "./result.ts";
export type { RekorProblem } from "./signature/rekor-set.ts";
export type { DirSource } from "./source/dir/dir-source.ts";
export type { IdentityMismatch, MismatchCause } from "./verdict/identity-mismatch.ts";
export type { MissedScope } from "./verdict/missed-scope.ts";
export type { BlobsChecked, InstanceVerdict, Selection } from "./verdict/selection.ts";
export type { Claims, KeyInFile, SignatureRejection, Signer } from "./verdict/signature-outcome.ts";
export type { SignedNames } from "./verdict/signed-names.ts";
export type { KeyFileOpinions, TrustContent, TrustProblem, TrustRole } from "./verdict/trust-problem.ts";
export type {
  AcceptedVerdict,
  DecidingScope,
  ErrorProblem,
  ErrorVerdict,
  InstanceSignatures,
  InternalProblem,
  InvalidPolicy,
  Judged,
  PolicyFileProblem,
  RejectedVerdict,
  RejectionProblem,
  RequirementOutcome,
  SignatureOutcome,
  SourceProblem,
  Verdict,
} from "./verdict/verdict.ts";
