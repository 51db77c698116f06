import { type DockerReference, isNameOnly, parseNormalizedNamed } from "../identity/docker-reference.ts";
import type { SignedIdentity } from "../policy/policy.ts";
import { assertNever } from "../result.ts";
import type { IdentityMismatch, MismatchCause } from "../verdict/identity-mismatch.ts";
import { matchesSignedIdentity, type ReferenceRule, remap } from "./signed-identity.ts";
import { signableNames } from "./signed-names.ts";

/** Called for what {@link matchesSignedIdentity} refuses. */
export function identityMismatch(
  rule: ReferenceRule,
  names: { readonly identity: DockerReference | undefined; readonly signedReference: string },
): IdentityMismatch {
  const { identity, signedReference } = names;
  const known = { wanted: signableNames(rule, identity), remap: remapState(rule, identity) };
  const parsed = parseNormalizedNamed(signedReference);
  if (!parsed.ok) return { ...known, cause: { kind: "no-reference", flaw: parsed.problem }, remedy: undefined };
  const aim = aimOf(rule, identity);
  if (aim === undefined) return { ...known, cause: { kind: "nameless-image" }, remedy: undefined };
  const cause = difference(parsed.value, aim);
  const remedies = identity === undefined ? [] : remediesFor(rule, { cause, identity, signed: parsed.value });
  return { ...known, cause, remedy: remedies.find((remedy) => matchesSignedIdentity(remedy, names)) };
}

/** The reference that a signature is compared with, whole or in part. */
function aimOf(rule: ReferenceRule, identity: DockerReference | undefined): DockerReference | undefined {
  switch (rule.type) {
    case "exactReference":
    case "sameReference":
      return rule.dockerReference;
    case "exactRepository":
      return rule.dockerRepository;
    case "remapIdentity":
      return identity && (remap(identity, rule) ?? identity);
    case "matchExact":
    case "matchRepoDigestOrExact":
    case "matchRepository":
      return identity;
    default:
      return assertNever(rule);
  }
}

function remapState(rule: ReferenceRule, identity: DockerReference | undefined): IdentityMismatch["remap"] {
  if (rule.type !== "remapIdentity" || identity === undefined) return undefined;
  const remapped = remap(identity, rule);
  if (remapped === undefined) return "impossible";
  return remapped === identity ? "not-applied" : "applied";
}

function difference(signed: DockerReference, aim: DockerReference): MismatchCause {
  if (signed.name !== aim.name) return { kind: signed.domain === aim.domain ? "other-repository" : "other-host" };
  if (isNameOnly(signed)) return { kind: "no-tag" };
  return signed.tag === undefined ? { kind: "by-digest" } : { kind: "other-tag", signedTag: signed.tag };
}

/** Rules that may have been meant, the strictest first. Not each of them need match. */
function remediesFor(
  rule: ReferenceRule,
  {
    cause,
    identity,
    signed,
  }: { readonly cause: MismatchCause; readonly identity: DockerReference; readonly signed: DockerReference },
): readonly SignedIdentity[] {
  // There is no policy whose rule could be another one.
  if (rule.type === "sameReference") return [];
  const repository: SignedIdentity = { type: "exactRepository", dockerRepository: nameOnly(signed) };
  if (signed.name === identity.name) return [{ type: "matchRepoDigestOrExact" }, { type: "matchRepository" }];
  if (cause.kind === "no-tag" || cause.kind === "by-digest") return [repository];
  // Of a fixed name nobody can say what it should be; another tag is another image, whatever it is called here.
  if (rule.type === "exactReference" || rule.type === "exactRepository" || cause.kind === "other-tag") return [];
  const mirrored = mirrorRule(identity, signed);
  return mirrored === undefined ? [] : [mirrored, ...(isNameOnly(signed) ? [repository] : [])];
}

function nameOnly({ domain, path, name }: DockerReference): DockerReference {
  return { domain, path, name };
}

/** For an image that goes by the same name in another place: what is before their common end is what a mirror replaces. */
function mirrorRule(identity: DockerReference, signed: DockerReference): SignedIdentity | undefined {
  // Without a host, the reference takes no prefix (policy/signed-identity.ts).
  if (identity.domain === "" || signed.domain === "") return undefined;
  const here = identity.name.split("/");
  const there = signed.name.split("/");
  let common = 0;
  while (common + 1 < Math.min(here.length, there.length) && here.at(-1 - common) === there.at(-1 - common)) common++;
  if (common === 0) return undefined;
  const before = (parts: readonly string[]): string => parts.slice(0, parts.length - common).join("/");
  return { type: "remapIdentity", prefix: before(here), signedPrefix: before(there) };
}
