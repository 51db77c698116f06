import { cost, type WorkBudget } from "../../budget.ts";
import { bunzip2Start } from "../bunzip2.ts";
import { decompress } from "../decompress.ts";
import { uint } from "../octets.ts";
import { type Inflated, inflate } from "./inflate.ts";
import {
  BufferedSource,
  type Chunk,
  type Fault,
  isFault,
  OctetSource,
  readAll,
  readExactly,
  type Source,
} from "./source.ts";

const methods = { none: 0, zip: 1, zlib: 2, bzip2: 3 } as const;

/** The body of a compressed packet; what is in it is still to be read. */
export interface Compressed {
  readonly method: number;
  readonly input: Source;
}

/** Reads the start of a compressed packet; of zlib also its header, as go-crypto does. packet/compressed.go Compressed.parse. */
export function readCompressed(body: Source): Compressed | Fault {
  const first = readExactly(body, 1);
  if (isFault(first)) return first;
  const [method = 0] = first;
  if (method === methods.zlib) {
    // Go reads ahead where it cannot get single octets: of a packet without a length in a file it can.
    const input = body instanceof OctetSource ? body : new BufferedSource(body);
    return readZlibHeader(input) ?? { method, input };
  }
  return method > methods.bzip2 ? "refused" : { method, input: body };
}

const deflateMethod = 8;
const maxWindow = 7;
const hasDictionary = 0x20;

/** Go: compress/zlib/reader.go Reset. */
function readZlibHeader(input: Source): Fault | undefined {
  const header = readExactly(input, 2);
  if (isFault(header)) return header;
  const [method = 0, flags = 0] = header;
  if ((method & 0xf) !== deflateMethod || method >> 4 > maxWindow || uint(header, 0, 2) % 31 !== 0) return "fatal";
  if ((flags & hasDictionary) === 0) return undefined;
  const dictionary = readExactly(input, 4);
  if (isFault(dictionary)) return dictionary;
  return uint(dictionary, 0, 4) === 1 ? undefined : "fatal"; // the checksum of no dictionary
}

/** What comes out of a compressed packet, and of how many octets; a fault if that is more than there is room for. */
export function openCompressed(
  { method, input }: Compressed,
  room: number,
  budget: WorkBudget,
): { readonly source: Source; readonly length: number } | Fault {
  if (method === methods.none) return { source: input, length: 0 };
  const { octets } = readAll(input);
  const { output, ending } =
    method === methods.bzip2
      ? bunzip2All(octets, room, budget)
      : method === methods.zlib
        ? inflateZlib(octets, room, budget)
        : inflateRaw(octets, room, budget);
  if (ending === "too-large") return "fatal";
  const fault = ending === "corrupt" ? "fatal" : ending;
  return { source: new DecompressedSource(output, fault, method !== methods.bzip2), length: output.length };
}

function inflateRaw(input: Uint8Array, room: number, budget: WorkBudget): Inflated {
  const whole = decompress(methods.zip, input, room, budget);
  if (typeof whole !== "string") return { ...whole, ending: "end" };
  if (whole === "too-large") return { output: new Uint8Array(0), consumed: 0, ending: whole };
  const start = inflate(input, room);
  return budget.spend(cost.inflatedInParts(start.consumed + start.output.length))
    ? start
    : { ...start, ending: "too-large" };
}

/** The header has been read. Go looks at the checksum only when all is inflated: compress/zlib/reader.go Read. */
function inflateZlib(input: Uint8Array, room: number, budget: WorkBudget): Inflated {
  const inflated = inflateRaw(input, room, budget);
  if (inflated.ending !== "end") return inflated;
  const checksum = input.subarray(inflated.consumed, inflated.consumed + 4);
  if (checksum.length < 4) return { ...inflated, ending: "cut" };
  budget.spend(cost.octets(inflated.output.length));
  return uint(checksum, 0, 4) === adler32(inflated.output) ? inflated : { ...inflated, ending: "corrupt" };
}

/** RFC 1950 section 8.2. */
function adler32(octets: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let at = 0; at < octets.length; ) {
    // So many that the sums stay exact.
    const end = Math.min(at + 3800, octets.length);
    for (; at < end; at++) {
      a += octets[at] ?? 0;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}

/** Streams one after the other, as Go's compress/bzip2 reads them. */
function bunzip2All(input: Uint8Array, room: number, budget: WorkBudget): Pick<Inflated, "output" | "ending"> {
  const outputs: Uint8Array[] = [];
  let length = 0;
  for (let rest = input; ; ) {
    const stream = bunzip2Start(rest, room - length, budget, { asGo: true });
    outputs.push(stream.output);
    length += stream.output.length;
    const done = (ending: Inflated["ending"]) => ({ output: Buffer.concat(outputs), ending });
    if (stream.ending !== "end") return done(stream.ending);
    rest = rest.subarray(stream.consumed);
    if (rest.length === 0) return done("end");
    if (rest.length === 1) return done("cut");
  }
}

/** What Go's inflater gives out at a time. compress/flate/inflate.go maxMatchOffset. */
const windowOctets = 32_768;

/** Decompressed octets and why there are no more, as Go's decompressors give them out. */
class DecompressedSource implements Source {
  readonly #octets: Uint8Array;
  readonly #fault: Fault;
  readonly #isInflated: boolean;
  #at = 0;

  constructor(octets: Uint8Array, fault: Fault, isInflated: boolean) {
    this.#octets = octets;
    this.#fault = fault;
    this.#isInflated = isInflated;
  }

  read(size: number): Chunk {
    const left = this.#octets.length - this.#at;
    if (left === 0) return { octets: new Uint8Array(0), fault: this.#fault };
    const inWindow = this.#isInflated ? windowOctets - (this.#at % windowOctets) : left;
    const octets = this.#octets.subarray(this.#at, this.#at + Math.min(size, inWindow, left));
    this.#at += octets.length;
    // The last octets come together with the end, unless they filled the window and had to go before it was seen.
    const isLast = this.#isInflated && this.#at === this.#octets.length && this.#at % windowOctets !== 0;
    return isLast ? { octets, fault: this.#fault } : { octets };
  }
}
