import { fail, ok, type Result } from "../../result.ts";
import type { Channel, ChannelProblem, Descriptor, Peer, Received } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { FairTurns } from "./fair-turns.ts";
import { maxDescriptorsAtOnce } from "./layouts.ts";
import { errnoName, errnos, type Libc, type Message, type Outcome } from "./libc.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Readiness, Watch } from "./readiness.ts";

/** A connected AF_UNIX socket. Whether it would wait is said for each call: the open file may be others' too. */
export class SocketChannel implements Channel {
  readonly peer: Peer;
  readonly carriesDescriptors = true;
  readonly #libc: Libc;
  readonly #descriptor: Descriptor;
  readonly #keepsPackets: boolean;
  readonly #watch: Watch;
  readonly #receiving = new FairTurns();
  readonly #sending = new FairTurns();
  readonly #oneReceive = new OneAtATime("receive");
  readonly #oneSend = new OneAtATime("send");
  #isClosed = false;

  /** Takes the descriptor. */
  constructor(
    descriptor: Descriptor,
    {
      libc,
      readiness,
      keepsPackets,
    }: { readonly libc: Libc; readonly readiness: Readiness; readonly keepsPackets: boolean },
  ) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#keepsPackets = keepsPackets;
    this.#watch = readiness.watch(descriptor.number);
    this.peer = peerOf(libc, descriptor.number);
  }

  receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    return this.#oneReceive.run(() => this.#receive(maxBytes));
  }

  send(bytes: Uint8Array, descriptors: readonly Descriptor[] = []): Promise<Result<undefined, ChannelProblem>> {
    return this.#oneSend.run(() => this.#send(bytes, descriptors));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    this.#descriptor.close();
  }

  async #receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    if (maxBytes < 1) throw new Error("nothing can be received into no room: it would look like the end");
    await this.#receiving.next();
    // A stream gives the rest next time; of a packet there is no next time.
    const size = this.#keepsPackets ? maxBytes : Math.min(maxBytes, maxPieceBytes);
    for (;;) {
      if (this.#isClosed) return canceled;
      const message = this.#libc.receive(this.#descriptor.number, size);
      if (typeof message !== "number") return ok(this.#received(message));
      if (message !== -errnos.EAGAIN) return fail({ errno: errnoName(message) });
      this.#receiving.waited();
      const errno = await this.#watch.readable();
      if (errno !== undefined) return fail({ errno });
    }
  }

  /** Half of the descriptors are of no use to anybody; neither are those of an empty packet, which looks like the end. */
  #received({ bytes, descriptors, isControlTruncated }: Message): Received {
    const owned = descriptors.map(ownDescriptor);
    if (!isControlTruncated && bytes.length > 0) return { bytes, descriptors: owned, areDescriptorsMissing: false };
    for (const descriptor of owned) descriptor.close();
    return { bytes, descriptors: [], areDescriptorsMissing: isControlTruncated };
  }

  async #send(bytes: Uint8Array, descriptors: readonly Descriptor[]): Promise<Result<undefined, ChannelProblem>> {
    // An empty packet would pass for the end, and in a stream nothing goes with no bytes.
    const isEmpty = bytes.length === 0 && (this.#keepsPackets || descriptors.length > 0);
    if (isEmpty || descriptors.length > maxDescriptorsAtOnce) return fail({ errno: "EINVAL" });
    await this.#sending.next();
    let sent = 0;
    while (sent < bytes.length) {
      if (this.#isClosed) return canceled;
      const outcome = this.#sendSome(bytes.subarray(sent), sent === 0 ? descriptors : []);
      if (outcome >= 0) sent += outcome;
      else if (outcome !== -errnos.EAGAIN) return fail({ errno: errnoName(outcome) });
      else {
        this.#sending.waited();
        const errno = await this.#watch.writable();
        if (errno !== undefined) return fail({ errno });
      }
    }
    return ok(undefined);
  }

  #sendSome(bytes: Uint8Array, descriptors: readonly Descriptor[]): Outcome {
    const socket = this.#descriptor.number;
    if (descriptors.length === 0) return this.#libc.send(socket, bytes);
    return this.#libc.sendWith(
      socket,
      bytes,
      descriptors.map(({ number }) => number),
    );
  }
}

const canceled = fail({ errno: "ECANCELED" } as const);

/** What is received of a stream at once: the system's own buffer has about two of these. */
const maxPieceBytes = 64 * 1024;

/**
 * Of a socket there is always a peer: none would be whoever started this process, with all its rights. One of whom the kernel knows nothing
 * is nobody (include/linux/uidgid.h INVALID_UID), which no file belongs to.
 */
const nobody: Peer = { userId: 0xffffffff, groupId: 0xffffffff, groups: [], processId: 0 };

export function peerOf(libc: Libc, descriptor: number): Peer {
  const credentials = libc.peerCredentials(descriptor);
  if (typeof credentials === "number") return nobody;
  const [processId, userId, groupId] = credentials;
  if (userId === nobody.userId || groupId === nobody.groupId) return nobody;
  const groups = libc.peerGroups(descriptor);
  return { userId, groupId, groups: typeof groups === "number" ? [] : groups, processId };
}
