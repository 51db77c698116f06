/**
 * A server on bare sockets that does what its script says, be it HTTP or not, and writes down every request it was sent.
 * What a well-behaved library cannot be made to send is easily sent from here.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { ImageContent } from "./content.ts";
import type { TlsMaterial } from "./tls.ts";

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  /** A list: the header several times. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** What Content-Length claims, if it is not the truth; "none": the header is left out. */
  readonly contentLength?: number | "none";
  /** "unfinished": the last chunk, which says that the body is whole, does not come. */
  readonly chunked?: boolean | "unfinished";
  /** Only so many bytes of the body are sent. */
  readonly cutAfter?: number;
  /** After what is sent. Default "close". */
  readonly ending?: "close" | "reset" | "hang" | "keep";
  readonly slow?: { readonly bytes: number; readonly everyMs: number };
  readonly delayMs?: number;
  /** The body again and again until the client goes. */
  readonly isEndless?: boolean;
  readonly version?: "1.0" | "1.1";
  /** These bytes, and nothing of the above but `ending`. */
  readonly raw?: string | Uint8Array;
}

/** A list: one after the other, the last again and again. */
export type Route = Answer | readonly Answer[];

export interface ServerScript {
  /** By "/path" (of GET), "POST /path", with or without query; "/path/*" is whatever begins so. */
  readonly routes?: Readonly<Record<string, Route>>;
  /** Whatever has no route. Default: 404 as registries give it. */
  readonly otherwise?: Route;
  readonly tls?: TlsMaterial & { readonly clientCa?: string };
  /** An Authorization header that every request must have; without it, 401 with this challenge. */
  readonly requires?: { readonly authorization: string; readonly challenge: string | readonly string[] };
  /** Default 127.0.0.1. */
  readonly listen?: "127.0.0.1" | "::1";
  /** Of whoever connects, before anything is read. "absent": nobody listens. */
  readonly connection?: "hang" | "reset" | "garbage" | "absent";
}

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly isTls: boolean;
}

export interface FaultServer {
  readonly port: number;
  /** "127.0.0.1:PORT" */
  readonly address: string;
  readonly seen: readonly SeenRequest[];
  /** How many there have been. */
  connections(): number;
  stop(): Promise<void>;
}

/** What is written down when the first byte is that of a TLS handshake, on a server that has none. */
const tlsHello: SeenRequest = { method: "TLS", target: "hello", headers: [], body: "", isTls: false };

/**
 * Starts the server. `expand` replaces placeholders in headers and text bodies when an answer is sent: servers that point at
 * one another are all up by then.
 */
export async function startFaultServer(
  script: ServerScript,
  expand: (text: string) => string = (text) => text,
): Promise<FaultServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const turns = new Map<Route, number>();
  const isTls = script.tls !== undefined;
  let connections = 0;
  const accept = (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (script.connection === "hang") return;
    if (script.connection === "reset") return void socket.resetAndDestroy();
    if (script.connection === "garbage") return void socket.end(Buffer.alloc(2000, "\x00\xff\x07SSH-2.0-"));
    new Connection(
      socket,
      isTls,
      (request) => {
        seen.push(request);
        return request === tlsHello ? undefined : answerTo(request, script, turns);
      },
      expand,
    ).read();
  };
  const server =
    script.tls === undefined || script.connection !== undefined ? createServer(accept) : tlsServer(script.tls, accept);
  const host = script.listen ?? "127.0.0.1";
  const port = await listening(server, host);
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  if (script.connection === "absent") await stop();
  return {
    port,
    address: host === "::1" ? `[::1]:${port}` : `${host}:${port}`,
    seen,
    connections: () => connections,
    stop,
  };
}

function tlsServer({ key, cert, ca, clientCa }: NonNullable<ServerScript["tls"]>, accept: (socket: Socket) => void) {
  const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer({ key, cert: cert + ca, ...clients }, accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

function listening(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

function answerTo(request: SeenRequest, script: ServerScript, turns: Map<Route, number>): Answer {
  const { requires } = script;
  if (requires !== undefined && headerOf(request, "authorization") !== requires.authorization) {
    return registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": requires.challenge });
  }
  const route = routeOf(request, script.routes ?? {}) ?? script.otherwise ?? notFound(request.target);
  if (!Array.isArray(route)) return route as Answer;
  const turn = turns.get(route) ?? 0;
  turns.set(route, turn + 1);
  return route[Math.min(turn, route.length - 1)] ?? {};
}

/** Of several headers of one name, the first. */
export function headerOf({ headers }: SeenRequest, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

function routeOf({ method, target }: SeenRequest, routes: Readonly<Record<string, Route>>): Route | undefined {
  const path = target.split("?")[0] ?? "";
  const names = method === "GET" || method === "HEAD" ? [`${method} `, ""] : [`${method} `];
  for (const name of names) {
    const exact = routes[`${name}${target}`] ?? routes[`${name}${path}`];
    if (exact !== undefined) return exact;
  }
  const key = Object.keys(routes)
    .filter((each) => each.endsWith("*"))
    .sort((a, b) => b.length - a.length)
    .find((each) => names.some((name) => `${name}${target}`.startsWith(each.slice(0, -1))));
  return key === undefined ? undefined : routes[key];
}

/** What docker-registry answers for what it does not have. */
function notFound(target: string): Answer {
  if (!target.startsWith("/v2/"))
    return { status: 404, headers: { "Content-Type": "text/plain" }, body: "404 page not found\n" };
  return registryError(404, target.includes("/manifests/") ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN");
}

const errorTexts: Readonly<Record<string, string>> = {
  MANIFEST_UNKNOWN: "manifest unknown",
  BLOB_UNKNOWN: "blob unknown to registry",
  NAME_UNKNOWN: "repository name not known to registry",
  UNAUTHORIZED: "authentication required",
  DENIED: "requested access to the resource is denied",
  TOOMANYREQUESTS: "too many requests",
};

/** An error in the form of the distribution specification. */
export function registryError(status: number, code: string, headers: Answer["headers"] = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ errors: [{ code, message: errorTexts[code] ?? code.toLowerCase() }] }),
  };
}

/** Answers for an image in a repository. */
export function routesOf(repository: string, { manifests, blobs }: ImageContent): Record<string, Route> {
  return {
    "/v2/": { body: "{}", headers: { "Content-Type": "application/json" } },
    ...Object.fromEntries(
      [...manifests].map(([name, { mediaType, bytes }]) => [
        `/v2/${repository}/manifests/${name}`,
        { headers: { "Content-Type": mediaType }, body: bytes },
      ]),
    ),
    ...Object.fromEntries(
      [...blobs].map(([digest, bytes]) => [
        `/v2/${repository}/blobs/${digest}`,
        { headers: { "Content-Type": "application/octet-stream" }, body: bytes },
      ]),
    ),
  };
}

/** Answers for the signature files of an image below a base path, which has no "/" at its end. */
export function lookasideRoutesOf(
  base: string,
  repository: string,
  { lookaside }: ImageContent,
): Record<string, Route> {
  return Object.fromEntries([...lookaside].map(([name, body]) => [`${base}/${repository}@${name}`, { body }]));
}

class Connection {
  readonly #socket: Socket;
  readonly #isTls: boolean;
  readonly #answer: (request: SeenRequest) => Answer | undefined;
  readonly #expand: (text: string) => string;
  #unread = Buffer.alloc(0);
  #isBusy = false;

  constructor(
    socket: Socket,
    isTls: boolean,
    answer: (request: SeenRequest) => Answer | undefined,
    expand: (text: string) => string,
  ) {
    this.#socket = socket;
    this.#isTls = isTls;
    this.#answer = answer;
    this.#expand = expand;
  }

  read(): void {
    this.#socket.on("data", (chunk) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#isBusy) return;
    const request = this.#take();
    if (request === undefined) return;
    this.#isBusy = true;
    const answer = this.#answer(request);
    if (answer === undefined) this.#socket.destroy();
    else await this.#send(answer, request.method === "HEAD");
    this.#isBusy = false;
    if (!this.#socket.destroyed && this.#unread.length > 0) await this.#next();
  }

  #take(): SeenRequest | undefined {
    if (this.#unread[0] === 0x16) {
      this.#unread = Buffer.alloc(0);
      return tlsHello;
    }
    const end = this.#unread.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [first = "", ...lines] = this.#unread.subarray(0, end).toString("latin1").split("\r\n");
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const length = Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
    const isChunked = headers.some(
      ([name, value]) => name.toLowerCase() === "transfer-encoding" && value === "chunked",
    );
    const rest = this.#unread.subarray(end + 4);
    const bodyEnd = isChunked ? rest.indexOf("0\r\n\r\n") + 5 : length;
    if (rest.length < bodyEnd || (isChunked && bodyEnd < 5)) return undefined;
    this.#unread = rest.subarray(bodyEnd);
    const [method = "", target = ""] = first.split(" ");
    const body = rest.subarray(0, bodyEnd).toString("latin1");
    return { method, target, headers, body: isChunked ? unchunked(body) : body, isTls: this.#isTls };
  }

  async #send(answer: Answer, isHead: boolean): Promise<void> {
    if (answer.delayMs !== undefined) await pause(answer.delayMs);
    if (answer.raw !== undefined) {
      this.#socket.write(bytesOf(answer.raw, this.#expand));
      return this.#end(answer.ending);
    }
    const body = bytesOf(answer.body ?? "", this.#expand);
    this.#socket.write(this.#head(answer, body));
    if (!isHead) await this.#body(answer, body);
    return this.#end(answer.ending);
  }

  #head(answer: Answer, body: Buffer): Buffer {
    const { status = 200, headers = {}, version = "1.1", contentLength, chunked, isEndless, ending } = answer;
    const lines = [`HTTP/${version} ${status} Whatever`];
    for (const [name, values] of Object.entries(headers)) {
      for (const value of [values].flat()) lines.push(`${name}: ${this.#expand(value)}`);
    }
    if (chunked !== undefined && chunked !== false) lines.push("Transfer-Encoding: chunked");
    else if (contentLength !== "none" && isEndless !== true)
      lines.push(`Content-Length: ${contentLength ?? body.length}`);
    if (ending !== "keep") lines.push("Connection: close");
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  }

  async #body({ cutAfter, chunked, slow, isEndless }: Answer, body: Buffer): Promise<void> {
    const sent = body.subarray(0, cutAfter ?? body.length);
    const step = slow?.bytes ?? 65_536;
    do {
      for (let i = 0; i < sent.length && !this.#socket.destroyed; i += step) {
        const piece = sent.subarray(i, i + step);
        await this.#write(
          chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, crlf]) : piece,
        );
        if (slow !== undefined) await pause(slow.everyMs);
      }
    } while (isEndless === true && !this.#socket.destroyed);
    if (chunked === true && cutAfter === undefined) this.#socket.write("0\r\n\r\n");
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve();
      this.#socket.once("close", resolve);
      this.#socket.write(bytes, () => {
        this.#socket.off("close", resolve);
        resolve();
      });
    });
  }

  #end(ending: Answer["ending"] = "close"): void {
    if (ending === "close") this.#socket.end();
    if (ending === "reset") this.#socket.resetAndDestroy();
  }
}

const crlf = Buffer.from("\r\n");

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function bytesOf(content: string | Uint8Array, expand: (text: string) => string): Buffer {
  return typeof content === "string" ? Buffer.from(expand(content)) : Buffer.from(content);
}

function unchunked(text: string): string {
  let result = "";
  for (let rest = text; rest !== ""; ) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf("\r\n") + 2;
    result += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
    if (size === 0) break;
  }
  return result;
}

/** Whether this machine has IPv6 on its loopback. */
export async function hasIpv6(): Promise<boolean> {
  const server = createServer();
  try {
    const port = await listening(server, "::1");
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, "::1", () => {
        socket.destroy();
        resolve();
      });
      socket.on("error", reject);
    });
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
