import { cost, type WorkBudget } from "../../budget.ts";

/**
 * Why go-crypto could not go on. The kind decides what it does next: `unsupported` packets and `unknown` ones are skipped,
 * `refused` ones are unsupported too, but nobody skips them; those and `structural` ones cost one key, the rest costs
 * everything. `end` is Go's io.EOF, `cut` its io.ErrUnexpectedEOF.
 */
export type Fault = "end" | "cut" | "structural" | "unsupported" | "refused" | "unknown" | "fatal";

export function isFault(value: unknown): value is Fault {
  return typeof value === "string";
}

/** What one call of Go's io.Reader.Read gives: some octets, and perhaps at the same time why there will be no more. */
export interface Chunk {
  readonly octets: Uint8Array;
  readonly fault?: Fault;
}

/**
 * A stream of octets, as Go's io.Reader. go-crypto does not frame packets first and read them then: each parser takes what it
 * wants, and the next packet begins where it stopped. So positions must be kept as it keeps them, and where a source ends
 * early it matters in which call that shows.
 */
export interface Source {
  /** One call of Read with room for `size` octets; it may give fewer. */
  read(size: number): Chunk;
}

const nothing = new Uint8Array(0);
const atEnd: Chunk = { octets: nothing, fault: "end" };

/** Octets in memory. Go: bytes.Reader. */
export class OctetSource implements Source {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  read(size: number): Chunk {
    if (this.#at >= this.#octets.length) return atEnd;
    const octets = this.#octets.subarray(this.#at, this.#at + size);
    this.#at += octets.length;
    return { octets };
  }
}

/** The body of a packet of known length. go-crypto: packet/packet.go spanReader. */
export class SpanSource implements Source {
  readonly #parent: Source;
  #remaining: number;

  constructor(parent: Source, length: number) {
    this.#parent = parent;
    this.#remaining = length;
  }

  /** The octets of it that nobody has read, if it is as long as it says. */
  get remaining(): number {
    return this.#remaining;
  }

  read(size: number): Chunk {
    if (this.#remaining === 0) return atEnd;
    const chunk = this.#parent.read(Math.min(size, this.#remaining));
    this.#remaining -= chunk.octets.length;
    return this.#remaining > 0 && chunk.fault === "end" ? { octets: chunk.octets, fault: "cut" } : chunk;
  }
}

/** The body of a packet in parts (RFC 4880 section 4.2.2.4). go-crypto: packet/packet.go partialLengthReader. */
export class PartialSource implements Source {
  readonly #parent: Source;
  readonly #budget: WorkBudget;
  #remaining: number;
  #more = true;

  constructor(parent: Source, firstLength: number, budget: WorkBudget) {
    this.#budget = budget;
    this.#parent = parent;
    this.#remaining = firstLength;
  }

  read(size: number): Chunk {
    while (this.#remaining === 0) {
      if (!this.#more) return atEnd;
      if (!this.#budget.spend(cost.part)) return { octets: nothing, fault: "fatal" };
      const length = readLength(this.#parent);
      if (isFault(length)) return { octets: nothing, fault: length };
      this.#remaining = length.length;
      this.#more = length.partial;
    }
    const wanted = Math.min(size, this.#remaining);
    const chunk = this.#parent.read(wanted);
    this.#remaining -= chunk.octets.length;
    return chunk.octets.length < wanted && chunk.fault === "end" ? { octets: chunk.octets, fault: "cut" } : chunk;
  }
}

/** Go's bufio.Reader, as far as zlib's header needs it: what it takes is lost to whoever reads the parent afterwards. */
export class BufferedSource implements Source {
  readonly #parent: Source;
  #buffered: Uint8Array = nothing;

  constructor(parent: Source) {
    this.#parent = parent;
  }

  read(size: number): Chunk {
    if (this.#buffered.length === 0) {
      const chunk = this.#parent.read(4096);
      if (chunk.octets.length === 0) return chunk;
      this.#buffered = chunk.octets; // a fault behind them shows again in the next call
    }
    const octets = this.#buffered.subarray(0, size);
    this.#buffered = this.#buffered.subarray(octets.length);
    return { octets };
  }
}

/** A view of each of a million parts would take a hundred times their octets. */
const maxViews = 4096;

class Collected {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  push(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#parts.push(octets);
    this.length += octets.length;
    if (this.#parts.length === maxViews) this.#parts.splice(0, maxViews, Buffer.concat(this.#parts));
  }

  octets(): Uint8Array {
    const [first = nothing] = this.#parts;
    return this.#parts.length <= 1 ? first : Buffer.concat(this.#parts);
  }
}

/** Exactly `size` octets (Go's io.ReadFull: `end` only if there was nothing at all; a fault behind them does not matter). */
export function readFull(source: Source, size: number): Uint8Array | Fault {
  if (size === 0) return nothing;
  const first = source.read(size);
  if (first.octets.length === size) return first.octets;
  const collected = new Collected();
  for (let chunk = first; ; chunk = source.read(size - collected.length)) {
    collected.push(chunk.octets);
    if (collected.length === size) return collected.octets();
    if (chunk.fault !== undefined) return collected.length > 0 && chunk.fault === "end" ? "cut" : chunk.fault;
  }
}

/** As `readFull`, but the end of the stream is `cut` in any case (go-crypto: packet/packet.go readFull, readN). */
export function readExactly(source: Source, size: number): Uint8Array | Fault {
  const octets = readFull(source, size);
  return octets === "end" ? "cut" : octets;
}

/** Everything to the end (Go's io.ReadAll, down to the room it reads with). */
export function readAll(source: Source): Chunk {
  const collected = new Collected();
  let [room, free, next] = [512, 512, 256];
  for (;;) {
    const chunk = source.read(free);
    collected.push(chunk.octets);
    free -= chunk.octets.length;
    if (chunk.fault !== undefined) {
      return chunk.fault === "end"
        ? { octets: collected.octets() }
        : { octets: collected.octets(), fault: chunk.fault };
    }
    if (free < Math.floor(room / 16)) {
      room = next;
      free = next;
      next += Math.floor(next / 2);
    }
  }
}

/** Reads to the end, or a fault that comes before it. go-crypto: packet/packet.go consumeAll. */
export function consumeAll(source: Source): Fault | undefined {
  for (;;) {
    const { fault } = source.read(1024);
    if (fault !== undefined) return fault === "end" ? undefined : fault;
  }
}

/** The length octets of a new-format packet (RFC 4880 section 4.2.2). */
export function readLength(source: Source): { readonly length: number; readonly partial: boolean } | Fault {
  const first = readExactly(source, 1);
  if (isFault(first)) return first;
  const [octet = 0] = first;
  if (octet < 192) return { length: octet, partial: false };
  if (octet < 224) {
    const second = readExactly(source, 1);
    if (isFault(second)) return second;
    return { length: (octet - 192) * 256 + (second[0] ?? 0) + 192, partial: false };
  }
  if (octet < 255) return { length: 2 ** (octet & 0x1f), partial: true };
  const rest = readExactly(source, 4);
  if (isFault(rest)) return rest;
  return { length: Buffer.from(rest).readUInt32BE(0), partial: false };
}
