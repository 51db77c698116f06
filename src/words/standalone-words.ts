import { digestText } from "../encoding/digest.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { AcceptedVerdict } from "../verdict/verdict.ts";
import { imageWords } from "./image-words.ts";
import { line, plain, quote } from "./quote.ts";
import { say } from "./words.ts";

/** That a signature is verified, in the words of skopeo, which scripts may look for. */
export function verifiedText(verdict: AcceptedVerdict, fingerprint: string): string {
  return `Signature verified using fingerprint ${fingerprint}, digest ${digestText(verdict.manifest.digest)}`;
}

/** Why a file that was named cannot be worked with, as a sentence. */
export function operandProblemText(problem: ImageProblem): string {
  return `${say(imageWords, "code", problem, undefined)}.`;
}

/** Before anything of an unverified signature is shown. */
export function unverifiedText(path: string): string {
  return (
    `WARNING: nothing of ${plain(path)} has been verified. Anybody can write such a signature, ` +
    "with any text in it; decide nothing by it. To verify it, use standalone-verify or verify-installable."
  );
}

/** Why a signature cannot be shown, as a sentence. */
export function undecodableText(path: string, detail: string): string {
  return `What is signed in ${plain(path)} cannot be read: ${line(detail)}.`;
}

/** That what is being signed will satisfy nobody. */
export function unmatchableReferenceText(reference: string): string {
  return `WARNING: ${quote(reference)} is not a docker reference: no verification will accept this signature.`;
}
