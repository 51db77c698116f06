import { type RequirementDocument, type SignatureDocument, verdictDocument } from "../../report/document.ts";
import type { Signer } from "../../verdict/signature-outcome.ts";
import type { RequirementOutcome, Verdict } from "../../verdict/verdict.ts";
import type { DevSealcheckVerify } from "../varlink/interfaces/dev-sealcheck-verify.ts";

type Types = DevSealcheckVerify["types"];
type WireSigner = NonNullable<Types["SignatureVerdict"]["signer"]>;

/** A verdict as the interfaces give it: the same type in both of them. */
export function wireVerdict(verdict: Exclude<Verdict, { outcome: "error" }>): Types["Verdict"] {
  const { message, identity, manifest, policy, requirements } = verdictDocument(verdict);
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
    requirements: requirements.map((requirement, at) => wireRequirement(requirement, verdict.requirements[at])),
  };
}

function wireRequirement(
  { type, satisfied, code, message, signatures }: RequirementDocument,
  outcome: RequirementOutcome | undefined,
): Types["RequirementVerdict"] {
  return {
    kind: type,
    satisfied,
    code,
    message,
    signatures: signatures.map((signature, at) => wireSignature(signature, outcome?.signatures[at]?.signer)),
  };
}

function wireSignature(
  { name, format, accepted, code, message, claimed }: SignatureDocument,
  signer: Signer | undefined,
): Types["SignatureVerdict"] {
  return {
    ...{ name, format, accepted, code, message },
    signer: signer === undefined ? null : wireSigner(signer),
    claimed: {
      docker_reference: claimed.dockerReference ?? null,
      manifest_digest: claimed.manifestDigest ?? null,
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
