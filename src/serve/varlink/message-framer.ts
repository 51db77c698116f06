import type { Descriptor, Received } from "../../host/descriptors/channel.ts";
import { maxMessageBytes, maxMessageDescriptors } from "../../limits.ts";
import type { MessageProblem } from "./call-message.ts";

/** A message without its NUL, or what makes that no more can come. Whoever takes it owns the descriptors. */
export type Framed =
  | { readonly kind: "message"; readonly untrustedBytes: Uint8Array; readonly descriptors: readonly Descriptor[] }
  | { readonly kind: "problem"; readonly problem: MessageProblem };

export interface FramingLimits {
  /** With the NUL. */
  readonly maxBytes: number;
  readonly maxDescriptors: number;
}

/**
 * Cuts what is received into messages, each ended by a NUL.
 *
 * Descriptors are no part of varlink, and there is no text that says to which message they belong. What peers do (sd-varlink: sd-varlink.c
 * varlink_write and varlink_read; zlink 0.8: connection/read_connection.rs): they go with the first byte of their message, in a
 * sendmsg(2) that carries no other message. The kernel may put bytes that were sent before in front of them, but nothing behind them.
 * So the last byte of what is received with them is one of their message, which began in the same piece. Descriptors that come in the
 * middle of a message break the protocol (EPROTO in sd-varlink). Two messages in one sendmsg with descriptors cannot be told from one
 * sent earlier: the last one gets them, as in zlink.
 */
export class MessageFramer {
  readonly #limits: FramingLimits;
  readonly #whole: Framed[] = [];
  #taken = 0;
  #wholeBytes = 0;
  #wholeDescriptors = 0;
  /** The message that has no end yet. */
  readonly #part: GrowingBytes;
  #partDescriptors: readonly Descriptor[] = [];
  #isBroken = false;
  #isInsideRefused = false;

  constructor(limits: FramingLimits = { maxBytes: maxMessageBytes, maxDescriptors: maxMessageDescriptors }) {
    this.#limits = limits;
    this.#part = new GrowingBytes(limits.maxBytes);
  }

  /** How many can be taken. */
  get count(): number {
    return this.#whole.length - this.#taken;
  }

  /** A message that was refused before its end goes on. */
  get isInsideRefused(): boolean {
    return this.#isInsideRefused;
  }

  /** Of a message that has no end yet. */
  get unfinishedBytes(): number {
    return this.#part.length;
  }

  get bytes(): number {
    return this.#wholeBytes + this.#part.length;
  }

  get descriptors(): number {
    return this.#wholeDescriptors + this.#partDescriptors.length;
  }

  take(): Framed | undefined {
    const next = this.#whole[this.#taken];
    if (next === undefined) return undefined;
    this.#taken += 1;
    if (next.kind === "message") {
      this.#wholeBytes -= next.untrustedBytes.length + 1;
      this.#wholeDescriptors -= next.descriptors.length;
    }
    if (this.#taken === this.#whole.length) {
      this.#whole.length = 0;
      this.#taken = 0;
    }
    return next;
  }

  /** Takes what was received, and owns its descriptors then. The bytes are copied: they may be a small part of a large buffer. */
  add({ bytes, descriptors, areDescriptorsMissing }: Received): void {
    if (this.#isBroken || bytes.length === 0) {
      if (bytes.includes(0)) this.#isInsideRefused = false;
      closeAll(descriptors);
      return;
    }
    // A Buffer searches with memchr(3) and its like.
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (!areDescriptorsMissing && descriptors.length <= this.#limits.maxDescriptors) {
      this.#cut(piece, descriptors);
      return;
    }
    closeAll(descriptors);
    // Those before can be answered.
    this.#cut(piece.subarray(0, beginOfLast(piece)), []);
    if (this.#isBroken) return;
    this.#break({ kind: "over-limit", limit: "descriptors" });
    this.#isInsideRefused = piece.at(-1) !== 0;
  }

  #cut(piece: Buffer, descriptors: readonly Descriptor[]): void {
    const lastBegins = descriptors.length === 0 ? -1 : beginOfLast(piece);
    if (lastBegins === 0 && this.#part.length > 0) {
      closeAll(descriptors);
      this.#break({ kind: "malformed", reason: "descriptors in the middle of a message" });
      return;
    }
    let begins = 0;
    for (let end = piece.indexOf(0); end !== -1 && !this.#isBroken; end = piece.indexOf(0, begins)) {
      if (begins === lastBegins) this.#partDescriptors = descriptors;
      this.#append(piece.subarray(begins, end));
      this.#finish();
      begins = end + 1;
    }
    if (this.#isBroken) {
      if (begins <= lastBegins) closeAll(descriptors);
      return;
    }
    if (begins === piece.length) return;
    if (begins === lastBegins) this.#partDescriptors = descriptors;
    this.#append(piece.subarray(begins));
    this.#isInsideRefused = this.#isBroken;
  }

  /** Closes the descriptors of what was not taken, and takes no more. */
  close(): void {
    for (let left = this.take(); left !== undefined; left = this.take()) {
      if (left.kind === "message") closeAll(left.descriptors);
    }
    this.#dropUnfinished();
    this.#isBroken = true;
  }

  #append(bytes: Uint8Array): void {
    const isTooMuch = this.#part.length + bytes.length + 1 > this.#limits.maxBytes;
    if (isTooMuch) this.#break({ kind: "over-limit", limit: "bytes" });
    else this.#part.append(bytes);
  }

  #finish(): void {
    if (this.#isBroken) return;
    const untrustedBytes = this.#part.take();
    if (untrustedBytes.length === 0) {
      this.#break({ kind: "malformed", reason: "an empty message" });
      return;
    }
    this.#whole.push({ kind: "message", untrustedBytes, descriptors: this.#partDescriptors });
    this.#wholeBytes += untrustedBytes.length + 1;
    this.#wholeDescriptors += this.#partDescriptors.length;
    this.#partDescriptors = [];
  }

  /** Those before are answered first. */
  #break(problem: MessageProblem): void {
    this.#dropUnfinished();
    this.#isBroken = true;
    this.#whole.push({ kind: "problem", problem });
  }

  #dropUnfinished(): void {
    closeAll(this.#partDescriptors);
    this.#partDescriptors = [];
    this.#part.take();
  }
}

/** Bytes that come in pieces. Doubles what it has, so that each is copied about twice, however small the pieces are. */
class GrowingBytes {
  readonly #max: number;
  #bytes = new Uint8Array();
  length = 0;

  /** @param max more are never there. */
  constructor(max: number) {
    this.#max = max;
  }

  append(more: Uint8Array): void {
    const length = this.length + more.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(this.length === 0 ? length : Math.max(length, Math.min(2 * this.length, this.#max)));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(more, this.length);
    this.length = length;
  }

  /** Hands them over, and begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = new Uint8Array();
    this.length = 0;
    return taken;
  }
}

/** Where the message begins that the last byte belongs to, or 0 if that was before. */
function beginOfLast(piece: Buffer): number {
  return piece.length === 1 ? 0 : piece.lastIndexOf(0, -2) + 1;
}

function closeAll(descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}
