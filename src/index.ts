/**
 * Verifies, off-line, that a manifest and signatures somebody already downloaded are acceptable under a policy.json.
 *
 * Parse a policy once, prepare a verifier once, verify many times from bytes: see docs/library.md.
 *
 * @packageDocumentation
 */

export { type Code, codes, type ExitCode, exitCodeOf } from "./codes.ts";
export type { BackEndOpinion, OpenPgpBackEnd } from "./crypto/openpgp/back-end.ts";
export { type DirSource, readDirSource } from "./host/dir-source.ts";
export { hostPathResolver } from "./host/path-resolver.ts";
export { type Identity, type IdentityProblem, parseIdentity } from "./identity/identity.ts";
export type { PathResolver } from "./identity/path-resolver.ts";
export type { ImageProblem } from "./image/problem.ts";
export type { Claims, SignatureRejection, Signer } from "./judge/signature-outcome.ts";
export type { AcceptedVerdict, ErrorVerdict, RejectedVerdict, Verdict } from "./judge/verdict.ts";
export { parsePolicy } from "./policy/parse-policy.ts";
export type { Policy, Requirement, SignedIdentity } from "./policy/policy.ts";
export type { PolicyProblem } from "./policy/problem.ts";
export type { Result } from "./result.ts";
export { type VerdictDocument, verdictDocument } from "./text/document.ts";
export { explain } from "./text/explain.ts";
export {
  errorVerdict,
  prepareVerifier,
  type Verifier,
  type VerifierHost,
  type VerifierOptions,
  type VerifyRequest,
} from "./verify.ts";
