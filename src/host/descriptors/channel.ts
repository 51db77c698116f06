import type { Result } from "../../result.ts";

/** An open file of this process, owned by whoever holds this: it is closed once, by its owner. */
export interface Descriptor {
  /** Its number; a closed one has none. */
  readonly number: number;
  close(): void;
}

/** Who is at the other end of a socket, as the kernel knows it (SO_PEERCRED, SO_PEERGROUPS: when it connected). */
export interface Peer {
  readonly userId: number;
  readonly groupId: number;
  /** Its other groups. */
  readonly groups: readonly number[];
  readonly processId: number;
}

/** What came in one piece: a packet, or some bytes of a stream. */
export interface Received {
  /** None: the peer sends no more. */
  readonly bytes: Uint8Array;
  /**
   * They were sent with the last of `bytes`: in a stream earlier bytes may come along with them, but none that were sent later
   * (unix(7); Linux unix_stream_read_generic). Whoever received them owns them.
   */
  readonly descriptors: readonly Descriptor[];
  /** Some of the descriptors that were sent could not be taken (MSG_CTRUNC). */
  readonly areDescriptorsMissing: boolean;
}

/** `errno` is the operating system's name of the error: EPIPE and ECONNRESET if the peer is gone, EMSGSIZE for too large a packet. */
export interface ChannelProblem {
  readonly errno: string;
}

/** One end of a connection: a socket of packets or a stream, or the standard input and output. */
export interface Channel {
  /** `undefined` where there is no socket: then it is whoever started this process. */
  readonly peer: Peer | undefined;
  /** Whether descriptors can go with the bytes: only AF_UNIX sockets carry them. */
  readonly carriesDescriptors: boolean;
  /** Waits for the next piece. One call at a time. */
  receive(maxBytes: number): Promise<Result<Received, ChannelProblem>>;
  /**
   * Sends all of it, waiting for a peer that reads slowly; the descriptors go with the first byte, in one sendmsg(2), and stay the
   * caller's. One call at a time.
   */
  send(bytes: Uint8Array, descriptors?: readonly Descriptor[]): Promise<Result<undefined, ChannelProblem>>;
  /** Ends what is waiting with ECANCELED. */
  close(): void;
}
