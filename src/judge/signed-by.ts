import type { WorkBudget } from "../crypto/budget.ts";
import type { VerifiedMessage } from "../crypto/openpgp/back-end.ts";
import type { Keyring } from "../crypto/openpgp/keyring.ts";
import { untrustedMessageInfo, verifyMessage } from "../crypto/openpgp/message.ts";
import { messageForm } from "../crypto/openpgp/message-form.ts";
import { equal } from "../crypto/openpgp/octets.ts";
import type { OpenPgpProblem } from "../crypto/openpgp/problems.ts";
import type { SignedBy } from "../policy/policy.ts";
import type { Untrusted } from "../result.ts";
import { mistakenFile } from "../signature/mistaken-file.ts";
import { parseSignedPayload } from "../signature/payload.ts";
import type { TrustStore } from "../trust/trust-store.ts";
import type { SignatureRejection, Signer } from "../verdict/signature-outcome.ts";
import type { NamedSignature } from "./image-signatures.ts";
import {
  type JudgingContext,
  judgeSignatures,
  type SignatureFinding,
  type SignaturesJudged,
} from "./judge-signatures.ts";
import { claimsOf, type Expected, payloadMismatch } from "./match-payload.ts";

export type OpenPgpSigner = Extract<Signer, { kind: "openpgp" }>;

/** signedBy: one simple signing (OpenPGP) signature by a key of the keyring, for this manifest and identity. */
export function judgeSignedBy(
  requirement: SignedBy,
  signatures: readonly NamedSignature[],
  context: JudgingContext,
): Promise<SignaturesJudged> {
  const { expected, trust, nowSeconds, budget } = context;
  return judgeSignatures(signatures, {
    select: (signature) =>
      signature.format === "simple-signing"
        ? { kind: "candidate", candidate: signature.openpgpMessage }
        : { kind: "ignored", rejection: { code: "signature.format.other" } },
    loadTrust: () => trust.keyring(requirement),
    judge: async (message, keyring) =>
      withKeyInFile(await judgeMessage(message, { keyring, expected, nowSeconds, budget }), requirement, trust),
  });
}

/** Whether a key that is not known is in a file of the policy all the same: then nobody needs to be told to add it. */
export async function withKeyInFile(
  finding: SignatureFinding,
  requirement: SignedBy,
  trust: TrustStore,
): Promise<SignatureFinding> {
  if (finding.kind !== "rejected" || finding.rejection.code !== "signature.key.unknown") return finding;
  const inFile = await trust.keyInFile(requirement, finding.rejection.untrustedKeyId);
  return inFile === undefined ? finding : { ...finding, rejection: { ...finding.rejection, inFile } };
}

/**
 * What becomes of one simple signing message.
 *
 * @param request.refuseSigner why a key of the keyring may not be the signer after all; asked before the payload is read
 */
export async function judgeMessage(
  message: Untrusted<Uint8Array>,
  request: {
    readonly keyring: Keyring;
    readonly expected: Expected;
    readonly nowSeconds: number;
    readonly budget: WorkBudget;
    /** The message is a file that somebody named, which may be of any kind. */
    readonly isAnyFile?: boolean;
    readonly refuseSigner?: (signer: OpenPgpSigner) => SignatureRejection | undefined;
  },
): Promise<SignatureFinding> {
  const { keyring, expected, nowSeconds, budget } = request;
  const verified = await verifyMessage({ message, keyring, nowSeconds, budget });
  const { opinions } = verified;
  if (!verified.ok) {
    const info = budget.isSpent ? undefined : untrustedMessageInfo(message, budget);
    const payload = info && parseSignedPayload(info.untrustedContent, "simple-signing");
    const claimed = claimsOf(payload, info?.untrustedKeyId);
    return { kind: "rejected", rejection: withForm(verified.problem, message, request.isAnyFile), claimed, opinions };
  }
  const { content, byBackEnd } = verified.value;
  const signer = signerOf(verified.value);
  const payload = parseSignedPayload(content, "simple-signing");
  const claimed = claimsOf(payload, signer.signingFingerprint.slice(-16));
  // Each back end names the signer and reads the content in its own way, and for each both have to do.
  const refusals = byBackEnd.flatMap((each) => request.refuseSigner?.(signerOf(each)) ?? []);
  const others = byBackEnd.filter((each) => !equal(each.content, content));
  const payloads = [payload, ...others.map((each) => parseSignedPayload(each.content, "simple-signing"))];
  const rejection = refusals[0] ?? payloads.flatMap((each) => payloadMismatch(each, expected) ?? [])[0];
  return rejection === undefined
    ? { kind: "accepted", signer, claimed, opinions }
    : { kind: "rejected", rejection, signer, claimed, opinions };
}

/** With what people have to be told of the message itself. */
function withForm(problem: OpenPgpProblem, { untrusted }: Untrusted<Uint8Array>, isAnyFile = false): OpenPgpProblem {
  if (problem.code !== "signature.openpgp.malformed" && problem.code !== "signature.openpgp.not-signed") return problem;
  const form = messageForm(untrusted);
  if (form !== undefined) return { ...problem, form };
  const mistaken = isAnyFile ? mistakenFile(untrusted) : undefined;
  return mistaken === undefined ? problem : { ...problem, mistaken };
}

function signerOf(message: VerifiedMessage): OpenPgpSigner {
  const { primaryFingerprint, signingFingerprint, userId, signedAtSeconds } = message;
  return { kind: "openpgp", fingerprint: primaryFingerprint, signingFingerprint, userId, signedAtSeconds };
}
