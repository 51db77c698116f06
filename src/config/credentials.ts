import { parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { readBoundedFile } from "../host/bounded-file.ts";
import { askCredentialHelper } from "../host/credential-helper.ts";
import { reasonOf } from "../host/system-error.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { maxAuthFileBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type AuthEntry, type AuthFileText, type Credential, credentialIn, parseAuthFile } from "./auth-file-text.ts";
import { type AuthEnvironment, type AuthFile, authFiles } from "./auth-files.ts";

/** The name among the helpers of registries.conf that means the files. */
const files = "containers-auth.json";

type Found = Result<Credential | undefined, ConfigProblem>;

export interface CredentialsOptions {
  /** `--authfile` */
  readonly authFile: string | undefined;
  /** `credential-helpers` of registries.conf: who is asked, in order. */
  readonly helpers: readonly string[];
  readonly environment: AuthEnvironment;
  readonly userId: number;
}

/**
 * The user's credentials for registries (containers-auth.json(5); containers/image: pkg/docker/config `GetCredentialsForRef`). Each file is
 * read once, and each helper is asked once for a registry.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #files = new Map<string, Result<AuthFileText, ConfigProblem>>();
  readonly #answers = new Map<string, Promise<Found>>();

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** @param accessed the name by which an image is accessed, not that by which the user knows it. */
  async find({ name }: Pick<DockerReference, "name">): Promise<Found> {
    const registry = name.split("/", 1)[0] ?? "";
    let first: ConfigProblem | undefined;
    for (const helper of this.#options.helpers) {
      const found = await (helper === files ? this.#inFiles(name, registry) : this.#ask(helper, registry));
      if (!found.ok) first ??= found.problem;
      else if (found.value !== undefined) return found;
    }
    return first === undefined ? ok(undefined) : fail(first);
  }

  async #inFiles(name: string, registry: string): Promise<Found> {
    const { authFile, environment, userId } = this.#options;
    for (const file of authFiles(authFile, environment, userId)) {
      const found = await this.#inFile(file, name, registry);
      if (!found.ok || found.value !== undefined) return found;
    }
    return ok(undefined);
  }

  async #inFile(file: AuthFile, name: string, registry: string): Promise<Found> {
    const text = this.#read(file);
    if (!text.ok) return text;
    const helper = text.value.credHelpers.get(registry);
    if (helper !== undefined) return this.#ask(helper, registry);
    const entry = entryFor(text.value, file, name, registry);
    if (entry === undefined) return ok(undefined);
    const credential = credentialIn(entry);
    return credential.ok ? credential : unusable(file.path, credential.problem);
  }

  #read({ path, isLegacy }: AuthFile): Result<AuthFileText, ConfigProblem> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const text = readAuthFile({ path, isLegacy });
    this.#files.set(path, text);
    return text;
  }

  #ask(helper: string, registry: string): Promise<Found> {
    const key = JSON.stringify([helper, registry]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = askHelper(helper, registry, this.#options.environment);
    this.#answers.set(key, answer);
    return answer;
  }
}

function readAuthFile({ path, isLegacy }: AuthFile): Result<AuthFileText, ConfigProblem> {
  const content = readBoundedFile(path, { maxBytes: maxAuthFileBytes, followLinks: true });
  if (!content.ok) {
    const { problem } = content;
    if (problem.kind === "missing") return ok({ auths: new Map(), credHelpers: new Map() });
    if (problem.kind === "too-large") return unusable(path, `larger than ${maxAuthFileBytes} bytes`);
    return unusable(path, problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file");
  }
  const text = parseAuthFile(content.value, { isLegacy });
  return text.ok ? text : unusable(path, text.problem);
}

/** The most specific key; then one that means the registry in another spelling (`findCredentialsInFile`). */
function entryFor(
  { auths }: AuthFileText,
  { isLegacy }: AuthFile,
  name: string,
  registry: string,
): AuthEntry | undefined {
  const keys = isLegacy ? [registry] : [name, ...parentsOf(name)];
  for (const key of keys) {
    const entry = auths.get(key);
    if (entry !== undefined) return entry;
  }
  const wanted = normalizedRegistry(registry);
  return [...auths].find(([key]) => normalizedKey(key, isLegacy) === wanted)?.[1];
}

function parentsOf(name: string): readonly string[] {
  const parents: string[] = [];
  for (let slash = name.lastIndexOf("/"); slash !== -1; slash = name.lastIndexOf("/", slash - 1)) {
    parents.push(name.slice(0, slash));
    if (slash === 0) break;
  }
  return parents;
}

function normalizedKey(key: string, isLegacy: boolean): string {
  const stripped = key.replace(/^http:\/\//, "").replace(/^https:\/\//, "");
  const isHost = isLegacy || stripped !== key;
  return normalizedRegistry(isHost ? (stripped.split("/", 1)[0] ?? "") : stripped);
}

function normalizedRegistry(registry: string): string {
  return registry === "docker.io" || registry === "registry-1.docker.io" ? "index.docker.io" : registry;
}

const notFound = "credentials not found in native keychain";

/** Honest answers have three values. */
const maxAnswerValues = 100;

async function askHelper(name: string, registry: string, environment: AuthEnvironment): Promise<Found> {
  const program = `docker-credential-${name}`;
  const answer = await askCredentialHelper(name, registry, environment);
  if (!answer.ok) return unusable(program, answer.problem);
  const { output, hasFailed } = answer.value;
  const text = decodeUtf8AsGo(output);
  if (hasFailed) {
    return text.trim() === notFound
      ? ok(undefined)
      : unusable(program, `it has no credentials for ${registry}, and fails`);
  }
  const parsed = parseJson(text, { maxValues: maxAnswerValues });
  const decoder = new GoJsonDecoder();
  let username = "";
  let secret = "";
  if (parsed.ok) {
    decoder.struct(
      parsed.value,
      new Map([
        ["serverurl", (node) => decoder.string(node)],
        ["username", (node) => (username = decoder.string(node, username))],
        ["secret", (node) => (secret = decoder.string(node, secret))],
      ]),
    );
  }
  if (!parsed.ok || decoder.mismatch) return unusable(program, "what it answers is not what a helper answers");
  if (username === "<token>") return ok({ username: "", password: "", identityToken: secret });
  return ok(username === "" && secret === "" ? undefined : { username, password: secret, identityToken: "" });
}

function unusable(path: string, reason: string): Result<never, ConfigProblem> {
  return fail({ code: "config.credentials.invalid", path, reason });
}
