import { type Digest, digestText } from "../encoding/digest.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { Result } from "../result.ts";
import type { SignedPayload } from "../signature/payload.ts";
import type { Claims, SignatureRejection } from "../verdict/signature-outcome.ts";
import { identityMismatch } from "./identity-mismatch.ts";
import { matchesSignedIdentity, type ReferenceRule } from "./signed-identity.ts";

/** What a verified payload must be about. */
export interface Expected {
  readonly signedIdentity: ReferenceRule;
  readonly identity: DockerReference | undefined;
  readonly manifestDigest: Digest;
  /** Nobody saw the manifest: no digest by another algorithm can be computed of it. */
  readonly isUnseen?: boolean;
}

/**
 * Whether a payload whose signature has checked out is about this image: its manifest first, then its identity.
 *
 * @param verified what was read from it, or why it cannot be read
 * @returns why not, or `undefined`
 */
export function payloadMismatch(
  verified: Result<SignedPayload, string>,
  expected: Expected,
): SignatureRejection | undefined {
  if (!verified.ok) return { code: "signature.payload.malformed", detail: verified.problem };
  const { dockerManifestDigest, dockerReference } = verified.value;
  const signedDigest = digestText(dockerManifestDigest);
  if (expected.isUnseen === true && dockerManifestDigest.algorithm !== expected.manifestDigest.algorithm) {
    return { code: "signature.digest.algorithm", signedDigest, algorithm: expected.manifestDigest.algorithm };
  }
  if (digestText(expected.manifestDigest) !== signedDigest) return { code: "signature.digest.mismatch", signedDigest };
  const names = { identity: expected.identity, signedReference: dockerReference };
  if (matchesSignedIdentity(expected.signedIdentity, names)) return undefined;
  const mismatch = identityMismatch(expected.signedIdentity, names);
  return { code: "signature.identity.mismatch", signedReference: dockerReference, mismatch };
}

/** What a payload says of itself, verified or not. */
export function claimsOf(
  untrustedPayload: Result<SignedPayload, string> | undefined,
  untrustedKeyId: string | undefined,
): Claims {
  const claims = untrustedPayload?.ok ? untrustedPayload.value : undefined;
  return {
    untrustedDockerReference: claims?.dockerReference,
    untrustedManifestDigest: claims && digestText(claims.dockerManifestDigest),
    untrustedKeyId,
  };
}
