import { isAbsolute, join } from "node:path";
import { readBoundedFile } from "../host/bounded-file.ts";
import { listFiles } from "../host/list-directory.ts";
import { reasonOf } from "../host/system-error.ts";
import { effectiveUserId, homeOfUser } from "../host/user.ts";
import { maxRegistriesFileBytes } from "../limits.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import type { RegistriesConfig, RegistriesProblem, RegistryNamespace } from "./registries.ts";

/** The environment variables that decide where registries.d is. */
interface RegistriesEnvironment {
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/**
 * Reads registries.d: all `*.yaml` files of the given directory, or of the user's, the system's and the distribution's.
 * Of files with the same name the first of these counts. A directory that does not exist holds no files.
 * (containers/image: docker/registries_d.go `loadRegistryConfiguration`; containers/storage: pkg/configfile `Read`)
 */
export async function readRegistries(
  directory: string | undefined,
  environment: RegistriesEnvironment,
): Promise<Result<RegistriesConfig, RegistriesProblem>> {
  const found = filesIn(directory === undefined ? defaultDirectories(environment) : [directory]);
  if (!found.ok) return found;
  const { files, missing, passedOver } = found.value;
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
  return ok({ files, defaultDocker, docker, missing: directory === undefined ? undefined : missing[0], passedOver });
}

function twice(path: string, name: string, { file }: RegistryNamespace): Result<never, RegistriesProblem> {
  return fail({ path, reason: `${name} is in ${file} already` });
}

function defaultDirectories({ XDG_CONFIG_HOME, HOME }: RegistriesEnvironment): readonly string[] {
  const home = HOME === undefined || HOME === "" ? homeOfUser() : HOME;
  const config = XDG_CONFIG_HOME ?? (home === undefined ? undefined : join(home, ".config"));
  const userId = effectiveUserId();
  const kinds = userId === 0 ? ["rootful.d"] : [`rootless.d/${userId}`, "rootless.d"];
  const special = (base: string) => kinds.map((kind) => `${base}/registries.${kind}`);
  return [
    // A relative one is not looked for: what it would mean depends on where one stands.
    ...(config !== undefined && isAbsolute(config) ? [join(config, "containers", "registries.d")] : []),
    ...special("/etc/containers"),
    "/etc/containers/registries.d",
    ...special("/usr/share/containers"),
    "/usr/share/containers/registries.d",
  ];
}

/** Only `*.yaml` is read (containers-registries.d(5)); these others were probably meant to be. */
const nearlyYaml = /\.ya?ml$/i;

function filesIn(directories: readonly string[]): Result<
  {
    readonly files: readonly string[];
    readonly missing: readonly string[];
    readonly passedOver: readonly string[];
  },
  RegistriesProblem
> {
  const byName = new Map<string, string>();
  const missing: string[] = [];
  const passedOver: string[] = [];
  for (const directory of directories.toReversed()) {
    const listed = listFiles(directory);
    if (!listed.ok) {
      const { errno } = listed.problem;
      if (errno !== "ENOENT") return fail({ path: directory, reason: reasonOf(errno) });
      missing.push(directory);
      continue;
    }
    for (const name of listed.value) {
      const path = join(directory, name);
      if (name.endsWith(".yaml")) byName.set(name, path);
      else if (nearlyYaml.test(name)) passedOver.push(path);
    }
  }
  const files = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return ok({ files, missing, passedOver: passedOver.sort() });
}

type FileContent = Pick<RegistriesConfig, "defaultDocker" | "docker">;

async function readFile(path: string): Promise<Result<FileContent, string>> {
  const content = readBoundedFile(path, { maxBytes: maxRegistriesFileBytes, followLinks: true });
  if (!content.ok) {
    const { problem } = content;
    if (problem.kind === "missing") return ok({ defaultDocker: undefined, docker: new Map() });
    if (problem.kind === "too-large") return fail(`larger than ${maxRegistriesFileBytes} bytes`);
    return fail(problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file");
  }
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
