/** What there is of a stream: all of it up to its `end`, or what came out before that was `cut` or found `corrupt`. */
export interface Inflated {
  readonly output: Uint8Array;
  /** Octets of input up to its end. */
  readonly consumed: number;
  readonly ending: "end" | "cut" | "corrupt" | "too-large";
}

/**
 * Inflates the deflate stream (RFC 1951) at the start of `input`, and gives out what came before a fault, as Go does: a message
 * may be complete by then. `node:zlib` gives out nothing in that case, so it is asked first, and this for the rest.
 * Go: compress/flate/inflate.go.
 */
export function inflate(input: Uint8Array, maxOctets: number): Inflated {
  const inflater = new Inflater(input, maxOctets);
  const ending = inflater.run();
  return { output: inflater.output(), consumed: inflater.consumed, ending };
}

type Stop = Exclude<Inflated["ending"], "end">;

/** A Huffman code: how many codes have each length, and the symbols in the order of their codes. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
  /** Go asks for so many bits before it looks for any symbol. */
  readonly minBits: number;
}

const maxCodeBits = 15;
const endOfBlock = 256;
const maxLiteralCodes = 286;
const maxDistanceCodes = 30;
/** The order in which the lengths of the code for lengths come: RFC 1951 section 3.2.7. */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Inflater {
  readonly #input: Uint8Array;
  readonly #maxOctets: number;
  #bitAt = 0;
  #out = new Uint8Array(65_536);
  #length = 0;

  constructor(input: Uint8Array, maxOctets: number) {
    this.#input = input;
    this.#maxOctets = maxOctets;
  }

  get consumed(): number {
    return Math.ceil(this.#bitAt / 8);
  }

  output(): Uint8Array {
    return this.#out.subarray(0, this.#length);
  }

  run(): Inflated["ending"] {
    for (;;) {
      const head = this.#bits(3);
      if (typeof head === "string") return head;
      const type = head >> 1;
      const stop =
        type === 0 ? this.#stored() : type === 1 ? this.#block(fixedCode) : type === 2 ? this.#dynamic() : "corrupt";
      if (stop !== undefined) return stop;
      if ((head & 1) === 1) return "end";
    }
  }

  #left(): number {
    return this.#input.length * 8 - this.#bitAt;
  }

  /** The next bits, least significant first. */
  #bits(count: number): number | Stop {
    if (this.#left() < count) return "cut";
    let value = 0;
    for (let index = 0; index < count; index++) value |= this.#bit() << index;
    return value;
  }

  #bit(): number {
    const bit = ((this.#input[this.#bitAt >> 3] ?? 0) >> (this.#bitAt & 7)) & 1;
    this.#bitAt += 1;
    return bit;
  }

  #symbol({ counts, symbols, minBits }: Code): number | Stop {
    if (minBits === 0) return "corrupt";
    if (this.#left() < minBits) return "cut";
    let [code, first, index] = [0, 0, 0];
    for (let bits = 1; bits <= maxCodeBits; bits++) {
      if (this.#left() === 0) return "cut";
      code |= this.#bit();
      const count = counts[bits] ?? 0;
      if (code - count < first) return symbols[index + code - first] ?? "corrupt";
      index += count;
      first = (first + count) << 1;
      code <<= 1;
      // The only code that may be incomplete has one symbol of one bit.
      if (symbols.length === 1) return "corrupt";
    }
    return "corrupt";
  }

  #write(octet: number): Stop | undefined {
    if (this.#length >= this.#maxOctets) return "too-large";
    if (this.#length >= this.#out.length) {
      const larger = new Uint8Array(this.#out.length * 2);
      larger.set(this.#out);
      this.#out = larger;
    }
    this.#out[this.#length++] = octet;
    return undefined;
  }

  #stored(): Stop | undefined {
    this.#bitAt = this.consumed * 8;
    const length = this.#bits(16);
    if (typeof length === "string") return length;
    const complement = this.#bits(16);
    if (typeof complement === "string") return complement;
    if (length !== (complement ^ 0xffff)) return "corrupt";
    for (let index = 0; index < length; index++) {
      const octet = this.#input[this.#bitAt >> 3];
      if (octet === undefined) return "cut";
      this.#bitAt += 8;
      const stop = this.#write(octet);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  #dynamic(): Stop | undefined {
    const head = this.#bits(14);
    if (typeof head === "string") return head;
    const literals = (head & 0x1f) + 257;
    const distances = ((head >> 5) & 0x1f) + 1;
    if (literals > maxLiteralCodes || distances > maxDistanceCodes) return "corrupt";
    const ofLengths: number[] = new Array(lengthOrder.length).fill(0);
    for (const place of lengthOrder.slice(0, (head >> 10) + 4)) {
      const length = this.#bits(3);
      if (typeof length === "string") return length;
      ofLengths[place] = length;
    }
    const lengthCode = makeCode(ofLengths);
    if (lengthCode === undefined) return "corrupt";
    const lengths = this.#codeLengths(lengthCode, literals + distances);
    if (typeof lengths === "string") return lengths;
    const literalCode = makeCode(lengths.slice(0, literals));
    const distanceCode = makeCode(lengths.slice(literals));
    if (literalCode === undefined || distanceCode === undefined) return "corrupt";
    const minBits = Math.max(literalCode.minBits, lengths[endOfBlock] ?? 0);
    return this.#block({ literals: { ...literalCode, minBits }, distances: distanceCode });
  }

  #codeLengths(code: Code, count: number): number[] | Stop {
    const lengths: number[] = [];
    while (lengths.length < count) {
      const symbol = this.#symbol(code);
      if (typeof symbol === "string") return symbol;
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      if (symbol === 16 && lengths.length === 0) return "corrupt";
      const [least, bits] = symbol === 16 ? [3, 2] : symbol === 17 ? [3, 3] : [11, 7];
      const extra = this.#bits(bits);
      if (typeof extra === "string") return extra;
      if (lengths.length + least + extra > count) return "corrupt";
      const repeated = symbol === 16 ? (lengths.at(-1) ?? 0) : 0;
      for (let index = 0; index < least + extra; index++) lengths.push(repeated);
    }
    return lengths;
  }

  #block(codes: { readonly literals: Code; readonly distances?: Code }): Stop | undefined {
    for (;;) {
      const symbol = this.#symbol(codes.literals);
      if (typeof symbol === "string") return symbol;
      if (symbol === endOfBlock) return undefined;
      if (symbol < endOfBlock) {
        const stop = this.#write(symbol);
        if (stop !== undefined) return stop;
        continue;
      }
      const length = this.#copyLength(symbol);
      if (typeof length === "string") return length;
      const distance = this.#copyDistance(codes.distances);
      if (typeof distance === "string") return distance;
      if (distance > this.#length) return "corrupt";
      for (let index = 0; index < length; index++) {
        const stop = this.#write(this.#out[this.#length - distance] ?? 0);
        if (stop !== undefined) return stop;
      }
    }
  }

  /** RFC 1951 section 3.2.5. */
  #copyLength(symbol: number): number | Stop {
    if (symbol < 265) return symbol - 254;
    if (symbol >= maxLiteralCodes) return "corrupt";
    if (symbol === maxLiteralCodes - 1) return 258;
    const bits = (symbol - 261) >> 2;
    const extra = this.#bits(bits);
    return typeof extra === "string" ? extra : ((4 + ((symbol - 265) & 3)) << bits) + 3 + extra;
  }

  #copyDistance(code: Code | undefined): number | Stop {
    const symbol = code === undefined ? this.#fixedDistance() : this.#symbol(code);
    if (typeof symbol === "string") return symbol;
    if (symbol < 4) return symbol + 1;
    if (symbol >= maxDistanceCodes) return "corrupt";
    const bits = (symbol - 2) >> 1;
    const extra = this.#bits(bits);
    return typeof extra === "string" ? extra : ((2 + (symbol & 1)) << bits) + 1 + extra;
  }

  #fixedDistance(): number | Stop {
    if (this.#left() < 5) return "cut";
    let value = 0;
    for (let index = 0; index < 5; index++) value = (value << 1) | this.#bit();
    return value;
  }
}

/** The canonical code of these lengths; `undefined` if it is not complete, but for one of one symbol or none. Go: huffmanDecoder.init. */
function makeCode(lengths: readonly number[]): Code | undefined {
  const counts: number[] = new Array(maxCodeBits + 1).fill(0);
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] ?? 0) + 1;
  const used = counts.reduce((sum, count) => sum + count, 0);
  const room = counts.reduce((sum, count, bits) => sum + count * 2 ** (maxCodeBits - bits), 0);
  const isSingle = used === 1 && counts[1] === 1;
  if (used > 0 && room !== 2 ** maxCodeBits && !isSingle) return undefined;
  const symbols: number[] = [];
  for (let bits = 1; bits <= maxCodeBits; bits++) {
    for (const [symbol, length] of lengths.entries()) if (length === bits) symbols.push(symbol);
  }
  return { counts, symbols, minBits: counts.findIndex((count, bits) => bits > 0 && count > 0) + (used === 0 ? 1 : 0) };
}

const fixedLengths = Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
const fixedLiterals = makeCode(fixedLengths);
if (fixedLiterals === undefined) throw new Error("the fixed code of RFC 1951 is complete");
const fixedCode = { literals: fixedLiterals };
