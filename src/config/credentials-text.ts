import { type JsonNode, type JsonProblem, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxCredentialsValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";

/** What a file says of registries. Keys are as they are written. */
export interface CredentialsContent {
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** The name of the credential helper for a registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
}

/** Both "" where nothing is said. */
export interface AuthEntry {
  /** `user:password` in base64. */
  readonly untrustedAuth: string;
  readonly identityToken: string;
}

/** While it is filled. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Without a word of what is written there. */
export interface CredentialsTextProblem {
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The content of auth.json, or of `~/.dockercfg`, which is its `auths` alone, as Go decodes it (image/v5: pkg/docker/config `parse`).
 * `credsStore`, and a user name or password outside of `auth`, are not read.
 */
export function parseCredentials(
  bytes: Uint8Array,
  { isLegacy }: { readonly isLegacy: boolean },
): Result<CredentialsContent, CredentialsTextProblem> {
  const text = decodeUtf8AsGo(bytes);
  const parsed = parseJson(text, { maxValues: maxCredentialsValues });
  if (!parsed.ok) return fail(jsonProblem(parsed.problem, text));
  const decoder = new GoJsonDecoder();
  const content: Writable<CredentialsContent> = { auths: new Map(), credHelpers: new Map() };
  if (isLegacy) content.auths = readAuths(decoder, parsed.value, content.auths);
  else {
    decoder.struct(
      parsed.value,
      new Map([
        [
          "auths",
          (node) => {
            content.auths = readAuths(decoder, node, content.auths);
          },
        ],
        [
          "credhelpers",
          (node) => {
            content.credHelpers = decoder.stringMap(node, content.credHelpers);
          },
        ],
      ]),
    );
  }
  return decoder.mismatch ? fail({ reason: "a value in it is not of the kind that belongs there" }) : ok(content);
}

/** A `map[string]dockerAuthConfig`: an entry that comes again replaces the whole one, a list that comes again adds to the first. */
function readAuths(
  decoder: GoJsonDecoder,
  node: JsonNode,
  previous: ReadonlyMap<string, AuthEntry>,
): ReadonlyMap<string, AuthEntry> {
  if (node.kind === "null") return new Map();
  if (node.kind !== "object") {
    decoder.mismatch = true;
    return previous;
  }
  const auths = new Map(previous);
  for (const { key, value } of node.members) auths.set(key, readEntry(decoder, value));
  return auths;
}

function readEntry(decoder: GoJsonDecoder, node: JsonNode): AuthEntry {
  const entry: Writable<AuthEntry> = { untrustedAuth: "", identityToken: "" };
  decoder.struct(
    node,
    new Map([
      [
        "auth",
        (value) => {
          entry.untrustedAuth = decoder.string(value, entry.untrustedAuth);
        },
      ],
      [
        "identitytoken",
        (value) => {
          entry.identityToken = decoder.string(value, entry.identityToken);
        },
      ],
    ]),
  );
  return entry;
}

function jsonProblem(problem: JsonProblem, text: string): CredentialsTextProblem {
  const before = text.slice(0, problem.at).split("\n");
  return { reason: reasonOf(problem), line: before.length, column: [...(before.at(-1) ?? "")].length + 1 };
}

/** What was found instead may be part of a secret. */
function reasonOf(problem: JsonProblem): string {
  switch (problem.kind) {
    case "syntax":
      return `not valid JSON: ${problem.expected} expected`;
    case "depth":
      return `nested more than ${problem.maxDepth} levels deep`;
    case "count":
      return `more than ${problem.maxValues} values`;
  }
}
