import type { Channel, Peer } from "../../host/descriptors/channel.ts";
import type { Listener } from "../../host/descriptors/listener.ts";
import { later } from "../../host/later.ts";
import { maxConnectionsOfUser } from "../../limits.ts";
import { type ConnectionEnd, type ConnectionOptions, serveConnection } from "../varlink/serve-connection.ts";
import type { Service } from "../varlink/service.ts";
import { hasOwnRights } from "./caller.ts";

export interface ConnectionsOptions {
  readonly service: Service;
  readonly connection: ConnectionOptions;
  /** Of everybody together. */
  readonly most: number;
  /** Told of what was closed as there are too many. */
  readonly onRefused: (peer: Peer | undefined) => void;
  /** Told of what a peer sent that was not taken, and for which it was sent away. */
  readonly onMisbehaved: (why: { readonly code: string; readonly message: string }, peer: Peer | undefined) => void;
  /** Told of a bug, and of what ends a listener. */
  readonly onFailure: (reason: string) => void;
}

/** How long calls that are under way may take once the service is to stop, until their connections are cut. */
const graceMilliseconds = 30_000;

/** The connections that are open, each served by itself. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<Channel, Promise<void>>();
  readonly #byUser = new Map<number, number>();
  /** Called when the last one has ended. */
  onIdle: () => void = () => {};

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Accepts connections until the listener is closed. */
  async listen(listener: Listener): Promise<void> {
    for (;;) {
      const accepted = await listener.accept();
      if (accepted.ok) this.add(accepted.value);
      else {
        if (accepted.problem.errno !== "ECANCELED") this.#options.onFailure(accepted.problem.errno);
        return;
      }
    }
  }

  /** Serves one, unless there are too many. */
  add(channel: Channel): void {
    const { peer } = channel;
    const ofUser = peer === undefined ? 0 : (this.#byUser.get(peer.userId) ?? 0);
    if (this.#open.size >= this.#options.most || (!hasOwnRights(peer) && ofUser >= maxConnectionsOfUser)) {
      channel.close();
      this.#options.onRefused(peer);
      return;
    }
    if (peer !== undefined) this.#byUser.set(peer.userId, ofUser + 1);
    const { service, connection, onFailure, onMisbehaved } = this.#options;
    const served = serveConnection(channel, service, connection)
      .then(
        (end) => {
          const why = misbehaviourOf(end);
          if (why !== undefined) onMisbehaved(why, peer);
        },
        (error: unknown) => onFailure(String(error)),
      )
      .then(() => this.#ended(channel));
    this.#open.set(channel, served);
  }

  #ended(channel: Channel): void {
    this.#open.delete(channel);
    const { peer } = channel;
    if (peer !== undefined) {
      const left = (this.#byUser.get(peer.userId) ?? 1) - 1;
      if (left === 0) this.#byUser.delete(peer.userId);
      else this.#byUser.set(peer.userId, left);
    }
    if (this.#open.size === 0) this.onIdle();
  }

  /** Waits until all have ended. They are told to by `stop` of their options, and are cut if they take too long. */
  async drain(): Promise<void> {
    const callOff = later(graceMilliseconds, () => {
      for (const channel of this.#open.keys()) channel.close();
    });
    await Promise.all(this.#open.values());
    callOff();
  }
}

/** What a peer did against the protocol, or beyond its limits, in words without anything that it sent. */
function misbehaviourOf(end: ConnectionEnd): { readonly code: string; readonly message: string } | undefined {
  switch (end.kind) {
    case "malformed":
      return { code: "call.malformed", message: `A connection was closed, as what came is no call: ${end.reason}.` };
    case "over-limit":
      return {
        code: `limit.message.${end.limit}`,
        message: `A connection was closed, as a message is over the limit of ${end.limit}.`,
      };
    default:
      return undefined;
  }
}
