import { fstatSync, statSync, writeSync } from "node:fs";
import { errnoOf } from "./system-error.ts";

/** Where text goes to: standard output or standard error. */
export interface Sink {
  /** Whether a person is likely to look at it. */
  isTerminal(): Promise<boolean>;
  /**
   * Writes all of `text`, waiting for a slow reader. False if it cannot be delivered: the reader has gone, the disk is
   * full; nothing more can be written then.
   */
  write(text: string): Promise<boolean>;
  /** The operating system's name of the error, once something could not be delivered. */
  readonly failure: string | undefined;
}

/** By system calls and not by `process.stdout`, which Bun and Node let lose output at exit, each in its own way. */
export function descriptorSink(descriptor: number): Sink {
  let failure: string | undefined;
  return {
    get failure() {
      return failure;
    },
    isTerminal: () => isTerminal(descriptor),
    async write(text) {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length && failure === undefined; ) {
        try {
          written += writeSync(descriptor, bytes, written);
        } catch (error) {
          // A pipe that somebody made non-blocking, and that is full.
          const errno = errnoOf(error);
          if (errno === "EAGAIN") await new Promise((resolve) => setTimeout(resolve, 2));
          else failure = errno;
        }
      }
      return failure === undefined;
    },
  };
}

/** Whether a descriptor is that of a terminal. */
export async function isTerminal(descriptor: number): Promise<boolean> {
  // node:tty loads sockets and streams, 3 ms on Bun: asked only where the answer may be yes.
  return mayBeTerminal(descriptor) && (await import("node:tty")).isatty(descriptor);
}

/** A character device, other than the one that scripts send output to. */
function mayBeTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isCharacterDevice() && status.rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
  } catch (error) {
    errnoOf(error); // a closed descriptor
    return false;
  }
}
