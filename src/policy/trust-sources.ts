import type { Requirement, TrustSource } from "./policy.ts";

/** All that a requirement names as keys or certificates. */
function trustSourcesOf(requirement: Requirement): readonly TrustSource[] {
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
      return [trust.roots, ...(trust.intermediates === undefined ? [] : [trust.intermediates]), ...logs];
  }
}

/** The files that requirements name, each once. */
export function trustFilesOf(requirements: readonly Requirement[]): readonly string[] {
  const sources = requirements.flatMap(trustSourcesOf);
  return [...new Set(sources.flatMap((source) => (source.kind === "paths" ? source.paths : [])))];
}
