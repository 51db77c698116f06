import { type Code, type ExitCode, exitCodeOf } from "../codes.ts";
import type { BackEndOpinion, OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { digestText } from "../encoding/digest.ts";
import type { SignatureOrigin } from "../image/image.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { Requirement } from "../policy/policy.ts";
import type { PolicyProblem } from "../policy/problem.ts";
import type { BlobsChecked, Selection } from "../verdict/selection.ts";
import type { Claims, Signer } from "../verdict/signature-outcome.ts";
import type { DecidingScope, RequirementOutcome, SignatureOutcome, Verdict } from "../verdict/verdict.ts";
import { timeText } from "../words/format.ts";
import { flawText } from "../words/policy-words.ts";
import { reasonText } from "../words/reason.ts";
import { rejectionText, signatureText } from "../words/signature-words.ts";
import { explainUnfolded, requirementMessage } from "./explain.ts";

/** The manifest that was judged; `mediaType` and `size` are null if only its digest was given. */
export interface ManifestDocument {
  readonly digest: string;
  readonly mediaType: string | null;
  readonly size: number | null;
}

/** What became of the images of an index, if one or all of them were asked for. */
export interface SelectionDocument {
  readonly index?: ManifestDocument;
  /** Which of the two was accepted: the index, or what it lists. */
  readonly boundBy?: "index" | "instance";
  readonly instances?: readonly InstanceDocument[];
}

export interface InstanceDocument {
  /** As the index says; "" if it does not. */
  readonly platform: string;
  readonly digest: string;
  readonly outcome: Verdict["outcome"];
  readonly code: Code;
}

/**
 * A verdict as JSON for programs: docs/contract.md and docs/verdict.schema.json. Texts in it are as they were found, for
 * JSON to escape; only the `message`s are made for people.
 */
export interface VerdictDocument extends SelectionDocument {
  readonly version: 1;
  readonly id?: string;
  readonly outcome: Verdict["outcome"];
  readonly code: Code;
  readonly exitCode: ExitCode;
  readonly message: string;
  /** Why, in one line. */
  readonly reason: string;
  /** Normalized; null if it could not be parsed, or was not looked at. */
  readonly identity: string | null;
  /** null if the image was not read. */
  readonly manifest: {
    readonly digest: string;
    readonly mediaType: string | null;
    readonly size: number | null;
  } | null;
  readonly policy: { readonly path: string | null; readonly transport: string; readonly scope: string };
  /** If blobs were asked for: how many were compared, and which are missing or corrupt. */
  readonly blobs?: Omit<BlobsChecked, "isHead">;
  /** Where the signatures of a source were found. */
  readonly signaturesFrom?: SignatureOrigin["kind"];
  readonly requirements: readonly RequirementDocument[];
  /** Only if the policy is invalid: everything that is wrong with it, in the order of the file. */
  readonly problems?: readonly ProblemDocument[];
}

export interface ProblemDocument {
  readonly code: Code;
  /** From 1, columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** Keys and indices from the root. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface RequirementDocument {
  readonly type: Requirement["type"];
  readonly satisfied: boolean;
  readonly code: Code;
  readonly message: string;
  readonly signatures: readonly SignatureDocument[];
}

export interface SignatureDocument {
  readonly name: string;
  readonly format: SignatureOutcome["format"];
  readonly accepted: boolean;
  readonly code: Code;
  readonly message: string;
  /** Only after the cryptography checked out. */
  readonly signer?: SignerDocument;
  /** What the signature says of itself; never trust it. */
  readonly claimed: ClaimedDocument;
  /** Of an OpenPGP signature: what each back end of containers/image that was asked says of it. */
  readonly backEnds?: readonly BackEndDocument[];
}

export interface BackEndDocument {
  readonly name: OpenPgpBackEnd;
  readonly accepted: boolean;
  /** Why not. */
  readonly code?: Code;
  readonly message?: string;
}

/** Times are in UTC, ISO 8601 to the second, or `@` and the Unix time where the year does not have four digits. */
export type SignerDocument =
  | {
      readonly kind: "openpgp";
      readonly fingerprint: string;
      readonly signingFingerprint: string;
      readonly userId?: string;
      readonly signedAt: string;
    }
  | { readonly kind: "key"; readonly keySha256: string; readonly source: string; readonly loggedAt?: string }
  | {
      readonly kind: "certificate";
      readonly subject: string;
      readonly issuer: string;
      readonly emails: readonly string[];
      readonly oidcIssuer?: string;
      readonly certificateSha256: string;
      readonly loggedAt?: string;
    };

export interface ClaimedDocument {
  readonly dockerReference?: string;
  readonly manifestDigest?: string;
  readonly keyId?: string;
}

/**
 * The JSON form of a verdict; {@link documentLine} prints it.
 *
 * @param request.id what a batch request called itself.
 */
export function verdictDocument(verdict: Verdict, request: { readonly id?: string } = {}): VerdictDocument {
  const { manifest, policy } = verdict;
  return {
    version: 1,
    ...(request.id === undefined ? {} : { id: request.id }),
    outcome: verdict.outcome,
    code: verdict.code,
    exitCode: exitCodeOf(verdict.code),
    message: explainUnfolded(verdict),
    reason: reasonText(verdict),
    identity: verdict.identity?.text ?? null,
    manifest: manifest === undefined ? null : manifestDocument(manifest),
    policy: { path: policy.path ?? null, ...scopeDocument(policy.scope) },
    ...(verdict.selection === undefined ? {} : selectionDocument(verdict.selection)),
    ...(verdict.blobs === undefined ? {} : { blobs: blobsDocument(verdict.blobs) }),
    ...(verdict.signaturesFrom === undefined ? {} : { signaturesFrom: verdict.signaturesFrom.kind }),
    requirements: verdict.requirements.map(requirementDocument),
    ...(verdict.outcome === "error" && "problems" in verdict.problem
      ? { problems: verdict.problem.problems.map(problemDocument) }
      : {}),
  };
}

function blobsDocument({ checked, missing, corrupt }: BlobsChecked): NonNullable<VerdictDocument["blobs"]> {
  return { checked, missing, corrupt };
}

/** A document as one line of JSON, with its newline. */
export function documentLine(document: VerdictDocument): string {
  return `${printableJson(JSON.stringify(document))}\n`;
}

/**
 * JSON of the same value. Besides what JSON escapes anyway, all that a terminal would obey or a reader might take for the end
 * of a line (C1 controls, U+2028, bidi and invisible marks) is escaped: the values come from whoever made the signature.
 */
export function printableJson(json: string): string {
  // Nearly all of it is plain ASCII, which is quicker to see than to search for all that might be replaced.
  if (!/[\x7f-\uffff]/.test(json)) return json;
  return json.replaceAll(unprintable, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** By UTF-16 units, of which all in these classes beyond U+FFFF (tags, for one) are a pair. */
const unprintable =
  /[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;

function manifestDocument({ digest, mediaType, sizeBytes }: ManifestFacts): ManifestDocument {
  return { digest: digestText(digest), mediaType: mediaType ?? null, size: sizeBytes ?? null };
}

function selectionDocument({ index, boundBy, instances }: Selection): Required<SelectionDocument> {
  return {
    index: manifestDocument(index),
    boundBy,
    instances: instances.map(({ untrustedPlatform, digest, outcome, code }) => ({
      platform: untrustedPlatform,
      digest: digestText(digest),
      outcome,
      code,
    })),
  };
}

function problemDocument(problem: PolicyProblem): ProblemDocument {
  const { code, at, path } = problem;
  return { code, line: at.line, column: at.column, path, message: flawText(problem) };
}

/** Both are "" for the policy's default, and if no requirement was looked up. */
function scopeDocument(scope: DecidingScope | undefined): { readonly transport: string; readonly scope: string } {
  return scope?.kind === "transport"
    ? { transport: scope.transport, scope: scope.scope }
    : { transport: "", scope: "" };
}

function requirementDocument(outcome: RequirementOutcome): RequirementDocument {
  return {
    type: outcome.requirement.type,
    satisfied: outcome.problem === undefined,
    code: outcome.problem?.code ?? "requirement.satisfied",
    message: requirementMessage(outcome),
    signatures: outcome.signatures.map(signatureDocument),
  };
}

function signatureDocument(outcome: SignatureOutcome): SignatureDocument {
  return {
    name: outcome.name,
    format: outcome.format,
    accepted: outcome.accepted,
    code: outcome.code,
    message: signatureText(outcome),
    ...(outcome.signer === undefined ? {} : { signer: signerDocument(outcome.signer) }),
    claimed: claimedDocument(outcome.claimed),
    ...(outcome.opinions.length === 0
      ? {}
      : { backEnds: outcome.opinions.map((opinion) => backEndDocument(opinion, outcome)) }),
  };
}

function backEndDocument({ backEnd, problem }: BackEndOpinion, outcome: SignatureOutcome): BackEndDocument {
  if (problem === undefined) return { name: backEnd, accepted: true };
  return { name: backEnd, accepted: false, code: problem.code, message: rejectionText(problem, outcome) };
}

function signerDocument(signer: Signer): SignerDocument {
  switch (signer.kind) {
    case "openpgp":
      return {
        kind: signer.kind,
        fingerprint: signer.fingerprint,
        signingFingerprint: signer.signingFingerprint,
        ...(signer.userId === undefined ? {} : { userId: signer.userId }),
        signedAt: timeText(signer.signedAtSeconds),
      };
    case "key":
      return {
        kind: signer.kind,
        keySha256: signer.keySha256,
        source: signer.source,
        ...(signer.loggedAtSeconds === undefined ? {} : { loggedAt: timeText(signer.loggedAtSeconds) }),
      };
    case "certificate":
      return {
        kind: signer.kind,
        subject: signer.subject,
        issuer: signer.issuer,
        emails: signer.emails,
        ...(signer.oidcIssuer === undefined ? {} : { oidcIssuer: signer.oidcIssuer }),
        certificateSha256: signer.certificateSha256,
        ...(signer.loggedAtSeconds === undefined ? {} : { loggedAt: timeText(signer.loggedAtSeconds) }),
      };
  }
}

function claimedDocument(claims: Claims): ClaimedDocument {
  const { untrustedDockerReference, untrustedManifestDigest, untrustedKeyId } = claims;
  return {
    ...(untrustedDockerReference === undefined ? {} : { dockerReference: untrustedDockerReference }),
    ...(untrustedManifestDigest === undefined ? {} : { manifestDigest: untrustedManifestDigest }),
    ...(untrustedKeyId === undefined ? {} : { keyId: untrustedKeyId }),
  };
}
