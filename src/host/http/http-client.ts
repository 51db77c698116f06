import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { createGunzip } from "node:zlib";
import { maxHttpHeaderBytes } from "../../limits.ts";
import { errorText, fail, ok, type Result } from "../../result.ts";
import { Agents, type Route } from "./agents.ts";
import { HttpBroken, type HttpFailure, type HttpRequest, type HttpResponse } from "./exchange.ts";
import { httpFailure } from "./http-failure.ts";
import { proxyAuthorization } from "./proxy-authorization.ts";

/** How long each phase of a request may take. */
export interface HttpTimeouts {
  /** To connect, TLS included. */
  readonly connectSeconds: number;
  /** From there to the headers of the answer. */
  readonly answerSeconds: number;
  /** Between two pieces of its body. */
  readonly bodySeconds: number;
}

export const defaultTimeouts: HttpTimeouts = { connectSeconds: 30, answerSeconds: 60, bodySeconds: 60 };

/** HTTP over connections that are kept (docs/decisions/0010-http.md). */
export class HttpClient {
  readonly #agents: Agents;
  readonly #timeouts: HttpTimeouts;

  constructor(timeouts: HttpTimeouts = defaultTimeouts) {
    this.#timeouts = timeouts;
    this.#agents = new Agents(timeouts);
  }

  /** Asks once; a kept connection that the server has closed meanwhile does not count. Throws the signal's reason if that ends it. */
  async send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>> {
    const route = await this.#agents.route(request.url, request.connection);
    if (!route.ok) return route;
    for (let attempt = 1; ; attempt += 1) {
      request.signal?.throwIfAborted();
      const { answer, wasReused } = await exchange(request, route.value, this.#timeouts);
      request.signal?.throwIfAborted();
      const isStale = !answer.ok && answer.problem.kind === "unreachable" && answer.problem.wasReset && wasReused();
      if (!isStale || attempt > maxStaleConnections) return answer;
    }
  }

  close(): void {
    this.#agents.close();
  }
}

/** Kept connections that may turn out to be closed, one after the other, for one request. */
const maxStaleConnections = 3;

interface Exchange {
  readonly answer: Result<HttpResponse, HttpFailure>;
  readonly wasReused: () => boolean;
}

function exchange(asked: HttpRequest, route: Route, timeouts: HttpTimeouts): Promise<Exchange> {
  return new Promise((resolve) => {
    let sent: ClientRequest | undefined;
    const end = (answer: Result<HttpResponse, HttpFailure>): void =>
      resolve({ answer, wasReused: () => sent?.reusedSocket === true });
    try {
      const open = asked.url.protocol === "https:" ? httpsRequest : httpRequest;
      sent = open(optionsOf(asked, route));
    } catch (error) {
      end(fail({ kind: "malformed", detail: errorText(error) }));
      return;
    }
    const request = sent;
    const watch = watchPhases(request, timeouts);
    endWith(asked.signal, request);
    request.on("response", (message) => {
      watch.stop();
      end(ok(responseOf(message, { ...asked, seconds: timeouts.bodySeconds })));
    });
    request.on("error", (error) => {
      watch.stop();
      end(fail(httpFailure(error)));
    });
    // A server that switches to another protocol (101) has neither answered nor failed.
    request.on("close", () => end(fail(noAnswer)));
    request.end(asked.body);
  });
}

const noAnswer: HttpFailure = { kind: "malformed", detail: "it ends without an answer" };

function optionsOf({ method, url, headers, body, connection }: HttpRequest, route: Route): RequestOptions {
  const target = `${url.pathname}${url.search}`;
  const sent: Record<string, string | readonly string[]> = {
    ...headers,
    ...(method === "GET" && !("range" in headers) ? { "accept-encoding": "gzip" } : {}),
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
  const common = { method, ...route, maxHeaderSize: maxHttpHeaderBytes };
  const proxy = url.protocol === "http:" ? connection.proxy : undefined;
  if (proxy !== undefined) {
    const authorization = proxyAuthorization(proxy);
    if (authorization !== undefined) sent["proxy-authorization"] = authorization;
    return { ...common, ...hostOf(proxy), path: `http://${url.host}${target}`, headers: { ...sent, host: url.host } };
  }
  return { ...common, ...hostOf(url), path: target, headers: { ...sent, host: url.host } };
}

function hostOf({ hostname, port, protocol }: URL): { readonly hostname: string; readonly port: number } {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { hostname: bare, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** Node's own option `signal` does this too; Bun keeps its listeners for ever. */
function endWith(signal: AbortSignal | undefined, request: ClientRequest): void {
  if (signal === undefined) return;
  const stop = (): void => void request.destroy(new Error("aborted"));
  signal.addEventListener("abort", stop, { once: true });
  request.on("close", () => signal.removeEventListener("abort", stop));
}

/** Ends a request that has no connection, or no answer, in time. */
function watchPhases(request: ClientRequest, timeouts: HttpTimeouts): { stop(): void } {
  const limit = (phase: "connect" | "answer", seconds: number) =>
    setTimeout(() => request.destroy(new HttpBroken({ kind: "timeout", phase, seconds })), seconds * 1000);
  let timer = limit("connect", timeouts.connectSeconds);
  const stop = (): void => clearTimeout(timer);
  const connected = (): void => {
    stop();
    timer = limit("answer", timeouts.answerSeconds);
  };
  request.on("socket", (socket) => {
    if (request.reusedSocket || !socket.connecting) return connected();
    socket.once("encrypted" in socket ? "secureConnect" : "connect", connected);
  });
  request.on("close", stop);
  return { stop };
}

function responseOf(
  message: IncomingMessage,
  { method, seconds }: { readonly method: string; readonly seconds: number },
): HttpResponse {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const name = (message.rawHeaders[at] ?? "").toLowerCase();
    const values = headers.get(name);
    const value = message.rawHeaders[at + 1] ?? "";
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  // Nobody may be listening yet, or any more.
  message.on("error", () => {});
  const isCompressed = method !== "HEAD" && headers.get("content-encoding")?.[0]?.toLowerCase() === "gzip";
  return {
    status: message.statusCode ?? 0,
    header: (name) => headers.get(name) ?? [],
    body: bodyOf(message, isCompressed, seconds),
    bodySeconds: seconds,
    discard: () => discard(message, { hasBody: method !== "HEAD" }),
  };
}

/** A short rest is read, so that the connection can be kept; a long one is cut off, and one that takes long. */
function discard(message: IncomingMessage, { hasBody }: { readonly hasBody: boolean }): void {
  const length = hasBody ? Number(message.headers["content-length"] ?? Number.NaN) : 0;
  if (!(length <= maxDiscardedBytes)) return void message.destroy();
  const timer = setTimeout(() => message.destroy(), discardMilliseconds);
  message.on("close", () => clearTimeout(timer));
  message.resume();
}

const discardMilliseconds = 5_000;

const maxDiscardedBytes = 64 * 1024;

async function* bodyOf(message: IncomingMessage, isCompressed: boolean, seconds: number): AsyncGenerator<Uint8Array> {
  let lateness: HttpBroken | undefined;
  const late = (): void => {
    lateness = new HttpBroken({ kind: "timeout", phase: "body", seconds });
    message.destroy(lateness);
  };
  message.setTimeout(seconds * 1000, late);
  const pace = keepPace(seconds, late);
  let isWhole = false;
  try {
    for await (const piece of isCompressed ? unpacked(message) : message) {
      pace.came(piece.length);
      yield piece;
      pace.goOn();
    }
    if (!message.complete) throw new HttpBroken(brokenOff);
    isWhole = true;
  } catch (error) {
    // To who unpacks it, it was only broken off.
    if (lateness !== undefined) throw lateness;
    throw error instanceof HttpBroken ? error : new HttpBroken(httpFailure(error));
  } finally {
    pace.stop();
    if (!isWhole) message.destroy();
  }
}

/** In ten times as long as a server may be silent, so much of a body must come: who sends a byte a minute is never done. */
const minBytesOfPace = 1024 * 1024;
const silencesOfPace = 10;

/** Calls `late` where a body comes too slowly; the time for which nobody wants more of it does not count. */
function keepPace(seconds: number, late: () => void) {
  const span = silencesOfPace * seconds * 1000;
  let bytes = 0;
  let waited = 0;
  let waitsSince: number | undefined = performance.now();
  const pause = (): void => {
    if (waitsSince !== undefined) waited += performance.now() - waitsSince;
    waitsSince = undefined;
  };
  const timer = setInterval(() => {
    const isWaiting = waitsSince !== undefined;
    pause();
    if (bytes < minBytesOfPace && waited > span / 2) late();
    bytes = 0;
    waited = 0;
    if (isWaiting) waitsSince = performance.now();
  }, span);
  return {
    came(length: number): void {
      bytes += length;
      pause();
    },
    goOn(): void {
      waitsSince = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}

const brokenOff: HttpFailure = { kind: "unreachable", reason: "the connection was broken off", wasReset: true };

async function* unpacked(message: IncomingMessage): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip();
  message.on("error", (error) => unpacker.destroy(error));
  message.on("aborted", () => unpacker.destroy(new HttpBroken(brokenOff)));
  message.pipe(unpacker);
  try {
    for await (const piece of unpacker) yield piece;
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) {
      throw new HttpBroken({ kind: "malformed", detail: "the body is not the gzip that it is said to be" });
    }
    throw error;
  } finally {
    unpacker.destroy();
  }
}
