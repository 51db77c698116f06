import { type Decision, type IdentityDifference, isDifferent } from "../inspect/diff-policies.ts";
import { countText } from "../words/format.ts";
import { plain } from "../words/quote.ts";
import { requirementText, scopeText } from "../words/requirement-words.ts";
import { wrap } from "./wrap.ts";

interface Paths {
  readonly older: string;
  readonly newer: string;
}

/** What `policy diff` prints, for people: the identities for which the policies differ. */
export function diffText(paths: Paths, compared: readonly IdentityDifference[]): string {
  const different = compared.filter(isDifferent);
  const blocks = different.map((difference) =>
    [
      `${plain(difference.identity.text)}: ${kindText(difference)}`,
      ...sideLines("-", paths.older, difference.older),
      ...sideLines("+", paths.newer, difference.newer),
    ].join("\n"),
  );
  const summary =
    different.length === 0
      ? `No difference for ${countText(compared.length, "image")}.`
      : `Different for ${different.length} of ${countText(compared.length, "image")}.`;
  return [...blocks, summary].join("\n");
}

function kindText({ isScopeDifferent, areRequirementsDifferent }: IdentityDifference): string {
  if (!areRequirementsDifferent) return "another scope, which asks for the same";
  return isScopeDifferent ? "another scope, which asks for something else" : "the same scope asks for something else";
}

function sideLines(sign: "-" | "+", path: string, { scope, requirements }: Decision): readonly string[] {
  return [
    `${sign} ${scopeText(path, scope).replace(/,$/, "")}`,
    ...requirements.map((requirement) => wrap(`${sign}   ${requirementText(requirement)}`, `${sign}     `)),
  ];
}

/** What `policy diff --format json` prints: docs/policy-tools.md. */
export function diffDocument(paths: Paths, compared: readonly IdentityDifference[], exitCode: number): object {
  return {
    version: 1,
    exitCode,
    compared: compared.length,
    differences: compared.filter(isDifferent).map((difference) => ({
      identity: difference.identity.text,
      scope: difference.isScopeDifferent,
      requirements: difference.areRequirementsDifferent,
      old: sideDocument(paths.older, difference.older),
      new: sideDocument(paths.newer, difference.newer),
    })),
  };
}

function sideDocument(path: string, { scope, requirements }: Decision): object {
  return {
    path,
    transport: scope.kind === "transport" ? scope.transport : "",
    scope: scope.kind === "transport" ? scope.scope : "",
    requirements: requirements.map((requirement) => ({
      type: requirement.type,
      message: requirementText(requirement),
    })),
  };
}
