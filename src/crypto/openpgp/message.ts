import { maxImageWork } from "../../limits.ts";
import { fail, ok, type Result, type Untrusted } from "../../result.ts";
import { WorkBudget } from "../budget.ts";
import { checkGpgMessage } from "./gnupg/check.ts";
import { readGpgMessage } from "./gnupg/message.ts";
import { checkGoMessage, readGoMessage } from "./go-crypto/message.ts";
import { goSignersFor } from "./go-crypto/signer.ts";
import type { Keyring } from "./keyring.ts";
import { equal } from "./octets.ts";
import type { OpenPgpProblem } from "./problems.ts";
import { SignatureChecker } from "./vouches.ts";

/** A message that a key of the keyring has signed. Fingerprints in upper-case hex. */
export interface VerifiedMessage {
  /** What was signed. */
  readonly content: Uint8Array;
  readonly primaryFingerprint: string;
  /** Of the primary key or the subkey that signed. */
  readonly signingFingerprint: string;
  /** The primary user id of the key: free text of whoever made it. */
  readonly userId: string | undefined;
  readonly signedAtSeconds: number;
}

/**
 * Verifies a signed OpenPGP message (simple signing). It is accepted only if each back end of the reference accepts it:
 * go-crypto and GnuPG have different rules for messages and for keys, and both sets are asked in full
 * (docs/openpgp-back-ends.md).
 *
 * @param request.budget what all messages of an image may cost together; if absent, this one is all of it
 */
export async function verifyMessage(request: MessageRequest): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
  const { budget = new WorkBudget(maxImageWork) } = request;
  const verified = budget.isSpent ? undefined : await verifyWithin(budget, request);
  // First of all: with a spent budget the back ends have seen less than there is, and revocations may be missing.
  if (verified === undefined || budget.isSpent) return fail({ code: "signature.too-costly" });
  return verified;
}

interface MessageRequest {
  readonly message: Untrusted<Uint8Array>;
  readonly keyring: Keyring;
  readonly nowSeconds: number;
  readonly budget?: WorkBudget;
}

async function verifyWithin(
  budget: WorkBudget,
  request: MessageRequest,
): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
  const { nowSeconds } = request;
  const keyring = { ...request.keyring, checker: request.keyring.checker.paidFrom(budget) };
  const goMessage = readGoMessage(request.message.untrusted, budget);
  if (!goMessage.ok) return goMessage;
  const gpgMessage = readGpgMessage(request.message.untrusted, budget);
  if (!gpgMessage.ok) return gpgMessage;
  const { content, signature } = gpgMessage.value;
  if (!equal(content, goMessage.value.content)) {
    return fail({ code: "signature.openpgp.malformed", detail: "the content is not the same for each back end" });
  }
  // Both back ends ask about the message's signature; what is remembered of it must not outlive it.
  const checker = new SignatureChecker(budget);
  const finding = await checkGpgMessage(gpgMessage.value, keyring, nowSeconds, checker);
  if (!finding.accepted) return fail(finding.problem);
  const { facts, key } = finding;

  const signers = goSignersFor(keyring.entities, goMessage.value.onePass.keyId);
  if (signers === undefined) {
    const detail = "its self-signatures contradict each other";
    return fail({ code: "signature.key.unusable", ...facts, detail });
  }
  const [first] = signers;
  if (first === undefined) {
    return fail({
      code: "signature.key.unusable",
      ...facts,
      detail: "go-crypto finds no such signing key in the keyring",
    });
  }
  for (const signer of signers) {
    const problem = await checkGoMessage(goMessage.value, signer, nowSeconds, checker, facts);
    if (problem !== undefined) return fail(problem);
  }
  return ok({
    content,
    primaryFingerprint: first.entity.primary.fingerprint,
    signingFingerprint: key.fingerprint,
    userId: facts.userId,
    signedAtSeconds: signature.createdAtSeconds,
  });
}

/** What a message claims, without any check. */
export interface UntrustedMessageInfo {
  readonly untrustedContent: Uint8Array;
  /** Upper-case hex, 16 digits. */
  readonly untrustedKeyId: string;
}

/**
 * What a message claims, or `undefined` if it cannot be read, or at too high a price. containers/image:
 * gpgUntrustedSignatureContents.
 */
export function untrustedMessageInfo(
  message: Untrusted<Uint8Array>,
  budget = new WorkBudget(maxImageWork),
): UntrustedMessageInfo | undefined {
  const read = readGoMessage(message.untrusted, budget);
  if (!read.ok) return undefined;
  return { untrustedContent: read.value.content, untrustedKeyId: read.value.onePass.keyId };
}
