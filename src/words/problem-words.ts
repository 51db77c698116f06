import type { ErrorProblem, InvalidPolicy } from "../verdict/verdict.ts";
import { identityWords } from "./identity-words.ts";
import { imageWords } from "./image-words.ts";
import { policyFileWords } from "./policy-words.ts";
import { internalWords, sourceWords } from "./source-words.ts";
import { trustWords } from "./trust-words.ts";
import { say } from "./words.ts";

/** Why nothing could be judged: a sentence without its full stop. */
export function problemText(problem: Exclude<ErrorProblem, InvalidPolicy>): string {
  return say(problemWords, "code", problem, undefined);
}

const problemWords = {
  ...trustWords,
  ...imageWords,
  ...identityWords,
  ...policyFileWords,
  ...sourceWords,
  ...internalWords,
};
