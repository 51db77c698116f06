import { concat, uint } from "../octets.ts";
import { type Fault, isFault, readExactly, readFull, type Source } from "./source.ts";

/** Reads fields one after the other and keeps the octets for the fingerprint; after a fault, reads nothing more. */
export class FieldReader {
  readonly #source: Source;
  readonly #parts: Uint8Array[] = [];
  fault: Fault | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  octets(count: number, how = readExactly): Uint8Array {
    if (this.fault !== undefined) return new Uint8Array(0);
    const octets = how(this.#source, count);
    if (isFault(octets)) {
      this.fault = octets;
      return new Uint8Array(0);
    }
    this.#parts.push(octets);
    return octets;
  }

  /** A multiprecision integer (RFC 4880 section 3.2), as many octets as its bit count asks for. */
  mpi(): Uint8Array {
    return this.octets(Math.ceil(uint(this.octets(2), 0, 2) / 8));
  }

  /** A field with one octet of length, of which 0 and 255 are reserved. */
  oid(): Uint8Array {
    const [length = 0] = this.octets(1);
    if (this.fault === undefined && (length === 0 || length === 255)) this.fault = "unsupported";
    return this.octets(length);
  }

  /** A field without a length of its own; of these go-crypto takes it for the end of everything if nothing is there. */
  plain(count: number): Uint8Array {
    return this.octets(count, readFull);
  }

  consumed(): Uint8Array {
    return concat(...this.#parts);
  }
}
