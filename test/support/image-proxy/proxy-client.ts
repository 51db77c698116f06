/** A client of an image proxy, whichever program that is: it gets one end of a SOCK_SEQPACKET pair as its descriptor 3. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, read, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Channel, Descriptor } from "../../../src/host/descriptors/channel.ts";
import { type Descriptors, openDescriptors } from "../../../src/host/descriptors/descriptors.ts";
import { socket } from "../../../src/host/descriptors/layouts.ts";
import { loadLibc } from "../../../src/host/descriptors/libc.ts";
import type { VerdictDocument } from "../../../src/report/document.ts";

const program = pathToFileURL(join(import.meta.dirname, "..", "..", "..", "src", "bin.ts"));

/** The program's words for its descriptor. */
export const socketArguments = ["--sockfd", "3"];

export interface ReceivedReply {
  /** As it came. */
  readonly text: string;
  readonly reply: ProxyAnswer;
  readonly descriptors: readonly Descriptor[];
}

interface ProxyAnswer {
  readonly success: boolean;
  readonly value: unknown;
  readonly pipeid: number;
  readonly error_code: string;
  readonly error: string;
  readonly code?: string;
  readonly verdict?: VerdictDocument;
}

/** What came through a pipe. */
export interface PipeContent {
  readonly bytes: number;
  readonly sha256: string;
  /** If it is short. */
  readonly text?: string;
}

let opened: Promise<Descriptors> | undefined;

function descriptors(): Promise<Descriptors> {
  opened ??= openDescriptors({ program, argument: "readiness-thread" }).then((result) => {
    if (!result.ok) throw new Error(result.problem.reason);
    return result.value;
  });
  return opened;
}

/** Ends the thread that waits for descriptors. */
export async function closeClients(): Promise<void> {
  await (await opened)?.close();
  opened = undefined;
}

export class ProxyClient {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  readonly #channel: Channel;

  private constructor(child: ChildProcess, channel: Channel) {
    this.child = child;
    this.#channel = channel;
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** @param env the whole environment */
  static async start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<ProxyClient> {
    const [libc, inherited] = [await loadLibc(), await descriptors()];
    if (!libc.ok) throw new Error(libc.problem.reason);
    const pair = libc.value.socketPair(socket.sequencedPackets);
    if (typeof pair === "number") throw new Error(`no socket pair: ${pair}`);
    const [file = "", ...args] = command;
    const child = spawn(file, args, { env: { ...env }, cwd: "/", stdio: ["ignore", "pipe", "pipe", pair[1]] });
    closeSync(pair[1]);
    const channel = inherited.adopt(pair[0]);
    if (!channel.ok) throw new Error(channel.problem.errno);
    return new ProxyClient(child, channel.value);
  }

  async send(packet: string | Uint8Array, sending: readonly Descriptor[] = []): Promise<void> {
    const sent = await this.#channel.send(Buffer.from(packet), sending);
    if (!sent.ok) throw new Error(`cannot send: ${sent.problem.errno}`);
  }

  /** `undefined`: the proxy is gone. */
  async receive(): Promise<ReceivedReply | undefined> {
    const received = await this.#channel.receive(1 << 20);
    if (!received.ok) {
      if (received.problem.errno === "ECONNRESET") return undefined;
      throw new Error(`cannot receive: ${received.problem.errno}`);
    }
    if (received.value.bytes.length === 0) return undefined;
    const text = Buffer.from(received.value.bytes).toString();
    return { text, reply: JSON.parse(text), descriptors: received.value.descriptors };
  }

  /** One request of its method and arguments, and the answer, which there has to be. */
  async call(method: string, ...args: readonly unknown[]): Promise<ReceivedReply> {
    await this.send(JSON.stringify({ method, args }));
    const received = await this.receive();
    if (received === undefined) throw new Error(`no answer to ${method}`);
    return received;
  }

  /** How many descriptors the proxy has open, by Linux. */
  countDescriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  close(): void {
    this.#channel.close();
  }
}

/** All that comes through a pipe, until its writer ends it. Takes the descriptor. */
export async function readPipe(descriptor: Descriptor): Promise<PipeContent> {
  const hash = createHash("sha256");
  const start: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(1 << 20);
  let bytes = 0;
  try {
    for (;;) {
      const count = await readSome(descriptor.number, buffer);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
      bytes += count;
      if (bytes <= maxTextBytes) start.push(Buffer.from(buffer.subarray(0, count)));
    }
  } finally {
    descriptor.close();
  }
  const sha256 = hash.digest("hex");
  return bytes <= maxTextBytes ? { bytes, sha256, text: Buffer.concat(start).toString() } : { bytes, sha256 };
}

const maxTextBytes = 4000;

function readSome(descriptor: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, null, (error, count) => (error ? reject(error) : resolve(count)));
  });
}
