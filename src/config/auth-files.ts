import { join } from "node:path";
import { fileExists } from "../host/list-directory.ts";
import { type ConfigEnvironment, homeDirectory } from "./config-files.ts";

/** The environment variables that decide where credentials are. */
export interface AuthEnvironment extends ConfigEnvironment {
  readonly REGISTRY_AUTH_FILE?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
  readonly DOCKER_CONFIG?: string | undefined;
  /** Where credential helpers are looked for. */
  readonly PATH?: string | undefined;
}

/** A file of credentials. */
export interface AuthFile {
  readonly path: string;
  /** As Docker wrote it long ago: hosts alone. */
  readonly isLegacy: boolean;
}

/**
 * The files of containers-auth.json(5), in the order in which they are asked (containers/image: pkg/docker/config `getAuthFilePaths`;
 * `$REGISTRY_AUTH_FILE` is the default of `--authfile` in container-libs: common/pkg/auth `GetDefaultAuthFile`).
 *
 * @param named by `--authfile`: then there is no other.
 * @param userId who really runs this, also inside a user namespace.
 */
export function authFiles(
  named: string | undefined,
  environment: AuthEnvironment,
  userId: number,
): readonly AuthFile[] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME, DOCKER_CONFIG } = environment;
  const only = named || REGISTRY_AUTH_FILE;
  if (only) return [{ path: only, isLegacy: false }];
  const home = homeDirectory(environment) ?? "/";
  return [
    ...(XDG_RUNTIME_DIR && !fileExists(XDG_RUNTIME_DIR)
      ? []
      : [
          {
            path: XDG_RUNTIME_DIR
              ? join(XDG_RUNTIME_DIR, "containers/auth.json")
              : `/run/containers/${userId}/auth.json`,
            isLegacy: false,
          },
        ]),
    { path: join(XDG_CONFIG_HOME || join(home, ".config"), "containers/auth.json"), isLegacy: false },
    { path: DOCKER_CONFIG ? join(DOCKER_CONFIG, "config.json") : join(home, ".docker/config.json"), isLegacy: false },
    { path: join(home, ".dockercfg"), isLegacy: true },
  ];
}
