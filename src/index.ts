/**
 * Verifies, off-line, that a manifest and signatures somebody already downloaded are acceptable under a policy.json.
 *
 * Parse a policy once, prepare a verifier once, verify many times from bytes: see docs/library.md.
 *
 * @packageDocumentation
 */

export { type Code, codes, type ExitCode, exitCodeOf } from "./codes.ts";
export type { DirSource } from "./host/dir-source.ts";
export { hostPathResolver } from "./host/path-resolver.ts";
export type { Identity, IdentityProblem } from "./identity/identity.ts";
export type { PathResolver } from "./identity/path-resolver.ts";
export type { ImageProblem } from "./image/problem.ts";
export type { Claims, SignatureRejection, Signer } from "./judge/signature-outcome.ts";
export type { AcceptedVerdict, ErrorVerdict, RejectedVerdict, Verdict } from "./judge/verdict.ts";
export {
  errorVerdict,
  explain,
  parseIdentity,
  parsePolicy,
  readDirSource,
  verdictDocument,
} from "./library/functions.ts";
export { prepareVerifier } from "./library/verifier.ts";
export type { Policy, Requirement, SignedIdentity } from "./policy/policy.ts";
export type { PolicyProblem } from "./policy/problem.ts";
export type { Result } from "./result.ts";
export type { VerdictDocument } from "./text/document.ts";
export type { Verifier, VerifierHost, VerifyRequest } from "./verify.ts";
