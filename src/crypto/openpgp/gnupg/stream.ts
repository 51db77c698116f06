/**
 * Octets as GnuPG reads them: a stack of filters, each with a buffer. What a filter has no more of ends once, and then the
 * reader goes on with what is below. Most of what GnuPG makes of odd messages and key files follows from that, so it is done
 * as there. GnuPG: common/iobuf.c.
 */

import { maxDecompressedOctets } from "../decompress.ts";

/** What a filter puts into an empty buffer. */
export interface Filling {
  readonly octets: Uint8Array;
  /** `end`: it has no more, and goes; `error`: it has no more, and stays. No octets and `more` is an end as well, for once. */
  readonly next: "more" | "end" | "error";
}

export interface Filter {
  /** Gives at most `room` octets, made of what it reads from the stream below. */
  fill(below: GpgStream, room: number): Filling;
}

/** What a run of gpg has come to, apart from what it has read. */
export class GpgRun {
  /** It has ended where it was: nothing is looked at after that. */
  hasExited = false;
  /** It has said that there are no usable data; for GPGME no signature is good then. */
  saidNoData = false;
  /** What may still come out of compressed data, all layers together; ours, not GnuPG's. */
  roomOctets = maxDecompressedOctets;
  /** Reading was given up for what it would have cost. */
  isTooCostly = false;
}

/** GnuPG: IOBUF_BUFFER_SIZE, MAX_NESTING_FILTER. */
const bufferOctets = 8192;
const maxFilters = 64;

const nothing = new Uint8Array(0);

export class GpgStream {
  readonly run: GpgRun;
  #buffer: Uint8Array = nothing;
  #at = 0;
  #filter: Filter | undefined;
  #below: GpgStream | undefined;
  #depth = 0;
  #isAtEnd = false;
  /** Where in the buffer the octets begin that came with an error. */
  #errorFrom: number | undefined;
  /** What comes behind the octets of the buffer, for once. */
  #pending: "nothing" | "end" | "exit" = "nothing";

  /** @param source octets, or a filter that needs nothing below */
  constructor(source: Uint8Array | Filter, run = new GpgRun()) {
    this.run = run;
    if (source instanceof Uint8Array) this.#buffer = source;
    else this.#filter = source;
  }

  /** The next octet, or `undefined` at an end. */
  next(): number | undefined {
    return this.#at < this.#buffer.length || this.#refill() ? this.#buffer[this.#at++] : undefined;
  }

  /** The next octet; an end counts as 0xff. */
  octet(): number {
    return this.next() ?? 0xff;
  }

  /** Up to `count` octets, fewer if it ends; `undefined` if there are none. */
  read(count: number): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let left = count;
    while (left > 0) {
      if (this.#at >= this.#buffer.length && !this.#refill()) break;
      const part = this.#buffer.subarray(this.#at, this.#at + left);
      this.#at += part.length;
      left -= part.length;
      parts.push(part);
    }
    if (left === count && count > 0) return undefined;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** Exactly `count` octets; each end on the way counts as one octet of 0xff. */
  take(count: number): Uint8Array {
    const octets = new Uint8Array(count).fill(0xff);
    for (let filled = 0; filled < count; ) {
      const wanted = count - filled;
      const part = this.read(wanted);
      if (part !== undefined) octets.set(part, filled);
      filled += part?.length ?? 0;
      // A short read has met an end, too.
      if (part === undefined || part.length < wanted) {
        filled++;
        if (this.#isSpent) break;
      }
    }
    return octets;
  }

  /** Passes over `count` octets, or over what is there before the next end, and says how many it were. */
  pass(count: number): number {
    let left = count;
    let passed = 0;
    while (left > 0) {
      if (this.#at >= this.#buffer.length && !this.#refill()) break;
      const step = Math.min(left, this.#buffer.length - this.#at);
      this.#at += step;
      left -= step;
      passed += step;
    }
    return passed;
  }

  /** Whether what was read last came with an error. */
  get hasError(): boolean {
    return this.#errorFrom !== undefined && this.#at >= this.#errorFrom;
  }

  /** Puts a filter on top. */
  push(filter: Filter): void {
    // GnuPG does without it then, and goes on.
    if (this.#depth >= maxFilters) return;
    const below = new GpgStream(nothing, this.run);
    below.#become(this);
    this.#buffer = nothing;
    this.#at = 0;
    this.#filter = filter;
    this.#below = below;
    this.#depth++;
    this.#isAtEnd = false;
    this.#errorFrom = undefined;
    this.#pending = "nothing";
  }

  /** All octets before the next end. They stay to be read. */
  peekToEnd(): Uint8Array {
    const parts = [this.#buffer.subarray(this.#at)];
    let count = this.#buffer.length - this.#at;
    while (this.#filter !== undefined && this.#errorFrom === undefined && this.#pending === "nothing") {
      const filling = this.#fill(this.#filter);
      if (filling === undefined) {
        this.run.hasExited = false;
        this.#pending = "exit";
        break;
      }
      if (filling.next === "error") this.#errorFrom = count;
      if (filling.next === "more" && filling.octets.length === 0) this.#pending = "end";
      parts.push(filling.octets);
      count += filling.octets.length;
    }
    this.#buffer = parts.length === 1 ? (parts[0] ?? nothing) : Buffer.concat(parts);
    this.#at = 0;
    return this.#buffer;
  }

  /** Whether nothing will come any more. */
  get #isSpent(): boolean {
    if (this.#at < this.#buffer.length) return false;
    return (
      this.run.hasExited || this.#errorFrom !== undefined || (this.#filter === undefined && this.#below === undefined)
    );
  }

  /** Fills the empty buffer; false at an end, which is behind the reader then. GnuPG: underflow_target. */
  #refill(): boolean {
    if (this.run.hasExited) return false;
    if (this.#pending !== "nothing") {
      this.run.hasExited = this.#pending === "exit";
      this.#pending = "nothing";
      return false;
    }
    if (this.#isAtEnd) return this.#pop();
    if (this.#errorFrom !== undefined || this.#filter === undefined) return false;
    const filling = this.#fill(this.#filter);
    if (filling === undefined) return false;
    this.#buffer = filling.octets;
    this.#at = 0;
    if (filling.next === "error") this.#errorFrom = 0;
    if (filling.octets.length > 0) return true;
    return filling.next === "end" && this.#pop();
  }

  /** `undefined` if gpg ends in it. */
  #fill(filter: Filter): Filling | undefined {
    const filling = filter.fill(this.#below ?? this, bufferOctets);
    if (this.run.hasExited) return undefined;
    if (filling.next === "end") {
      this.#filter = undefined;
      this.#isAtEnd = true;
    }
    return filling;
  }

  /** Takes off the filter that has ended; the end itself has still to be told, so it is never true. */
  #pop(): false {
    if (this.#below !== undefined) this.#become(this.#below);
    else this.#isAtEnd = false;
    return false;
  }

  #become(other: GpgStream): void {
    this.#buffer = other.#buffer;
    this.#at = other.#at;
    this.#filter = other.#filter;
    this.#below = other.#below;
    this.#depth = other.#depth;
    this.#isAtEnd = other.#isAtEnd;
    this.#errorFrom = other.#errorFrom;
    this.#pending = other.#pending;
  }
}
