import { parsePolicy } from "../policy/parse-policy.ts";
import type { Requirement, TrustSource } from "../policy/policy.ts";
import { sectionsOf } from "./walk.ts";

/** The paths of keys and certificates in a policy that begin wherever a program is started, each once. */
export function relativeFiles(bytes: Uint8Array): readonly string[] {
  const policy = parsePolicy(bytes, {});
  if (!policy.ok) return [];
  const sources = sectionsOf(policy.value).flatMap(({ requirements }) => requirements.flatMap(sourcesOf));
  const paths = sources.flatMap((source) => (source.kind === "paths" ? source.paths : []));
  return [...new Set(paths.filter((path) => !path.startsWith("/")))];
}

function sourcesOf(requirement: Requirement): readonly TrustSource[] {
  if (requirement.type === "signedBy") return [requirement.keys];
  if (requirement.type !== "sigstoreSigned") return [];
  const { trust, rekor } = requirement;
  const logs = rekor === undefined ? [] : [rekor];
  switch (trust.kind) {
    case "keys":
      return [trust.keys, ...logs];
    case "fulcio":
      return [trust.ca, ...logs];
    case "pki":
      return [trust.roots, ...(trust.intermediates === undefined ? [] : [trust.intermediates])];
  }
}
