import type { Connection, HttpFailure, HttpRequest, HttpResponse } from "../../host/http/exchange.ts";
import type { HttpClient } from "../../host/http/http-client.ts";
import { proxyAuthorization } from "../../host/http/proxy-authorization.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { BodyProblem } from "./read-body.ts";
import type { Secrets } from "./secrets.ts";

/** An answer, and which server gave it in the end. */
export interface Answered {
  readonly response: HttpResponse;
  readonly from: string;
}

/** By which way a server is reached; for one way it is always the same object. A proxy may be of a kind that is not known. */
export type ConnectionTo = (url: URL) => Result<Connection, AccessFailure>;

interface RequesterOptions {
  readonly http: HttpClient;
  /** `host[:port]` of the registry. */
  readonly host: string;
  readonly connectionTo: ConnectionTo;
  /** Whatever is sent to say who asks is put there. */
  readonly secrets: Secrets;
  readonly userAgent: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits until a request may be sent. */
  readonly beforeRequest?: (signal: AbortSignal | undefined) => Promise<void>;
}

/** Sends requests of one registry's client, and follows where they are redirected. */
export class Requester {
  readonly #options: RequesterOptions;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.host;
  }

  get secrets(): Secrets {
    return this.#options.secrets;
  }

  now(): number {
    return this.#options.now();
  }

  get(
    url: URL,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Result<Answered, AccessFailure>> {
    return this.ask({ method: "GET", url, headers: {}, authorization, signal });
  }

  /** Not followed anywhere: what it carries is a secret. */
  async post(url: URL, form: string, signal: AbortSignal | undefined): Promise<Result<Answered, AccessFailure>> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.#send({ method: "POST", url, headers, body: form, signal });
  }

  /**
   * Follows redirects as Go's http.Client does. The authorization goes on to the same host name, whatever its port, and to hosts
   * below it; unlike there, it does not go from https to http. Once it was left out it does not come back.
   */
  async ask({
    method,
    url: first,
    headers,
    authorization: secret,
    signal,
  }: {
    readonly method: "GET" | "HEAD";
    readonly url: URL;
    readonly headers: HttpRequest["headers"];
    readonly authorization: string | undefined;
    readonly signal: AbortSignal | undefined;
  }): Promise<Result<Answered, AccessFailure>> {
    let url = first;
    let authorization = secret;
    if (secret !== undefined) this.secrets.addAuthorization(secret);
    for (let followed = 0; followed <= maxRedirects; followed += 1) {
      const sent = { ...headers, ...(authorization === undefined ? {} : { authorization }) };
      const answer = await this.#send({ method, url, headers: sent, signal });
      if (!answer.ok) return answer;
      const { response } = answer.value;
      const target = redirectionOf(response, url);
      if (target === undefined) return answer;
      response.discard();
      if (target === "nowhere") {
        const detail = "it redirects without saying where to, or to something that is no web address";
        return fail({ code: "source.malformed", from: this.#nameOf(url), detail });
      }
      if (!maySee(target, first, url)) authorization = undefined;
      url = target;
    }
    const detail = `it redirects more than ${maxRedirects} times`;
    return fail({ code: "source.malformed", from: this.#nameOf(first), detail });
  }

  /** The name of another host than the registry's may be what a server says. */
  #nameOf({ host }: URL): string {
    return host === this.host ? host : this.secrets.redacted(host);
  }

  async #send(request: Omit<HttpRequest, "connection">): Promise<Result<Answered, AccessFailure>> {
    const from = this.#nameOf(request.url);
    const connection = this.#options.connectionTo(request.url);
    if (!connection.ok) return fail({ ...connection.problem, from });
    const ofProxy = connection.value.proxy && proxyAuthorization(connection.value.proxy);
    if (ofProxy !== undefined) this.secrets.addAuthorization(ofProxy);
    await this.#options.beforeRequest?.(request.signal);
    const headers = { "user-agent": this.#options.userAgent, ...request.headers };
    const answer = await this.#options.http.send({ ...request, headers, connection: connection.value });
    if (answer.ok) return ok({ response: answer.value, from });
    const failure = accessFailure(answer.problem, from);
    const { proxy } = connection.value;
    const isByProxy = proxy !== undefined && failure.code === "source.unreachable";
    return fail(isByProxy ? { ...failure, reason: `${failure.reason} (by way of the proxy ${proxy.host})` } : failure);
  }

  broken(problem: BodyProblem, from: string): AccessFailure {
    return problem.kind === "too-large"
      ? { code: "source.malformed", from, detail: `what it sends is larger than ${problem.maxBytes} bytes` }
      : accessFailure(problem, from);
  }
}

/** Go's http.Client `defaultCheckRedirect`. */
const maxRedirects = 10;

function redirectionOf(response: HttpResponse, url: URL): URL | "nowhere" | undefined {
  const [location = ""] = response.header("location");
  switch (response.status) {
    case 301:
    case 302:
    case 303:
      break;
    case 307:
    case 308:
      if (location === "") return undefined;
      break;
    default:
      return undefined;
  }
  const target = location !== "" && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  return target?.protocol === "https:" || target?.protocol === "http:" ? target : "nowhere";
}

function maySee(target: URL, first: URL, from: URL): boolean {
  if (target.protocol === "http:" && from.protocol === "https:") return false;
  return target.hostname === first.hostname || target.hostname.endsWith(`.${first.hostname}`);
}

function accessFailure(failure: HttpFailure, from: string): AccessFailure {
  switch (failure.kind) {
    case "unreachable":
      return { code: "source.unreachable", from, reason: failure.reason };
    case "timeout":
      return { code: "source.timeout", from, phase: failure.phase, seconds: failure.seconds };
    case "tls":
      return { code: "source.tls", from, reason: failure.reason };
    case "malformed":
      return { code: "source.malformed", from, detail: failure.detail };
  }
}
