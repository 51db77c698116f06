import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import { errorText, fail, ok, type Result } from "../../result.ts";
import type { Connection, HttpFailure } from "./exchange.ts";

/** What a request has to say to Node to go by a connection. */
export interface Route {
  readonly agent: HttpAgent;
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
  readonly #plain = new HttpAgent(kept);
  readonly #secure = new Map<Connection, Route>();
  readonly #tunnels = new Map<string, HttpAgent>();

  async route(url: URL, connection: Connection): Promise<Result<Route, HttpFailure>> {
    if (url.protocol === "http:") return ok({ agent: this.#plain });
    const known = this.#secure.get(connection);
    if (known !== undefined) return ok(known);
    const context = contextOf(connection);
    if (!context.ok) return context;
    const tls = { secureContext: context.value, rejectUnauthorized: !connection.isUnverified };
    const agent =
      connection.proxy === undefined ? new HttpsAgent({ ...kept, ...tls }) : await this.#tunnel(connection.proxy);
    const route = { agent, ...tls };
    this.#secure.set(connection, route);
    return ok(route);
  }

  async #tunnel(proxy: URL): Promise<HttpAgent> {
    const known = this.#tunnels.get(proxy.href);
    if (known !== undefined) return known;
    const { HttpsProxyAgent } = await importWithoutDebug();
    const agent = new HttpsProxyAgent(proxy, kept);
    this.#tunnels.set(proxy.href, agent);
    return agent;
  }

  close(): void {
    this.#plain.destroy();
    for (const { agent } of this.#secure.values()) agent.destroy();
  }
}

/** It has the package `debug` tell the address of the proxy, password and all, where the environment asks for that; it looks once. */
async function importWithoutDebug(): Promise<typeof import("https-proxy-agent")> {
  const environment: { DEBUG?: string } = process.env;
  const { DEBUG } = environment;
  delete environment.DEBUG;
  try {
    return await import("https-proxy-agent");
  } finally {
    if (DEBUG !== undefined) environment.DEBUG = DEBUG;
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
