/**
 * What C programs take from the headers of Linux and of its C libraries: numbers, and where the fields of structures are. Only
 * little-endian machines with 64 bits: x86_64 and aarch64. A test compares with the headers of the machine it runs on.
 */

export type Architecture = "x86_64" | "aarch64";

/** `undefined` where nobody looked up what these numbers are. */
export function architectureOf(nodeName: string): Architecture | undefined {
  if (nodeName === "x64") return "x86_64";
  return nodeName === "arm64" ? "aarch64" : undefined;
}

/**
 * How the C library may be called. musl's loader gives itself to whoever asks for `libc.so.6` (ldso/dynlink.c `load_library`); its own
 * names are for where that was changed.
 */
export function libraryNames(architecture: Architecture): readonly string[] {
  return ["libc.so.6", `libc.musl-${architecture}.so.1`];
}

/** open(2): include/uapi/asm-generic/fcntl.h; arch/arm64/include/uapi/asm/fcntl.h has two of its own. */
export function openFlags(architecture: Architecture) {
  const isX86 = architecture === "x86_64";
  return {
    readOnly: 0,
    noControllingTerminal: 0o400,
    nonBlocking: 0o4000,
    directory: isX86 ? 0o200000 : 0o40000,
    noFollow: isX86 ? 0o400000 : 0o100000,
    closeOnExec: 0o2000000,
    pathOnly: 0o10000000,
  } as const;
}

/** struct epoll_event: packed on x86_64 only (include/uapi/linux/eventpoll.h `EPOLL_PACKED`). */
export function epollEventLayout(architecture: Architecture) {
  return architecture === "x86_64" ? { events: 0, data: 4, size: 12 } : { events: 0, data: 8, size: 16 };
}

/** epoll_ctl(2). */
export const epoll = {
  closeOnExec: 0o2000000,
  add: 1,
  delete: 2,
  modify: 3,
  readable: 0x001,
  writable: 0x004,
  error: 0x008,
  hangUp: 0x010,
  oneShot: 2 ** 30,
} as const;

/** struct pollfd, poll(2). */
export const pollEntry = { descriptor: 0, events: 4, found: 6, size: 8 } as const;
export const pollEvents = { readable: 0x001, writable: 0x004 } as const;

/**
 * struct msghdr. glibc has 64 bits for `msg_iovlen` and `msg_controllen`; musl, as POSIX says, 32 bits and padding behind, which
 * stands where glibc has the upper half. So they are written with 64 bits, and read with 32: neither is ever near 2^32.
 */
export const messageHeader = {
  name: 0,
  nameLength: 8,
  vectors: 16,
  vectorCount: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
  size: 56,
} as const;

/** struct iovec. */
export const vector = { base: 0, length: 8, size: 16 } as const;

/** struct cmsghdr, whose `cmsg_len` is of 64 and of 32 bits in the same way; the data are aligned to 8 bytes (cmsg(3)). */
export const controlHeader = { length: 0, level: 8, type: 12, data: 16, alignment: 8 } as const;

/** SOL_SOCKET: include/uapi/asm-generic/socket.h, the same on both. */
export const socketOption = {
  level: 1,
  type: 3,
  sendBuffer: 7,
  peerCredentials: 17,
  isAccepting: 30,
  domain: 39,
  peerGroups: 59,
} as const;

/** include/linux/socket.h. */
export const socket = {
  unix: 1,
  stream: 1,
  datagram: 2,
  sequencedPackets: 5,
  nonBlocking: 0o4000,
  closeOnExec: 0o2000000,
} as const;

export const messageFlags = {
  controlTruncated: 0x8,
  doNotWait: 0x40,
  noSignal: 0x4000,
  closeOnExec: 0x40000000,
} as const;

/** Types of control messages: SCM_RIGHTS, and SCM_PIDFD, which brings a descriptor as well (if someone set SO_PASSPIDFD). */
export const controlType = { rights: 1, processDescriptor: 4 } as const;

/** net/core/scm.c SCM_MAX_FD. */
export const maxDescriptorsAtOnce = 253;

/** struct ucred. */
export const credentials = { processId: 0, userId: 4, groupId: 8, size: 12 } as const;

/** struct sockaddr_un. */
export const unixAddress = { family: 0, path: 2, maxPathBytes: 108 } as const;

/** fcntl(2). */
export const fileControl = {
  setDescriptorFlags: 2,
  getStatusFlags: 3,
  setStatusFlags: 4,
  addSeals: 1033,
  closeOnExec: 1,
} as const;

/** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE. */
export const allSeals = 0x1 | 0x2 | 0x4 | 0x8;

/** memfd_create(2). MFD_NOEXEC_SEAL is known from Linux 6.3 on, and demanded where vm.memfd_noexec is 2. */
export const memoryFile = { closeOnExec: 0x1, allowSealing: 0x2, neverExecutable: 0x8 } as const;

/** eventfd(2). */
export const eventFlags = { closeOnExec: 0o2000000, nonBlocking: 0o4000 } as const;
