import { effectiveUserId } from "../host/user.ts";
import { maxRegistriesFileBytes } from "../limits.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import {
  type ConfigEnvironment,
  dropInDirectories,
  findDropIns,
  readConfigFile,
  rootlessId,
  userConfigDirectory,
} from "./config-files.ts";
import type { RegistriesConfig, RegistriesProblem, RegistryNamespace } from "./registries.ts";

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
  const document = await parseYaml(Buffer.from(content.value).toString("utf8"));
  return document.ok ? readDocument(document.value, path) : document;
}

/** The first document of a text, as plain values; loaded only here (docs/decisions/0006-yaml.md). */
async function parseYaml(text: string): Promise<Result<unknown, string>> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { merge: true, logLevel: "silent" });
  const [first] = "empty" in documents ? [] : documents;
  if (first === undefined) return ok(null);
  const [error] = first.errors;
  if (error !== undefined) return fail(error.message.split("\n", 1)[0] ?? "");
  try {
    return ok(first.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    return fail(errorText(error));
  }
}

function readDocument(value: unknown, file: string): Result<FileContent, string> {
  const root = mapping<RootKey>(value);
  const byName = mapping<string>(root?.docker);
  if (root === undefined || byName === undefined) return fail("not a mapping where one is required");
  const docker = new Map<string, RegistryNamespace>();
  for (const [name, entry] of Object.entries(byName)) {
    const namespace = readNamespace(entry, file);
    if (!namespace.ok) return fail(`docker: ${name}: ${namespace.problem}`);
    docker.set(name, namespace.value);
  }
  const defaults = root["default-docker"];
  if (defaults === undefined || defaults === null) return ok({ defaultDocker: undefined, docker });
  const defaultDocker = readNamespace(defaults, file);
  return defaultDocker.ok
    ? ok({ defaultDocker: defaultDocker.value, docker })
    : fail(`default-docker: ${defaultDocker.problem}`);
}

/** Keys that are not known are passed over, as there. */
function readNamespace(value: unknown, file: string): Result<RegistryNamespace, string> {
  const fields = mapping<NamespaceKey>(value);
  if (fields === undefined) return fail("not a mapping where one is required");
  const lookaside = text(fields.lookaside);
  const sigstore = text(fields.sigstore);
  if (lookaside === undefined) return fail("lookaside is not a text: it is the address of a lookaside");
  if (sigstore === undefined) {
    return fail("sigstore is not a text: it is the old name of lookaside, an address, and knows no keys");
  }
  const switched = fields["use-sigstore-attachments"];
  const useSigstoreAttachments = switched === undefined || switched === null ? undefined : flag(switched);
  if (useSigstoreAttachments === "neither") return fail("use-sigstore-attachments is neither true nor false");
  return ok({ file, lookaside: lookaside || sigstore || undefined, useSigstoreAttachments });
}

type RootKey = "docker" | "default-docker";
type NamespaceKey = "lookaside" | "sigstore" | "use-sigstore-attachments";

/** Nothing is a mapping without keys, as there. */
function mapping<Key extends string>(value: unknown): { readonly [K in Key]?: unknown } | undefined {
  if (value === undefined || value === null) return {};
  return typeof value === "object" && !Array.isArray(value) ? value : undefined;
}

/** Go's yaml.v3 takes any scalar for a text; absent is "". */
function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? undefined : String(value);
}

const trueWords = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const falseWords = ["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/** yaml.v3 takes the words of YAML 1.1 where a boolean is wanted. */
function flag(value: unknown): boolean | "neither" {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return "neither";
  if (trueWords.includes(value)) return true;
  return falseWords.includes(value) ? false : "neither";
}
