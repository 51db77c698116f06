import { digestText } from "../encoding/digest.ts";
import type { DockerReference } from "./docker-reference.ts";
import { widerScopes } from "./wider-scopes.ts";

/**
 * The most specific scope of a reference with a tag or a digest, but not both (containers/image: docker/policyconfiguration
 * `DockerReferenceIdentity`; the callers have refused the rest).
 */
export function dockerPolicyIdentity(reference: DockerReference): string {
  if (reference.digest !== undefined) return `${reference.name}@${digestText(reference.digest)}`;
  return reference.tag === undefined ? reference.name : `${reference.name}:${reference.tag}`;
}

/**
 * The wider scopes: the repository, each parent up to `host:port`, then `*.domain` for each parent domain. The wildcards ignore the
 * port, and the host without its port is not looked up on its own (containers/image: docker/policyconfiguration
 * `DockerReferenceNamespaces`).
 */
export function dockerPolicyNamespaces({ name }: DockerReference): readonly string[] {
  return [name, ...widerScopes(name)];
}
