import { fstatSync } from "node:fs";
import { fail, ok, type Result } from "../../result.ts";
import { errnoOf } from "../system-error.ts";
import { socket, socketOption } from "./layouts.ts";
import { errnoName, type Libc } from "./libc.ts";

/** Why a descriptor that was inherited or received is not what it should be; `errno` is what the system says, or would say. */
export interface AdoptProblem {
  readonly kind:
    | "not-open"
    | "not-a-socket"
    /** Not of AF_UNIX. */
    | "other-domain"
    /** Neither a stream nor packets. */
    | "other-type"
    | "not-connected"
    | "not-listening"
    | "listening"
    | "system";
  readonly errno: string;
}

export interface UnixSocket {
  /** SOCK_SEQPACKET, and not SOCK_STREAM. */
  readonly keepsPackets: boolean;
}

/** Looks what a descriptor is, and makes sure that no program started later inherits it. It stays open whatever it is. */
export function inspectSocket(
  libc: Libc,
  descriptor: number,
  expected: "connected" | "listening",
): Result<UnixSocket, AdoptProblem> {
  const closed = closedProblem(descriptor);
  if (closed !== undefined) return fail(closed);
  const option = (number: number) => libc.socketNumber(descriptor, number);
  const domain = option(socketOption.domain);
  if (domain < 0) {
    const errno = errnoName(domain);
    return fail({ kind: errno === "ENOTSOCK" ? "not-a-socket" : "system", errno });
  }
  if (domain !== socket.unix) return fail({ kind: "other-domain", errno: "EAFNOSUPPORT" });
  const type = option(socketOption.type);
  if (type !== socket.stream && type !== socket.sequencedPackets) {
    return fail({ kind: "other-type", errno: type < 0 ? errnoName(type) : "EPROTOTYPE" });
  }
  const isListening = option(socketOption.isAccepting) === 1;
  if (expected === "listening" && !isListening) return fail({ kind: "not-listening", errno: "EINVAL" });
  if (expected === "connected" && isListening) return fail({ kind: "listening", errno: "EINVAL" });
  if (expected === "connected" && libc.peerName(descriptor) < 0) {
    return fail({ kind: "not-connected", errno: "ENOTCONN" });
  }
  const outcome = libc.setCloseOnExec(descriptor);
  if (outcome < 0) return fail({ kind: "system", errno: errnoName(outcome) });
  return ok({ keepsPackets: type === socket.sequencedPackets });
}

/** Also what is no number of a descriptor at all: `undefined` if it is open. */
export function closedProblem(descriptor: number): AdoptProblem | undefined {
  if (!Number.isInteger(descriptor) || descriptor < 0 || descriptor > maxDescriptor) {
    return { kind: "not-open", errno: "EBADF" };
  }
  try {
    fstatSync(descriptor);
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    return { kind: errno === "EBADF" ? "not-open" : "system", errno };
  }
}

/** Whether two descriptors are of the same open file, or socket. What is not open is told by whoever adopts it. */
export function isSameFile(left: number, right: number): boolean {
  if (closedProblem(left) !== undefined || closedProblem(right) !== undefined) return false;
  const [one, other] = [fstatSync(left, { bigint: true }), fstatSync(right, { bigint: true })];
  return one.dev === other.dev && one.ino === other.ino;
}

/** Of an `int`. */
const maxDescriptor = 0x7fffffff;
