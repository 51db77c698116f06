import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Runtime } from "../run.ts";
import { temporaryDirectory } from "../temporary.ts";

export interface ServedFile {
  readonly text?: string;
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
  readonly metrics?: Readonly<Record<string, number>>;
  readonly transport?: string;
  readonly scope?: string;
  readonly requirements?: readonly { readonly kind: string }[];
  readonly image?: number | null;
  readonly blob?: number;
  readonly digest?: string;
  readonly size_bytes?: number | null;
  readonly layers?: readonly { readonly digest: string; readonly size_bytes: number }[];
}

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

interface CallOptions {
  readonly open?: readonly string[];
  readonly pathOnly?: boolean;
  readonly flags?: object;
  readonly noReply?: boolean;
}

/** The command, running. */
export class RunningService {
  readonly process: ChildProcess;
  readonly address: string;
  stderr = "";
  readonly ended: Promise<number | null>;

  constructor(process: ChildProcess, address: string) {
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
    { abstract = false, env = {} }: { readonly abstract?: boolean; readonly env?: Record<string, string> } = {},
  ): Promise<RunningService> {
    started += 1;
    const address = abstract
      ? `@sealcheck-test-${process.pid}-${started}`
      : join(temporaryDirectory(), `socket-${started}`);
    const [file = "", ...rest] = [...command, "serve", `--listen=unix:${address}`, ...args];
    const child = spawn(file, rest, { env, stdio: ["ignore", "ignore", "pipe"] });
    const service = new RunningService(child, address);
    await until(
      () => service.stderr.includes("listening on"),
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

  async stop(): Promise<number | null> {
    this.process.kill("SIGTERM");
    return this.ended;
  }
}

let started = 0;

/** A client for Python, which sends and receives descriptors. */
export class ServiceClient {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(address: string, user?: number) {
    const script = join(import.meta.dirname, "client.py");
    const asUser = user === undefined ? [] : [`${user}`];
    this.#process = spawn("python3", [script, address, ...asUser], { stdio: ["pipe", "pipe", "inherit"] });
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
    return this.ask({ call, open, path_only: pathOnly, no_reply: noReply });
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
