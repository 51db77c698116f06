import { isReferenceDomain } from "../identity/docker-grammar.ts";
import { isNameOnly, parseNormalizedNamed, referenceText } from "../identity/docker-reference.ts";
import { transportNamed } from "../identity/transports.ts";
import { widerScopes } from "../identity/wider-scopes.ts";
import { asksForSignature, type Requirement, type SignedIdentity } from "../policy/policy.ts";
import type { JsonPath } from "../policy/problem.ts";
import type { Lint } from "./findings.ts";
import { lintSubjects } from "./lint-subject.ts";
import type { Places } from "./places.ts";
import type { Section } from "./walk.ts";

/** Reports at a value of the policy, by its path from the root. */
export type Report = (lint: Lint, path: JsonPath) => void;

/** What one requirement says, apart from its keys. */
export function lintRequirement(
  requirement: Requirement,
  { section, path, places, report }: { section: Section; path: JsonPath; places: Places; report: Report },
): void {
  const { type } = requirement;
  if ((type === "reject" || type === "insecureAcceptAnything") && section.requirements.length > 1) {
    report({ code: "lint.requirement.pointless", type }, path);
  }
  const all = allNeeded(requirement, section);
  if (all !== undefined) report(all, path);
  if (type === "signedBaseLayer") report({ code: "lint.requirement.unsupported", type }, path);
  if (!asksForSignature(requirement)) return;

  const identityPath = [...path, "signedIdentity"];
  const isWritten = places.node(identityPath) !== undefined;
  for (const lint of lintIdentity(requirement.signedIdentity, section)) report(lint, isWritten ? identityPath : path);
  if (type !== "sigstoreSigned") return;
  if (!isWritten && hasReferences(section.transport)) report({ code: "lint.identity.by-digest" }, path);
  if (requirement.signedIdentity.type === "remapIdentity") {
    report({ code: "lint.identity.remap-by-digest" }, identityPath);
  }
  for (const { lint, field } of lintSubjects(requirement.trust)) report(lint, [...path, ...field]);
  for (const field of ["rekorPublicKeyPath", "rekorPublicKeyData"]) {
    const node = places.node([...path, field]);
    const isUnset = node?.kind === "null" || (node?.kind === "string" && node.value === "");
    if (isUnset && requirement.rekor === undefined) report({ code: "lint.rekor.off", field }, [...path, field]);
  }
}

/**
 * Whether a requirement is one too many, if what was meant is "one of these": the same but for the keys, or the other kind of
 * signature. Two people who have to sign both write just that, so it may well be meant. Said once, of the second.
 */
function allNeeded(requirement: Requirement, { requirements }: Section): Lint | undefined {
  const signed = requirements.filter(asksForSignature);
  if (signed[1] !== requirement) return undefined;
  const isOneKind = signed.every(({ type }) => type === requirement.type);
  return { code: "lint.requirement.all-needed", why: isOneKind ? "keys" : "kinds", type: requirement.type };
}

/** Where images have none, matchExact and the like refuse them all. Of a transport that is not known, nothing is. */
function hasReferences(transport: string | undefined): boolean {
  return transport === undefined || transportNamed(transport)?.hasDockerReferences !== false;
}

function* lintIdentity(identity: SignedIdentity, section: Section): Generator<Lint> {
  const isByName = identity.type !== "exactReference" && identity.type !== "exactRepository";
  if (isByName && !hasReferences(section.transport)) {
    yield { code: "lint.identity.none", transport: section.transport ?? "" };
    return;
  }
  switch (identity.type) {
    case "matchExact":
      yield { code: section.scope.includes("@") ? "lint.identity.exact-digest" : "lint.identity.exact" };
      return;
    case "exactRepository":
      if (!isNameOnly(identity.dockerRepository)) {
        yield { code: "lint.identity.tag-ignored", repository: referenceText(identity.dockerRepository) };
      }
      return;
    case "remapIdentity": {
      const { prefix, signedPrefix } = identity;
      const why = prefix === signedPrefix ? "same" : remapTrap(prefix, section);
      if (why !== undefined) yield { code: "lint.identity.remaps-nothing", prefix, why, scope: section.scope };
    }
  }
}

/** Only whole components of the full name of an image match a prefix, so it and the scope must be about the same images. */
function remapTrap(prefix: string, { transport, scope }: Section): "outside" | "short-name" | undefined {
  // As the reference takes names apart: what is no host is a repository of docker.io, under its full name.
  const example = parseNormalizedNamed(`${prefix}/x`);
  if (!example.ok || !`${example.value.name}/`.startsWith(`${prefix}/`)) return "short-name";
  if (transport === undefined || scope === "") return undefined;
  const wider = widerScopes(prefix);
  const bareScope = widerScopes(scope);
  const isInside = prefix === scope || bareScope.includes(prefix) || wider.includes(scope);
  if (isInside) return undefined;
  // A wildcard scope, and a prefix of a host below it.
  const host = prefix.split("/", 1)[0] ?? "";
  return scope.startsWith("*.") && isReferenceDomain(host) && wider.includes(scope) ? undefined : "outside";
}
