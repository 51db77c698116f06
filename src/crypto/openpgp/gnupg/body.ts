import type { GpgStream } from "./stream.ts";

/** GnuPG: parse-packet.c MAX_EXTERN_MPI_BITS. */
export const maxMpiBits = 16_384;

/** The body of a packet, as far as GnuPG counts along. What it does not read of it has to be passed over in the end. */
export class PacketBody {
  readonly #stream: GpgStream;
  /** Octets that are left of the length in the header. */
  left: number;

  constructor(stream: GpgStream, length: number) {
    this.#stream = stream;
    this.left = length;
  }

  /** The next octet; behind the end of the input it is 0xff. */
  octet(): number {
    this.left--;
    return this.#stream.octet();
  }

  /** A big-endian number of up to four octets. */
  uint(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value = value * 256 + this.octet();
    return value;
  }

  take(count: number): Uint8Array {
    this.left -= count;
    return this.#stream.take(count);
  }

  /** A name of so many octets in an open body: it may end at the end of the input. */
  name(count: number): void {
    this.#stream.pass(count);
  }

  /** Exactly `count` octets, or `undefined` if the input ends before. */
  read(count: number): Uint8Array | undefined {
    const octets = this.#stream.read(count);
    this.left -= octets?.length ?? 0;
    return octets?.length === count ? octets : undefined;
  }

  /** The multiprecision integer that comes next, or `undefined` if it is too long or cut. GnuPG: parse-packet.c mpi_read. */
  mpi(): Uint8Array | undefined {
    if (this.left < 1) return undefined;
    const high = this.#next();
    if (high === undefined || this.left < 1) return undefined;
    const low = this.#next();
    if (low === undefined) return undefined;
    const bits = high * 256 + low;
    const size = Math.ceil(bits / 8);
    if (bits > maxMpiBits) return undefined;
    if (size <= this.left) return this.read(size);
    this.read(this.left);
    return undefined;
  }

  /** Octets behind one with their count. GnuPG: parse-packet.c read_size_body. */
  sized(): Uint8Array | undefined {
    if (this.left < 1) return undefined;
    const size = this.#next();
    if (size === undefined || size < 2 || size > 254 || size > this.left) return undefined;
    return this.read(size);
  }

  /** All that is left, or `undefined` if the input ends before; either way nothing is left then. GnuPG: parse-packet.c read_rest. */
  rest(): Uint8Array | undefined {
    const octets = this.read(this.left);
    this.left = 0;
    return octets;
  }

  skip(): void {
    this.#stream.pass(this.left);
  }

  #next(): number | undefined {
    const octet = this.#stream.next();
    if (octet !== undefined) this.left--;
    return octet;
  }
}
