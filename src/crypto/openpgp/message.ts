import { maxImageWork } from "../../limits.ts";
import type { Result, Untrusted } from "../../result.ts";
import { WorkBudget } from "../budget.ts";
import type { BackEndOpinion, VerifiedMessage } from "./back-end.ts";
import { readGoMessage } from "./go-crypto/message.ts";
import { backEndKeys, type Keyring } from "./keyring.ts";
import type { OpenPgpProblem } from "./problems.ts";
import { SignatureChecker } from "./vouches.ts";

/** What the back ends of a keyring make of a message, together and one by one. */
export type MessageVerdict = Result<AgreedMessage, OpenPgpProblem> & { readonly opinions: readonly BackEndOpinion[] };

/**
 * A message as the first back end has it, and as each has it: they may name the signer in different ways, and of a text GnuPG
 * takes the carriage returns away. Whoever judges the content has to judge each.
 */
interface AgreedMessage extends VerifiedMessage {
  readonly byBackEnd: readonly VerifiedMessage[];
}

/**
 * Verifies a signed OpenPGP message (simple signing). It is accepted only if every back end of the keyring accepts it: each has
 * rules of its own for messages and for keys, and all are asked in full (docs/openpgp-back-ends.md).
 *
 * @param request.budget what all messages of an image may cost together; if absent, this one is all of it
 */
export async function verifyMessage(request: {
  readonly message: Untrusted<Uint8Array>;
  readonly keyring: Keyring;
  readonly nowSeconds: number;
  readonly budget?: WorkBudget;
}): Promise<MessageVerdict> {
  const { message, keyring, nowSeconds, budget = new WorkBudget(maxImageWork) } = request;
  // All ask about the message's signature; what is remembered of it must not outlive it.
  const checker = new SignatureChecker(budget);
  const opinions: BackEndOpinion[] = [];
  const accepted: VerifiedMessage[] = [];
  for (const keys of backEndKeys(keyring)) {
    const verified = await keys.verify(message, nowSeconds, checker);
    // First of all: with a spent budget a back end has seen less than there is, and revocations may be missing.
    if (budget.isSpent) return { ok: false, problem: { code: "signature.too-costly" }, opinions: [] };
    opinions.push({ backEnd: keys.backEnd, problem: verified.ok ? undefined : verified.problem });
    if (verified.ok) accepted.push(verified.value);
  }
  const problem = foremost(opinions);
  if (problem !== undefined) return { ok: false, problem, opinions };
  const [first] = accepted;
  if (first === undefined) throw new Error("a keyring of no back end");
  return { ok: true, value: { ...first, byBackEnd: accepted }, opinions };
}

/** The problem to tell of several: what keeps it from being a message comes before what is wrong with its key. */
function foremost(opinions: readonly BackEndOpinion[]): OpenPgpProblem | undefined {
  const problems = opinions.flatMap(({ problem }) => problem ?? []);
  for (const code of structural) {
    const found = problems.find((problem) => problem.code === code);
    if (found !== undefined) return found;
  }
  return problems[0];
}

const structural: readonly OpenPgpProblem["code"][] = [
  "signature.openpgp.malformed",
  "signature.openpgp.unsupported",
  "signature.openpgp.several",
  "signature.openpgp.trailing-data",
  "signature.openpgp.not-signed",
];

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
  return { untrustedContent: read.value.content, untrustedKeyId: read.value.lastOnePass.keyId };
}
