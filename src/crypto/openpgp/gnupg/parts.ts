import type { Filling, GpgStream } from "./stream.ts";

/** Undoes the partial lengths of a packet (RFC 4880 section 4.2.2.4). GnuPG: common/iobuf.c block_filter. */
export class PartsFilter {
  #length: number | undefined;
  #left = 0;
  #isLast = false;
  #hasEnded = false;

  /** @param first the octet with the length of the first part */
  constructor(first: number) {
    this.#length = first;
  }

  fill(below: GpgStream, room: number): Filling {
    const parts: Uint8Array[] = [];
    let count = 0;
    let next: Filling["next"] = "more";
    while (!this.#hasEnded && next === "more" && count < room) {
      if (this.#left === 0 && !this.#isLast && !this.#readLength(below)) next = "error";
      else if (this.#left === 0) this.#hasEnded ||= this.#isLast;
      else {
        const wanted = Math.min(room - count, this.#left);
        const part = below.read(wanted);
        // What is there of a part that is cut is lost.
        if (part === undefined || part.length < wanted) next = "error";
        else {
          parts.push(part);
          count += wanted;
          this.#left -= wanted;
        }
      }
    }
    const octets = Buffer.concat(parts);
    return { octets, next: this.#hasEnded && count === 0 ? "end" : next };
  }

  #readLength(below: GpgStream): boolean {
    const first = this.#length ?? below.next();
    this.#length = undefined;
    if (first === undefined) return false;
    if (first >= 224 && first < 255) {
      this.#left = 2 ** (first & 0x1f);
      return true;
    }
    this.#isLast = true;
    if (first < 192) this.#left = first;
    else if (first < 224) {
      const second = below.next();
      if (second === undefined) return false;
      this.#left = (first - 192) * 256 + second + 192;
    } else {
      const head = [below.octet(), below.octet(), below.octet()];
      const last = below.next();
      if (last === undefined) return false;
      this.#left = [...head, last].reduce((length, octet) => length * 256 + octet, 0);
    }
    return true;
  }
}
