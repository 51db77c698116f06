import type { Identity } from "../../src/identity/identity.ts";
import type { ManifestFacts } from "../../src/image/manifest.ts";
import { identityMismatch } from "../../src/judge/identity-mismatch.ts";
import type { Requirement } from "../../src/policy/policy.ts";
import type { SignatureRejection, Signer } from "../../src/verdict/signature-outcome.ts";
import type {
  AcceptedVerdict,
  ErrorProblem,
  ErrorVerdict,
  RejectedVerdict,
  RejectionProblem,
  RequirementOutcome,
  SignatureOutcome,
} from "../../src/verdict/verdict.ts";

/* Verdicts by hand, for what is said of them. */

export const hex = "592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";

const identity: Identity = {
  transport: "docker",
  text: "docker://registry.redhat.io/rhel9/firefox:latest",
  dockerReference: {
    domain: "registry.redhat.io",
    path: "rhel9/firefox",
    name: "registry.redhat.io/rhel9/firefox",
    tag: "latest",
  },
  policyIdentity: "registry.redhat.io/rhel9/firefox:latest",
  policyNamespaces: [
    "registry.redhat.io/rhel9/firefox",
    "registry.redhat.io/rhel9",
    "registry.redhat.io",
    "*.redhat.io",
    "*.io",
  ],
};

const manifest: ManifestFacts = {
  digest: { algorithm: "sha256", hex },
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  sizeBytes: 406,
};

const policy = {
  path: "/etc/containers/policy.json",
  scope: { kind: "transport", transport: "docker", scope: "registry.redhat.io" },
} as const;

export const signedBy: Requirement = {
  type: "signedBy",
  keyType: "GPGKeys",
  keys: { kind: "paths", field: "keyPath", paths: ["/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release"] },
  signedIdentity: { type: "matchRepoDigestOrExact" },
};

export const fulcio: Requirement = {
  type: "sigstoreSigned",
  trust: {
    kind: "fulcio",
    ca: { kind: "paths", field: "caPath", paths: ["/etc/pki/fulcio.pem"] },
    oidcIssuer: "https://oauth.example.com/auth",
    subjectEmail: "builder@vendor.example.com",
  },
  rekor: { kind: "data", field: "rekorPublicKeyData", data: [new Uint8Array()] },
  signedIdentity: { type: "matchRepository" },
};

export const pki: Requirement = {
  type: "sigstoreSigned",
  trust: {
    kind: "pki",
    roots: { kind: "paths", field: "caRootsPath", paths: ["/etc/pki/roots.pem"] },
    intermediates: undefined,
    subjectEmail: "signer@corp.example.com",
    subjectHostname: "builder.corp.example.com",
  },
  rekor: undefined,
  signedIdentity: { type: "remapIdentity", prefix: "mirror.example.com", signedPrefix: "registry.example.com" },
};

export const signers = {
  openpgp: {
    kind: "openpgp",
    fingerprint: "D20A9D88224ADAF5CBFF78963ED8CDB920858415",
    signingFingerprint: "D20A9D88224ADAF5CBFF78963ED8CDB920858415",
    userId: "Release <release@example.com>",
    signedAtSeconds: 1_706_788_800,
  },
  key: { kind: "key", keySha256: hex, source: "/etc/pki/release.pub", loggedAtSeconds: undefined },
  certificate: {
    kind: "certificate",
    subject: "CN=builder",
    issuer: "CN=Test Fulcio,O=example",
    emails: ["builder@vendor.example.com"],
    oidcIssuer: "https://oauth.example.com/auth",
    certificateSha256: hex,
    loggedAtSeconds: 1_706_788_860,
  },
} as const satisfies Record<string, Signer>;

const claimed = {
  untrustedDockerReference: undefined,
  untrustedManifestDigest: undefined,
  untrustedKeyId: undefined,
};

export function goodSignature(name: string, signer: Signer): SignatureOutcome {
  const format = signer.kind === "openpgp" ? "simple-signing" : "sigstore";
  return { name, format, claimed, opinions: [], accepted: true, code: "signature.accepted", signer };
}

export function badSignature(name: string, rejection: SignatureRejection, signer?: Signer): SignatureOutcome {
  return {
    name,
    format: "simple-signing",
    claimed,
    opinions: [],
    accepted: false,
    code: rejection.code,
    rejection,
    signer,
  };
}

/** A valid signature for another name, by the requirement's rule. */
export function forAnotherName(
  signedReference: string,
  requirement: Requirement = signedBy,
  reference = identity.dockerReference,
): SignatureRejection {
  if (requirement.type !== "signedBy" && requirement.type !== "sigstoreSigned") throw new Error("no signature counts");
  const mismatch = identityMismatch(requirement.signedIdentity, { identity: reference, signedReference });
  return { code: "signature.identity.mismatch", signedReference, mismatch };
}

export function met(requirement: Requirement, ...signatures: readonly SignatureOutcome[]): RequirementOutcome {
  return { requirement, problem: undefined, signatures };
}

export function notMet(
  requirement: Requirement,
  problem: NonNullable<RequirementOutcome["problem"]>,
  ...signatures: readonly SignatureOutcome[]
): RequirementOutcome {
  return { requirement, problem, signatures };
}

export function accepted(...requirements: readonly RequirementOutcome[]): AcceptedVerdict {
  return { outcome: "accepted", code: "accepted", identity, manifest, policy, requirements };
}

export function rejected(problem: RejectionProblem, ...requirements: readonly RequirementOutcome[]): RejectedVerdict {
  const around = { unjudged: [], missedScopes: [] };
  return { outcome: "rejected", code: problem.code, problem, identity, manifest, policy, requirements, ...around };
}

/** All signatures of one requirement refused. */
export function refused(requirement: Requirement, ...signatures: readonly SignatureOutcome[]): RejectedVerdict {
  const problem = { code: "requirement.signature.not-accepted", count: signatures.length } as const;
  return rejected(problem, notMet(requirement, problem, ...signatures));
}

export function errored(problem: ErrorProblem, ...requirements: readonly RequirementOutcome[]): ErrorVerdict {
  const known = requirements.length > 0;
  return {
    outcome: "error",
    code: problem.code,
    problem,
    identity: known ? identity : undefined,
    manifest: known ? manifest : undefined,
    policy: { path: policy.path, scope: known ? policy.scope : undefined },
    requirements,
  };
}
