import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { constants as files, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  allSeals,
  architectureOf,
  controlHeader,
  controlType,
  credentials,
  epoll,
  epollEventLayout,
  eventFlags,
  fileControl,
  libraryNames,
  memoryFile,
  messageFlags,
  messageHeader,
  openFlags,
  pollEntry,
  pollEvents,
  socket,
  socketOption,
  unixAddress,
  vector,
} from "../../../src/host/descriptors/layouts.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("by architecture", () => {
  const rows = [
    ["x86_64", { directory: 0o200000, noFollow: 0o400000 }, { events: 0, data: 4, size: 12 }, "libc.musl-x86_64.so.1"],
    ["aarch64", { directory: 0o40000, noFollow: 0o100000 }, { events: 0, data: 8, size: 16 }, "libc.musl-aarch64.so.1"],
  ] as const;
  for (const [architecture, flags, event, musl] of rows) {
    it(architecture, () => {
      const { directory, noFollow } = openFlags(architecture);
      assert.deepEqual({ directory, noFollow }, flags);
      assert.deepEqual(epollEventLayout(architecture), event);
      assert.deepEqual(libraryNames(architecture), ["libc.so.6", musl]);
    });
  }
  for (const [name, architecture] of [
    ["x64", "x86_64"],
    ["arm64", "aarch64"],
    ["riscv64", undefined],
    ["s390x", undefined],
    ["ia32", undefined],
  ] as const) {
    it(`Node's ${name}`, () => assert.equal(architectureOf(name), architecture));
  }
});

const here = architectureOf(arch());

it("flags of open(2) are those that Node knows", {
  skip: here === undefined ? `nobody looked at ${arch()}` : false,
}, () => {
  const { directory, noFollow, nonBlocking, noControllingTerminal } = openFlags(here ?? "x86_64");
  assert.deepEqual(
    [directory, noFollow, nonBlocking, noControllingTerminal],
    [files.O_DIRECTORY, files.O_NOFOLLOW, files.O_NONBLOCK, files.O_NOCTTY],
  );
});

/** What C calls each of them, and what they are here. */
function namesInC(architecture: "x86_64" | "aarch64"): readonly (readonly [string, number])[] {
  const open = openFlags(architecture);
  const event = epollEventLayout(architecture);
  return [
    ["O_DIRECTORY", open.directory],
    ["O_NOFOLLOW", open.noFollow],
    ["O_CLOEXEC", open.closeOnExec],
    ["O_PATH", open.pathOnly],
    ["O_NONBLOCK", open.nonBlocking],
    ["O_NOCTTY", open.noControllingTerminal],
    ["sizeof(struct epoll_event)", event.size],
    ["offsetof(struct epoll_event, data)", event.data],
    ["EPOLL_CLOEXEC", epoll.closeOnExec],
    ["EPOLL_CTL_ADD", epoll.add],
    ["EPOLL_CTL_DEL", epoll.delete],
    ["EPOLL_CTL_MOD", epoll.modify],
    ["EPOLLIN", epoll.readable],
    ["EPOLLOUT", epoll.writable],
    ["EPOLLERR", epoll.error],
    ["EPOLLHUP", epoll.hangUp],
    ["EPOLLONESHOT", epoll.oneShot],
    ["sizeof(struct pollfd)", pollEntry.size],
    ["offsetof(struct pollfd, events)", pollEntry.events],
    ["offsetof(struct pollfd, revents)", pollEntry.found],
    ["POLLIN", pollEvents.readable],
    ["POLLOUT", pollEvents.writable],
    ["sizeof(struct msghdr)", messageHeader.size],
    ["offsetof(struct msghdr, msg_name)", messageHeader.name],
    ["offsetof(struct msghdr, msg_namelen)", messageHeader.nameLength],
    ["offsetof(struct msghdr, msg_iov)", messageHeader.vectors],
    ["offsetof(struct msghdr, msg_iovlen)", messageHeader.vectorCount],
    ["offsetof(struct msghdr, msg_control)", messageHeader.control],
    ["offsetof(struct msghdr, msg_controllen)", messageHeader.controlLength],
    ["offsetof(struct msghdr, msg_flags)", messageHeader.flags],
    ["sizeof(struct iovec)", vector.size],
    ["offsetof(struct iovec, iov_len)", vector.length],
    ["offsetof(struct cmsghdr, cmsg_level)", controlHeader.level],
    ["offsetof(struct cmsghdr, cmsg_type)", controlHeader.type],
    ["CMSG_LEN(0)", controlHeader.data],
    ["CMSG_SPACE(1) - CMSG_SPACE(0)", controlHeader.alignment],
    ["SOL_SOCKET", socketOption.level],
    ["SO_TYPE", socketOption.type],
    ["SO_SNDBUF", socketOption.sendBuffer],
    ["SO_PEERCRED", socketOption.peerCredentials],
    ["SO_ACCEPTCONN", socketOption.isAccepting],
    ["SO_DOMAIN", socketOption.domain],
    ["SO_PEERGROUPS", socketOption.peerGroups],
    ["AF_UNIX", socket.unix],
    ["SOCK_STREAM", socket.stream],
    ["SOCK_DGRAM", socket.datagram],
    ["SOCK_SEQPACKET", socket.sequencedPackets],
    ["SOCK_NONBLOCK", socket.nonBlocking],
    ["SOCK_CLOEXEC", socket.closeOnExec],
    ["MSG_CTRUNC", messageFlags.controlTruncated],
    ["MSG_DONTWAIT", messageFlags.doNotWait],
    ["MSG_NOSIGNAL", messageFlags.noSignal],
    ["MSG_CMSG_CLOEXEC", messageFlags.closeOnExec],
    ["SCM_RIGHTS", controlType.rights],
    ["sizeof(struct ucred)", credentials.size],
    ["offsetof(struct ucred, pid)", credentials.processId],
    ["offsetof(struct ucred, uid)", credentials.userId],
    ["offsetof(struct ucred, gid)", credentials.groupId],
    ["offsetof(struct sockaddr_un, sun_path)", unixAddress.path],
    ["sizeof(((struct sockaddr_un *)0)->sun_path)", unixAddress.maxPathBytes],
    ["F_SETFD", fileControl.setDescriptorFlags],
    ["F_GETFL", fileControl.getStatusFlags],
    ["F_SETFL", fileControl.setStatusFlags],
    ["F_ADD_SEALS", fileControl.addSeals],
    ["FD_CLOEXEC", fileControl.closeOnExec],
    ["F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE", allSeals],
    ["MFD_CLOEXEC", memoryFile.closeOnExec],
    ["MFD_ALLOW_SEALING", memoryFile.allowSealing],
    ["EFD_CLOEXEC", eventFlags.closeOnExec],
    ["EFD_NONBLOCK", eventFlags.nonBlocking],
  ];
}

const headers = [
  "fcntl.h",
  "poll.h",
  "stddef.h",
  "stdio.h",
  "sys/epoll.h",
  "sys/eventfd.h",
  "sys/mman.h",
  "sys/socket.h",
  "sys/un.h",
];
const cannotCompile =
  here === undefined || spawnSync("cc", ["--version"]).status !== 0
    ? "cc is not installed, or not for this machine"
    : false;

it("a compiler for C says the same of this machine", { skip: cannotCompile, timeout: 60_000 }, () => {
  const names = namesInC(here ?? "x86_64");
  const directory = temporaryDirectory();
  const source = [
    "#define _GNU_SOURCE",
    ...headers.map((header) => `#include <${header}>`),
    "int main(void) {",
    ...names.map(([name]) => `  printf("%llu\\n", (unsigned long long)(unsigned)(${name}));`),
    "}",
  ];
  writeFileSync(join(directory, "layouts.c"), source.join("\n"));
  // Of an older C library, which has no SO_PEERGROUPS, this does not compile: then it says so.
  execFileSync("cc", ["-o", "layouts", "layouts.c"], { cwd: directory, stdio: "pipe" });
  const printed = execFileSync(join(directory, "layouts"), { encoding: "utf8" }).trim().split("\n").map(Number);
  assert.deepEqual(
    names.map(([name], index) => [name, printed[index]]),
    names.map(([name, value]) => [name, value]),
  );
});
