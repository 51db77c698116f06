import { join } from "node:path";
import { isMissing } from "../host/list-directory.ts";
import { type ConfigEnvironment, homeDirectory } from "./config-files.ts";

/** The environment, all of it: a credential helper gets it. */
export interface CredentialsEnvironment extends ConfigEnvironment {
  /** All of it, which a credential helper is given. */
  readonly [name: string]: string | undefined;
  readonly REGISTRY_AUTH_FILE?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
  readonly DOCKER_CONFIG?: string | undefined;
  readonly PATH?: string | undefined;
}

/** A file that may hold credentials. */
export interface CredentialsPlace {
  readonly path: string;
  /** `~/.dockercfg`: the entries alone, with addresses for keys. */
  readonly isLegacy: boolean;
  /** Somebody named this very file; the path of another must be absolute, as what it means would depend on where one stands. */
  readonly isNamed: boolean;
}

/**
 * The files in order, of which the first that knows the registry counts: the one that was named, by an option or by
 * `$REGISTRY_AUTH_FILE`, alone; else containers-auth.json(5) (image/v5: pkg/docker/config `getAuthFilePaths`, `getPathToAuth`).
 */
export function credentialsPlaces(
  authFile: string | undefined,
  environment: CredentialsEnvironment,
  userId: number,
): readonly CredentialsPlace[] {
  const named = authFile || environment.REGISTRY_AUTH_FILE;
  if (named) return [{ path: named, isLegacy: false, isNamed: true }];
  const home = homeDirectory(environment);
  const atHome = (...parts: readonly string[]) => (home === undefined ? [] : [join(home, ...parts)]);
  const { XDG_CONFIG_HOME, DOCKER_CONFIG } = environment;
  const paths = [
    ...runtimeFile(environment, userId),
    ...(XDG_CONFIG_HOME
      ? [join(XDG_CONFIG_HOME, "containers", "auth.json")]
      : atHome(".config", "containers", "auth.json")),
    ...(DOCKER_CONFIG ? [join(DOCKER_CONFIG, "config.json")] : atHome(".docker", "config.json")),
  ];
  return [
    ...paths.map((path) => ({ path, isLegacy: false, isNamed: false })),
    ...atHome(".dockercfg").map((path) => ({ path, isLegacy: true, isNamed: false })),
  ];
}

/** A directory that is named and not there is passed over, with those that would be there without the name. */
function runtimeFile({ XDG_RUNTIME_DIR }: CredentialsEnvironment, userId: number): readonly string[] {
  if (!XDG_RUNTIME_DIR) return [`/run/containers/${userId}/auth.json`];
  return isMissing(XDG_RUNTIME_DIR) ? [] : [join(XDG_RUNTIME_DIR, "containers", "auth.json")];
}
