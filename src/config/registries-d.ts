import { effectiveUserId } from "../host/user.ts";
import { maxRegistriesFileBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  type ConfigEnvironment,
  dropInDirectories,
  findDropIns,
  readConfigFile,
  rootlessId,
  userConfigDirectory,
} from "./config-files.ts";
import type { RegistriesConfig, RegistriesProblem, RegistryNamespace } from "./registries.ts";
import { parseYaml, type YamlNode } from "./yaml.ts";
import { isNullYaml, YamlDecoder } from "./yaml-decoder.ts";

/**
 * Reads registries.d: all `*.yaml` files of the given directory, or of the user's, the system's and the distribution's.
 * Of files with the same name the first of these counts. A directory that does not exist holds no files.
 * (containers/image: docker/registries_d.go `loadRegistryConfiguration`; containers/storage: pkg/configfile `Read`)
 */
export async function readRegistries(
  directory: string | undefined,
  environment: ConfigEnvironment,
  userId: number = effectiveUserId(),
  root = "/",
): Promise<Result<RegistriesConfig, RegistriesProblem>> {
  const directories = directory === undefined ? defaultDirectories(environment, userId, root) : ok([directory]);
  if (!directories.ok) return directories;
  const found = findDropIns(directories.value, ".yaml");
  if (!found.ok) return found;
  const { files, missing, others } = found.value;
  const docker = new Map<string, RegistryNamespace>();
  let defaultDocker: RegistryNamespace | undefined;
  for (const path of files) {
    const read = await readFile(path);
    if (!read.ok) return fail({ path, reason: read.problem });
    if (read.value.defaultDocker !== undefined) {
      if (defaultDocker !== undefined) return twice(path, "default-docker", defaultDocker);
      defaultDocker = read.value.defaultDocker;
    }
    for (const [name, namespace] of read.value.docker) {
      const known = docker.get(name);
      if (known !== undefined) return twice(path, name, known);
      docker.set(name, namespace);
    }
  }
  return ok({
    files,
    defaultDocker,
    docker,
    missing: directory === undefined ? undefined : missing[0],
    passedOver: others.filter((path) => nearlyYaml.test(path)).sort(),
  });
}

function twice(path: string, name: string, { file }: RegistryNamespace): Result<never, RegistriesProblem> {
  return fail({ path, reason: `${name} is in ${file} already` });
}

function defaultDirectories(
  environment: ConfigEnvironment,
  userId: number,
  root: string,
): Result<readonly string[], RegistriesProblem> {
  const user = userConfigDirectory(environment);
  if (!user.ok) return user;
  return ok(dropInDirectories("registries", user.value, rootlessId(environment, userId), root));
}

/** Only `*.yaml` is read (containers-registries.d(5)); these others were probably meant to be. */
const nearlyYaml = /\.ya?ml$/i;

type FileContent = Pick<RegistriesConfig, "defaultDocker" | "docker">;

async function readFile(path: string): Promise<Result<FileContent, string>> {
  const content = readConfigFile(path, maxRegistriesFileBytes);
  if (!content.ok) return content;
  if (content.value === undefined) return ok({ defaultDocker: undefined, docker: new Map() });
  const document = await parseYaml(content.value);
  return document.ok ? readDocument(document.value, path) : document;
}

function readDocument(document: YamlNode, file: string): Result<FileContent, string> {
  const decoder = new YamlDecoder();
  const root = decoder.members(document, "the file");
  const docker = new Map<string, RegistryNamespace>();
  for (const [name, namespace] of decoder.members(root.get("docker"), "docker")) {
    docker.set(name, decodeNamespace(decoder, namespace, `docker: ${name}`, file));
  }
  const defaults = root.get("default-docker");
  const isDefaultGiven = defaults !== undefined && !isNullYaml(defaults);
  const defaultDocker = isDefaultGiven ? decodeNamespace(decoder, defaults, "default-docker", file) : undefined;
  return decoder.problem === undefined ? ok({ defaultDocker, docker }) : fail(decoder.problem);
}

/** Keys that are not known are passed over, as there; lookasides for writing must be texts too, and are not used. */
function decodeNamespace(decoder: YamlDecoder, node: YamlNode, what: string, file: string): RegistryNamespace {
  const fields = decoder.members(node, what);
  const text = (key: string, meaning: string) => decoder.text(fields.get(key), `${what}: ${key}`, meaning);
  const lookaside = text("lookaside", "it is the address of a lookaside");
  const sigstore = text("sigstore", "it is the old name of lookaside, an address, and knows no keys");
  text("lookaside-staging", "it is the address of a lookaside for writing");
  text("sigstore-staging", "it is the old name of lookaside-staging");
  const flag = "use-sigstore-attachments";
  const useSigstoreAttachments = decoder.flag(fields.get(flag), `${what}: ${flag}`);
  return { file, lookaside: lookaside || sigstore || undefined, useSigstoreAttachments };
}
