import { fail, ok, type Result } from "../../result.ts";
import type { ChannelProblem, Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Readiness, Watch } from "./readiness.ts";

/** The end of a pipe into which this process writes. */
interface PipeWriter {
  /** Writes all of it, waiting for a reader that is slow; EPIPE if nobody reads any more. One call at a time. */
  write(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>>;
  /** Waits until nobody reads any more, or this is closed: for whoever has nothing to write yet. */
  abandoned(): Promise<void>;
  /** Ends what is waiting with ECANCELED. The reader comes to the end. */
  close(): void;
}

/** A pipe. The end for reading blocks, as whoever receives it expects; it stays the caller's. */
export interface Pipe {
  readonly readEnd: Descriptor;
  readonly writer: PipeWriter;
}

export function openPipe(libc: Libc, readiness: Readiness): Result<Pipe, ChannelProblem> {
  const pipe = libc.pipe();
  if (typeof pipe === "number") return fail({ errno: errnoName(pipe) });
  const [readEnd, writeEnd] = [ownDescriptor(pipe[0]), ownDescriptor(pipe[1])];
  const outcome = libc.setNonBlocking(writeEnd.number);
  if (outcome >= 0) return ok({ readEnd, writer: new NonBlockingWriter(writeEnd, { libc, readiness }) });
  readEnd.close();
  writeEnd.close();
  return fail({ errno: errnoName(outcome) });
}

class NonBlockingWriter implements PipeWriter {
  readonly #libc: Libc;
  readonly #descriptor: Descriptor;
  readonly #watch: Watch;
  readonly #oneWrite = new OneAtATime("write");

  constructor(descriptor: Descriptor, { libc, readiness }: { readonly libc: Libc; readonly readiness: Readiness }) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#watch = readiness.watch(descriptor.number);
  }

  write(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>> {
    return this.#oneWrite.run(() => this.#write(bytes));
  }

  async abandoned(): Promise<void> {
    await this.#watch.broken();
  }

  close(): void {
    this.#watch.close();
    this.#descriptor.close();
  }

  /** Both runtimes ignore SIGPIPE: a test says so. */
  async #write(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>> {
    let written = 0;
    while (written < bytes.length) {
      if (this.#descriptor.number < 0) return fail({ errno: "ECANCELED" });
      const outcome = this.#libc.write(this.#descriptor.number, bytes.subarray(written));
      if (outcome >= 0) written += outcome;
      else if (outcome !== -errnos.EAGAIN) return fail({ errno: errnoName(outcome) });
      else {
        const errno = await this.#watch.writable();
        if (errno !== undefined) return fail({ errno });
      }
    }
    return ok(undefined);
  }
}
