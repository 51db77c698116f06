import { fstatSync } from "node:fs";
import { fail, ok, type Result } from "../../result.ts";
import type { OpenDirectory } from "../open-directory.ts";
import { type AdoptProblem, closedProblem, inspectSocket } from "./adopt.ts";
import type { Channel, ChannelProblem, Descriptor } from "./channel.ts";
import { type DatagramSocket, openDatagram } from "./datagram.ts";
import { adoptDescriptor, ownDescriptor } from "./descriptor.ts";
import { directoryAt, type ReadingRights } from "./directory-at.ts";
import type { DescriptorsUnavailable } from "./foreign-functions.ts";
import { socket } from "./layouts.ts";
import { errnoName, loadLibc } from "./libc.ts";
import { type ListenPlace, type ListenProblem, listenAt } from "./listen.ts";
import { type Listener, SocketListener } from "./listener.ts";
import { openPipe, type Pipe } from "./pipe.ts";
import { PipeChannel } from "./pipe-channel.ts";
import { Readiness, type ThreadStart } from "./readiness.ts";
import { sealedFile } from "./sealed-file.ts";
import { peerOf, SocketChannel } from "./socket-channel.ts";

/** What passes descriptors in this process. One is enough: it has a thread of its own. */
export interface Descriptors {
  /** Two ends of a new connection. */
  socketPair(kind: SocketKind): Result<readonly [Channel, Channel], ChannelProblem>;
  /**
   * Takes a connected socket that was inherited; where it is none, it stays as it is. Standard input, output and error stay open when what
   * took them is closed: whoever is at the other end sees the end when this process ends.
   */
  adopt(descriptor: number): Result<Channel, AdoptProblem>;
  /** The same of a stream that listens. */
  adoptListener(descriptor: number): Result<Listener, AdoptProblem>;
  /** Takes two descriptors, such as 0 and 1, as one connection that carries none. */
  adoptPipes(ends: { readonly input: number; readonly output: number }): Result<Channel, AdoptProblem>;
  listen(place: ListenPlace): Result<Listener, ListenProblem>;
  openPipe(): Result<Pipe, ChannelProblem>;
  /** A file in memory with these bytes that nobody can change. */
  sealedFile(name: string, bytes: Uint8Array): Result<Descriptor, ChannelProblem>;
  /** Takes a descriptor that was received: a directory to be read. */
  directoryAt(descriptor: Descriptor, rights: ReadingRights): Result<OpenDirectory, ChannelProblem>;
  /** Connects to a socket of datagrams: a path, or `@` and an abstract name. */
  openDatagram(address: string): Result<DatagramSocket, ChannelProblem>;
  /** Ends what is waiting. What is open stays so, and is closed by whoever has it; nothing more can be waited for. */
  close(): Promise<void>;
}

type SocketKind = "stream" | "packets";

/** @param start what runs the thread that waits: the program itself, with an argument that makes it call `serveReadiness` */
export async function openDescriptors(start: ThreadStart): Promise<Result<Descriptors, DescriptorsUnavailable>> {
  const loaded = await loadLibc();
  if (!loaded.ok) return loaded;
  const libc = loaded.value;
  const readiness = Readiness.open(libc, start);
  if (typeof readiness === "string") {
    return fail({ kind: "descriptors-unavailable", reason: `the system gives no descriptors: ${readiness}` });
  }
  const channel = (descriptor: Descriptor, keepsPackets: boolean) =>
    new SocketChannel(descriptor, { libc, readiness, keepsPackets });
  return ok({
    socketPair: (kind) => {
      const keepsPackets = kind === "packets";
      const pair = libc.socketPair(keepsPackets ? socket.sequencedPackets : socket.stream);
      if (typeof pair === "number") return fail({ errno: errnoName(pair) });
      return ok([channel(ownDescriptor(pair[0]), keepsPackets), channel(ownDescriptor(pair[1]), keepsPackets)]);
    },
    adopt: (descriptor) => {
      const found = inspectSocket(libc, descriptor, "connected");
      return found.ok ? ok(channel(adoptDescriptor(descriptor), found.value.keepsPackets)) : found;
    },
    adoptListener: (descriptor) => {
      const found = inspectSocket(libc, descriptor, "listening");
      if (!found.ok) return found;
      const outcome = libc.setNonBlocking(descriptor);
      if (outcome < 0) return fail({ kind: "system", errno: errnoName(outcome) });
      return ok(new SocketListener(adoptDescriptor(descriptor), { libc, readiness, ...found.value }));
    },
    adoptPipes: ({ input, output }) => {
      const closed = closedProblem(input) ?? closedProblem(output);
      if (closed !== undefined) return fail(closed);
      const ends = { input: adoptDescriptor(input), output: adoptDescriptor(output) };
      // A socket may have been handed on by somebody else than who started this.
      const peer = fstatSync(input).isSocket() ? peerOf(libc, input) : undefined;
      return ok(new PipeChannel(ends, { libc, readiness, peer }));
    },
    listen: (place) => {
      const listening = listenAt(libc, place);
      if (!listening.ok) return listening;
      const { descriptor, remove } = listening.value;
      return ok(new SocketListener(descriptor, { libc, readiness, keepsPackets: false, remove }));
    },
    openPipe: () => openPipe(libc, readiness),
    sealedFile: (name, bytes) => sealedFile(libc, name, bytes),
    openDatagram: (address) => openDatagram(libc, address),
    directoryAt: (descriptor, rights) => directoryAt(libc, descriptor, rights),
    close: () => readiness.close(),
  });
}
