import type { Channel } from "../../host/descriptors/channel.ts";
import { later } from "../../host/later.ts";
import { maxMessageDescriptors, maxReadAheadBytes } from "../../limits.ts";
import { type Framed, type FramingLimits, MessageFramer } from "./message-framer.ts";

/** Why no more messages come. */
export type InputEnd =
  /** The peer said that it sends no more: those before were all taken. `isCutOff`: in the middle of a message. */
  | { readonly kind: "end"; readonly isCutOff: boolean }
  | { readonly kind: "lost"; readonly errno: string }
  /** The peer was waited for too long: for a message to begin, or for the rest of one. */
  | { readonly kind: "idle" | "slow" }
  | { readonly kind: "stopped" };

export interface Patience {
  /** How long a connection may be without a message under way; as long as it likes if not said. */
  readonly idleMilliseconds?: number;
  /** How long a message may take from its first byte to its last. Only time is counted in which the service waits for it. */
  readonly messageMilliseconds?: number;
}

/** How long the rest of a message is waited for that is not wanted. */
const discardMilliseconds = 10_000;

/**
 * Reads the messages of a connection, also while one is answered: so it is noticed that the peer is gone, and the next call is at hand.
 * Then it stops at some bound, and the kernel holds up the sender.
 */
export class MessageReader {
  readonly #channel: Channel;
  readonly #framer: MessageFramer;
  readonly #patience: Patience;
  readonly #onLost: (errno: string) => void;
  #end: InputEnd | undefined;
  /** A message was taken, and is being answered. */
  #isAnswering = false;
  #wake: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #watch: (() => void) | undefined;
  #wasUnderWay = false;
  #discarded = 0;
  #isClosed = false;

  constructor(
    channel: Channel,
    patience: Patience,
    onLost: (errno: string) => void,
    limits: FramingLimits | undefined = undefined,
  ) {
    this.#channel = channel;
    this.#patience = patience;
    this.#onLost = onLost;
    this.#framer = new MessageFramer(limits);
    void this.#readAll();
  }

  /** The next message. Only when the one before was answered. */
  async next(): Promise<Framed | InputEnd> {
    this.#isAnswering = false;
    this.#resume?.();
    while (this.#end === undefined || this.#end.kind === "end") {
      const message = this.#framer.take();
      if (message !== undefined) {
        this.#isAnswering = true;
        return message;
      }
      if (this.#end !== undefined) return this.#end;
      await this.#change();
    }
    return this.#end;
  }

  /** Waits until something was read, but not for too long. */
  async #change(): Promise<void> {
    const isUnderWay = this.#framer.unfinishedBytes > 0;
    if (isUnderWay !== this.#wasUnderWay) this.#stopWatch();
    this.#wasUnderWay = isUnderWay;
    const milliseconds = isUnderWay ? this.#patience.messageMilliseconds : this.#patience.idleMilliseconds;
    if (milliseconds !== undefined) {
      this.#watch ??= later(milliseconds, () => this.#finish({ kind: isUnderWay ? "slow" : "idle" }));
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    if (this.#framer.count > 0 || this.#end !== undefined) this.#stopWatch();
  }

  #stopWatch(): void {
    this.#watch?.();
    this.#watch = undefined;
  }

  /** Takes no more messages: what is under way ends, and `next` says so. */
  stop(): void {
    this.#finish({ kind: "stopped" });
  }

  /** Reads the rest of a message that was refused: a peer that sends all of it first would not come to read the answer otherwise. */
  async discard(maxBytes: number): Promise<void> {
    const stopWatch = later(this.#patience.messageMilliseconds ?? discardMilliseconds, () => this.stop());
    this.#discarded = 0;
    while (this.#end === undefined && this.#framer.isInsideRefused && this.#discarded < maxBytes) await this.#change();
    stopWatch();
  }

  /** Closes the channel, and every descriptor that was not taken. */
  close(): void {
    this.#isClosed = true;
    this.#finish({ kind: "stopped" });
    this.#stopWatch();
    this.#framer.close();
    this.#resume?.();
    this.#channel.close();
  }

  #finish(end: InputEnd): void {
    if (this.#end === undefined || this.#end.kind === "end") this.#end = end;
    this.#wake?.();
  }

  async #readAll(): Promise<void> {
    while (this.#end === undefined) {
      if (this.#isFull()) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
        this.#resume = undefined;
        continue;
      }
      const received = await this.#channel.receive(maxReadAheadBytes);
      if (!received.ok) {
        if (!this.#isClosed) this.#onLost(received.problem.errno);
        return this.#finish({ kind: "lost", errno: received.problem.errno });
      }
      const { bytes } = received.value;
      this.#framer.add(received.value);
      if (bytes.length === 0) return this.#finish({ kind: "end", isCutOff: this.#framer.unfinishedBytes > 0 });
      this.#discarded += bytes.length;
      this.#wake?.();
    }
  }

  #isFull(): boolean {
    const { count, bytes, descriptors } = this.#framer;
    if (count === 0 && !this.#isAnswering) return false;
    return bytes >= maxReadAheadBytes || descriptors >= maxMessageDescriptors;
  }
}
