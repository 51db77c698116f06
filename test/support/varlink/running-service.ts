import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Runtime } from "../run.ts";
import { temporaryDirectory } from "../temporary.ts";

export interface ServedFile {
  /** The beginning of it. */
  readonly text?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly seals?: number;
  readonly offset?: number;
  readonly refused?: readonly string[];
  /** Its number in the client. */
  readonly pipe?: number;
}

/** Fields of the replies and errors of our interfaces, as far as tests look at them. */
interface ServedParameters {
  readonly [name: string]: unknown;
  readonly verdict?: ServedVerdict | null;
  readonly failure?: { readonly kind: string; readonly code: string } | null;
  readonly policy_failure?: { readonly kind: string; readonly code: string } | null;
  readonly code?: string;
  readonly message?: string;
  readonly index?: number;
  readonly id?: string | null;
  readonly manifest_fd_index?: number | null;
  readonly policy_path?: string;
  readonly policy_loaded_at_seconds?: number | null;
  readonly metrics?: { readonly [name in MetricName]?: number };
  readonly transport?: string;
  readonly scope?: string;
  readonly product?: string;
  readonly requirements?: readonly { readonly kind: string }[];
  readonly image?: number | null;
  readonly blob?: number;
  readonly digest?: string;
  readonly size_bytes?: number | null;
  readonly media_type?: string;
  readonly retryable?: boolean;
  readonly handle?: number;
  readonly layers?: readonly { readonly digest: string; readonly size_bytes: number }[];
}

type MetricName =
  | ("calls" | "accepted" | "rejected" | "errors" | "connections")
  | ("p50_microseconds" | "p99_microseconds");

interface ServedVerdict {
  readonly outcome: string;
  readonly code: string;
  readonly manifest_digest: string;
  readonly manifest_size_bytes: number | null;
  readonly requirements: readonly {
    readonly signatures: readonly { readonly signer: { readonly kind: string } | null }[];
  }[];
}

export interface ServedReply {
  readonly parameters?: ServedParameters;
  readonly error?: string;
  readonly continues?: boolean;
}

/** What is sent as it is, in one sendmsg. */
export interface Piece {
  readonly text?: string;
  readonly base64?: string;
  readonly times?: number;
  readonly open?: readonly string[];
}

interface CallOptions {
  readonly open?: readonly string[];
  readonly pathOnly?: boolean;
  readonly flags?: object;
  readonly noReply?: boolean;
}

interface StartOptions {
  /** Without a file. */
  readonly abstract?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly address?: string;
  /** In which form it gets a socket, instead of making one: test/support/varlink/activate.py. */
  readonly activation?: "listen" | "connection" | "stdio" | "stdin" | "file";
  /** What starts it, and gets its environment in JSON and then the command. */
  readonly starter?: readonly string[];
}

const activateScript = join(import.meta.dirname, "activate.py");

const running = new Set<ChildProcess>();

function keepTrackOf(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Ends the services and clients that a test left, as one that failed does: the file would wait for them. */
export function endRunning(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Where nobody listens yet. */
export function newAddress(abstract = false): string {
  started += 1;
  return abstract ? `@sealcheck-test-${process.pid}-${started}` : join(temporaryDirectory(), `socket-${started}`);
}

let started = 0;

/** The command, running. */
export class RunningService {
  readonly process: ChildProcess;
  readonly address: string;
  stderr = "";
  readonly ended: Promise<number | null>;

  constructor(process: ChildProcess, address: string) {
    keepTrackOf(process);
    this.process = process;
    this.address = address;
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => process.on("exit", (code) => resolve(code)));
  }

  /** Starts it, and waits until it listens. */
  static async start(
    { command }: Runtime,
    args: readonly string[],
    { abstract = false, env = {}, address = newAddress(abstract), activation, starter }: StartOptions = {},
  ): Promise<RunningService> {
    const serve = [...command, "serve", ...(activation === undefined ? [`--listen=unix:${address}`] : []), ...args];
    const before = activation === undefined ? starter : ["python3", activateScript, activation, address];
    const [file = "", ...rest] = before === undefined ? serve : [...before, JSON.stringify(env), ...serve];
    const child = spawn(file, rest, {
      ...(before === undefined ? { env } : {}),
      stdio: ["ignore", "ignore", "pipe"],
    });
    const service = new RunningService(child, address);
    await until(
      () => service.stderr.includes("listening on") || child.exitCode !== null,
      () => service.stderr,
    );
    return service;
  }

  connect(user?: number): ServiceClient {
    return new ServiceClient(this.address, user);
  }

  /** How many descriptors it has open. */
  descriptors(): number {
    return readdirSync(`/proc/${this.process.pid}/fd`).length;
  }

  /** How many they are once nobody is connected who is leaving, and what runtimes open for themselves is open. */
  async settled(): Promise<number> {
    let last = -1;
    for (let same = 0; same < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const now = this.descriptors();
      same = now === last ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  /**
   * Waits until only so many are connected, and fails unless no more descriptors are open then. It is counted in calls, and not in time:
   * what was forgotten is closed as well, some seconds later, by whoever collects garbage.
   */
  async assertFreed(
    client: ServiceClient,
    { most, connected = 1 }: { most: number; connected?: number },
  ): Promise<void> {
    const connections = async () => (await client.call("Verify.GetStatus")).parameters?.metrics?.connections;
    for (const end = Date.now() + 20_000; (await connections()) !== connected; ) {
      assert.ok(Date.now() < end, "others are still connected");
    }
    for (let calls = 0; calls < 50 && this.descriptors() > most; calls += 1) await connections();
    assert.ok(this.descriptors() <= most, `${this.descriptors()} descriptors are open, and ${most} were`);
  }

  async stop(): Promise<number | null> {
    this.process.kill("SIGTERM");
    return this.ended;
  }
}

/** A client for Python, which sends and receives descriptors. */
export class ServiceClient {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(address: string, user?: number) {
    const script = join(import.meta.dirname, "client.py");
    const asUser = user === undefined ? [] : [`${user}`];
    this.#process = spawn("python3", [script, address, ...asUser], { stdio: ["pipe", "pipe", "inherit"] });
    keepTrackOf(this.#process);
    assert.ok(this.#process.stdout);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(line: object): Promise<T> {
    this.tell(line);
    const { value, done } = await this.#lines.next();
    assert.ok(!done, "the client ended");
    const answer: T = JSON.parse(value);
    return answer;
  }

  tell(line: object): void {
    this.#process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  async replies(
    method: string,
    parameters: object = {},
    { open = [], pathOnly = false, flags = {}, noReply = false }: CallOptions = {},
  ): Promise<{ readonly replies: readonly (ServedReply | null)[]; readonly files: readonly ServedFile[] }> {
    const call = { method: `dev.sealcheck.${method}`, parameters, ...flags };
    return this.ask({ call, open, path_only: pathOnly, read: noReply ? 0 : "call" });
  }

  /** Sends what may be no call at all. @returns what came then, `null` for the end of the connection. */
  async send(
    pieces: readonly Piece[],
    { shut = false, read = 0 }: { readonly shut?: boolean; readonly read?: number | "end" } = {},
  ): Promise<{ readonly sent: boolean; readonly replies: readonly (ServedReply | null)[] }> {
    return this.ask({ pieces, shut, read });
  }

  /** What comes through a blob's pipe, or so many bytes of it: it is closed then. */
  async readPipe({ pipe }: ServedFile, most?: number): Promise<ServedFile> {
    return this.ask({ pipe, most });
  }

  /** Opens so many further connections. @returns how many of them are served. */
  async connectMore(count: number): Promise<number> {
    const { answered } = await this.ask<{ readonly answered: number }>({ connect: count });
    return answered;
  }

  async dropMore(): Promise<void> {
    await this.ask({ drop: true });
  }

  /** One call, and its one reply. */
  async call(
    method: string,
    parameters: object = {},
    options: CallOptions = {},
  ): Promise<ServedReply & { readonly files: readonly ServedFile[] }> {
    const { replies, files } = await this.replies(method, parameters, options);
    const [reply] = replies;
    assert.ok(reply != null, "the service closed the connection");
    assert.equal(replies.length, 1);
    return { ...reply, files };
  }

  close(): void {
    this.#process.kill("SIGKILL");
  }
}

/** Waits for something to become so. */
export async function until(isSo: () => boolean, what: () => string = () => "it"): Promise<void> {
  for (const end = Date.now() + 20_000; !isSo(); ) {
    assert.ok(Date.now() < end, `waited in vain: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
