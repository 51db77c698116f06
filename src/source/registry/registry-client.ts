import type { Credential, RegistryToken } from "../../config/credential.ts";
import type { HttpRequest } from "../../host/http/exchange.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import { type BearerToken, fetchToken } from "./bearer-token.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Persistence, persistently } from "./persistently.ts";
import { failureOf, readRegistryError } from "./registry-error.ts";
import type { Answered, Requester } from "./requester.ts";

/** What is asked of a registry, below its address. */
export interface RegistryRequest {
  readonly method: "GET" | "HEAD";
  /** `/v2/…` */
  readonly path: string;
  readonly headers?: HttpRequest["headers"];
  /** The repository that it is about: tokens are for one. */
  readonly repository: string;
  readonly credential: Credential | RegistryToken | undefined;
  /** Tries again where a server fails: the reference does not, and goes on to the next location if there is one. */
  readonly isLastResort: boolean;
  readonly signal: AbortSignal | undefined;
}

interface Properties {
  readonly base: URL;
  readonly challenges: readonly Challenge[];
  readonly supportsSignatures: boolean;
}

/** A registry as the distribution API (v2) shows it, over one way to reach it. Its answers to `/v2/` and its tokens are kept. */
export class RegistryClient {
  readonly #requester: Requester;
  readonly #isInsecure: boolean;
  readonly #now: () => number;
  readonly #onThrottled: (seconds: number) => void;
  #properties: { readonly until: number; readonly value: Promise<Result<Properties, AccessFailure>> } | undefined;
  readonly #tokens = new Map<string, Promise<Result<BearerToken, AccessFailure>>>();

  /** @param options.isInsecure its certificate does not count, and without TLS it may do as well */
  constructor(
    requester: Requester,
    options: {
      readonly isInsecure: boolean;
      readonly now: () => number;
      readonly onThrottled: (seconds: number) => void;
    },
  ) {
    this.#requester = requester;
    this.#isInsecure = options.isInsecure;
    this.#now = options.now;
    this.#onThrottled = options.onThrottled;
  }

  get isInsecure(): boolean {
    return this.#isInsecure;
  }

  get requester(): Requester {
    return this.#requester;
  }

  /** Whether it keeps signatures itself: the extension of OpenShift's registry. */
  async supportsSignatures(signal: AbortSignal | undefined): Promise<Result<boolean, AccessFailure>> {
    const properties = await this.#ping(signal, false);
    return properties.ok ? ok(properties.value.supportsSignatures) : properties;
  }

  /** The answer may have any status; a 429 only after it was waited for as long as the reference does. */
  async ask(request: RegistryRequest): Promise<Result<Answered, AccessFailure>> {
    const properties = await this.#ping(request.signal, request.isLastResort);
    if (!properties.ok) return properties;
    const { base, challenges } = properties.value;
    const isRegistrySecure = base.protocol === "https:";
    const url = new URL(request.path, base);
    const { method, headers = {}, signal } = request;
    return persistently(this.#persistence(request), async (extraScope) => {
      const authorization = await this.#authorization(challenges, { ...request, isRegistrySecure }, extraScope);
      if (!authorization.ok) return authorization;
      return this.#requester.ask({ method, url, headers, authorization: authorization.value, signal });
    });
  }

  #persistence({ isLastResort, signal }: Pick<RegistryRequest, "isLastResort" | "signal">): Persistence {
    return { isLastResort, signal, now: this.#now, onThrottled: this.#onThrottled };
  }

  async #authorization(
    challenges: readonly Challenge[],
    { repository, credential, isRegistrySecure, signal }: RegistryRequest & { readonly isRegistrySecure: boolean },
    extraScope: string | undefined,
  ): Promise<Result<string | undefined, AccessFailure>> {
    const challenge = challenges.find(({ scheme }) => scheme === "basic" || scheme === "bearer");
    if (challenge === undefined) return ok(undefined);
    if (challenge.scheme === "basic") {
      // Without credentials the reference sends an empty user.
      const isToken = credential === undefined || credential.kind === "registry-token";
      return ok(basicAuthorization(isToken ? { username: "", password: "" } : credential));
    }
    if (credential?.kind === "registry-token") return ok(`Bearer ${credential.token}`);
    const scopes = [`repository:${repository}:pull`, ...(extraScope === undefined ? [] : [extraScope])];
    const token = await this.#token({ challenge, scopes, credential, isRegistrySecure, now: this.#now, signal });
    return token.ok ? ok(`Bearer ${token.value.token}`) : token;
  }

  async #token(request: Parameters<typeof fetchToken>[1]): Promise<Result<BearerToken, AccessFailure>> {
    const key = JSON.stringify([request.scopes, request.credential]);
    const pending = this.#tokens.get(key);
    const known = pending === undefined ? undefined : await pending;
    if (known?.ok === true && known.value.expiresAt > this.#now()) return known;
    const { signal: _, ...lasting } = request;
    // Several may wait for it, and one of them giving up is not the end of it.
    const token = fetchToken(this.#requester, { ...lasting, signal: undefined });
    this.#tokens.set(key, token);
    if (this.#tokens.size > maxTokens) this.#tokens.delete(this.#tokens.keys().next().value ?? "");
    // Whoever lets requests through may fail: then nothing is known.
    token.catch(() => this.#tokens.get(key) === token && this.#tokens.delete(key));
    return token;
  }

  async #ping(signal: AbortSignal | undefined, isLastResort: boolean): Promise<Result<Properties, AccessFailure>> {
    const known = this.#properties;
    if (known !== undefined && known.until > this.#now()) return known.value;
    const value = this.#firstAnswer(isLastResort);
    const kept = { until: Number.POSITIVE_INFINITY, value };
    this.#properties = kept;
    const result = await value.catch((error: unknown) => {
      // Whoever lets requests through may fail: then nothing is known, and the next one asks again.
      if (this.#properties === kept) this.#properties = undefined;
      throw error;
    });
    // Who cannot be reached is asked again, but not for each of a thousand images.
    if (!result.ok && this.#properties === kept) {
      this.#properties = { until: this.#now() + unreachableForMilliseconds, value };
    }
    signal?.throwIfAborted();
    return result;
  }

  /** docker/docker_client.go `detectPropertiesHelper`. */
  async #firstAnswer(isLastResort: boolean): Promise<Result<Properties, AccessFailure>> {
    if (!this.#isInsecure) return this.#pingBy("https", isLastResort);
    const secure = await this.#pingBy("https", false);
    return secure.ok ? secure : this.#pingBy("http", isLastResort);
  }

  async #pingBy(scheme: "https" | "http", isLastResort: boolean): Promise<Result<Properties, AccessFailure>> {
    const { host } = this.#requester;
    const base = baseOf(scheme, host);
    if (base === undefined)
      return fail({ code: "source.unreachable", from: host, reason: "there can be no such host" });
    const url = new URL("/v2/", base);
    const answer = await persistently(this.#persistence({ isLastResort, signal: undefined }), () =>
      this.#requester.get(url, undefined, undefined),
    );
    if (!answer.ok) return answer;
    const { response, from } = answer.value;
    if (response.status !== 200 && response.status !== 401) {
      const error = await readRegistryError(response, this.#requester.secrets);
      return fail(failureOf(error, { from, wanted: "/v2/", hasCredentials: false }));
    }
    response.discard();
    const challenges = parseChallenges(response.header("www-authenticate"));
    return ok({ base, challenges, supportsSignatures: response.header("x-registry-supports-signatures")[0] === "1" });
  }
}

/**
 * `undefined` for a host that is no address on the web: a name of an image may have a port of 99999. Nor may it be one that URLs write
 * otherwise, as 127.1, which is 127.0.0.1 there and a name for others: settings and credentials are looked up by what stands here.
 */
function baseOf(scheme: "https" | "http", host: string): URL | undefined {
  const text = `${scheme}://${host}/`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isAsWritten = host.startsWith("[") || host.toLowerCase().replace(/:\d*$/, "") === url.hostname;
  return isAsWritten ? url : undefined;
}

/** Tokens that are kept: one for each repository of a registry. */
const maxTokens = 10_000;

const unreachableForMilliseconds = 15_000;
