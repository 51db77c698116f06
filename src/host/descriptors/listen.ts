import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lchownSync,
  lstatSync,
  openSync,
  unlinkSync,
} from "node:fs";
import { fail, ok, type Result } from "../../result.ts";
import { errnoOf } from "../system-error.ts";
import type { Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { socket, unixAddress } from "./layouts.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";

/** Where to listen. */
export type ListenPlace =
  | {
      readonly path: string;
      /** Whatever umask says; who may write to the file may connect (unix(7)). */
      readonly mode: number;
      /** Without it, who runs this. */
      readonly owner?: { readonly userId: number; readonly groupId: number };
    }
  /** A name that is no file's, without the NUL before it: everybody in the same network namespace may connect. */
  | { readonly abstractName: string };

/** Where calls come from. */
export type ListenChoice =
  /** `shown` is what the place is called on the command line. */
  | { readonly kind: "place"; readonly place: ListenPlace; readonly shown: string }
  /** Descriptors that systemd opened, or whoever acts like it: from 3 on (sd_listen_fds(3)). */
  | { readonly kind: "activation"; readonly count: number }
  | { readonly kind: "stdio" };

export type ListenProblem =
  /** Somebody listens there. */
  | { readonly kind: "in-use" }
  /** There is a file, and it is no socket. */
  | { readonly kind: "occupied" }
  /** Of more bytes than the address of a socket has room for; or of none. */
  | { readonly kind: "bad-name"; readonly maxBytes: number }
  | { readonly kind: "system"; readonly errno: string };

export interface Listening {
  readonly descriptor: Descriptor;
  /** Takes away the socket's file if it is still the same. */
  remove(): void;
}

/** Makes a socket of a stream that listens. */
export function listenAt(libc: Libc, place: ListenPlace): Result<Listening, ListenProblem> {
  const name = nameOf(place);
  if (name === undefined) return fail({ kind: "bad-name", maxBytes: unixAddress.maxPathBytes - 1 });
  if ("path" in place) {
    const problem = removeStale(libc, place.path, name);
    if (problem !== undefined) return fail(problem);
  }
  const number = libc.socket(socket.stream);
  if (number < 0) return system(number);
  const descriptor = ownDescriptor(number);
  const listening =
    "path" in place ? listenAtPath(libc, descriptor, place, name) : listenAtName(libc, descriptor, name);
  if (!listening.ok) descriptor.close();
  return listening;
}

function nameOf(place: ListenPlace): Uint8Array | undefined {
  const text = "path" in place ? place.path : `\0${place.abstractName}`;
  const name = new TextEncoder().encode(text);
  const isCut = "path" in place && place.path.includes("\0");
  const minBytes = "path" in place ? 1 : 2;
  return isCut || name.length < minBytes || name.length >= unixAddress.maxPathBytes ? undefined : name;
}

function listenAtName(libc: Libc, descriptor: Descriptor, name: Uint8Array): Result<Listening, ListenProblem> {
  const bound = libc.bind(descriptor.number, name);
  if (bound < 0) return bound === -errnos.EADDRINUSE ? fail({ kind: "in-use" }) : system(bound);
  const outcome = libc.listen(descriptor.number, backlog);
  return outcome < 0 ? system(outcome) : ok({ descriptor, remove: () => {} });
}

/**
 * Nobody can connect before listen(2): by then the file has its owner and its mode. Even so it never has a looser one: of a socket that is
 * bound, the file gets the mode of the socket itself, less umask (Linux: net/unix/af_unix.c `unix_bind_bsd`).
 */
function listenAtPath(
  libc: Libc,
  descriptor: Descriptor,
  place: Extract<ListenPlace, { readonly path: string }>,
  name: Uint8Array,
): Result<Listening, ListenProblem> {
  const { path, mode, owner } = place;
  try {
    fchmodSync(descriptor.number, mode & 0o700);
  } catch (error) {
    return fail({ kind: "system", errno: errnoOf(error) });
  }
  const bound = libc.bind(descriptor.number, name);
  if (bound < 0) return bound === -errnos.EADDRINUSE ? fail({ kind: "in-use" }) : system(bound);
  let made: BigIntStats | undefined;
  const remove = (): void => {
    if (made !== undefined) removeIfSame(path, made);
  };
  try {
    made = lstatSync(path, { bigint: true });
    if (owner !== undefined) lchownSync(path, owner.userId, owner.groupId);
    setMode(path, made, mode);
    const outcome = libc.listen(descriptor.number, backlog);
    // Who started at the same time may have found a socket that nobody listened at yet, and taken it away.
    if (outcome >= 0 && isSame(path, made)) return ok({ descriptor, remove });
    remove();
    return outcome < 0 ? system(outcome) : fail({ kind: "in-use" });
  } catch (error) {
    remove();
    return fail({ kind: "system", errno: errnoOf(error) });
  }
}

/** Of this very file: chmod(2) would follow a link that somebody put there. */
function setMode(path: string, made: BigIntStats, mode: number): void {
  const pathOnly = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | pathOnlyFlag);
  try {
    const { dev, ino } = fstatSync(pathOnly, { bigint: true });
    if (dev !== made.dev || ino !== made.ino)
      throw Object.assign(new Error("another file is there"), { code: "ESTALE" });
    chmodSync(`/proc/self/fd/${pathOnly}`, mode & 0o777);
  } finally {
    closeSync(pathOnly);
  }
}

/** O_PATH, which Node does not name; the same on all architectures that are served here. */
const pathOnlyFlag = 0o10000000;

/** A socket at which nobody listens is left over from someone who ended early. */
function removeStale(libc: Libc, path: string, name: Uint8Array): ListenProblem | undefined {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isSocket()) return { kind: "occupied" };
    const number = libc.socket(socket.stream);
    if (number < 0) return { kind: "system", errno: errnoName(number) };
    const outcome = libc.connect(number, name);
    libc.close(number);
    // EPROTOTYPE: somebody listens for packets. EAGAIN: somebody listens, and many wait.
    if (outcome !== -errnos.ECONNREFUSED) return { kind: "in-use" };
    removeIfSame(path, found);
    return undefined;
  } catch (error) {
    return { kind: "system", errno: errnoOf(error) };
  }
}

function isSame(path: string, made: BigIntStats): boolean {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found !== undefined && found.dev === made.dev && found.ino === made.ino;
}

function removeIfSame(path: string, made: BigIntStats): void {
  try {
    if (isSame(path, made)) unlinkSync(path);
  } catch (error) {
    // Whoever made it impossible has to clean up; the next one to start says so.
    errnoOf(error);
  }
}

function system(outcome: number) {
  return fail({ kind: "system", errno: errnoName(outcome) } as const);
}

/** The system's own bound is lower or the same (net.core.somaxconn). */
const backlog = 4096;
