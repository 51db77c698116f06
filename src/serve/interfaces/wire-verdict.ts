import { verdictDocument } from "../../report/document.ts";
import { requirementMessage } from "../../report/explain.ts";
import type { Signer } from "../../verdict/signature-outcome.ts";
import type { RequirementOutcome, SignatureOutcome, Verdict } from "../../verdict/verdict.ts";
import { signatureText } from "../../words/signature-words.ts";
import type { DevSealcheckVerify } from "../varlink/interfaces/dev-sealcheck-verify.ts";

type Types = DevSealcheckVerify["types"];
type WireSigner = NonNullable<Types["SignatureVerdict"]["signer"]>;

/** A verdict as the interfaces give it: the same type in both of them. */
export function wireVerdict(verdict: Exclude<Verdict, { outcome: "error" }>): Types["Verdict"] {
  const { message, identity, manifest, policy } = verdictDocument(verdict);
  return {
    outcome: verdict.outcome,
    code: verdict.code,
    message,
    identity: identity ?? "",
    manifest_digest: manifest?.digest ?? "",
    manifest_media_type: manifest?.mediaType ?? null,
    manifest_size_bytes: manifest?.size ?? null,
    policy_path: policy.path ?? "",
    policy_transport: policy.transport,
    policy_scope: policy.scope,
    requirements: verdict.requirements.map(wireRequirement),
  };
}

function wireRequirement(outcome: RequirementOutcome): Types["RequirementVerdict"] {
  return {
    kind: outcome.requirement.type,
    satisfied: outcome.problem === undefined,
    code: outcome.problem?.code ?? "requirement.satisfied",
    message: requirementMessage(outcome),
    signatures: outcome.signatures.map(wireSignature),
  };
}

function wireSignature(outcome: SignatureOutcome): Types["SignatureVerdict"] {
  const { untrustedDockerReference, untrustedManifestDigest } = outcome.claimed;
  return {
    name: outcome.name,
    format: outcome.format,
    accepted: outcome.accepted,
    code: outcome.code,
    message: signatureText(outcome),
    signer: outcome.signer === undefined ? null : wireSigner(outcome.signer),
    claimed: {
      docker_reference: untrustedDockerReference ?? null,
      manifest_digest: untrustedManifestDigest ?? null,
      creator: null,
      timestamp_seconds: null,
    },
  };
}

function wireSigner(signer: Signer): WireSigner {
  const nothing = { fingerprint: null, user_id: null, subject: null, issuer: null, logged_at_seconds: null };
  switch (signer.kind) {
    case "openpgp":
      return { ...nothing, kind: "gpg", fingerprint: signer.fingerprint, user_id: signer.userId ?? null };
    case "key":
      return {
        ...nothing,
        kind: "key",
        fingerprint: signer.keySha256,
        logged_at_seconds: wholeSeconds(signer.loggedAtSeconds),
      };
    case "certificate":
      return {
        ...nothing,
        kind: signer.oidcIssuer === undefined ? "pki" : "fulcio",
        fingerprint: signer.certificateSha256,
        subject: signer.emails[0] ?? signer.subject,
        issuer: signer.oidcIssuer ?? signer.issuer,
        logged_at_seconds: wholeSeconds(signer.loggedAtSeconds),
      };
  }
}

function wholeSeconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.trunc(seconds);
}
