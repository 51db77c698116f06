import { fail, ok, type Result } from "../../result.ts";
import { sleep } from "../sleep.ts";
import type { Channel, ChannelProblem, Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { FairTurns } from "./fair-turns.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Readiness, Watch } from "./readiness.ts";
import { SocketChannel } from "./socket-channel.ts";

/** Takes connections. */
export interface Listener {
  /** Waits for the next one. One call at a time. */
  accept(): Promise<Result<Channel, ChannelProblem>>;
  /** Ends what is waiting with ECANCELED, and takes away the socket's file if it is still the one that was made. */
  close(): void;
}

export class SocketListener implements Listener {
  readonly #libc: Libc;
  readonly #readiness: Readiness;
  readonly #descriptor: Descriptor;
  readonly #keepsPackets: boolean;
  readonly #remove: () => void;
  readonly #watch: Watch;
  readonly #turns = new FairTurns();
  readonly #closing = new AbortController();
  readonly #oneAccept = new OneAtATime("accept");

  /**
   * Takes the descriptor, which does not block.
   *
   * @param remove takes away what was made for it
   */
  constructor(
    descriptor: Descriptor,
    {
      libc,
      readiness,
      keepsPackets,
      remove = () => {},
    }: { libc: Libc; readiness: Readiness; keepsPackets: boolean; remove?: () => void },
  ) {
    this.#libc = libc;
    this.#readiness = readiness;
    this.#descriptor = descriptor;
    this.#keepsPackets = keepsPackets;
    this.#remove = remove;
    this.#watch = readiness.watch(descriptor.number);
  }

  accept(): Promise<Result<Channel, ChannelProblem>> {
    return this.#oneAccept.run(() => this.#accept());
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#watch.close();
    this.#remove();
    this.#descriptor.close();
  }

  async #accept(): Promise<Result<Channel, ChannelProblem>> {
    for (;;) {
      await this.#turns.next();
      if (this.#closing.signal.aborted) return fail({ errno: "ECANCELED" });
      const outcome = this.#libc.accept(this.#descriptor.number);
      if (outcome >= 0) return ok(this.#channel(outcome));
      if (gone.includes(-outcome)) continue;
      if (outcome === -errnos.EAGAIN) {
        this.#turns.waited();
        const errno = await this.#watch.readable();
        if (errno !== undefined) return fail({ errno });
      } else if (scarce.includes(-outcome)) await this.#pause();
      else return fail({ errno: errnoName(outcome) });
    }
  }

  #channel(number: number): Channel {
    return new SocketChannel(ownDescriptor(number), {
      libc: this.#libc,
      readiness: this.#readiness,
      keepsPackets: this.#keepsPackets,
    });
  }

  /** The connection stays where it is, and the listener ready: to try again at once would not end. */
  async #pause(): Promise<void> {
    await sleep(pauseSeconds, this.#closing.signal).catch(() => undefined);
  }
}

/** Who connected has gone already (accept(2)). */
const gone: readonly number[] = [errnos.ECONNABORTED, errnos.EPROTO];

/** What may be there again in a moment, when others have closed theirs. */
const scarce: readonly number[] = [errnos.EMFILE, errnos.ENFILE, errnos.ENOBUFS, errnos.ENOMEM];

const pauseSeconds = 0.1;
