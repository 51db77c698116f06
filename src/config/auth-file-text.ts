import { decodeBase64AsGo } from "../encoding/base64.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxAuthFileValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";

/** Secrets, for one registry, namespace or repository. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  /** What token servers want instead of a password; "" if there is none. */
  readonly identityToken: string;
}

/** An entry as it stands in the file, which matters only to those who need it. */
export interface AuthEntry {
  /** `user:password` in base64; a secret. */
  readonly auth: string;
  readonly identityToken: string;
}

/** What a file of containers-auth.json(5) says. */
export interface AuthFileText {
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** The name of a credential helper, by registry. */
  readonly credHelpers: ReadonlyMap<string, string>;
}

/** The problem quotes nothing of the file: there are secrets in it. */
export function parseAuthFile(
  bytes: Uint8Array,
  { isLegacy }: { readonly isLegacy: boolean },
): Result<AuthFileText, string> {
  const parsed = parseJson(decodeUtf8AsGo(bytes), { maxValues: maxAuthFileValues });
  if (!parsed.ok) return fail("it is not JSON");
  const decoder = new GoJsonDecoder();
  const auths = new Map<string, AuthEntry>();
  let credHelpers: ReadonlyMap<string, string> = new Map();
  const readAuths = (node: JsonNode): void => {
    if (node.kind === "null") auths.clear();
    else if (node.kind !== "object") decoder.mismatch = true;
    else for (const { key, value } of node.members) auths.set(key, entryOf(decoder, value));
  };
  if (isLegacy) {
    readAuths(parsed.value);
  } else {
    decoder.struct(
      parsed.value,
      new Map<string, (node: JsonNode) => void>([
        ["auths", readAuths],
        ["credhelpers", (node) => (credHelpers = decoder.stringMap(node, credHelpers))],
      ]),
    );
  }
  return decoder.mismatch ? fail("a value in it is of the wrong type") : ok({ auths, credHelpers });
}

function entryOf(decoder: GoJsonDecoder, node: JsonNode): AuthEntry {
  let auth = "";
  let identityToken = "";
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["auth", (value) => (auth = decoder.string(value, auth))],
      ["identitytoken", (value) => (identityToken = decoder.string(value, identityToken))],
    ]),
  );
  return { auth, identityToken };
}

/** `undefined` for an entry that says nothing, such as Docker's where a helper has the credentials (pkg/docker/config `decodeDockerAuth`). */
export function credentialIn({ auth, identityToken }: AuthEntry): Result<Credential | undefined, string> {
  const decoded = decodeBase64AsGo(auth);
  if (decoded === undefined) return fail("an entry in it is not base64");
  const colon = decoded.indexOf(0x3a);
  if (colon === -1) return ok(undefined);
  try {
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const password = utf8.decode(decoded.subarray(colon + 1)).replace(/^\0+|\0+$/g, "");
    const credential = { username: utf8.decode(decoded.subarray(0, colon)), password, identityToken };
    return ok(isNothing(credential) ? undefined : credential);
  } catch {
    return fail("a user or password in it is not UTF-8");
  }
}

/** An entry of empty texts counts as none in the reference, and the next file is asked. */
function isNothing({ username, password, identityToken }: Credential): boolean {
  return username === "" && password === "" && identityToken === "";
}
