import { closeSync } from "node:fs";
import { constants } from "node:os";
import { ok, type Result } from "../../result.ts";
import {
  type Argument,
  type DescriptorsUnavailable,
  type ForeignFunctions,
  type FunctionName,
  foreignFunctions,
} from "./foreign-functions.ts";
import {
  type Architecture,
  controlHeader,
  controlType,
  credentials,
  epoll,
  epollEventLayout,
  eventFlags,
  fileControl,
  maxDescriptorsAtOnce,
  messageFlags,
  messageHeader,
  openFlags,
  pollEntry,
  socket,
  socketOption,
  unixAddress,
  vector,
} from "./layouts.ts";

/** A number that a call gave, or what went wrong: the errno with a minus before it, as the kernel says it. */
export type Outcome = number;

export interface EpollEvent {
  readonly events: number;
  readonly data: number;
}

/** What recvmsg(2) gave. */
export interface Message {
  /** A copy. */
  readonly bytes: Uint8Array;
  readonly descriptors: readonly number[];
  readonly isControlTruncated: boolean;
}

/**
 * The calls of the C library that are used here, in the terms of TypeScript. None of them waits, except {@link Libc.poll}; those that a signal
 * interrupted are called again.
 */
export class Libc {
  readonly #functions: ForeignFunctions;
  readonly open: ReturnType<typeof openFlags>;
  readonly #header = fixedBytes(messageHeader.size);
  readonly #vector = fixedBytes(vector.size);
  readonly #control = fixedBytes(controlBytes);
  readonly #small = fixedBytes(256);
  readonly #length = fixedBytes(4);
  readonly #events: DataView;
  readonly #event: DataView;
  readonly #eventLayout: ReturnType<typeof epollEventLayout>;
  #received = fixedBytes(64 * 1024);

  constructor(functions: ForeignFunctions) {
    this.#functions = functions;
    this.open = openFlags(functions.architecture);
    this.#eventLayout = epollEventLayout(functions.architecture);
    this.#events = fixedBytes(maxEvents * this.#eventLayout.size);
    this.#event = fixedBytes(this.#eventLayout.size);
    this.#header.setBigUint64(messageHeader.vectors, functions.addressOf(bytesOf(this.#vector)), true);
    this.#header.setBigUint64(messageHeader.vectorCount, 1n, true);
  }

  get architecture(): Architecture {
    return this.#functions.architecture;
  }

  socket(type: number): Outcome {
    return this.#call("socket", socket.unix, type | socket.closeOnExec | socket.nonBlocking, 0);
  }

  socketPair(type: number): Outcome | readonly [number, number] {
    return this.#pair(this.#call("socketpair", socket.unix, type | socket.closeOnExec, 0, bytesOf(this.#small)));
  }

  pipe(): Outcome | readonly [number, number] {
    return this.#pair(this.#call("pipe2", bytesOf(this.#small), this.open.closeOnExec));
  }

  bind(descriptor: number, path: Uint8Array): Outcome {
    const address = unixAddressOf(path);
    return this.#call("bind", descriptor, address, address.length);
  }

  connect(descriptor: number, path: Uint8Array): Outcome {
    const address = unixAddressOf(path);
    return this.#call("connect", descriptor, address, address.length);
  }

  listen(descriptor: number, backlog: number): Outcome {
    return this.#call("listen", descriptor, backlog);
  }

  accept(descriptor: number): Outcome {
    return this.#call("accept4", descriptor, null, null, socket.closeOnExec);
  }

  /** Whether it is connected: 0, or ENOTCONN. */
  peerName(descriptor: number): Outcome {
    this.#length.setUint32(0, this.#small.byteLength, true);
    return this.#call("getpeername", descriptor, bytesOf(this.#small), bytesOf(this.#length));
  }

  /** An option of SOL_SOCKET that is an `int` of zero or more. */
  socketNumber(descriptor: number, option: number): Outcome {
    const outcome = this.#option(descriptor, option, this.#small, 4);
    return outcome < 0 ? outcome : this.#small.getInt32(0, true);
  }

  setSendBuffer(descriptor: number, bytes: number): Outcome {
    this.#small.setInt32(0, bytes, true);
    return this.#call("setsockopt", descriptor, socketOption.level, socketOption.sendBuffer, bytesOf(this.#small), 4);
  }

  /** SO_PEERCRED: the process, the user and the group. */
  peerCredentials(descriptor: number): Outcome | readonly [processId: number, userId: number, groupId: number] {
    const outcome = this.#option(descriptor, socketOption.peerCredentials, this.#small, credentials.size);
    if (outcome < 0) return outcome;
    const field = (offset: number) => this.#small.getUint32(offset, true);
    return [field(credentials.processId), field(credentials.userId), field(credentials.groupId)];
  }

  /** SO_PEERGROUPS (Linux 4.13): the kernel says how much room it wants if there is too little. */
  peerGroups(descriptor: number): Outcome | readonly number[] {
    let groups = fixedBytes(64 * 4);
    let outcome = this.#option(descriptor, socketOption.peerGroups, groups, groups.byteLength);
    if (outcome === -errnos.ERANGE) {
      groups = fixedBytes(this.#length.getUint32(0, true));
      outcome = this.#option(descriptor, socketOption.peerGroups, groups, groups.byteLength);
    }
    if (outcome < 0) return outcome;
    const count = this.#length.getUint32(0, true) / 4;
    return Array.from({ length: count }, (_, index) => groups.getUint32(4 * index, true));
  }

  /** Sends bytes to a socket, without a signal if nobody is there. */
  send(descriptor: number, bytes: Uint8Array): Outcome {
    return this.#call("send", descriptor, bytes, bytes.length, messageFlags.doNotWait | messageFlags.noSignal);
  }

  /** Sends bytes and descriptors: at most {@link maxDescriptorsAtOnce}. */
  sendWith(descriptor: number, bytes: Uint8Array, descriptors: readonly number[]): Outcome {
    if (descriptors.length > maxDescriptorsAtOnce) return -errnos.EINVAL;
    const length = controlHeader.data + 4 * descriptors.length;
    this.#control.setBigUint64(controlHeader.length, BigInt(length), true);
    this.#control.setInt32(controlHeader.level, socketOption.level, true);
    this.#control.setInt32(controlHeader.type, controlType.rights, true);
    for (const [index, number] of descriptors.entries()) {
      this.#control.setInt32(controlHeader.data + 4 * index, number, true);
    }
    this.#prepare(bytes, aligned(length));
    const flags = messageFlags.doNotWait | messageFlags.noSignal;
    return this.#call("sendmsg", descriptor, bytesOf(this.#header), flags);
  }

  /** Receives at most so many bytes, and the descriptors that came with them: all of them are closed by whoever asked. */
  receive(descriptor: number, maxBytes: number): Outcome | Message {
    if (this.#received.byteLength < maxBytes) this.#received = fixedBytes(maxBytes);
    const buffer = bytesOf(this.#received);
    this.#prepare(buffer.subarray(0, maxBytes), this.#control.byteLength);
    const flags = messageFlags.doNotWait | messageFlags.closeOnExec;
    const count = this.#call("recvmsg", descriptor, bytesOf(this.#header), flags);
    if (count < 0) return count;
    return {
      bytes: buffer.slice(0, count),
      descriptors: this.#receivedDescriptors(this.#header.getUint32(messageHeader.controlLength, true)),
      isControlTruncated: (this.#header.getInt32(messageHeader.flags, true) & messageFlags.controlTruncated) !== 0,
    };
  }

  read(descriptor: number, maxBytes: number): Outcome | Uint8Array {
    if (this.#received.byteLength < maxBytes) this.#received = fixedBytes(maxBytes);
    const count = this.#call("read", descriptor, bytesOf(this.#received), maxBytes);
    return count < 0 ? count : bytesOf(this.#received).slice(0, count);
  }

  write(descriptor: number, bytes: Uint8Array): Outcome {
    return this.#call("write", descriptor, bytes, bytes.length);
  }

  /** Of what only this class opened: whoever has a `Descriptor` closes that. */
  close(descriptor: number): void {
    closeSync(descriptor);
  }

  /** openat(2), without O_CREAT. `name` has no NUL. */
  openAt(directory: number, name: string, flags: number): Outcome {
    return this.#call("openat", directory, terminated(name), flags);
  }

  /** `name` has no NUL. */
  memoryFile(name: string, flags: number): Outcome {
    return this.#call("memfd_create", terminated(name), flags);
  }

  addSeals(descriptor: number, seals: number): Outcome {
    return this.#call("fcntl", descriptor, fileControl.addSeals, seals);
  }

  setCloseOnExec(descriptor: number): Outcome {
    return this.#call("fcntl", descriptor, fileControl.setDescriptorFlags, fileControl.closeOnExec);
  }

  /** As open(2) was given them. */
  statusFlags(descriptor: number): Outcome {
    return this.#call("fcntl", descriptor, fileControl.getStatusFlags, 0);
  }

  /** For all who share this open file. */
  setNonBlocking(descriptor: number): Outcome {
    const flags = this.statusFlags(descriptor);
    if (flags < 0) return flags;
    return this.#call("fcntl", descriptor, fileControl.setStatusFlags, flags | this.open.nonBlocking);
  }

  eventDescriptor(): Outcome {
    return this.#call("eventfd", 0, eventFlags.closeOnExec | eventFlags.nonBlocking);
  }

  /** Makes it readable. */
  raiseEvent(descriptor: number): Outcome {
    this.#small.setBigUint64(0, 1n, true);
    return this.write(descriptor, bytesOf(this.#small).subarray(0, 8));
  }

  /**
   * Waits until one of these is ready, and for good without a time limit.
   *
   * @returns what each is ready for; nothing if time is up, or a signal came
   */
  poll(
    entries: readonly { readonly descriptor: number; readonly events: number }[],
    timeoutMs: number,
  ): Outcome | readonly number[] {
    const list = fixedBytes(pollEntry.size * entries.length);
    for (const [index, { descriptor, events }] of entries.entries()) {
      list.setInt32(index * pollEntry.size + pollEntry.descriptor, descriptor, true);
      list.setInt16(index * pollEntry.size + pollEntry.events, events, true);
    }
    const count = this.#functions.call.poll(bytesOf(list), entries.length, timeoutMs);
    const outcome = count === -1 ? -this.#functions.errno() : count;
    if (outcome < 0 && outcome !== -errnos.EINTR) return outcome;
    return entries.map((_, index) =>
      outcome <= 0 ? 0 : list.getInt16(index * pollEntry.size + pollEntry.found, true),
    );
  }

  epoll(): Outcome {
    return this.#call("epoll_create1", epoll.closeOnExec);
  }

  /** `data` has 32 bits. */
  epollControl(descriptor: number, operation: number, subject: number, event: EpollEvent): Outcome {
    this.#event.setUint32(this.#eventLayout.events, event.events, true);
    this.#event.setUint32(this.#eventLayout.data, event.data, true);
    return this.#call("epoll_ctl", descriptor, operation, subject, bytesOf(this.#event));
  }

  /** What is ready at this moment, some of it if it is a lot. */
  epollEvents(descriptor: number): Outcome | readonly EpollEvent[] {
    const count = this.#call("epoll_wait", descriptor, bytesOf(this.#events), maxEvents, 0);
    if (count < 0) return count;
    const { size, events, data } = this.#eventLayout;
    return Array.from({ length: count }, (_, index) => ({
      events: this.#events.getUint32(index * size + events, true),
      data: this.#events.getUint32(index * size + data, true),
    }));
  }

  #call(name: FunctionName, ...args: readonly Argument[]): Outcome {
    for (;;) {
      const given = this.#functions.call[name](...args);
      if (given !== -1) return given;
      const errno = this.#functions.errno();
      if (errno !== errnos.EINTR) return -errno;
    }
  }

  #option(descriptor: number, option: number, value: DataView, bytes: number): Outcome {
    this.#length.setUint32(0, bytes, true);
    return this.#call("getsockopt", descriptor, socketOption.level, option, bytesOf(value), bytesOf(this.#length));
  }

  #pair(outcome: Outcome): Outcome | readonly [number, number] {
    return outcome < 0 ? outcome : [this.#small.getInt32(0, true), this.#small.getInt32(4, true)];
  }

  #prepare(bytes: Uint8Array, controlLength: number): void {
    // Bun has no address for what is empty, and nobody looks at it.
    const base = bytes.length === 0 ? 0n : this.#functions.addressOf(bytes);
    this.#vector.setBigUint64(vector.base, base, true);
    this.#vector.setBigUint64(vector.length, BigInt(bytes.length), true);
    this.#header.setBigUint64(messageHeader.control, this.#functions.addressOf(bytesOf(this.#control)), true);
    this.#header.setBigUint64(messageHeader.controlLength, BigInt(controlLength), true);
    this.#header.setInt32(messageHeader.flags, 0, true);
  }

  /** As CMSG_FIRSTHDR, CMSG_NXTHDR and CMSG_DATA go. */
  #receivedDescriptors(controlLength: number): readonly number[] {
    const found: number[] = [];
    let offset = 0;
    while (offset + controlHeader.data <= controlLength) {
      const length = this.#control.getUint32(offset + controlHeader.length, true);
      if (length < controlHeader.data) break;
      const type = this.#control.getInt32(offset + controlHeader.type, true);
      const brings = type === controlType.rights || type === controlType.processDescriptor;
      if (brings && this.#control.getInt32(offset + controlHeader.level, true) === socketOption.level) {
        for (let at = offset + controlHeader.data; at + 4 <= Math.min(offset + length, controlLength); at += 4) {
          found.push(this.#control.getInt32(at, true));
        }
      }
      offset += aligned(length);
    }
    return found;
  }
}

/** The C library of this process, loaded for its first user; each thread loads its own. */
export async function loadLibc(): Promise<Result<Libc, DescriptorsUnavailable>> {
  const functions = await foreignFunctions();
  return functions.ok ? ok(new Libc(functions.value)) : functions;
}

/** The numbers of errors, which both architectures share. */
export const errnos = constants.errno;

/** The name of an outcome below zero, such as `EPIPE`. */
export function errnoName(outcome: Outcome): string {
  return errnoNames.get(-outcome) ?? `errno ${-outcome}`;
}

/** EAGAIN is EWOULDBLOCK, and EOPNOTSUPP is ENOTSUP; people know the first of each. */
const errnoNames = new Map(
  Object.entries(errnos)
    .filter(([name]) => name !== "EWOULDBLOCK" && name !== "ENOTSUP")
    .map(([name, number]) => [number, name]),
);

/** More are got by asking again. */
const maxEvents = 128;

/** For all the descriptors that may come at once, and for other control messages that someone asked for. */
const controlBytes = 4096;

function aligned(length: number): number {
  return Math.ceil(length / controlHeader.alignment) * controlHeader.alignment;
}

/** An array buffer of its own stays where it is: small arrays without one may be moved by the runtime. */
function fixedBytes(length: number): DataView {
  return new DataView(new ArrayBuffer(length));
}

const views = new WeakMap<DataView, Uint8Array>();

function bytesOf(view: DataView): Uint8Array {
  let bytes = views.get(view);
  if (bytes === undefined) {
    bytes = new Uint8Array(view.buffer);
    views.set(view, bytes);
  }
  return bytes;
}

/** An abstract name begins with a NUL, and ends where the address does (unix(7)). */
function unixAddressOf(path: Uint8Array): Uint8Array {
  const isAbstract = path[0] === 0;
  const address = new Uint8Array(unixAddress.path + path.length + (isAbstract ? 0 : 1));
  address[unixAddress.family] = socket.unix;
  address.set(path, unixAddress.path);
  return address;
}

function terminated(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
