import { parsePolicy } from "../policy/parse-policy.ts";
import { trustFilesOf } from "../policy/trust-sources.ts";
import { sectionsOf } from "./walk.ts";

/** The paths of keys and certificates in a policy that begin wherever a program is started, each once. */
export function relativeFiles(bytes: Uint8Array): readonly string[] {
  const policy = parsePolicy(bytes, {});
  if (!policy.ok) return [];
  const files = trustFilesOf(sectionsOf(policy.value).flatMap(({ requirements }) => requirements));
  return files.filter((path) => !path.startsWith("/"));
}
