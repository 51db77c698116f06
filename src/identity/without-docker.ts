const registry = "docker://";

/** As people write it: `docker://` is left out, other transports are not. */
export function withoutDocker(identity: string): string {
  return identity.startsWith(registry) ? identity.slice(registry.length) : identity;
}
