import { connect, type Socket } from "node:net";

/** One connection, which may have several calls under way. */
export class Client {
  readonly #socket: Socket;
  readonly #call: Uint8Array;
  readonly #asked: number[] = [];
  #isFirst = true;
  /** Told how long an answer took, in milliseconds. */
  onAnswer: (took: number) => void = () => {};

  private constructor(socket: Socket, call: Uint8Array) {
    this.#socket = socket;
    this.#call = call;
    socket.on("data", (bytes) => this.#take(bytes));
  }

  static open(path: string, call: Uint8Array): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Client(socket, call)));
      socket.once("error", reject);
    });
  }

  /** Each asks again as soon as it is answered. @returns how long each answer took, in milliseconds. */
  static async askAtOnce(clients: readonly Client[], duration: number): Promise<number[]> {
    const took: number[] = [];
    const end = performance.now() + duration;
    await Promise.all(
      clients.map(
        (client) =>
          new Promise<void>((resolve) => {
            client.onAnswer = (time) => {
              took.push(time);
              if (performance.now() < end) client.ask();
              else resolve();
            };
            client.ask();
          }),
      ),
    );
    return took;
  }

  /** @param due when it should have been asked, so that waiting for a turn counts */
  ask(due: number = performance.now()): void {
    this.#asked.push(due);
    this.#socket.write(this.#call);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    // Seen once in full: errors are quick, too.
    if (this.#isFirst && !bytes.includes('"outcome":"accepted"')) throw new Error(`not accepted: ${bytes}`);
    this.#isFirst = false;
    for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) {
      const asked = this.#asked.shift();
      if (asked === undefined) throw new Error("an answer nobody asked for");
      this.onAnswer(performance.now() - asked);
    }
  }
}
