import assert from "node:assert/strict";
import type { Channel, Descriptor } from "../../../src/host/descriptors/channel.ts";
import { prepareDecoder, type StructDecoder } from "../../../src/serve/varlink/decode-value.ts";
import { MessageFramer } from "../../../src/serve/varlink/message-framer.ts";
import { parseIdl } from "../../../src/serve/varlink/parse-idl.ts";

export interface ClientReply {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly continues?: boolean;
  readonly descriptors: readonly Descriptor[];
}

interface Flags {
  readonly more?: boolean;
  readonly oneway?: boolean;
  readonly upgrade?: boolean;
  readonly descriptors?: readonly Descriptor[];
}

/** Calls a varlink service, and checks its replies against what the descriptions of interfaces say. */
export class VarlinkClient {
  readonly channel: Channel;
  readonly #framer = new MessageFramer();
  readonly #replies = new Map<string, StructDecoder>();
  readonly #errors = new Map<string, StructDecoder>();
  #isEnded = false;

  constructor(channel: Channel, descriptions: readonly { readonly text: string }[] = []) {
    this.channel = channel;
    for (const { text } of descriptions) {
      const parsed = parseIdl(text);
      assert.ok(parsed.ok);
      const { name, methods, errors, types } = parsed.value;
      for (const [method, { reply }] of methods) this.#replies.set(`${name}.${method}`, prepareDecoder(reply, types));
      for (const [error, { parameters }] of errors) {
        this.#errors.set(`${name}.${error}`, prepareDecoder(parameters, types));
      }
    }
  }

  /** One call, and its one reply. */
  async call(method: string, parameters?: object, flags: Flags = {}): Promise<ClientReply> {
    await this.send(method, parameters, flags);
    const reply = await this.reply(method);
    assert.notEqual(reply.continues, true);
    return reply;
  }

  /** A call with `more`, and all its replies. */
  async callMore(method: string, parameters?: object, flags: Flags = {}): Promise<readonly ClientReply[]> {
    await this.send(method, parameters, { ...flags, more: true });
    const replies: ClientReply[] = [];
    do replies.push(await this.reply(method));
    while (replies.at(-1)?.continues === true);
    return replies;
  }

  async send(method: string, parameters?: object, { descriptors, ...flags }: Flags = {}): Promise<void> {
    await this.sendText(`${JSON.stringify({ method, parameters, ...flags })}\0`, descriptors);
  }

  async sendText(text: string | Uint8Array, descriptors: readonly Descriptor[] = []): Promise<void> {
    const sent = await this.channel.send(Buffer.from(text), descriptors);
    assert.ok(sent.ok, JSON.stringify(sent));
  }

  async reply(method?: string): Promise<ClientReply> {
    const reply = await this.replyOrEnd(method);
    assert.ok(reply !== undefined, "the service closed the connection");
    return reply;
  }

  /** The next reply, and `undefined` if the service closed. */
  async replyOrEnd(method?: string): Promise<ClientReply | undefined> {
    for (;;) {
      const message = this.#framer.take();
      if (message?.kind === "message") {
        return this.#checked(Buffer.from(message.untrustedBytes).toString(), message.descriptors, method);
      }
      assert.equal(message, undefined);
      if (this.#isEnded) return undefined;
      const received = await this.channel.receive(64 * 1024);
      this.#isEnded = !received.ok || received.value.bytes.length === 0;
      if (received.ok) this.#framer.add(received.value);
    }
  }

  #checked(text: string, descriptors: readonly Descriptor[], method: string | undefined): ClientReply {
    const reply: Omit<ClientReply, "descriptors"> = JSON.parse(text);
    for (const [key, value] of Object.entries(reply)) {
      assert.ok(["parameters", "error", "continues"].includes(key), text);
      assert.ok(value !== null && value !== false, text);
    }
    assert.ok(!("error" in reply && "continues" in reply), text);
    const decode = reply.error !== undefined ? this.#errors.get(reply.error) : this.#replies.get(method ?? "");
    const decoded = decode?.(reply.parameters);
    assert.ok(decoded?.ok !== false, `${text}: ${JSON.stringify(decoded)}`);
    return { ...reply, descriptors };
  }
}
