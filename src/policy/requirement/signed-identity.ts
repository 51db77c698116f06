import { isReferenceDomain, isReferenceName, startsWithReferenceDomain } from "../../identity/docker-grammar.ts";
import { type DockerReference, isNameOnly, parseNormalizedNamed } from "../../identity/docker-reference.ts";
import { assertNever } from "../../result.ts";
import type { SignedIdentity } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { readNonEmptyString } from "../reader/read-value.ts";
import { keys, readFields, readObject, type StrictObject } from "../reader/strict-object.ts";
import { readType, typeOnly } from "../reader/type-key.ts";
import type { Member, Value } from "../reader/value.ts";

const signedIdentityTypes = [
  "matchExact",
  "matchRepoDigestOrExact",
  "matchRepository",
  "exactReference",
  "exactRepository",
  "remapIdentity",
] as const;

const exactReferenceKeys = keys(["type", "dockerReference"]);
const exactRepositoryKeys = keys(["type", "dockerRepository"]);
const remapIdentityKeys = keys(["type", "prefix", "signedPrefix"]);

/** What holds where a requirement has no `signedIdentity` (containers-policy.json(5)); null is not the same as none. */
export const defaultSignedIdentity: SignedIdentity = { type: "matchRepoDigestOrExact" };

/** REFERENCE: signature/policy_config.go `newPolicyReferenceMatchFromJSON`. */
export function readSignedIdentity(problems: ProblemList, value: Value): SignedIdentity | undefined {
  const object = readObject(problems, value);
  if (object === undefined) return undefined;
  const type = readType(problems, object, signedIdentityTypes);
  switch (type) {
    case undefined:
      return undefined;
    case "matchExact":
    case "matchRepoDigestOrExact":
    case "matchRepository":
      readFields(problems, object, typeOnly);
      return { type };
    case "exactReference":
      return readExactReference(problems, object);
    case "exactRepository":
      return readExactRepository(problems, object);
    case "remapIdentity":
      return readRemapIdentity(problems, object);
    default:
      return assertNever(type);
  }
}

function readExactReference(problems: ProblemList, object: StrictObject): SignedIdentity | undefined {
  const member = readFields(problems, object, exactReferenceKeys).get("dockerReference");
  const dockerReference =
    member &&
    readDockerReference(problems, member, (parsed) => (isNameOnly(parsed) ? "tag-or-digest-missing" : undefined));
  return dockerReference && { type: "exactReference", dockerReference };
}

/** A tag or digest is allowed, and means nothing. */
function readExactRepository(problems: ProblemList, object: StrictObject): SignedIdentity | undefined {
  const member = readFields(problems, object, exactRepositoryKeys).get("dockerRepository");
  const dockerRepository = member && readDockerReference(problems, member);
  return dockerRepository && { type: "exactRepository", dockerRepository };
}

function readRemapIdentity(problems: ProblemList, object: StrictObject): SignedIdentity | undefined {
  const fields = readFields(problems, object, remapIdentityKeys);
  const prefix = readPrefix(problems, fields.get("prefix"));
  const signedPrefix = readPrefix(problems, fields.get("signedPrefix"));
  if (prefix === undefined || signedPrefix === undefined) return undefined;
  return { type: "remapIdentity", prefix, signedPrefix };
}

function readDockerReference(
  problems: ProblemList,
  member: Member,
  flawOf: (parsed: DockerReference) => string | undefined = () => undefined,
): DockerReference | undefined {
  const value = readNonEmptyString(problems, member);
  if (value === undefined) return undefined;
  const parsed = parseNormalizedNamed(value);
  const flaw = parsed.ok ? flawOf(parsed.value) : parsed.problem.flaw;
  if (flaw !== undefined) problems.add(member, { code: "policy.value.reference", value, flaw });
  return parsed.ok ? parsed.value : undefined;
}

/**
 * A host, or a host and a repository or the beginning of one. Short names pass as hosts, and never match
 * (REFERENCE: signature/policy_config.go `validateIdentityRemappingPrefix`).
 */
function readPrefix(problems: ProblemList, member: Member | undefined): string | undefined {
  if (member === undefined) return undefined;
  const value = readNonEmptyString(problems, member);
  if (value === undefined) return undefined;
  if (isReferenceDomain(value) || (isReferenceName(value) && startsWithReferenceDomain(value))) return value;
  return problems.add(member, { code: "policy.value.prefix", value });
}
