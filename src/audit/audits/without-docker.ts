const registry = "docker://";

/** As an audit has a reference. */
export function withoutDocker(identity: string): string {
  return identity.startsWith(registry) ? identity.slice(registry.length) : identity;
}
