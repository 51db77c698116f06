import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { maxIdleConnections } from "../../limits.ts";

/** Kept connections that nobody uses, of all agents: those of one server are bounded by its agent, and of servers there may be thousands. */
export class IdleConnections {
  /** The one unused for longest comes first. */
  readonly #idle = new Set<Duplex>();
  readonly #seen = new WeakSet<Duplex>();

  /** Lets the connections of an agent count (node:http `agent.keepSocketAlive`, `agent.reuseSocket`). */
  watch<A extends Agent>(agent: A): A {
    const keep: (socket: Duplex) => unknown = agent.keepSocketAlive.bind(agent);
    const reuse = agent.reuseSocket.bind(agent);
    agent.keepSocketAlive = (socket) => {
      const isKept = keep(socket);
      if (isKept) this.#add(socket);
      return isKept;
    };
    agent.reuseSocket = (socket, request) => {
      this.#idle.delete(socket);
      reuse(socket, request);
    };
    return agent;
  }

  #add(socket: Duplex): void {
    if (!this.#seen.has(socket)) {
      this.#seen.add(socket);
      socket.once("close", () => this.#idle.delete(socket));
    }
    this.#idle.add(socket);
    if (this.#idle.size <= maxIdleConnections) return;
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#idle.delete(oldest);
    oldest.destroy();
  }
}
