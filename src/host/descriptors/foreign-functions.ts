import { fail, ok, type Result } from "../../result.ts";
import { bun } from "../../runtime/built-in.ts";
import { type Architecture, architectureOf, libraryNames } from "./layouts.ts";

/** Why this process cannot pass descriptors, in words: what is, then what to do. */
export interface DescriptorsUnavailable {
  readonly kind: "descriptors-unavailable";
  readonly reason: string;
}

type ArgumentKind = "int" | "pointer" | "size";
export type Argument = number | Uint8Array | null;

/** Functions that are called, with what they take; all of them give an `int`, or a `ssize_t` if they take a size. */
const signatures = {
  accept4: ["int", "pointer", "pointer", "int"],
  bind: ["int", "pointer", "int"],
  connect: ["int", "pointer", "int"],
  epoll_create1: ["int"],
  epoll_ctl: ["int", "int", "int", "pointer"],
  epoll_wait: ["int", "pointer", "int", "int"],
  eventfd: ["int", "int"],
  fcntl: ["int", "int", "int"],
  getpeername: ["int", "pointer", "pointer"],
  getsockopt: ["int", "int", "int", "pointer", "pointer"],
  listen: ["int", "int"],
  memfd_create: ["pointer", "int"],
  openat: ["int", "pointer", "int"],
  pipe2: ["pointer", "int"],
  poll: ["pointer", "size", "int"],
  read: ["int", "pointer", "size"],
  recvmsg: ["int", "pointer", "int"],
  send: ["int", "pointer", "size", "int"],
  sendmsg: ["int", "pointer", "int"],
  setsockopt: ["int", "int", "int", "pointer", "int"],
  socket: ["int", "int", "int"],
  socketpair: ["int", "int", "int", "pointer"],
  write: ["int", "pointer", "size"],
} as const satisfies Readonly<Record<string, readonly ArgumentKind[]>>;

export type FunctionName = keyof typeof signatures;

/** `ssize_t`; the others give an `int`. */
const givingSizes: readonly FunctionName[] = ["read", "recvmsg", "send", "sendmsg", "write"];

/** The functions of the C library, as the runtime calls them: -1 is a failure, of which {@link ForeignFunctions.errno} is asked at once. */
export interface ForeignFunctions {
  readonly architecture: Architecture;
  readonly call: Readonly<Record<FunctionName, (...args: readonly Argument[]) => number>>;
  /** Of this thread; to be asked right after the call. */
  errno(): number;
  /** Where the first byte is. Good as long as nothing else is done with the array. */
  addressOf(bytes: Uint8Array): bigint;
}

/** Loads what calls foreign functions: Bun has it, on Node it is a package that may be missing. */
export async function foreignFunctions(): Promise<Result<ForeignFunctions, DescriptorsUnavailable>> {
  const architecture = process.platform === "linux" ? architectureOf(process.arch) : undefined;
  if (architecture === undefined) {
    return unavailable(
      `descriptors are passed on Linux on x86_64 and aarch64, and not on ${process.platform} ${process.arch}`,
    );
  }
  const load = bun === undefined ? await koffiLoader() : await bunLoader();
  if (load === undefined) return unavailable(missingPackage);
  let reason: unknown;
  for (const name of libraryNames(architecture)) {
    try {
      return ok({ architecture, ...load(name) });
    } catch (error) {
      reason ??= error;
    }
  }
  return unavailable(`the C library cannot be loaded: ${String(reason instanceof Error ? reason.message : reason)}`);
}

/** The version is that of package.json: a test compares. */
const missingPackage =
  "Node passes no descriptors without the package koffi, which is not installed: npm install koffi@3.3.4";

type Loader = (library: string) => Omit<ForeignFunctions, "architecture">;

function unavailable(reason: string) {
  return fail({ kind: "descriptors-unavailable", reason } as const);
}

function table<T>(
  declare: (name: FunctionName, takes: readonly ArgumentKind[], givesSize: boolean) => T,
): Record<FunctionName, T> {
  const entries = Object.entries(signatures) as [FunctionName, readonly ArgumentKind[]][];
  return Object.fromEntries(
    entries.map(([name, takes]) => [name, declare(name, takes, givingSizes.includes(name))]),
  ) as Record<FunctionName, T>;
}

/** What is used of koffi (https://koffi.dev). */
interface Koffi {
  load(library: string): {
    func(name: string, gives: string, takes: readonly string[]): (...args: readonly Argument[]) => number;
  };
  errno(): number;
  address(bytes: Uint8Array): bigint;
}

async function koffiLoader(): Promise<Loader | undefined> {
  const koffi = await importedKoffi();
  if (koffi === undefined) return undefined;
  const types = { int: "int", pointer: "void *", size: "size_t" } as const;
  return (library) => {
    const loaded = koffi.load(library);
    return {
      call: table((name, takes, givesSize) =>
        loaded.func(
          name,
          givesSize ? "intptr_t" : "int",
          takes.map((kind) => types[kind]),
        ),
      ),
      errno: () => koffi.errno(),
      addressOf: (bytes) => koffi.address(bytes),
    };
  };
}

/** Also missing: a package without the binary for this platform, which is a package of its own. */
async function importedKoffi(): Promise<Koffi | undefined> {
  try {
    return (await import("koffi")).default as unknown as Koffi;
  } catch {
    return undefined;
  }
}

/** What is used of https://bun.com/docs/runtime/ffi. */
interface BunForeignFunctions {
  dlopen(
    library: string,
    symbols: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: readonly Argument[]) => number>> };
  ptr(bytes: Uint8Array): number;
  readonly read: { i32(pointer: number, offset: number): number };
}

async function bunLoader(): Promise<Loader> {
  // Not by a literal: neither Node's types nor its bundle know the name.
  const name: string = "bun:ffi";
  const { dlopen, ptr, read }: BunForeignFunctions = await import(name);
  const types = { int: "i32", pointer: "ptr", size: "usize" } as const;
  return (library) => {
    const { symbols } = dlopen(library, {
      ...table((_, takes, givesSize) => ({
        args: takes.map((kind) => types[kind]),
        returns: givesSize ? "i64_fast" : "i32",
      })),
      __errno_location: { args: [], returns: "ptr" },
    });
    // Of this thread, and always there: errno is then read without a call in between that might change it.
    const { __errno_location: errnoLocation } = symbols;
    const place = errnoLocation?.() ?? 0;
    return {
      call: symbols as ForeignFunctions["call"],
      errno: () => read.i32(place, 0),
      addressOf: (bytes) => BigInt(ptr(bytes)),
    };
  };
}
