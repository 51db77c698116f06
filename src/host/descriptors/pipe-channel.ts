import { fail, ok, type Result } from "../../result.ts";
import type { Channel, ChannelProblem, Descriptor, Peer, Received } from "./channel.ts";
import { FairTurns } from "./fair-turns.ts";
import { pollEvents } from "./layouts.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Readiness, Watch } from "./readiness.ts";

/**
 * A channel over two pipes, such as the standard input and output, or over what is used like pipes: many a parent makes sockets of them. They are others' as well, so that O_NONBLOCK is not for us to set:
 * nothing is tried before poll(2) said that it will not block. Whoever has nothing to do with them meanwhile can still be kept waiting, by
 * another process that reads from, or writes to, the same pipe at this moment.
 */
export class PipeChannel implements Channel {
  readonly peer: Peer | undefined;
  readonly carriesDescriptors = false;
  readonly #libc: Libc;
  readonly #ends: { readonly input: Descriptor; readonly output: Descriptor };
  readonly #readable: Watch;
  readonly #writable: Watch;
  readonly #receiving = new FairTurns();
  readonly #oneReceive = new OneAtATime("receive");
  readonly #oneSend = new OneAtATime("send");
  #isClosed = false;

  /**
   * Takes both.
   *
   * @param peer whoever writes to the input, if that is known
   */
  constructor(
    ends: { readonly input: Descriptor; readonly output: Descriptor },
    { libc, readiness, peer }: { readonly libc: Libc; readonly readiness: Readiness; readonly peer?: Peer | undefined },
  ) {
    this.peer = peer;
    this.#libc = libc;
    this.#ends = ends;
    this.#readable = readiness.watch(ends.input.number);
    this.#writable = readiness.watch(ends.output.number);
  }

  receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    return this.#oneReceive.run(() => this.#receive(maxBytes));
  }

  async send(bytes: Uint8Array, descriptors: readonly Descriptor[] = []): Promise<Result<undefined, ChannelProblem>> {
    if (descriptors.length > 0) return fail({ errno: "EINVAL" });
    return this.#oneSend.run(() => this.#send(bytes));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#readable.close();
    this.#writable.close();
    this.#ends.input.close();
    this.#ends.output.close();
  }

  async #receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    if (maxBytes < 1) throw new Error("nothing can be received into no room: it would look like the end");
    await this.#receiving.next();
    const { number } = this.#ends.input;
    for (;;) {
      if (this.#isClosed) return canceled;
      const bytes = this.#isReady(number, pollEvents.readable)
        ? this.#libc.read(number, Math.min(maxBytes, maxPieceBytes))
        : -errnos.EAGAIN;
      if (typeof bytes !== "number") return ok({ bytes, descriptors: [], areDescriptorsMissing: false });
      if (bytes !== -errnos.EAGAIN) return fail({ errno: errnoName(bytes) });
      this.#receiving.waited();
      const errno = await this.#readable.readable();
      if (errno !== undefined) return fail({ errno });
    }
  }

  async #send(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>> {
    const { number } = this.#ends.output;
    let sent = 0;
    while (sent < bytes.length) {
      if (this.#isClosed) return canceled;
      const outcome = this.#isReady(number, pollEvents.writable)
        ? this.#libc.write(number, bytes.subarray(sent, sent + maxAtomicBytes))
        : -errnos.EAGAIN;
      if (outcome >= 0) sent += outcome;
      else if (outcome !== -errnos.EAGAIN) return fail({ errno: errnoName(outcome) });
      else {
        const errno = await this.#writable.writable();
        if (errno !== undefined) return fail({ errno });
      }
    }
    return ok(undefined);
  }

  /** Also if there is an error: whoever tries hears of it. */
  #isReady(descriptor: number, events: number): boolean {
    const found = this.#libc.poll([{ descriptor, events }], 0);
    return typeof found !== "number" && found[0] !== 0;
  }
}

const canceled = fail({ errno: "ECANCELED" } as const);

const maxPieceBytes = 64 * 1024;

/** PIPE_BUF: so much does not block in a pipe that poll(2) calls writable (pipe(7)). */
const maxAtomicBytes = 4096;
