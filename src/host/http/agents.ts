import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import { errorText, fail, ok, type Result } from "../../result.ts";
import type { Connection, HttpFailure } from "./exchange.ts";
import { IdleConnections } from "./idle-connections.ts";

/** What a request has to say to Node to go by a connection. */
export interface Route {
  readonly agent: HttpAgent | HttpsAgent;
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: boolean;
}

/** Connections that nobody uses are kept this long, as the reference does (pkg/tlsclientconfig `NewTransport`). */
const keptIdleMilliseconds = 90_000;

/** Who asks has bounds of his own on what is under way; this is for those who have none. */
const maxSocketsPerServer = 256;

const kept = { keepAlive: true, maxSockets: maxSocketsPerServer, maxFreeSockets: 32, timeout: keptIdleMilliseconds };

/** The kept connections, by which way they go. */
export class Agents {
  readonly #idle = new IdleConnections();
  readonly #plain = this.#idle.watch(new HttpAgent(kept));
  /** Each with sockets of its own: who is trusted by one of them is not trusted by another. */
  readonly #secure = new Map<Connection, Route>();
  readonly #connectSeconds: number;

  constructor({ connectSeconds }: { readonly connectSeconds: number }) {
    this.#connectSeconds = connectSeconds;
  }

  async route(url: URL, connection: Connection): Promise<Result<Route, HttpFailure>> {
    if (url.protocol === "http:") return ok({ agent: this.#plain });
    const known = this.#secure.get(connection);
    if (known !== undefined) return ok(known);
    const context = contextOf(connection);
    if (!context.ok) return context;
    const tls = { secureContext: context.value, rejectUnauthorized: !connection.isUnverified };
    const options = { ...kept, ...tls };
    const { proxy } = connection;
    const agent = proxy === undefined ? new HttpsAgent(options) : await this.#tunnel(proxy, tls, options);
    // Another request may have come first meanwhile.
    const route = this.#secure.get(connection) ?? { agent: this.#idle.watch(agent), ...tls };
    this.#secure.set(connection, route);
    return ok(route);
  }

  async #tunnel(
    proxy: URL,
    {
      secureContext,
      rejectUnauthorized,
    }: { readonly secureContext: SecureContext; readonly rejectUnauthorized: boolean },
    options: AgentOptions,
  ): Promise<HttpsAgent> {
    const { TunnelAgent } = await import("./tunnel-agent.ts");
    const proxyContext = rejectUnauthorized ? secureContext : undefined;
    return new TunnelAgent({ proxy, proxyContext, connectSeconds: this.#connectSeconds }, options);
  }

  close(): void {
    this.#plain.destroy();
    for (const { agent } of this.#secure.values()) agent.destroy();
  }
}

/** Made once for all connections: reading the authorities of a system takes longer than a request. */
function contextOf({ authorities, client }: Connection): Result<SecureContext, HttpFailure> {
  try {
    const context = createSecureContext({
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
      minVersion: "TLSv1.2",
      // Whatever is among the authorities is trusted, as by Go, also if it is signed by another.
      allowPartialTrustChain: true,
    });
    return ok(context);
  } catch (error) {
    return fail({ kind: "tls", reason: `the certificates for it cannot be used (${errorText(error)})` });
  }
}
