import type { Verdict } from "../verdict/verdict.ts";
import { referenceFlawText } from "../words/check-words.ts";
import { reasonText } from "../words/reason.ts";
import { signerName } from "../words/signature-words.ts";

/** Why the verdict is as it is and who signed, the same for all images of which the same is to be said: an audit keeps each once. */
function auditSummary(verdict: Verdict): { readonly reason: string; readonly signer: string | null } {
  const signer = verdict.outcome === "accepted" ? signersOf(verdict) : "";
  // When it was signed is another time for each image.
  return signer === "" ? { reason: reasonText(verdict), signer: null } : { reason: `signed by ${signer}`, signer };
}

/** "" where no signature was asked for. */
function signersOf({ requirements }: Verdict): string {
  const outcomes = requirements.flatMap(({ signatures }) => signatures);
  return [...new Set(outcomes.flatMap((outcome) => (outcome.accepted ? [signerName(outcome.signer)] : [])))].join("; ");
}

/** The words of an audit. */
export const auditWords = { verdict: auditSummary, flaw: referenceFlawText };
