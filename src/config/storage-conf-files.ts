import { isAbsolute, join } from "node:path";
import { fileExists, listFiles } from "../host/list-directory.ts";
import { reasonOf } from "../host/system-error.ts";
import { homeOfUser } from "../host/user.ts";
import { fail, ok, type Result } from "../result.ts";

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

/** A directory of files that cannot be listed, or a path that cannot be meant. */
interface FilesProblem {
  readonly path: string;
  readonly reason: string;
  readonly isUnreadable?: boolean;
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
): Result<readonly string[], FilesProblem> {
  const override = environment.CONTAINERS_STORAGE_CONF_OVERRIDE;
  const last = override === undefined || override === "" ? [] : [override];
  const named = environment.CONTAINERS_STORAGE_CONF;
  if (named !== undefined && named !== "") return ok([named, ...last]);

  const user = userDirectory(environment);
  if (user !== undefined && !isAbsolute(user)) {
    return fail({ path: user, reason: "HOME or XDG_CONFIG_HOME is not an absolute path" });
  }
  const system = [join(root, "etc/containers"), join(root, "usr/share/containers")];
  const places = [...(user === undefined ? [] : [user]), ...system];
  const main = places.map((place) => join(place, "storage.conf")).find(fileExists);
  const dropIns = dropInFiles([
    ...(user === undefined ? [] : [join(user, "storage.conf.d")]),
    ...system.flatMap((place) => dropInDirectories(place, owner)),
  ]);
  return dropIns.ok ? ok([...(main === undefined ? [] : [main]), ...dropIns.value, ...last]) : dropIns;
}

/** containers/storage: pkg/unshare `GetRootlessUID`, of which the variable is set inside `podman unshare`. */
export function rootlessId(environment: StorageEnvironment, userId: number): number {
  const outside = environment._CONTAINERS_ROOTLESS_UID;
  return outside !== undefined && /^[0-9]{1,10}$/.test(outside) ? Number(outside) : userId;
}

export function homeDirectory({ HOME }: StorageEnvironment): string | undefined {
  return HOME === undefined || HOME === "" ? homeOfUser() : HOME;
}

function userDirectory(environment: StorageEnvironment): string | undefined {
  const config = environment.XDG_CONFIG_HOME;
  if (config !== undefined && config !== "") return join(config, "containers");
  const home = homeDirectory(environment);
  return home === undefined ? undefined : join(home, ".config", "containers");
}

/** containers/storage: pkg/configfile/parse.go `getDropInPathsUnderMain`. */
function dropInDirectories(place: string, owner: number): readonly string[] {
  const special = owner === 0 ? ["rootful.conf.d"] : [`rootless.conf.d/${owner}`, "rootless.conf.d"];
  return [...special.map((name) => join(place, `storage.${name}`)), join(place, "storage.conf.d")];
}

function dropInFiles(directories: readonly string[]): Result<readonly string[], FilesProblem> {
  const byName = new Map<string, string>();
  for (const directory of directories.toReversed()) {
    const listed = listFiles(directory);
    if (!listed.ok) {
      if (listed.problem.errno === "ENOENT") continue;
      return fail({ path: directory, reason: reasonOf(listed.problem.errno), isUnreadable: true });
    }
    for (const name of listed.value) if (name.endsWith(".conf")) byName.set(name, join(directory, name));
  }
  return ok([...byName].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, path]) => path));
}
