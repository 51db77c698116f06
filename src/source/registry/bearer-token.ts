import type { Credential } from "../../config/credential.ts";
import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { maxTokenBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import type { Challenge } from "./challenge.ts";
import { readBody } from "./read-body.ts";
import { failureOf, readRegistryError } from "./registry-error.ts";
import type { Requester } from "./requester.ts";

export interface BearerToken {
  readonly token: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

interface TokenRequest {
  readonly challenge: Challenge;
  /** What is to be allowed: `repository:NAME:pull`. */
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  /** The registry itself was reached with TLS: nobody else may ask for the credentials without. */
  readonly isRegistrySecure: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fetches a token from the server that a registry names: with a user and password by GET, with an identity token by POST
 * (docker/docker_client.go `getBearerToken`, `getBearerTokenOAuth2`). Unlike there, a server without TLS gets no credentials for a registry
 * with TLS: it gives what it gives to everybody.
 */
export async function fetchToken(
  requester: Requester,
  { challenge, scopes, credential: given, isRegistrySecure, now, signal }: TokenRequest,
): Promise<Result<BearerToken, AccessFailure>> {
  const realm = challenge.untrustedParameters.get("realm");
  const url = realm === undefined ? undefined : urlOf(realm);
  if (url === undefined) {
    return fail({ code: "source.malformed", from: requester.host, detail: "it names no server that gives tokens" });
  }
  const isLessSecure = isRegistrySecure && url.protocol === "http:";
  const credential = isLessSecure ? undefined : given;
  if (credential?.kind === "identity-token") requester.secrets.add(credential.token);
  const service = challenge.untrustedParameters.get("service");
  const identityToken = credential?.kind === "identity-token" ? credential.token : undefined;
  const username = credential?.username ?? "";
  const parameters = new URLSearchParams(url.search);
  if (identityToken === undefined && username !== "") parameters.append("account", username);
  if (service !== undefined) parameters.append("service", service);
  for (const scope of scopes) parameters.append("scope", scope);
  const answer =
    identityToken !== undefined
      ? await requester.post(url, withIdentityToken(parameters, identityToken), signal)
      : await requester.get(withQuery(url, parameters), authorizationFor(credential), signal);
  if (!answer.ok) return answer;
  const { response, from } = answer.value;
  if (response.status !== 200) {
    const error = await readRegistryError(response, requester.secrets);
    return fail(failureOf(error, { from, wanted: "", hasCredentials: credential !== undefined }));
  }
  const body = await readBody(response, maxTokenBytes);
  if (!body.ok) return fail(requester.broken(body.problem, from));
  const token = parseToken(body.value, now());
  return token === undefined
    ? fail({ code: "source.malformed", from, detail: "what should be a token is not JSON, or not one" })
    : ok(token);
}

function urlOf(untrustedRealm: string): URL | undefined {
  const url = URL.canParse(untrustedRealm) ? new URL(untrustedRealm) : undefined;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : undefined;
}

function withQuery(url: URL, parameters: URLSearchParams): URL {
  const complete = new URL(url);
  complete.search = parameters.toString();
  return complete;
}

function withIdentityToken(parameters: URLSearchParams, identityToken: string): string {
  const form = new URLSearchParams(parameters);
  form.append("grant_type", "refresh_token");
  form.append("refresh_token", identityToken);
  form.append("client_id", "containers/image");
  return form.toString();
}

function authorizationFor(credential: Credential | undefined): string | undefined {
  const isComplete = credential !== undefined && credential.username !== "" && credential.password !== "";
  return isComplete ? basicAuthorization(credential) : undefined;
}

/** No token is thought to hold for less (docker/docker_client.go `minimumTokenLifetimeSeconds`). */
const minLifetimeSeconds = 60;

/** An honest token has five fields. */
const maxTokenValues = 1000;

/** @param now in milliseconds since 1970 */
function parseToken(body: Uint8Array, now: number): BearerToken | undefined {
  const parsed = parseJson(Buffer.from(body).toString("utf8"), { maxValues: maxTokenValues });
  if (!parsed.ok) return undefined;
  const decoder = new GoJsonDecoder();
  let token = "";
  let accessToken = "";
  let issued = "";
  let seconds = 0n;
  decoder.struct(
    parsed.value,
    new Map<string, (node: JsonNode) => void>([
      ["token", (node) => (token = decoder.string(node, token))],
      ["access_token", (node) => (accessToken = decoder.string(node, accessToken))],
      ["expires_in", (node) => (seconds = decoder.integer(node, seconds))],
      ["issued_at", (node) => (issued = decoder.string(node, issued))],
    ]),
  );
  // Go reads it by RFC 3339, and fails where it is not that.
  const issuedAt = issued === "" ? now : /^\d{4}-\d\d-\d\dT/.test(issued) ? Date.parse(issued) : Number.NaN;
  if (decoder.mismatch || Number.isNaN(issuedAt)) return undefined;
  const lifetime = Math.max(minLifetimeSeconds, Number(seconds));
  return { token: token === "" ? accessToken : token, expiresAt: issuedAt + lifetime * 1000 };
}
