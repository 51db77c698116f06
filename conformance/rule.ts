/**
 * What the verdicts of the reference ask of ours. A signature is accepted only if every OpenPGP back end that is asked for
 * would accept it (docs/openpgp-back-ends.md), so where they differ ours must not accept.
 */

/** The OpenPGP back ends that the reference is built with, by the names of `--openpgp`. */
export const backEnds = ["go", "gnupg", "sequoia"] as const;

export type BackEnd = (typeof backEnds)[number];

type ReferenceVerdict =
  | "allowed"
  | "denied"
  | "policyError"
  | "identityError"
  | "sourceError"
  | "panic"
  | "noAnswer"
  | "requestError";

/** A line of an oracle's answer. */
export interface ReferenceAnswer {
  readonly id: string;
  readonly verdict: ReferenceVerdict;
  readonly error: string | null;
  /** What else makes no sense, beside a policyError or an identityError: either may be told first. */
  readonly also?: readonly ReferenceVerdict[];
}

/** What the back ends that were asked said of a case. */
export type ReferenceAnswers = Readonly<Partial<Record<BackEnd, ReferenceAnswer>>>;

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
  noAnswer: [1, 2, 3, 4],
  requestError: [],
};

/** Which exit codes are right, given the reference's answers. */
export function expectedExitCodes(byBackEnd: ReferenceAnswers): readonly number[] {
  const answers = Object.values(byBackEnd);
  if (answers.length === 0) throw new Error("the reference was not asked");
  if (answers.every((answer) => answer.verdict === "allowed")) return [0];
  const told = answers.flatMap((answer) => [answer.verdict, ...(answer.also ?? [])]);
  return [...new Set(told.flatMap((verdict) => (verdict === "allowed" ? [1, 3, 4] : exitCodes[verdict])))];
}

export function judge(answers: ReferenceAnswers, ours: OurVerdict | undefined): Judgement {
  if (ours === undefined) return "no-answer";
  const expected = expectedExitCodes(answers);
  const accepts = ours.outcome === "accepted" || ours.code === "accepted" || ours.exitCode === 0;
  if (expected.includes(0)) {
    return ours.outcome === "accepted" && ours.exitCode === 0 ? "agrees" : "false-reject";
  }
  if (accepts) return "false-accept";
  return expected.includes(ours.exitCode) ? "agrees" : "wrong-exit-code";
}
