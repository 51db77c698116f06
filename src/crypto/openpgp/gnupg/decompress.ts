import { constants, inflateRawSync, inflateSync } from "node:zlib";
import { cost, type WorkBudget } from "../../budget.ts";
import { bunzip2Start } from "../bunzip2.ts";
import { unzip } from "../decompress.ts";
import { concat } from "../octets.ts";
import type { Filling, GpgRun, GpgStream } from "./stream.ts";

/** Compression algorithms, RFC 4880 section 9.3. */
const compressions = { none: 0, zip: 1, zlib: 2, bzip2: 3 } as const;

/** GnuPG: misc.c check_compress_algo. */
export function isCompression(algorithm: number): boolean {
  return algorithm <= compressions.bzip2;
}

/** The decompressor is fed in pieces of so many octets, and what it leaves of the last one is lost. GnuPG: compress.c. */
const pieceOctets = 2048;

/** GnuPG feeds up to four octets of its own where a raw deflate stream is cut, one each time. GnuPG: compress.c do_uncompress. */
const feed = { octet: 0xff, times: 4 };

/** Ends of the input that are met one after the other; there cannot be more filters than half of this. */
const maxEnds = 150;

/** Some output, and what is behind it. `wait`: nothing for now; `stay`: nothing any more. */
interface Stretch {
  readonly octets: Uint8Array;
  readonly next: "wait" | "stay" | "end" | "error" | "exit";
}

/** What comes out of the octets so far. */
interface Inflated {
  readonly output: Uint8Array;
  /** Octets taken, if the stream has ended; `cut`: it wants more. */
  readonly next: number | "cut" | "corrupt" | "too-large";
}

/** Decompresses a compressed packet. GnuPG: g10/compress.c, g10/compress-bz2.c. */
export class DecompressFilter {
  readonly #algorithm: number;
  readonly #run: GpgRun;
  readonly #budget: WorkBudget;
  #stretches: readonly Stretch[] | undefined;
  #stretch = 0;
  #at = 0;

  constructor(algorithm: number, run: GpgRun, budget: WorkBudget) {
    this.#algorithm = algorithm;
    this.#run = run;
    this.#budget = budget;
  }

  fill(below: GpgStream, room: number): Filling {
    this.#stretches ??= this.#decompress(below);
    const stretch = this.#stretches[this.#stretch];
    if (stretch === undefined) return { octets: new Uint8Array(0), next: "error" };
    const octets = stretch.octets.subarray(this.#at, this.#at + room);
    this.#at += octets.length;
    if (octets.length === room && (this.#at < stretch.octets.length || stretch.next !== "exit")) {
      return { octets, next: "more" };
    }
    if (stretch.next === "exit") this.#run.hasExited = true;
    if (stretch.next === "end" || stretch.next === "error") return { octets, next: stretch.next };
    if (stretch.next === "wait") {
      this.#stretch++;
      this.#at = 0;
    }
    return { octets, next: "more" };
  }

  /** Takes from below what belongs to the stream, and all that GnuPG would take for it. */
  #decompress(below: GpgStream): readonly Stretch[] {
    const stretches: Stretch[] = [];
    let input: Uint8Array = new Uint8Array(0);
    let inflated: Inflated = { output: input, next: "cut" };
    let before = 0;
    let fed = 0;
    const stretch = ({ output }: Inflated, next: Stretch["next"]): void => {
      stretches.push({ octets: output.subarray(before), next });
      this.#run.roomOctets -= output.length - before;
      before = output.length;
    };
    for (let ends = 0; ends < maxEnds; ends++) {
      const piecesFrom = input.length;
      const more = below.peekToEnd();
      if (more.length > 0) {
        input = concat(input, more);
        inflated = this.#inflate(input, before);
      }
      if (typeof inflated.next === "number") {
        for (let at = piecesFrom; at < inflated.next; at += pieceOctets) below.read(pieceOctets);
        stretch(inflated, "end");
        return stretches;
      }
      // It wants more: everything there is goes, and the end is met.
      let piece: Uint8Array | undefined;
      do piece = below.read(pieceOctets);
      while (piece?.length === pieceOctets);
      if (inflated.next === "cut" && this.#algorithm === compressions.zip && fed < feed.times) {
        fed++;
        input = concat(input, Uint8Array.of(feed.octet));
        inflated = this.#inflate(input, before);
        if (inflated.next === "cut") stretch(inflated, "wait");
      } else if (piece === undefined && inflated.next === "cut") {
        stretch(inflated, this.#algorithm === compressions.bzip2 ? "error" : "wait");
        if (this.#algorithm === compressions.bzip2) return stretches;
      }
      if (inflated.next === "cut") continue;
      stretch(inflated, typeof inflated.next === "number" ? "end" : "exit");
      if (inflated.next === "too-large") this.#run.isTooCostly = true;
      return stretches;
    }
    stretches.push({ octets: new Uint8Array(0), next: "stay" });
    return stretches;
  }

  /** @param before octets that are paid for already */
  #inflate(input: Uint8Array, before: number): Inflated {
    const room = this.#run.roomOctets + before;
    if (!this.#budget.spend(cost.stream)) return { output: new Uint8Array(0), next: "too-large" };
    const inflated = this.#algorithm === compressions.bzip2 ? this.#unbzip2(input, room) : this.#unzip(input, room);
    this.#budget.spend(cost.octets(input.length + inflated.output.length));
    return this.#budget.isSpent ? { ...inflated, next: "too-large" } : inflated;
  }

  #unbzip2(input: Uint8Array, room: number): Inflated {
    const { output, consumed, ending } = bunzip2Start(input, room, this.#budget);
    return { output, next: ending === "end" ? consumed : ending };
  }

  #unzip(input: Uint8Array, room: number): Inflated {
    const how = this.#algorithm === compressions.zip ? inflateRawSync : inflateSync;
    const whole = unzip(how, input, room, constants.Z_FINISH);
    if (typeof whole !== "string") return { output: whole.output, next: whole.consumed };
    if (whole === "too-large") return { output: new Uint8Array(0), next: "too-large" };
    const started = unzip(how, input, room, constants.Z_SYNC_FLUSH);
    if (typeof started !== "string") return { output: started.output, next: "cut" };
    if (started === "too-large") return { output: new Uint8Array(0), next: "too-large" };
    // The library does not tell what came out before the fault: that is what comes out of the longest part without it.
    let good: Uint8Array = new Uint8Array(0);
    let [least, most] = [0, input.length];
    while (least + 1 < most) {
      const middle = (least + most) >> 1;
      const part = unzip(how, input.subarray(0, middle), room, constants.Z_SYNC_FLUSH);
      this.#budget.spend(cost.octets(typeof part === "string" ? middle : middle + part.output.length));
      if (typeof part === "string") most = middle;
      else {
        least = middle;
        good = part.output;
      }
    }
    return { output: good, next: "corrupt" };
  }
}
