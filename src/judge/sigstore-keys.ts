import type { EcdsaPublicKey } from "../crypto/public-key.ts";
import { fail, ok, type Result } from "../result.ts";
import type { TrustedKey } from "../trust/sigstore-files.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";
import { openRekorSet, rekorMismatch } from "./rekor.ts";
import { annotations, type CandidateKey, requireAnnotation, type UntrustedParts } from "./sigstore-candidate.ts";

/** The policy's keys; if a log entry is asked for, only the one that the entry names. */
export function candidateKeys(
  keys: readonly TrustedKey[],
  rekorKeys: readonly EcdsaPublicKey[] | undefined,
  parts: UntrustedParts,
): Result<readonly CandidateKey[], SignatureRejection> {
  if (rekorKeys === undefined) return ok(keys.map((key) => candidate(key, undefined)));
  const set = requireAnnotation(parts.untrustedAnnotations, annotations.rekorSet);
  if (!set.ok) return set;
  const entry = openRekorSet(set.value, rekorKeys, parts.budget);
  if (!entry.ok) return entry;
  let rejection: SignatureRejection | undefined;
  for (const key of keys) {
    rejection = rekorMismatch(entry.value, {
      keyOrCertificate: key.key.spki,
      signature: parts.untrustedSignature,
      payload: parts.untrustedPayload,
    });
    if (rejection === undefined) return ok([candidate(key, entry.value.integratedTimeSeconds)]);
  }
  return rejection === undefined ? ok([]) : fail(rejection);
}

function candidate({ key, keySha256, source }: TrustedKey, loggedAtSeconds: number | undefined): CandidateKey {
  return { key, signer: { kind: "key", keySha256, source, loggedAtSeconds } };
}
