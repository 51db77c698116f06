import { namedScopes } from "../identity/scopes.ts";
import type { MissedScope } from "../verdict/missed-scope.ts";
import type { ErrorVerdict, RejectedVerdict } from "../verdict/verdict.ts";
import { listText } from "./format.ts";
import { plain, quote, shellWord } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** How a default came to decide, and what was probably meant instead, as sentences without line breaks. */
export function lookupLines({ identity, policy, missedScopes, problem }: RejectedVerdict): readonly string[] {
  // The digest is compared whatever the policy says.
  if (problem.code === "requirement.identity.digest-mismatch") return [];
  const { scope } = policy;
  const isDefault = scope.kind === "default" || (scope.kind === "transport" && scope.scope === "");
  const searched = namedScopes(identity);
  const none =
    isDefault && searched.length > 0
      ? [
          "It has no scope for this image. Looked up, " +
            `in transport ${plain(identity.transport)}: ${listText(searched.map(quote), "and")}.`,
        ]
      : [];
  return [...none, ...missedScopes.map((missed) => `${say(missedWords, "kind", missed, undefined)}.`)];
}

const missedWords = {
  "other-transport": ({ transport, scope, meant }) =>
    `It has ${quote(scope)} in transport ${plain(transport)}, and this image is of transport ${plain(meant)}`,
  "no-transport": ({ transport, scope, meant }) => {
    const where = scope === "" ? `a section ${quote(transport)}` : `${quote(scope)} in a section ${quote(transport)}`;
    return `It has ${where}, which is no transport${meant === undefined ? "" : `; ${plain(meant)} was probably meant`}`;
  },
  spelling: ({ scope, meant }) => `It has ${quote(scope)}, and images are looked up as ${quote(meant)}`,
} satisfies Words<MissedScope, "kind">;

/** The command that shows how the policy comes to its decision; `undefined` where there is nothing that it could be given. */
export function explainCommand({ identity, policy }: RejectedVerdict | ErrorVerdict): string | undefined {
  if (identity === undefined) return undefined;
  const words = policyWords("policy explain", policy);
  const reference = shellWord(withoutDocker(identity.text));
  return words === undefined || reference === undefined ? undefined : `${words} -- ${reference}`;
}

/** The command that says all that is wrong with the policy. */
export function checkCommand({ policy }: ErrorVerdict): string | undefined {
  return policyWords("policy check", policy);
}

function policyWords(command: string, { path, scope }: ErrorVerdict["policy"]): string | undefined {
  // A policy that came as text has no name, and the options of standalone-verify are none.
  if (path === undefined || scope?.kind === "arguments") return undefined;
  const option = shellWord(`--policy=${path}`);
  return option === undefined ? undefined : `sealcheck ${command} ${option}`;
}

/** As people write it: `docker://` is left out, other transports are not. */
export function withoutDocker(identity: string): string {
  const registry = "docker://";
  return identity.startsWith(registry) ? identity.slice(registry.length) : identity;
}
