import { isAbsolute, join } from "node:path";
import { readBoundedFile } from "../host/bounded-file.ts";
import { listFiles } from "../host/list-directory.ts";
import { reasonOf } from "../host/system-error.ts";
import { homeOfUser } from "../host/user.ts";
import { maxDropInFiles } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";

/** The environment variables that decide where a user's settings are. */
export interface ConfigEnvironment {
  readonly _CONTAINERS_ROOTLESS_UID?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/** A directory of settings that cannot be listed, or a path that cannot be meant. */
export interface ConfigFilesProblem {
  readonly path: string;
  readonly reason: string;
  readonly isUnreadable?: boolean;
}

/** Where the settings of this machine are: `/etc/containers` before what the distribution ships. */
export function systemConfigDirectories(root: string): readonly string[] {
  return [join(root, "etc/containers"), join(root, "usr/share/containers")];
}

/** containers/storage: pkg/unshare `GetRootlessUID`; `podman unshare` sets the variable inside. */
export function rootlessId({ _CONTAINERS_ROOTLESS_UID }: ConfigEnvironment, userId: number): number {
  const outside = _CONTAINERS_ROOTLESS_UID;
  return outside !== undefined && /^[0-9]{1,10}$/.test(outside) ? Number(outside) : userId;
}

/** `$HOME`, or what passwd(5) says (containers/storage: pkg/unshare `HomeDir`). */
export function homeDirectory({ HOME }: ConfigEnvironment): string | undefined {
  return HOME === undefined || HOME === "" ? homeOfUser() : HOME;
}

/**
 * Where the settings of the user are, if they have a home (containers/storage: pkg/configfile/path_unix.go `UserConfigPath`). A relative path
 * is refused: what it means depends on where one stands.
 */
export function userConfigDirectory(environment: ConfigEnvironment): Result<string | undefined, ConfigFilesProblem> {
  const config = environment.XDG_CONFIG_HOME;
  const home = homeDirectory(environment);
  const ofHome = home === undefined ? undefined : join(home, ".config", "containers");
  const directory = config !== undefined && config !== "" ? join(config, "containers") : ofHome;
  if (directory === undefined || isAbsolute(directory)) return ok(directory);
  return fail({ path: directory, reason: "HOME or XDG_CONFIG_HOME is not an absolute path" });
}

/**
 * The directories of drop-ins, those that win first (containers/storage: pkg/configfile/parse.go `getDropInPaths`).
 *
 * @param name of the settings: `storage.conf`, or `registries`.
 * @param owner who runs this, outside of a user namespace.
 * @param root what `/` is of the system's files.
 */
export function dropInDirectories(
  name: string,
  user: string | undefined,
  owner: number,
  root: string,
): readonly string[] {
  const { stem = "", extension = "" } = /^(?<stem>[^.]*)(?<extension>.*)$/.exec(name)?.groups ?? {};
  const special =
    owner === 0
      ? [`${stem}.rootful${extension}.d`]
      : [`${stem}.rootless${extension}.d/${owner}`, `${stem}.rootless${extension}.d`];
  const ofSystem = systemConfigDirectories(root).flatMap((place) =>
    [...special, `${name}.d`].map((directory) => join(place, directory)),
  );
  return user === undefined ? ofSystem : [join(user, `${name}.d`), ...ofSystem];
}

/** Drop-ins in the order in which they are read. */
export interface DropIns {
  readonly files: readonly string[];
  /** The directories that do not exist. */
  readonly missing: readonly string[];
  /** Files whose names end otherwise, in no order. */
  readonly others: readonly string[];
}

/**
 * The files of these directories, by their names; of those with the same name, the one of the first directory (containers/storage:
 * pkg/configfile/parse.go `readDropInsFromPaths`).
 */
export function findDropIns(directories: readonly string[], suffix: `.${string}`): Result<DropIns, ConfigFilesProblem> {
  const byName = new Map<string, string>();
  const missing: string[] = [];
  const others: string[] = [];
  for (const directory of directories.toReversed()) {
    const listed = listFiles(directory);
    if (!listed.ok) {
      if (listed.problem.errno !== "ENOENT") {
        return fail({ path: directory, reason: reasonOf(listed.problem.errno), isUnreadable: true });
      }
      missing.push(directory);
      continue;
    }
    for (const name of listed.value) {
      if (name.endsWith(suffix)) byName.set(name, join(directory, name));
      else others.push(join(directory, name));
    }
    if (byName.size > maxDropInFiles) return fail({ path: directory, reason: `more than ${maxDropInFiles} files` });
  }
  // Both runtimes put U+FFFD for what is not UTF-8, and so another file would be looked for.
  const garbled = [...byName].find(([name]) => name.includes("\ufffd"));
  if (garbled !== undefined) return fail({ path: garbled[1], reason: "its name is not UTF-8" });
  const inOrder = [...byName].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  return ok({ files: inOrder.map(([, path]) => path), missing, others });
}

/** The whole of a file of settings; `undefined` if there is none. */
export function readConfigFile(path: string, maxBytes: number): Result<Uint8Array | undefined, string> {
  const content = readBoundedFile(path, { maxBytes, followLinks: true });
  if (content.ok) return content;
  const { problem } = content;
  if (problem.kind === "missing") return ok(undefined);
  if (problem.kind === "too-large") return fail(`larger than ${maxBytes} bytes`);
  return fail(problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file");
}
