import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import { connect as connectPlain, isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectSecure, type SecureContext } from "node:tls";
import { HttpBroken, type HttpFailure } from "./exchange.ts";
import { proxyAuthorization } from "./proxy-authorization.ts";

export interface Tunnel {
  readonly proxy: URL;
  /** By which the proxy's own certificate is judged, if it has one; unless given, by what the runtime trusts. */
  readonly proxyContext: SecureContext | undefined;
  /** How long it may take until the proxy has made the connection. */
  readonly connectSeconds: number;
}

/**
 * Connections through an HTTP proxy, by `CONNECT` (RFC 9110, 9.3.6). Whatever the proxy answers but 200 is a failure, and no answer of the
 * server behind it: neither its status nor where it would redirect to is vouched for by that server's certificate.
 */
export class TunnelAgent extends Agent {
  readonly #tunnel: Tunnel;

  constructor(tunnel: Tunnel, options: AgentOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(
    {
      host,
      port,
      servername,
      secureContext,
      rejectUnauthorized = true,
    }: RequestOptions & { readonly secureContext?: SecureContext },
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const name = host ?? "";
    openTunnel(this.#tunnel, `${name.includes(":") ? `[${name}]` : name}:${port}`).then(
      (socket) => {
        const secure = connectSecure({
          socket,
          host: name,
          ...(servername ? { servername } : {}),
          ...(secureContext === undefined ? {} : { secureContext }),
          rejectUnauthorized,
        });
        socket.on("error", (error) => secure.destroy(error));
        callback?.(null, secure);
      },
      // With an error, there is no socket.
      (error: Error) => callback?.(error, new Socket()),
    );
  }
}

/** The proxy's answer has a status line and some headers, of which nothing counts. */
const maxAnswerBytes = 64 * 1024;

function openTunnel({ proxy, proxyContext, connectSeconds }: Tunnel, target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const authorization = proxyAuthorization(proxy);
    const socket = connectTo(proxy, proxyContext);
    let answer = "";
    const end = (failure: HttpFailure | Error | undefined): void => {
      clearTimeout(timer);
      socket.off("data", read);
      socket.off("end", closed);
      if (failure === undefined) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(failure instanceof Error ? failure : new HttpBroken(failure));
    };
    const closed = (): void => end({ kind: "unreachable", reason: "its proxy ends the connection", wasReset: false });
    const read = (piece: Uint8Array): void => {
      answer += Buffer.from(piece).toString("latin1");
      const length = answer.indexOf("\r\n\r\n");
      if (length === -1 && answer.length <= maxAnswerBytes) return;
      socket.pause();
      end(refusalIn(answer, length));
    };
    const late = { kind: "timeout", phase: "connect", seconds: connectSeconds } as const;
    const timer = setTimeout(() => end(late), connectSeconds * 1000);
    socket.on("error", end);
    socket.on("end", closed);
    socket.on("data", read);
    const asked = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
    if (authorization !== undefined) asked.push(`Proxy-Authorization: ${authorization}`);
    socket.write(`${asked.join("\r\n")}\r\n\r\n`);
  });
}

function connectTo({ protocol, hostname, port }: URL, secureContext: SecureContext | undefined): Socket {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (protocol !== "https:") return connectPlain({ host, port: Number(port || 80) });
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Its password is for the proxy alone, whatever is thought of the server.
  const trust = { rejectUnauthorized: true, ...(secureContext === undefined ? {} : { secureContext }) };
  return connectSecure({ host, port: Number(port || 443), ...name, ...trust });
}

/** @param length of the head of the answer, -1 if that has no end. */
function refusalIn(answer: string, length: number): HttpFailure | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n)/.exec(answer)?.[1];
  if (length === -1 || status === undefined) {
    return { kind: "malformed", detail: "what its proxy answers is not HTTP" };
  }
  if (status !== "200")
    return { kind: "unreachable", reason: `its proxy answers with status ${status}`, wasReset: false };
  // A server says nothing before it is spoken to.
  return length + 4 === answer.length ? undefined : { kind: "malformed", detail: "its proxy speaks for it" };
}
