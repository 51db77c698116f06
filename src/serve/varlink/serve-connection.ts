import type { Channel, Descriptor } from "../../host/descriptors/channel.ts";
import { later } from "../../host/later.ts";
import { maxMessageBytes } from "../../limits.ts";
import { CallDescriptors } from "./call-descriptors.ts";
import { type CallMessage, type MessageProblem, parseCall } from "./call-message.ts";
import type { AnyAnswer, PreparedMethod } from "./implement.ts";
import type { Call, Connection, Reply } from "./interface.ts";
import type { Framed, FramingLimits } from "./message-framer.ts";
import { type InputEnd, MessageReader, type Patience } from "./message-reader.ts";
import { encodeReply, type ReplyMessage } from "./reply-message.ts";
import type { OverLimit, Service } from "./service.ts";
import { shownName } from "./shown-name.ts";

export interface ConnectionOptions {
  readonly patience?: ConnectionPatience;
  /** Those of src/limits.ts unless said otherwise. */
  readonly framing?: FramingLimits;
  /** Stops gracefully: a call under way is answered, those behind it are not. */
  readonly stop?: AbortSignal;
  /** A call of a method that there is begins. @returns what is told how it ended, before the answer is sent. */
  readonly onCall?: (fullMethod: string, connection: Connection) => (outcome: CallOutcome) => void;
}

interface ConnectionPatience extends Patience {
  /** How long a handler may take until its signal is aborted. It is waited for all the same. */
  readonly callMilliseconds?: number;
  /** How long a peer may take to read one reply. */
  readonly replyMilliseconds?: number;
}

type CallOutcome =
  | { readonly kind: "reply" }
  | { readonly kind: "error"; readonly error: string }
  /** Nobody is there any more to whom it could be said, or nothing can be said. */
  | { readonly kind: "none" };

/** Why a handler's signal was aborted: `callMilliseconds` have passed. */
export class CallTooLong extends Error {
  constructor() {
    super("the call takes too long");
  }
}

/** Why a connection was closed. */
export type ConnectionEnd =
  | InputEnd
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "over-limit"; readonly limit: OverLimit }
  /** A handler threw, and its interface has no error for that. */
  | { readonly kind: "failed"; readonly method: string };

/**
 * Serves one connection until it ends, and closes the channel: one call after the other, replies in their order. A peer that sends no more
 * gets all its answers. Descriptors that nobody took are closed, whatever happens. Does not throw, except for bugs of the hooks.
 */
export async function serveConnection(
  channel: Channel,
  service: Service,
  options: ConnectionOptions = {},
): Promise<ConnectionEnd> {
  const connection = new ServedConnection(channel, service, options);
  try {
    return await connection.run();
  } finally {
    connection.close();
  }
}

class ServedConnection {
  readonly #channel: Channel;
  readonly #service: Service;
  readonly #options: ConnectionOptions;
  readonly #patience: ConnectionPatience;
  readonly #reader: MessageReader;
  readonly #closed = new AbortController();
  readonly #connection: Connection;
  readonly #stop = (): void => this.#reader.stop();
  /** Of the call under way. */
  #call: AbortController | undefined;
  /** Why nothing can be sent any more. */
  #lost: ConnectionEnd | undefined;

  constructor(channel: Channel, service: Service, options: ConnectionOptions) {
    this.#channel = channel;
    this.#service = service;
    this.#options = options;
    this.#patience = options.patience ?? {};
    const { peer, carriesDescriptors } = channel;
    this.#connection = { peer, carriesDescriptors, closed: this.#closed.signal };
    this.#reader = new MessageReader(channel, this.#patience, (errno) => this.#lose(errno), options.framing);
    options.stop?.addEventListener("abort", this.#stop, { once: true });
    if (options.stop?.aborted) this.#stop();
  }

  async run(): Promise<ConnectionEnd> {
    for (;;) {
      const incoming = await this.#reader.next();
      const end =
        incoming.kind === "message"
          ? await this.#answerMessage(incoming)
          : incoming.kind === "problem"
            ? await this.#refuse(incoming.problem)
            : incoming;
      if (end !== undefined) return end;
    }
  }

  close(): void {
    this.#options.stop?.removeEventListener("abort", this.#stop);
    this.#closed.abort();
    this.#reader.close();
  }

  async #answerMessage({
    untrustedBytes,
    descriptors,
  }: Extract<Framed, { kind: "message" }>): Promise<ConnectionEnd | undefined> {
    const own = new CallDescriptors(descriptors);
    try {
      const parsed = parseCall(untrustedBytes);
      if (!parsed.ok) return await this.#refuse(parsed.problem);
      return await this.#answerCall(parsed.value, own);
    } finally {
      own.closeRest();
    }
  }

  /** What is no message of the protocol gets no answer: there is no telling what the peer takes for one. */
  async #refuse(problem: MessageProblem): Promise<ConnectionEnd> {
    if (problem.kind === "over-limit") {
      await this.#sendBytes(encodeReply(this.#service.overLimit(problem.limit)), []);
      await this.#reader.discard(maxMessageBytes);
    }
    return problem;
  }

  async #answerCall(message: CallMessage, descriptors: CallDescriptors): Promise<ConnectionEnd | undefined> {
    const { untrustedMethod, oneway } = message;
    const found = this.#service.find(untrustedMethod);
    if (found.kind !== "method") {
      const error: ReplyMessage =
        found.kind === "no-method"
          ? { error: serviceErrors.methodNotFound, parameters: { method: shownName(untrustedMethod) } }
          : { error: serviceErrors.interfaceNotFound, parameters: { interface: shownName(found.untrustedInterface) } };
      if (!oneway) await this.#sendBytes(encodeReply(error), []);
      return this.#lost;
    }
    const { method } = found;
    const tell = this.#options.onCall?.(method.fullName, this.#connection);
    const answer = await this.#answerOf(method, message, descriptors);
    const own = answer?.kind === "reply" ? answer.descriptors : [];
    try {
      const last = answer === undefined ? undefined : this.#encodedAnswer(answer, method);
      tell?.(outcomeOf(last?.message));
      if (this.#lost !== undefined) return this.#lost;
      if (last === undefined) return { kind: "failed", method: method.fullName };
      if (!oneway) await this.#sendBytes(last.bytes, own);
      return this.#lost;
    } finally {
      closeAll(own);
    }
  }

  /** The last answer to a call, and `undefined` if nobody waits for it any more; replies before it are sent. */
  async #answerOf(
    method: PreparedMethod,
    { more, oneway, upgrade, untrustedParameters }: CallMessage,
    descriptors: CallDescriptors,
  ): Promise<AnyAnswer | ProtocolError | undefined> {
    const { handler, fullName } = method;
    if (handler === "not-implemented") {
      return { kind: "protocol-error", error: serviceErrors.methodNotImplemented, parameters: { method: fullName } };
    }
    // There is nothing that a connection could be upgraded to.
    if (upgrade) return { kind: "invalid-parameter", parameter: "upgrade" };
    if (method.requiresMore && !more) {
      return { kind: "protocol-error", error: serviceErrors.expectedMore, parameters: {} };
    }
    const parameters = method.decode(untrustedParameters);
    if (!parameters.ok) return { kind: "invalid-parameter", parameter: parameters.problem };

    const controller = new AbortController();
    this.#call = controller;
    const { callMilliseconds } = this.#patience;
    const stopWatch =
      callMilliseconds === undefined ? undefined : later(callMilliseconds, () => controller.abort(new CallTooLong()));
    const call: Call<object> = {
      parameters: parameters.value,
      descriptors,
      wantsMore: more,
      connection: this.#connection,
      signal: controller.signal,
    };
    try {
      const answer = handler(call);
      if (!(Symbol.asyncIterator in answer)) return await answer;
      return await this.#drain(answer, { wantsMore: more, oneway });
    } catch (error) {
      if (this.#lost !== undefined) return undefined;
      return { kind: "error", ...this.#service.failureOf(error, fullName) };
    } finally {
      stopWatch?.();
      this.#call = undefined;
    }
  }

  /** Sends what a generator yields, and gives what it returns. */
  async #drain(
    replies: AsyncGenerator<Reply<object>, AnyAnswer, undefined>,
    { wantsMore, oneway }: { readonly wantsMore: boolean; readonly oneway: boolean },
  ): Promise<AnyAnswer> {
    try {
      for (;;) {
        const step = await replies.next();
        if (step.done) return step.value;
        const { parameters, descriptors } = step.value;
        try {
          if (!wantsMore && !oneway) throw new Error("several replies to a call without more");
          if (wantsMore) await this.#sendBytes(this.#encode({ parameters, continues: true }, descriptors), descriptors);
        } finally {
          closeAll(descriptors);
        }
        if (this.#lost !== undefined) throw new Error("nobody is there for more replies");
      }
    } finally {
      // So that its own clean-up runs, if it did not come to its end. What it returns is of no use then, and so is this.
      await replies.return({ kind: "permission-denied" });
    }
  }

  /** `undefined`: there is nothing that could be said. */
  #encodedAnswer(
    answer: AnyAnswer | ProtocolError,
    method: PreparedMethod,
  ): { readonly message: ReplyMessage; readonly bytes: Uint8Array } | undefined {
    try {
      const message = replyOf(answer, method);
      return message && { message, bytes: this.#encode(message, answer.kind === "reply" ? answer.descriptors : []) };
    } catch (error) {
      const failure = replyOf({ kind: "error", ...this.#service.failureOf(error, method.fullName) }, method);
      return failure && { message: failure, bytes: encodeReply(failure) };
    }
  }

  /** @throws if it cannot be sent: a bug of the handler. */
  #encode(message: ReplyMessage, descriptors: readonly Descriptor[]): Uint8Array {
    if (descriptors.length > 0 && !this.#channel.carriesDescriptors) {
      throw new Error("a reply with descriptors, where none can be sent");
    }
    const bytes = encodeReply(message);
    if (bytes.length > maxMessageBytes) throw new Error("a reply that is larger than a message may be");
    return bytes;
  }

  async #sendBytes(bytes: Uint8Array, descriptors: readonly Descriptor[]): Promise<void> {
    if (this.#lost !== undefined) return;
    const { replyMilliseconds } = this.#patience;
    const stopWatch =
      replyMilliseconds === undefined ? undefined : later(replyMilliseconds, () => this.#channel.close());
    const sent = await this.#channel.send(bytes, descriptors);
    stopWatch?.();
    if (!sent.ok) this.#lose(sent.problem.errno);
  }

  /** The peer is gone: whatever is done for it is in vain. */
  #lose(errno: string): void {
    this.#lost ??= { kind: "lost", errno };
    this.#call?.abort(new Error("the caller is gone"));
  }
}

/** What the protocol itself answers, before a handler is asked. */
interface ProtocolError {
  readonly kind: "protocol-error";
  readonly error: string;
  readonly parameters: object;
}

const serviceErrors = {
  interfaceNotFound: "org.varlink.service.InterfaceNotFound",
  methodNotFound: "org.varlink.service.MethodNotFound",
  methodNotImplemented: "org.varlink.service.MethodNotImplemented",
  invalidParameter: "org.varlink.service.InvalidParameter",
  permissionDenied: "org.varlink.service.PermissionDenied",
  expectedMore: "org.varlink.service.ExpectedMore",
};

/** `undefined`: the interface has no such error. */
function replyOf(answer: AnyAnswer | ProtocolError, method: PreparedMethod): ReplyMessage | undefined {
  switch (answer.kind) {
    case "reply":
      return { parameters: answer.parameters };
    case "invalid-parameter":
      return { error: serviceErrors.invalidParameter, parameters: { parameter: answer.parameter } };
    case "permission-denied":
      return { error: serviceErrors.permissionDenied, parameters: {} };
    case "protocol-error":
      return { error: answer.error, parameters: answer.parameters };
    case "error":
      if (!method.errors.has(answer.name)) return undefined;
      return { error: `${method.interfaceName}.${answer.name}`, parameters: answer.parameters };
  }
}

function outcomeOf(last: ReplyMessage | undefined): CallOutcome {
  if (last === undefined) return { kind: "none" };
  return "error" in last ? { kind: "error", error: last.error } : { kind: "reply" };
}

function closeAll(descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}
