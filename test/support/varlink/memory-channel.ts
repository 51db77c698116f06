import type { Channel, ChannelProblem, Descriptor, Peer, Received } from "../../../src/host/descriptors/channel.ts";
import { fail, ok, type Result } from "../../../src/result.ts";

/** Counts what is open, and throws if something is closed twice. */
export class DescriptorTable {
  readonly #open = new Map<number, string>();
  #next = 3;

  open(what: string): Descriptor {
    const number = this.#next;
    this.#next += 1;
    this.#open.set(number, what);
    return {
      number,
      close: () => {
        if (!this.#open.delete(number)) throw new Error(`${number} was closed before`);
      },
    };
  }

  duplicate({ number }: Descriptor): Descriptor {
    return this.open(this.whatIs(number));
  }

  whatIs(number: number): string {
    const what = this.#open.get(number);
    if (what === undefined) throw new Error(`${number} is not open`);
    return what;
  }

  get openOnes(): readonly string[] {
    return [...this.#open.values()];
  }
}

/** Both ends of a connection, as Linux makes them for AF_UNIX, SOCK_STREAM. */
export function memoryChannels(
  options: { readonly table?: DescriptorTable; readonly capacity?: number } = {},
): readonly [MemoryChannel, MemoryChannel] {
  const table = options.table ?? new DescriptorTable();
  const first = new MemoryChannel(table, options.capacity);
  const second = new MemoryChannel(table, options.capacity);
  first.other = second;
  second.other = first;
  return [first, second];
}

export class MemoryChannel implements Channel {
  readonly peer: Peer = { userId: 1000, groupId: 1000, groups: [], processId: 1 };
  readonly carriesDescriptors = true;
  readonly #table: DescriptorTable;
  /** Bytes that wait to be received, from which on the other end has to wait. */
  readonly #capacity: number;
  readonly #waiting: { bytes: Uint8Array; descriptors: readonly Descriptor[] }[] = [];
  #waitingBytes = 0;
  #isEnded = false;
  #errno: string | undefined;
  isClosed = false;
  other: MemoryChannel | undefined;
  #wakeReceiver: (() => void) | undefined;
  #wakeSender: (() => void) | undefined;

  constructor(table: DescriptorTable, capacity = 256 * 1024) {
    this.#table = table;
    this.#capacity = capacity;
  }

  /** unix(7): earlier bytes may come along with descriptors, but none that were sent later. */
  async receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    while (this.#waiting.length === 0) {
      if (this.isClosed) return fail({ errno: "ECANCELED" });
      if (this.#errno !== undefined) return fail({ errno: this.#errno });
      if (this.#isEnded) return ok({ bytes: new Uint8Array(), descriptors: [], areDescriptorsMissing: false });
      await new Promise<void>((resolve) => {
        this.#wakeReceiver = resolve;
      });
    }
    if (this.isClosed) return fail({ errno: "ECANCELED" });
    const parts: Uint8Array[] = [];
    let left = maxBytes;
    let descriptors: readonly Descriptor[] = [];
    for (let next = this.#waiting[0]; next !== undefined && left > 0; next = this.#waiting[0]) {
      parts.push(next.bytes.subarray(0, left));
      descriptors = next.descriptors;
      if (next.bytes.length > left) this.#waiting[0] = { bytes: next.bytes.subarray(left), descriptors: [] };
      else this.#waiting.shift();
      left -= Math.min(left, next.bytes.length);
      if (descriptors.length > 0) break;
    }
    this.#waitingBytes -= maxBytes - left;
    this.#wakeSender?.();
    const [only] = parts;
    const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    return ok({ bytes, descriptors, areDescriptorsMissing: false });
  }

  async send(bytes: Uint8Array, descriptors: readonly Descriptor[] = []): Promise<Result<undefined, ChannelProblem>> {
    const { other } = this;
    if (other === undefined) throw new Error("not connected");
    const copies = descriptors.map((descriptor) => this.#table.duplicate(descriptor));
    const sent = await other.#accept(bytes, copies, this);
    if (!sent.ok) for (const copy of copies) copy.close();
    return sent;
  }

  async #accept(
    bytes: Uint8Array,
    descriptors: readonly Descriptor[],
    sender: MemoryChannel,
  ): Promise<Result<undefined, ChannelProblem>> {
    while (this.#waitingBytes >= this.#capacity && !this.isClosed && !sender.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wakeSender = resolve;
      });
    }
    if (sender.isClosed) return fail({ errno: "ECANCELED" });
    if (this.isClosed) return fail({ errno: "EPIPE" });
    this.#waiting.push({ bytes, descriptors });
    this.#waitingBytes += bytes.length;
    this.#wakeReceiver?.();
    return ok(undefined);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Says that no more comes from here (SHUT_WR). */
  end(): void {
    if (this.other === undefined) return;
    this.other.#isEnded = true;
    this.other.#wakeReceiver?.();
  }

  /** The connection breaks: the other end gets an error. */
  breakDown(errno = "ECONNRESET"): void {
    if (this.other !== undefined) this.other.#errno = errno;
    this.close();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const { descriptors } of this.#waiting.splice(0)) for (const descriptor of descriptors) descriptor.close();
    this.#waitingBytes = 0;
    this.end();
    this.#wakeReceiver?.();
    this.#wakeSender?.();
    if (this.other !== undefined) this.other.#wakeSender?.();
  }
}
