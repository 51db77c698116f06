/**
 * CRC-64 of ISO 3309, as Go's `hash/crc64` makes it with `crc64.ISO`: of a file in a layer, so that one that has changed since is noticed.
 * It says nothing of who changed it.
 */
export class Crc64 {
  // All bits set to begin with, and turned over at the end.
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < bytes.length; at++) {
      const entry = table[(low ^ (bytes[at] ?? 0)) & 0xff] ?? 0;
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) ^ entry;
    }
    this.#high = high;
    this.#low = low;
  }

  /** In eight bytes, the highest first. */
  sum(): Uint8Array {
    const sum = Buffer.alloc(8);
    sum.writeInt32BE(~this.#high, 0);
    sum.writeInt32BE(~this.#low, 4);
    return sum;
  }
}

const polynomial = 0xd8000000;

/** The upper halves of the table; the lower ones are zero, as the polynomial has only its highest four bits set. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high = (high >>> 1) ^ (isOdd ? polynomial : 0);
  }
  return high;
});
