import { type DockerReference, parseNamed, referenceText } from "../identity/docker-reference.ts";
import type { AccessFailure, ConfigProblem } from "../image/access-problem.ts";
import { fail, ok, type Result } from "../result.ts";
import type { RegistriesConf } from "./registries-conf.ts";
import { isWildcard, type Mirror, type RegistryRule } from "./registries-conf-text.ts";

/** A place where an image may be. */
export interface Location {
  /** What is asked for there: lookaside, credentials and certificates go by this name, the policy by the user's. */
  readonly reference: DockerReference;
  /** Of this place alone; `--tls-verify` overrules it. */
  readonly isInsecure: boolean;
  readonly isMirror: boolean;
  /** Sent along as the parameter `ns` of every request. */
  readonly namespaceProxy?: string;
  /** Why nothing is asked there. Its turn fails with this, and then it is the next one's. */
  readonly refusal?: AccessFailure | ConfigProblem;
}

/**
 * Where an image is looked for, in this order: the mirrors that are for it, then its registry, or the place that registries.conf gives
 * instead. A name that makes no sense at one of them is an error of all, before anything is asked (containers/image:
 * docker/docker_image_src.go `newImageSource`; pkg/sysregistriesv2 `PullSourcesFromReference`, `rewriteReference`).
 *
 * @param reference with a tag or a digest.
 */
export function locationsOf(
  conf: RegistriesConf,
  reference: DockerReference,
): Result<readonly Location[], ConfigProblem> {
  const rule = findRule(conf, reference.name);
  if (rule === undefined) return ok([{ reference, isInsecure: false, isMirror: false }]);
  const locations: Location[] = [];
  for (const endpoint of [...mirrorsFor(rule, reference), rule]) {
    const accessed = rewrite(reference, rule, endpoint.location);
    if (!accessed.ok) return accessed;
    const { isInsecure, namespaceProxy } = endpoint;
    const refusal = refusalOf(conf, accessed.value, rule.file);
    locations.push({
      reference: accessed.value,
      isInsecure,
      isMirror: endpoint !== rule,
      ...(namespaceProxy === "" ? {} : { namespaceProxy }),
      ...(refusal === undefined ? {} : { refusal }),
    });
  }
  return ok(locations);
}

/** The rule with the longest prefix, of equally long ones the first (`findRegistryWithParsedConfig`). */
function findRule({ rules }: RegistriesConf, name: string): RegistryRule | undefined {
  let found: RegistryRule | undefined;
  for (const rule of rules) {
    const isLonger = found === undefined || rule.prefix.length > found.prefix.length;
    if (isLonger && matchedLength(name, rule.prefix) !== undefined) found = rule;
  }
  return found;
}

/**
 * How much of a reference a prefix stands for. The host `example.com` is a prefix of `example.com:8443` too, and of a wildcard's domain only
 * the first place in the name counts (`refMatchingPrefix`, `refMatchingSubdomainPrefix`).
 */
function matchedLength(text: string, prefix: string): number | undefined {
  const suffix = prefix.slice(1);
  const start = isWildcard(prefix) ? text.indexOf(suffix) : 0;
  if (start === -1 || text.slice(0, start).includes("/")) return undefined;
  if (!isWildcard(prefix) && !text.startsWith(prefix)) return undefined;
  const end = isWildcard(prefix) ? start + suffix.length : prefix.length;
  return end === text.length || ":/@".includes(text.charAt(end)) ? end : undefined;
}

function mirrorsFor({ mirrors, mirrorByDigestOnly }: RegistryRule, { digest }: DockerReference): readonly Mirror[] {
  const isByDigest = digest !== undefined;
  if (mirrorByDigestOnly) return isByDigest ? mirrors : [];
  return mirrors.filter(({ pullFromMirror }) => pullFromMirror !== (isByDigest ? "tag-only" : "digest-only"));
}

function rewrite(
  reference: DockerReference,
  rule: RegistryRule,
  location: string,
): Result<DockerReference, ConfigProblem> {
  if (location === "") return ok(reference);
  const text = referenceText(reference);
  const rewritten = location + text.slice(matchedLength(text, rule.prefix));
  const parsed = parseNamed(rewritten);
  if (parsed.ok) return parsed;
  // Whoever takes it for a URL may have written a password into it.
  const shown = rewritten.replace(/^.*@(?!sha\d+:)/s, "xxxxx@");
  const reason = `${text} would be at ${shown}, which is not the name of an image`;
  return fail({ code: "config.location.invalid", path: rule.file, reason });
}

/**
 * A registry is blocked by the name that it is accessed by (docker/docker_client.go `newDockerClient`), and only when its turn comes; so with
 * a location that has a tag, for an image that is named by its digest (docker/docker_transport.go `newReference`).
 */
function refusalOf(
  conf: RegistriesConf,
  accessed: DockerReference,
  file: string,
): AccessFailure | ConfigProblem | undefined {
  if (accessed.tag !== undefined && accessed.digest !== undefined) {
    const reason = `${referenceText(accessed)} has both a tag and a digest`;
    return { code: "config.location.invalid", path: file, reason };
  }
  const rule = findRule(conf, accessed.name);
  return rule?.isBlocked === true ? { code: "source.blocked", from: rule.prefix } : undefined;
}
