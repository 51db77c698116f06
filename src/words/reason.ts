import type { AcceptedVerdict, ErrorVerdict, RejectedVerdict, SignatureOutcome, Verdict } from "../verdict/verdict.ts";
import { countText } from "./format.ts";
import { closestRejection } from "./hints.ts";
import { flawText, policyProblemCount, policyProblemPlace } from "./policy-words.ts";
import { problemText } from "./problem-words.ts";
import { plain } from "./quote.ts";
import { rejectionWords, scopeText } from "./requirement-words.ts";
import { signatureText } from "./signature-words.ts";
import { say } from "./words.ts";

/** Why the verdict is as it is, in one line and without advice: for lists and logs. All foreign text in it is escaped. */
export function reasonText(verdict: Verdict): string {
  switch (verdict.outcome) {
    case "accepted":
      return acceptedReason(verdict);
    case "rejected":
      return rejectedReason(verdict);
    case "error":
      return errorReason(verdict);
  }
}

function acceptedReason({ requirements }: AcceptedVerdict): string {
  const accepted = requirements.flatMap(({ signatures }) => signatures.filter((signature) => signature.accepted));
  if (accepted.length === 0) return "no signature was checked: any image is accepted there (insecureAcceptAnything)";
  return accepted.map(namedText).join("; ");
}

function rejectedReason(verdict: RejectedVerdict): string {
  const { problem } = verdict;
  const closest = problem.code === "requirement.signature.not-accepted" ? closestRejection(verdict) : undefined;
  const { path, scope } = verdict.policy;
  if (problem.code === "requirement.reject") return `${scopeText(path, scope)} rejects every image`;
  if (closest === undefined || problem.code !== "requirement.signature.not-accepted") {
    return say(rejectionWords, "code", problem, undefined);
  }
  const others = problem.count - 1;
  return `${namedText(closest)}${others === 0 ? "" : `; ${countText(others, "other signature")} not acceptable either`}`;
}

function namedText(outcome: SignatureOutcome): string {
  return `${plain(outcome.name)}: ${signatureText(outcome)}`;
}

function errorReason({ problem, policy }: ErrorVerdict): string {
  if (!("problems" in problem)) return problemText(problem);
  const [first] = problem.problems;
  if (first === undefined) return policyProblemCount(policy.path, 0);
  const others = problem.problems.length - 1;
  const more = others === 0 ? "" : `; and ${countText(others, "more problem")}`;
  return `${policyProblemPlace(policy.path, first)} ${flawText(first)}${more}`;
}
