import { parseNormalizedNamed } from "../identity/docker-reference.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import { candidateScopes } from "../identity/scopes.ts";
import { transportNamed, transportNames } from "../identity/transports.ts";
import { widerScopes } from "../identity/wider-scopes.ts";
import { nearest } from "../policy/nearest.ts";
import { asksForSignature, type Policy } from "../policy/policy.ts";
import { fail } from "../result.ts";
import type { Lint, ScopeTrap } from "./findings.ts";
import { isSameRequirement } from "./same-requirement.ts";
import type { Section } from "./walk.ts";

/** A transport that no image has; any name is valid in a policy. */
export function lintTransport(transport: string): Lint | undefined {
  if (transportNamed(transport) !== undefined) return undefined;
  return { code: "lint.transport.unknown", transport, nearest: nearest(transport, transportNames) };
}

/** Whether a scope is one that images have. `paths` is asked about the scopes that are paths. */
export function lintScope({ transport, scope }: Section, paths: PathResolver): Lint | undefined {
  if (transport === undefined || scope === "") return undefined;
  const scopes = transportNamed(transport)?.scopes;
  if (scopes === "paths") return lintPath(scope, paths);
  if (scopes !== "names") return undefined;
  if (canMatch(transport, scope)) {
    const lower = withLowerHost(scope);
    return lower === scope ? undefined : { code: "lint.scope.host-case", scope, nearest: lower };
  }
  return { code: "lint.scope.never-matches", scope, ...trapOf(transport, scope) };
}

/** Scopes that hold, and for other images than somebody may think. */
export function lintScopeMeaning({ transport, scope }: Section): Lint | undefined {
  if (transport === "docker-daemon" && scope !== "") return { code: "lint.scope.docker-daemon", scope };
  const official = transport === "docker" ? officialName(scope) : undefined;
  return official === undefined ? undefined : { code: "lint.scope.official", scope, official };
}

/** What Docker calls `NAME` is looked up as `docker.io/library/NAME`, never as `docker.io/NAME`. */
export function officialName(scope: string): string | undefined {
  const name = /^docker\.io\/([^/:@]+)$/.exec(scope)?.[1];
  return name === undefined || name === "library" ? undefined : `docker.io/library/${name}`;
}

/** Identities are looked up by their real path. */
function lintPath(scope: string, paths: PathResolver): Lint | undefined {
  const resolved = paths.resolveFully(scope);
  if (!resolved.ok || resolved.value === scope) return undefined;
  return { code: "lint.scope.never-matches", scope, trap: "symlink", nearest: resolved.value };
}

const noPaths: PathResolver = {
  resolveFully: (path) => fail({ path, errno: "ENOENT" }),
  open: (path) => fail({ path, errno: "ENOENT" }),
};

/** Whether there is an identity that the scope is looked up for: one made from the scope will do. */
function canMatch(transport: string, scope: string): boolean {
  const parser = transportNamed(transport);
  const prefix = transport === "docker" ? "//" : "";
  const base = scope.startsWith("*.") ? `a.${scope.slice(2)}` : scope;
  const examples = [base, `${base}:x`, `${base}/x:x`, `${base}/x/x:x`];
  return examples.some((example) => {
    const parsed = parser?.parseReference(`${prefix}${example}`, noPaths);
    return parsed?.ok === true && candidateScopes({ transport, ...parsed.value }).includes(scope);
  });
}

/** What is wrong with a scope that matches nothing, and what was probably meant. */
function trapOf(transport: string, scope: string): { readonly trap: ScopeTrap; readonly nearest: string | undefined } {
  const isGood = (candidate: string) => candidate !== "" && canMatch(transport, candidate);
  for (const { trap, applies, mend } of traps) {
    if (!applies(scope)) continue;
    const mended = mend(scope);
    return { trap, nearest: isGood(mended) ? mended : undefined };
  }
  const parsed = parseNormalizedNamed(scope);
  if (!parsed.ok || parsed.value.name === scope) return { trap: "other", nearest: undefined };
  const { name, tag } = parsed.value;
  const expanded = tag === undefined ? name : `${name}:${tag}`;
  return { trap: "short-name", nearest: isGood(expanded) ? expanded : undefined };
}

const traps: readonly {
  readonly trap: ScopeTrap;
  readonly applies: (scope: string) => boolean;
  readonly mend: (scope: string) => string;
}[] = [
  { trap: "blank", applies: (scope) => /\s/.test(scope), mend: (scope) => scope.trim() },
  { trap: "path", applies: (scope) => /^\.{0,2}\//.test(scope), mend: () => "" },
  { trap: "scheme", applies: (scope) => scope.includes("://"), mend: (scope) => scope.slice(scope.indexOf("://") + 3) },
  { trap: "trailing-slash", applies: (scope) => scope.endsWith("/"), mend: withoutTrailingSlashes },
  { trap: "wildcard", applies: (scope) => scope.includes("*"), mend: beforeWildcard },
  { trap: "upper-case", applies: hasUpperCaseName, mend: withLowerName },
  {
    trap: "alias",
    applies: (scope) => /^index\.docker\.io(?:[/:]|$)/.test(scope),
    mend: (scope) => scope.replace("index.docker.io", "docker.io"),
  },
  {
    trap: "tag-and-digest",
    applies: (scope) => tagBeforeDigest(scope) !== undefined,
    mend: (scope) => {
      const tag = tagBeforeDigest(scope);
      return tag === undefined ? "" : scope.slice(0, tag.from) + scope.slice(tag.to);
    },
  },
];

/** Where a tag stands that a digest follows. Not by a pattern: from each of many colons it would look for the @ anew. */
function tagBeforeDigest(scope: string): { readonly from: number; readonly to: number } | undefined {
  const from = scope.indexOf(":", scope.lastIndexOf("/") + 1);
  const to = from === -1 ? -1 : scope.indexOf("@", from);
  return to === -1 ? undefined : { from, to };
}

function withoutTrailingSlashes(scope: string): string {
  let end = scope.length;
  while (scope[end - 1] === "/") end--;
  return scope.slice(0, end);
}

/** `registry/app:*` and `registry/*` mean all of it, which is what the scope before it says. Others mean less: no guess. */
function beforeWildcard(scope: string): string {
  return /[/:]\*$/.test(scope) ? scope.slice(0, -2) : "";
}

/** What precedes the tag or digest: those may have upper-case letters. */
function nameEnd(scope: string): number {
  const slash = scope.lastIndexOf("/") + 1;
  const end = scope.slice(slash).search(/[:@]/);
  return end === -1 || slash === 0 ? scope.length : slash + end;
}

function hasUpperCaseName(scope: string): boolean {
  return /[A-Z]/.test(scope.slice(0, nameEnd(scope)));
}

function withLowerName(scope: string): string {
  const end = nameEnd(scope);
  return scope.slice(0, end).toLowerCase() + scope.slice(end);
}

function withLowerHost(scope: string): string {
  const slash = scope.indexOf("/");
  return slash === -1 ? scope.toLowerCase() : scope.slice(0, slash).toLowerCase() + scope.slice(slash);
}

/** How a scope of transport docker stands to the next wider one that the policy has. */
export function lintNesting({ transport, scope, requirements }: Section, policy: Policy): Lint | undefined {
  const scopes = transport === "docker" && scope !== "" ? policy.transports.get(transport) : undefined;
  if (scopes === undefined) return undefined;
  const wider = [...widerScopes(scope), ""].find((name) => scopes.has(name));
  const around = wider === undefined ? undefined : scopes.get(wider);
  if (wider === undefined || around === undefined) return undefined;
  const isSame =
    around.length === requirements.length &&
    around.every((requirement, i) => {
      const own = requirements[i];
      return own !== undefined && isSameRequirement(requirement, own);
    });
  if (isSame) return { code: "lint.scope.redundant", wider };
  const isOpen = requirements.every(({ type }) => type === "insecureAcceptAnything");
  const isSigned = around.some(asksForSignature);
  return isOpen && isSigned ? { code: "lint.scope.weaker", wider } : undefined;
}
