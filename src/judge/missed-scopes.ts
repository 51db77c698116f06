import type { Identity } from "../identity/identity.ts";
import { namedScopes } from "../identity/scopes.ts";
import { transportNamed, transportNames } from "../identity/transports.ts";
import { nearest } from "../policy/nearest.ts";
import type { Policy } from "../policy/policy.ts";
import type { MissedScope } from "../verdict/missed-scope.ts";
import type { DecidingScope } from "../verdict/verdict.ts";

/**
 * Finds scopes that were probably meant for an image, and more so than the one that decides. Only looks up what could be there, so
 * that a policy of a hundred thousand scopes costs nothing.
 */
export function missedScopes(policy: Policy, identity: Identity, decides: DecidingScope): readonly MissedScope[] {
  const candidates = namedScopes(identity);
  const decided = decides.kind === "transport" ? candidates.indexOf(decides.scope) : -1;
  const moreSpecific = decided === -1 ? candidates : candidates.slice(0, decided);
  return [...inOtherSections(policy, identity, moreSpecific), ...otherSpellings(policy, identity, moreSpecific)];
}

function inOtherSections(
  policy: Policy,
  { transport: own }: Identity,
  candidates: readonly string[],
): readonly MissedScope[] {
  const missed: MissedScope[] = [];
  for (const [transport, scopes] of policy.transports) {
    if (transport === own) continue;
    const scope = candidates.find((candidate) => scopes.has(candidate));
    if (transportNamed(transport) !== undefined) {
      if (scope !== undefined) missed.push({ kind: "other-transport", transport, scope, meant: own });
      continue;
    }
    const meant = nearest(transport, transportNames) === own ? own : undefined;
    // The default of a section whose name is a slip was meant for the image as well.
    const found = scope ?? (meant !== undefined && scopes.has("") ? "" : undefined);
    if (found !== undefined) missed.push({ kind: "no-transport", transport, scope: found, meant });
  }
  return missed;
}

function otherSpellings(
  policy: Policy,
  { transport }: Identity,
  candidates: readonly string[],
): readonly MissedScope[] {
  const scopes = transportNamed(transport)?.scopes === "names" ? policy.transports.get(transport) : undefined;
  if (scopes === undefined) return [];
  for (const meant of candidates) {
    const scope = spellings(meant).find((spelling) => scopes.has(spelling));
    if (scope !== undefined) return [{ kind: "spelling", scope, meant }];
  }
  return [];
}

/** What people write for a scope; none of it is ever looked up. */
function spellings(scope: string): readonly string[] {
  const hub = "docker.io/";
  const library = "docker.io/library/";
  const inHub = scope.startsWith(hub) ? scope.slice(hub.length) : undefined;
  return [
    ...(scope.startsWith(library) ? [hub + scope.slice(library.length), scope.slice(library.length)] : []),
    ...(inHub === undefined ? [] : [inHub, `index.docker.io/${inHub}`]),
    ...["docker://", "https://", "http://"].flatMap((scheme) => [`${scheme}${scope}`, `${scheme}${scope}/`]),
    `${scope}/`,
    `${scope}/*`,
    `${scope}:*`,
  ];
}
