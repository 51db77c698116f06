import { join } from "node:path";
import { fileExists } from "../host/list-directory.ts";
import { ok, type Result } from "../result.ts";
import {
  type ConfigFilesProblem,
  dropInDirectories,
  findDropIns,
  systemConfigDirectories,
  userConfigDirectory,
} from "./config-files.ts";

/** The environment, all of it: storage.conf may put any variable into its paths. */
export interface StorageEnvironment {
  readonly [name: string]: string | undefined;
  readonly CONTAINERS_STORAGE_CONF?: string | undefined;
  readonly CONTAINERS_STORAGE_CONF_OVERRIDE?: string | undefined;
  readonly _CONTAINERS_ROOTLESS_UID?: string | undefined;
  readonly STORAGE_DRIVER?: string | undefined;
  readonly STORAGE_OPTS?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly XDG_DATA_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/**
 * The files to read, in order; each overrides those before it: one storage.conf, then the files of the directories, of those with the
 * same name the first one found, then `$CONTAINERS_STORAGE_CONF_OVERRIDE` (containers/storage: pkg/configfile/parse.go
 * `getSearchPaths`, `Read`). A file that `$CONTAINERS_STORAGE_CONF` names stands alone but for the last.
 *
 * @param root what `/` is of the system's files.
 */
export function storageConfFiles(
  environment: StorageEnvironment,
  owner: number,
  root: string,
): Result<readonly string[], ConfigFilesProblem> {
  const override = environment.CONTAINERS_STORAGE_CONF_OVERRIDE;
  const last = override === undefined || override === "" ? [] : [override];
  const named = environment.CONTAINERS_STORAGE_CONF;
  if (named !== undefined && named !== "") return ok([named, ...last]);

  const user = userConfigDirectory(environment);
  if (!user.ok) return user;
  const places = [...(user.value === undefined ? [] : [user.value]), ...systemConfigDirectories(root)];
  const main = places.map((place) => join(place, "storage.conf")).find(fileExists);
  const dropIns = findDropIns(dropInDirectories("storage.conf", user.value, owner, root), ".conf");
  return dropIns.ok ? ok([...(main === undefined ? [] : [main]), ...dropIns.value.files, ...last]) : dropIns;
}
