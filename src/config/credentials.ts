import { isAbsolute } from "node:path";
import { decodeBase64AsGo } from "../encoding/base64.ts";
import { readBoundedFile } from "../host/bounded-file.ts";
import { reasonOf } from "../host/system-error.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { maxCredentialsFileBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type Credential, credentialOf } from "./credential.ts";
import { type CredentialsEnvironment, type CredentialsPlace, credentialsPlaces } from "./credentials-files.ts";
import { credentialOfHelper } from "./credentials-helper.ts";
import { type AuthEntry, type CredentialsContent, parseCredentials } from "./credentials-text.ts";

/** What is known of who one is to registries. */
export interface Credentials {
  /** Those for the repository of a reference at the place that is accessed; `undefined` for none. */
  find(reference: DockerReference): Promise<Result<Credential | undefined, ConfigProblem>>;
}

export interface CredentialsOptions {
  /** The file that an option names; it hides all others. */
  readonly authFile?: string | undefined;
  /** `credential-helpers` of registries.conf; none is as good as the files alone. */
  readonly credentialHelpers?: readonly string[] | undefined;
  readonly environment: CredentialsEnvironment;
  readonly userId: number;
}

/** The name of a credential helper that stands for the files (image/v5: pkg/sysregistriesv2 `AuthenticationFileHelper`). */
const filesHelper = "containers-auth.json";

/**
 * Finds credentials as containers/image does (image/v5: pkg/docker/config `GetCredentialsForRef`; containers-auth.json(5)). Nothing is
 * read before it is asked for, each file is read once, and each helper is asked once for a registry.
 */
export function openCredentials(options: CredentialsOptions): Credentials {
  return new OpenCredentials(options);
}

/** What was found and cannot be used: there is no looking further, as the reference would have used it. */
interface Unusable {
  readonly kind: "unusable";
  readonly problem: ConfigProblem;
}

type Found = Result<Credential | Unusable | undefined, ConfigProblem>;

class OpenCredentials implements Credentials {
  readonly #options: CredentialsOptions;
  #places: readonly CredentialsPlace[] | undefined;
  readonly #files = new Map<CredentialsPlace, Result<CredentialsContent, ConfigProblem>>();
  readonly #helpers = new Map<string, Promise<Found>>();

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  async find({ name }: DockerReference): Promise<Result<Credential | undefined, ConfigProblem>> {
    const found = await this.#search(name);
    if (!found.ok) return found;
    return found.value?.kind === "unusable" ? fail(found.value.problem) : ok(found.value);
  }

  /** What one helper fails at counts only if no other knows. */
  async #search(name: string): Promise<Found> {
    const registry = name.split("/", 1)[0] ?? "";
    const written = this.#options.credentialHelpers ?? [];
    let first: Found = ok(undefined);
    for (const helper of written.length === 0 ? [filesHelper] : written) {
      const found = helper === filesHelper ? await this.#inFiles(name, registry) : await this.#ask(helper, registry);
      if (found.ok && found.value !== undefined) return found;
      if (first.ok) first = found;
    }
    return first;
  }

  async #inFiles(name: string, registry: string): Promise<Found> {
    const { authFile, environment, userId } = this.#options;
    this.#places ??= credentialsPlaces(authFile, environment, userId);
    for (const place of this.#places) {
      const content = this.#read(place);
      if (!content.ok) return content;
      const helper = content.value.credHelpers.get(registry);
      const found =
        helper === undefined
          ? inEntries(content.value.auths, { name, registry, place })
          : await this.#ask(helper, registry);
      if (!found.ok || found.value !== undefined) return found;
    }
    return ok(undefined);
  }

  #read(place: CredentialsPlace): Result<CredentialsContent, ConfigProblem> {
    const known = this.#files.get(place);
    if (known !== undefined) return known;
    const content = readPlace(place);
    this.#files.set(place, content);
    return content;
  }

  #ask(helper: string, registry: string): Promise<Found> {
    const key = JSON.stringify([helper, registry]);
    const known = this.#helpers.get(key);
    if (known !== undefined) return known;
    const asked = credentialOfHelper(helper, registry, this.#options.environment).then((found) =>
      found.ok ? found : invalid(`docker-credential-${helper}`, found.problem),
    );
    this.#helpers.set(key, asked);
    return asked;
  }
}

/** A file that does not exist is an empty one, even one that was named. */
function readPlace(place: CredentialsPlace): Result<CredentialsContent, ConfigProblem> {
  const { path, isNamed } = place;
  if (!isNamed && !isAbsolute(path)) return invalid(path, "not an absolute path");
  // Both runtimes put U+FFFD for what is not UTF-8 in the environment, and so another file would be looked for.
  if (path.includes("\ufffd")) return invalid(path, "its path is not UTF-8");
  const content = readBoundedFile(path, { maxBytes: maxCredentialsFileBytes, followLinks: true });
  if (content.ok) {
    const parsed = parseCredentials(content.value, place);
    return parsed.ok ? parsed : fail({ code: "config.credentials.invalid", path, ...parsed.problem });
  }
  const { problem } = content;
  switch (problem.kind) {
    case "missing":
      return ok({ auths: new Map(), credHelpers: new Map() });
    case "too-large":
      return invalid(path, `larger than ${maxCredentialsFileBytes} bytes`);
    case "system":
      return invalid(path, reasonOf(problem.errno));
    default:
      return invalid(path, "not a regular file");
  }
}

interface Wanted {
  readonly name: string;
  readonly registry: string;
  readonly place: CredentialsPlace;
}

/**
 * The entry of the repository, of the nearest namespace around it, or of the registry; if none has one of these names, those that name
 * the registry by an address. A wrong entry is not passed over for a wider one (image/v5: pkg/docker/config `findCredentialsInFile`).
 */
function inEntries(auths: ReadonlyMap<string, AuthEntry>, { name, registry, place }: Wanted): Found {
  for (const key of place.isLegacy ? [registry] : namesAround(name)) {
    const entry = auths.get(key);
    if (entry !== undefined) return decodeEntry(entry, key, place.path);
  }
  const host = normalizeRegistry(registry);
  // The reference takes any one of several. Docker writes empty ones beside a full one: the first that has something is taken here.
  for (const [key, entry] of auths) {
    if (hostOfKey(key, place) !== host) continue;
    const found = decodeEntry(entry, registry, place.path);
    if (!found.ok || found.value !== undefined) return found;
  }
  return ok(undefined);
}

/** `a/b/c`, `a/b`, `a`. */
function namesAround(name: string): readonly string[] {
  const parts = name.split("/");
  return parts.map((_, at) => parts.slice(0, parts.length - at).join("/"));
}

/** image/v5: pkg/docker/config `normalizeAuthFileKey`. */
function hostOfKey(key: string, { isLegacy }: CredentialsPlace): string {
  const stripped = withoutPrefix(withoutPrefix(key, "http://"), "https://");
  const isAddress = isLegacy || stripped !== key;
  return normalizeRegistry(isAddress ? (stripped.split("/", 1)[0] ?? "") : stripped);
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** image/v5: pkg/docker/config `normalizeRegistry`. */
function normalizeRegistry(registry: string): string {
  return registry === "docker.io" || registry === "registry-1.docker.io" ? "index.docker.io" : registry;
}

/**
 * image/v5: pkg/docker/config `decodeDockerAuth`. What has no colon is as good as no entry, as Docker has it.
 *
 * Stricter on purpose: the reference sends names and passwords of any bytes.
 *
 * @param subject what the entry was looked up for; its key might have a password in it
 */
function decodeEntry({ untrustedAuth, identityToken }: AuthEntry, subject: string, path: string): Found {
  const decoded = decodeBase64AsGo(untrustedAuth);
  if (decoded === undefined) return invalid(path, `what it has for ${subject} is not base64`);
  const colon = decoded.indexOf(0x3a);
  if (colon < 0) return ok(undefined);
  const username = strictText(decoded.subarray(0, colon));
  const password = strictText(withoutNuls(decoded.subarray(colon + 1)));
  if (username === undefined || password === undefined) {
    return ok({ kind: "unusable", problem: invalid(path, `what it has for ${subject} is not UTF-8`).problem });
  }
  return ok(credentialOf({ username, password, token: identityToken }));
}

/** go: strings.Trim, of NUL characters. */
function withoutNuls(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(0, 0) : bytes.subarray(start, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function invalid(path: string, reason: string): { readonly ok: false; readonly problem: ConfigProblem } {
  return fail({ code: "config.credentials.invalid", path, reason });
}
