import { uint } from "../octets.ts";

/** Reads fields one after the other. What is missing reads as nothing, and `failed` tells: a packet is used only if it did not fail. */
export class Cursor {
  readonly octets: Uint8Array;
  at = 0;
  failed = false;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  bytes(count: number): Uint8Array {
    if (this.at + count > this.octets.length) {
      this.fail();
      return new Uint8Array(0);
    }
    this.at += count;
    return this.octets.subarray(this.at - count, this.at);
  }

  /** An unsigned number of at most four octets. */
  number(octets: number): number {
    return uint(this.bytes(octets), 0, octets);
  }

  rest(): Uint8Array {
    return this.bytes(this.octets.length - this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.octets.length;
  }

  fail(): void {
    this.failed = true;
  }

  /**
   * A number with its count of bits, which must be exact: the leading bit is set. sequoia-openpgp: parse.rs MPI::parse_common.
   */
  mpi(): Uint8Array {
    const bits = this.number(2);
    const value = this.bytes(Math.ceil(bits / 8));
    const [first] = value;
    if (bits > 0 && (first === undefined || first >> ((bits - 1) % 8) !== 1)) this.fail();
    return value;
  }

  /** 0 or 1, nothing else. */
  boolean(): boolean {
    const octet = this.number(1);
    if (octet > 1) this.fail();
    return octet === 1;
  }
}
