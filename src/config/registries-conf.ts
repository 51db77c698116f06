import { join } from "node:path";
import { readOperandFile } from "../host/operand-file.ts";
import { effectiveUserId } from "../host/user.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { maxRegistriesConfBytes, maxRegistryEndpoints } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  type ConfigEnvironment,
  type ConfigFilesProblem,
  dropInDirectories,
  findDropIns,
  readConfigFile,
  rootlessId,
  systemConfigDirectories,
  userConfigDirectory,
} from "./config-files.ts";
import { type RegistryRule, readRegistriesConfText } from "./registries-conf-text.ts";

/** What containers-registries.conf(5) says, all its files together. */
export interface RegistriesConf {
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** In the order of their prefixes, of which each is there once. */
  readonly rules: readonly RegistryRule[];
  /** Who is asked for credentials, in order: helpers, or `containers-auth.json` for the files of containers-auth.json(5). */
  readonly credentialHelpers: readonly string[];
}

/** The environment variables that decide where registries.conf is. */
export interface RegistriesConfEnvironment extends ConfigEnvironment {
  readonly CONTAINERS_REGISTRIES_CONF?: string | undefined;
  readonly CONTAINERS_REGISTRIES_CONF_OVERRIDE?: string | undefined;
}

/** The name among the credential helpers that means the files (containers/image: pkg/sysregistriesv2 `AuthenticationFileHelper`). */
const authenticationFile = "containers-auth.json";

/**
 * Reads registries.conf, then what is merged into it: one file, the first of the one that is named, the user's, the system's and the
 * distribution's; then the files of registries.conf.d, also where the file was named; then `$CONTAINERS_REGISTRIES_CONF_OVERRIDE`.
 * `$CONTAINERS_REGISTRIES_CONF` names a file in place of the first, and then there are no drop-ins (containers/storage:
 * pkg/configfile/parse.go `getSearchPaths`, `Read`; containers/image: pkg/sysregistriesv2 `tryUpdatingCache`).
 *
 * Stricter on purpose: a relative HOME or XDG_CONFIG_HOME is refused, an empty one is as good as none.
 *
 * @param path the file that was asked for by name; it must be there.
 * @param userId who runs this; inside `podman unshare` the environment says who that is outside.
 * @param root what `/` is of the system's files.
 */
export async function readRegistriesConf(
  path: string | undefined,
  environment: RegistriesConfEnvironment,
  userId: number = effectiveUserId(),
  root = "/",
): Promise<Result<RegistriesConf, ConfigProblem>> {
  const sources = findSources(path, environment, rootlessId(environment, userId), root);
  if (!sources.ok) return sources;
  const merged = new Merged();
  for (const source of sources.value) {
    const found = readFirst(source);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const problem = await merged.add(found.value);
    if (problem !== undefined) return fail(problem);
  }
  return ok(merged.result());
}

/** Files of which the first that is there is read. */
interface Source {
  readonly paths: readonly string[];
  /** As it was asked for by name. */
  readonly mustExist: boolean;
}

interface Content {
  readonly file: string;
  readonly bytes: Uint8Array;
}

function findSources(
  path: string | undefined,
  environment: RegistriesConfEnvironment,
  owner: number,
  root: string,
): Result<readonly Source[], ConfigProblem> {
  const asked = named(path);
  const instead = asked.length === 0 ? named(environment.CONTAINERS_REGISTRIES_CONF) : [];
  const override = named(environment.CONTAINERS_REGISTRIES_CONF_OVERRIDE);
  if (instead.length > 0) return ok([...instead, ...override]);
  const user = userConfigDirectory(environment);
  if (!user.ok) return unusable(user.problem);
  const dropIns = findDropIns(dropInDirectories("registries.conf", user.value, owner, root), ".conf");
  if (!dropIns.ok) return unusable(dropIns.problem);
  const places = [...(user.value === undefined ? [] : [user.value]), ...systemConfigDirectories(root)];
  const usual: Source = { paths: places.map((place) => join(place, "registries.conf")), mustExist: false };
  return ok([
    ...(asked.length === 0 ? [usual] : asked),
    ...dropIns.value.files.map((file) => ({ paths: [file], mustExist: false })),
    ...override,
  ]);
}

function named(path: string | undefined): readonly Source[] {
  return path === undefined || path === "" ? [] : [{ paths: [path], mustExist: true }];
}

function readFirst({ paths, mustExist }: Source): Result<Content | undefined, ConfigProblem> {
  for (const file of paths) {
    // Both runtimes put U+FFFD for what is not UTF-8, and so another file would be looked for.
    if (file.includes("\ufffd")) return unusable({ path: file, reason: "its path is not UTF-8" });
    const content = mustExist ? readNamed(file) : readConfigFile(file, maxRegistriesConfBytes);
    if (!content.ok) return unusable({ path: file, reason: content.problem });
    if (content.value !== undefined) return ok({ file, bytes: content.value });
  }
  return ok(undefined);
}

/** It may be a pipe, as of a shell's `<(command)`. */
function readNamed(path: string): Result<Uint8Array, string> {
  const content = readOperandFile(path, maxRegistriesConfBytes);
  if (content.ok) return content;
  const { problem } = content;
  return fail(problem.kind === "too-large" ? `larger than ${maxRegistriesConfBytes} bytes` : problem.reason);
}

/** Later files replace rules for the same prefix, and the list of helpers (`updateWithConfigurationFrom`). */
class Merged {
  readonly #files: string[] = [];
  readonly #rules = new Map<string, RegistryRule>();
  #credentialHelpers: readonly string[] = [];
  #endpoints = 0;

  async add({ file, bytes }: Content): Promise<ConfigProblem | undefined> {
    const text = await readRegistriesConfText(bytes, file);
    if (!text.ok) return { code: "config.registries.invalid", path: file, ...text.problem };
    this.#files.push(file);
    this.#credentialHelpers = text.value.credentialHelpers ?? this.#credentialHelpers;
    for (const rule of text.value.rules) {
      this.#rules.set(rule.prefix, rule);
      this.#endpoints += 1 + rule.mirrors.length;
    }
    if (this.#endpoints <= maxRegistryEndpoints) return undefined;
    const reason = `more than ${maxRegistryEndpoints} registries and mirrors`;
    return { code: "config.registries.invalid", path: file, reason };
  }

  result(): RegistriesConf {
    return {
      files: this.#files,
      rules: [...this.#rules.values()].sort((left, right) => (left.prefix < right.prefix ? -1 : 1)),
      credentialHelpers: this.#credentialHelpers.length === 0 ? [authenticationFile] : this.#credentialHelpers,
    };
  }
}

function unusable({ path, reason }: ConfigFilesProblem): Result<never, ConfigProblem> {
  return fail({ code: "config.registries.invalid", path, reason });
}
