import { cost, type WorkBudget } from "../../budget.ts";

/**
 * Why go-crypto could not go on. The kind decides what it does next: `unsupported` packets and `unknown` ones are skipped,
 * a `structural` fault costs one key, the rest costs everything; `end` is Go's io.EOF, `cut` its io.ErrUnexpectedEOF.
 */
export type Fault = "end" | "cut" | "structural" | "unsupported" | "unknown" | "fatal";

export function isFault(value: unknown): value is Fault {
  return typeof value === "string";
}

/**
 * A stream of octets with Go's rules about its end. go-crypto does not frame packets first and read them then: each parser
 * takes what it wants, and the next packet begins where it stopped. So positions must be kept as it keeps them.
 */
export interface Source {
  /** At most `count` octets; fewer only together with the reason. */
  read(count: number): { readonly octets: Uint8Array; readonly fault?: Fault };
}

/** Octets in memory. */
export class OctetSource implements Source {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  read(count: number): { octets: Uint8Array; fault?: Fault } {
    const octets = this.#octets.subarray(this.#at, this.#at + count);
    this.#at += octets.length;
    return octets.length < count ? { octets, fault: "end" } : { octets };
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

  read(count: number): { octets: Uint8Array; fault?: Fault } {
    const wanted = Math.min(count, this.#remaining);
    const { octets, fault } = wanted === 0 ? { octets: new Uint8Array(0) } : this.#parent.read(wanted);
    this.#remaining -= octets.length;
    if (octets.length < wanted) return { octets, fault: fault === "end" ? "cut" : (fault ?? "cut") };
    return octets.length < count ? { octets, fault: "end" } : { octets };
  }
}

const maxViews = 4096;

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

  read(count: number): { octets: Uint8Array; fault?: Fault } {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#remaining === 0) {
        const fault = this.#nextPart();
        if (fault !== undefined) return { octets: Buffer.concat(parts), fault };
        continue;
      }
      const wanted = Math.min(missing, this.#remaining);
      const { octets, fault } = this.#parent.read(wanted);
      parts.push(octets);
      // A view of each of a million parts would take a hundred times their octets.
      if (parts.length === maxViews) parts.splice(0, maxViews, Buffer.concat(parts));
      this.#remaining -= octets.length;
      missing -= octets.length;
      if (octets.length < wanted)
        return { octets: Buffer.concat(parts), fault: fault === "end" ? "cut" : (fault ?? "cut") };
    }
    return { octets: Buffer.concat(parts) };
  }

  #nextPart(): Fault | undefined {
    if (!this.#more) return "end";
    if (!this.#budget.spend(cost.part)) return "fatal";
    const length = readLength(this.#parent);
    if (isFault(length)) return length;
    this.#remaining = length.length;
    this.#more = length.partial;
    return undefined;
  }
}

/** Exactly `count` octets (Go's io.ReadFull: `end` only if there was nothing at all). */
export function readFull(source: Source, count: number): Uint8Array | Fault {
  const { octets, fault } = source.read(count);
  if (octets.length === count) return octets;
  return octets.length > 0 && fault === "end" ? "cut" : (fault ?? "cut");
}

/** As `readFull`, but the end of the stream is `cut` in any case (go-crypto: packet/packet.go readFull). */
export function readExactly(source: Source, count: number): Uint8Array | Fault {
  const octets = readFull(source, count);
  return octets === "end" ? "cut" : octets;
}

const chunkOctets = 65_536;

/** Everything to the end (Go's io.ReadAll). */
export function readAll(source: Source): { readonly octets: Uint8Array; readonly fault?: Fault } {
  const parts: Uint8Array[] = [];
  for (;;) {
    const { octets, fault } = source.read(chunkOctets);
    parts.push(octets);
    if (fault === "end") return { octets: Buffer.concat(parts) };
    if (fault !== undefined) return { octets: Buffer.concat(parts), fault };
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
