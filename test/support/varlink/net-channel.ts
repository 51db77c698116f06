import type { Socket } from "node:net";
import type { Channel, ChannelProblem, Received } from "../../../src/host/descriptors/channel.ts";
import { fail, ok, type Result } from "../../../src/result.ts";

/** A channel on a socket of Node, which cannot carry descriptors. The socket needs `allowHalfOpen`. */
export class NetChannel implements Channel {
  readonly peer = undefined;
  readonly carriesDescriptors = false;
  readonly #socket: Socket;
  #errno: string | undefined;
  #isEnded = false;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", () => this.#wake?.());
    socket.on("end", () => {
      this.#isEnded = true;
      this.#wake?.();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#errno = error.code ?? "EIO";
      this.#wake?.();
    });
    socket.on("close", () => {
      this.#errno ??= "ECONNRESET";
      this.#wake?.();
    });
  }

  async receive(maxBytes: number): Promise<Result<Received, ChannelProblem>> {
    for (;;) {
      if (this.#isClosed) return fail({ errno: "ECANCELED" });
      const length = Math.min(maxBytes, this.#socket.readableLength);
      const bytes: Buffer | null = length === 0 ? this.#socket.read() : this.#socket.read(length);
      if (bytes !== null) return ok({ bytes, descriptors: [], areDescriptorsMissing: false });
      if (this.#isEnded) return ok({ bytes: new Uint8Array(), descriptors: [], areDescriptorsMissing: false });
      if (this.#errno !== undefined) return fail({ errno: this.#errno });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(bytes: Uint8Array): Promise<Result<undefined, ChannelProblem>> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => {
        resolve(error == null ? ok(undefined) : fail({ errno: (error as NodeJS.ErrnoException).code ?? "EIO" }));
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
    this.#socket.end(() => this.#socket.destroy());
  }
}
