import { WorkBudget } from "../crypto/budget.ts";
import { type DockerReference, referenceText } from "../identity/docker-reference.ts";
import { readManifest } from "../image/manifest.ts";
import { maxImageWork } from "../limits.ts";
import type { SignedBy } from "../policy/policy.ts";
import type { Untrusted } from "../result.ts";
import type { TrustStore } from "../trust/trust-store.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";
import type { RequirementOutcome, Verdict } from "../verdict/verdict.ts";
import { conclude } from "./judge.ts";
import { judgeSignatures } from "./judge-signatures.ts";
import { judgeMessage, type OpenPgpSigner, withKeyInFile } from "./signed-by.ts";

/** What `standalone-verify` is asked: is this a signature of this manifest as this reference by one of these keys? */
export interface StandaloneRequest {
  readonly manifest: Uint8Array;
  /** The OpenPGP message itself, whatever its first byte: no format is told apart here. */
  readonly signature: Untrusted<Uint8Array>;
  readonly dockerReference: DockerReference;
  /** Upper-case hex, compared as text; or every key of the keyring. */
  readonly fingerprints: readonly string[] | "any";
  /** Where the keyring is, as the trust store's reader knows it. */
  readonly keyring: string;
}

/**
 * Judges as containers/image does without a policy (signature/docker.go VerifyImageManifestSignatureUsingKeyIdentityList):
 * the signature by the keyring, its key by the fingerprints, the manifest by its digest, the reference by equality after
 * normalization. Neither is a digest in the reference compared with the manifest, nor need it have a tag or digest.
 *
 * The verdict is one of a policy with a single signedBy requirement, so that it can be told like any other.
 */
export async function judgeStandalone(
  request: StandaloneRequest,
  context: { readonly trust: TrustStore; readonly nowSeconds: number },
): Promise<Verdict> {
  const { dockerReference, fingerprints } = request;
  const manifest = readManifest(request.manifest);
  const requirement: SignedBy = {
    type: "signedBy",
    keyType: "GPGKeys",
    keys: { kind: "paths", field: "keyPath", paths: [request.keyring] },
    signedIdentity: { type: "exactReference", dockerReference },
  };
  const outcomes: RequirementOutcome[] = [];
  const known = {
    identity: {
      transport: "docker",
      text: `docker://${referenceText(dockerReference)}`,
      dockerReference,
      policyIdentity: "",
      policyNamespaces: [],
    },
    manifest: manifest.facts,
    policy: { path: undefined, scope: { kind: "arguments" } },
    requirements: outcomes,
  } as const;
  if (!manifest.comparableDigest.ok) return conclude(manifest.comparableDigest.problem, known);

  const expected = {
    signedIdentity: { type: "sameReference", dockerReference },
    identity: undefined,
    manifestDigest: manifest.comparableDigest.value,
  } as const;
  const { nowSeconds, trust } = context;
  const budget = new WorkBudget(maxImageWork);
  const signature = { name: "signature-1", format: "simple-signing", openpgpMessage: request.signature } as const;
  const judged = await judgeSignatures([signature], {
    select: () => ({ kind: "candidate", candidate: request.signature }),
    loadTrust: () => trust.keyring(requirement),
    judge: async (message, keyring) => {
      const refuseSigner = (signer: OpenPgpSigner) => signerFlaw(signer, fingerprints);
      const how = { keyring, expected, nowSeconds, budget, isAnyFile: true, refuseSigner };
      return withKeyInFile(await judgeMessage(message, how), requirement, trust);
    },
  });
  outcomes.push({ requirement, ...judged });
  return conclude(judged.problem, known);
}

/**
 * The back ends name the signer differently: go-crypto by its primary key, GnuPG by the key or subkey that signed and, if
 * that is not listed, by its primary key. Only the primary key's fingerprint will do for both.
 */
function signerFlaw(
  { fingerprint, signingFingerprint, userId }: OpenPgpSigner,
  fingerprints: StandaloneRequest["fingerprints"],
): SignatureRejection | undefined {
  if (fingerprints === "any" || fingerprints.includes(fingerprint)) return undefined;
  const isSubkeyListed = fingerprints.includes(signingFingerprint);
  return { code: "signature.key.not-listed", fingerprint, userId, isSubkeyListed };
}

/**
 * The fingerprint that an accepted signature goes by: of the key that signed if that was listed, otherwise of its primary
 * key; `undefined` if nothing was accepted.
 */
export function acceptedFingerprint(verdict: Verdict, fingerprints: readonly string[] | "any"): string | undefined {
  if (verdict.outcome !== "accepted") return undefined;
  for (const outcome of verdict.requirements.flatMap(({ signatures }) => signatures)) {
    if (!outcome.accepted || outcome.signer.kind !== "openpgp") continue;
    const { signingFingerprint, fingerprint } = outcome.signer;
    return fingerprints !== "any" && fingerprints.includes(signingFingerprint) ? signingFingerprint : fingerprint;
  }
  return undefined;
}
