import {
  type DockerReference,
  isNameOnly,
  parseNamed,
  parseNormalizedNamed,
  referenceText,
} from "../identity/docker-reference.ts";
import type { SignedIdentity } from "../policy/policy.ts";
import { assertNever } from "../result.ts";

/** The rule of `standalone-verify`: equal once normalized, be it a name alone. containers/image: signature/docker.go. */
interface SameReference {
  readonly type: "sameReference";
  readonly dockerReference: DockerReference;
}

export type ReferenceRule = SignedIdentity | SameReference;

/**
 * Whether a signature for `signedReference` is good for an image of `identity`: the signedIdentity rules of
 * containers-policy.json(5), as signature/policy_reference_match.go decides them. A reference that cannot be parsed
 * matches nothing, and neither does an identity without one, but for exactReference and exactRepository.
 *
 * @param signedReference as the signature has it; it is normalized here (`busybox` is docker.io/library/busybox)
 */
export function matchesSignedIdentity(
  rule: ReferenceRule,
  { identity, signedReference }: { readonly identity: DockerReference | undefined; readonly signedReference: string },
): boolean {
  const parsed = parseNormalizedNamed(signedReference);
  if (!parsed.ok) return false;
  const signed = parsed.value;
  switch (rule.type) {
    case "matchExact":
      return identity !== undefined && isSameReference(identity, signed);
    case "matchRepoDigestOrExact":
      return identity !== undefined && matchesRepoDigestOrExact(identity, signed);
    case "matchRepository":
      return identity !== undefined && signed.name === identity.name;
    case "exactReference":
      return isSameReference(rule.dockerReference, signed);
    case "sameReference":
      return referenceText(rule.dockerReference) === referenceText(signed);
    case "exactRepository":
      return signed.name === rule.dockerRepository.name;
    case "remapIdentity": {
      const remapped = identity && remap(identity, rule);
      return remapped !== undefined && matchesRepoDigestOrExact(remapped, signed);
    }
    default:
      return assertNever(rule);
  }
}

/** No default tags are added: both must have a tag or digest of their own. */
function isSameReference(intended: DockerReference, signed: DockerReference): boolean {
  return !isNameOnly(intended) && !isNameOnly(signed) && referenceText(signed) === referenceText(intended);
}

/**
 * With a tag, the references must be equal. With only a digest, any signed tag or digest of the repository will do:
 * the manifest has that digest (judge.ts), and the signature is for that manifest.
 */
function matchesRepoDigestOrExact(intended: DockerReference, signed: DockerReference): boolean {
  if (isNameOnly(signed)) return false;
  if (intended.tag !== undefined) return referenceText(signed) === referenceText(intended);
  if (intended.digest !== undefined) return signed.name === intended.name;
  return false;
}

/**
 * The reference that a signature must be for where `rule` holds; `undefined` if none can be. Only whole path components match a
 * prefix, and what comes out must be a canonical reference.
 */
export function remap(
  identity: DockerReference,
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
): DockerReference | undefined {
  const { name } = identity;
  if (name !== prefix && !name.startsWith(`${prefix}/`)) return identity;
  const renamed = parseNamed(signedPrefix + referenceText(identity).slice(prefix.length));
  return renamed.ok ? renamed.value : undefined;
}
