/**
 * What the verdicts of the reference ask of ours. A signature is accepted only if every OpenPGP back end of the reference
 * would accept it (docs/openpgp.md), so where they differ ours must not accept.
 */

type ReferenceVerdict =
  | "allowed"
  | "denied"
  | "policyError"
  | "identityError"
  | "sourceError"
  | "panic"
  | "timeout"
  | "requestError";

/** A line of an oracle's answer. */
export interface ReferenceAnswer {
  readonly id: string;
  readonly verdict: ReferenceVerdict;
  readonly error: string | null;
  /** What else makes no sense, beside a policyError or an identityError: either may be told first. */
  readonly also?: readonly ReferenceVerdict[];
}

/** What the comparison reads of a verdict of ours. */
export interface OurVerdict {
  readonly id: string;
  readonly outcome: string;
  readonly code: string;
  readonly exitCode: number;
  readonly message?: string;
}

export type Judgement = "agrees" | "false-accept" | "false-reject" | "wrong-exit-code" | "no-answer";

const exitCodes: Readonly<Record<ReferenceVerdict, readonly number[]>> = {
  allowed: [0],
  // Part of what the reference denies is an error for us: a signature file or a key that cannot be used.
  denied: [1, 3, 4],
  policyError: [3],
  identityError: [2],
  sourceError: [4],
  // It gave no answer; any is right that does not accept.
  panic: [1, 2, 3, 4],
  timeout: [1, 2, 3, 4],
  requestError: [],
};

/** Which exit codes are right, given the reference's answers (one per back end). */
export function expectedExitCodes(answers: readonly ReferenceAnswer[]): readonly number[] {
  if (answers.every((answer) => answer.verdict === "allowed")) return [0];
  const told = answers.flatMap((answer) => [answer.verdict, ...(answer.also ?? [])]);
  return [...new Set(told.flatMap((verdict) => (verdict === "allowed" ? [1, 3, 4] : exitCodes[verdict])))];
}

export function judge(answers: readonly ReferenceAnswer[], ours: OurVerdict | undefined): Judgement {
  if (ours === undefined) return "no-answer";
  const expected = expectedExitCodes(answers);
  const accepts = ours.outcome === "accepted" || ours.code === "accepted" || ours.exitCode === 0;
  if (expected.includes(0)) {
    return ours.outcome === "accepted" && ours.exitCode === 0 ? "agrees" : "false-reject";
  }
  if (accepts) return "false-accept";
  return expected.includes(ours.exitCode) ? "agrees" : "wrong-exit-code";
}
