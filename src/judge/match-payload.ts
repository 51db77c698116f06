import { type Digest, digestText } from "../encoding/digest.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { SignedIdentity } from "../policy/policy.ts";
import { parseSignedPayload } from "../signature/payload.ts";
import type { Claims, SignatureRejection } from "./signature-outcome.ts";
import { matchesSignedIdentity } from "./signed-identity.ts";

/** What a verified payload must be about. */
export interface Expected {
  readonly signedIdentity: SignedIdentity;
  readonly identity: DockerReference | undefined;
  readonly manifestDigest: Digest;
}

/**
 * Whether a payload whose signature has checked out is about this image: its manifest first, then its identity.
 *
 * @returns why not, or `undefined`
 */
export function payloadMismatch(
  verifiedPayload: Uint8Array,
  kind: "simple-signing" | "sigstore",
  expected: Expected,
): SignatureRejection | undefined {
  const parsed = parseSignedPayload(verifiedPayload, kind);
  if (!parsed.ok) return { code: "signature.payload.malformed", detail: parsed.problem };
  const { dockerManifestDigest, dockerReference } = parsed.value;
  const signedDigest = digestText(dockerManifestDigest);
  if (digestText(expected.manifestDigest) !== signedDigest) return { code: "signature.digest.mismatch", signedDigest };
  const matches = matchesSignedIdentity(expected.signedIdentity, {
    identity: expected.identity,
    signedReference: dockerReference,
  });
  return matches ? undefined : { code: "signature.identity.mismatch", signedReference: dockerReference };
}

/** What a payload says of itself, verified or not. */
export function claimsOf(
  untrustedPayload: Uint8Array | undefined,
  kind: "simple-signing" | "sigstore",
  untrustedKeyId: string | undefined,
): Claims {
  const parsed = untrustedPayload && parseSignedPayload(untrustedPayload, kind);
  return {
    untrustedDockerReference: parsed?.ok ? parsed.value.dockerReference : undefined,
    untrustedManifestDigest: parsed?.ok ? digestText(parsed.value.dockerManifestDigest) : undefined,
    untrustedKeyId,
  };
}
