import { malformed } from "./archive-failure.ts";

/** What comes next in a stream of frames: so many bytes, and what is done with them (RFC 8878, section 3.1). */
type State = "magic" | "skip-size" | "skip" | "descriptor" | "header" | "block-header" | "block" | "checksum";

const magicNumber = 0xfd2fb528;
const magicBytes = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
/** 0x184D2A50 to 0x184D2A5F. */
const skippableMagic = 0x184d2a5;
const mostBlockBytes = 128 * 1024;

/**
 * Passes on a stream of zstd frames, in pieces that never hold parts of two, and without those that are to be skipped. Node's
 * decompressor stops at the end of a frame and forgets what else the piece had, and takes a frame that is cut off for a whole one.
 *
 * @param onFrame hears of each, and may throw
 *
 * Throws ArchiveFailure where the stream ends inside a frame, or something else follows.
 */
export async function* zstdFrames(
  packed: AsyncIterable<Uint8Array>,
  onFrame: () => void,
): AsyncGenerator<Uint8Array, void> {
  const walk = new FrameWalk();
  for await (const piece of packed) {
    for (let at = 0; at < piece.length; ) {
      const start = at;
      if (walk.isInFrame) {
        while (at < piece.length && walk.isInFrame) at = walk.step(piece, at);
        yield piece.subarray(start, at);
      } else {
        at = walk.step(piece, at);
        if (!walk.isInFrame) continue;
        onFrame();
        yield magicBytes;
      }
    }
  }
  if (!walk.isBetweenFrames) throw malformed("zstd: it ends in the middle");
}

class FrameWalk {
  #state: State = "magic";
  /** Bytes that the state still needs, and those of a number that it has. */
  #left = 4;
  #bytes: number[] = [];
  #hasChecksum = false;
  #isLastBlock = false;

  get isBetweenFrames(): boolean {
    return this.#state === "magic" && this.#left === 4;
  }

  /** Behind the first four bytes of a frame that is not to be skipped. */
  get isInFrame(): boolean {
    return this.#state !== "magic" && this.#state !== "skip-size" && this.#state !== "skip";
  }

  /** Takes what the state needs, as far as it is there, and returns where it stopped. */
  step(piece: Uint8Array, start: number): number {
    const count = Math.min(this.#left, piece.length - start);
    if (this.#state !== "skip" && this.#state !== "block") this.#bytes.push(...piece.subarray(start, start + count));
    this.#left -= count;
    while (this.#left === 0) {
      [this.#state, this.#left] = this.#next();
      this.#bytes = [];
    }
    return start + count;
  }

  /** What follows a state that has all its bytes, and how many it needs. */
  #next(): readonly [State, number] {
    switch (this.#state) {
      case "magic":
        return this.#afterMagic(this.#number());
      case "skip-size":
        return ["skip", this.#number()];
      case "descriptor":
        return ["header", this.#headerBytes(this.#number())];
      case "header":
        return ["block-header", 3];
      case "block-header":
        return ["block", this.#blockBytes(this.#number())];
      case "block":
        if (!this.#isLastBlock) return ["block-header", 3];
        return this.#hasChecksum ? ["checksum", 4] : ["magic", 4];
      default:
        return ["magic", 4];
    }
  }

  #afterMagic(number: number): readonly [State, number] {
    if (number === magicNumber) return ["descriptor", 1];
    if (Math.floor(number / 16) === skippableMagic) return ["skip-size", 4];
    throw malformed("zstd: there is something behind its end");
  }

  #headerBytes(descriptor: number): number {
    const isSingleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const windowBytes = isSingleSegment ? 0 : 1;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    return windowBytes + dictionaryBytes + sizeBytes;
  }

  #blockBytes(header: number): number {
    this.#isLastBlock = (header & 1) === 1;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > mostBlockBytes) throw malformed("zstd: bad block");
    // A block of one byte, repeated.
    return type === 1 ? 1 : size;
  }

  /** What was read, the least byte first. */
  #number(): number {
    return this.#bytes.reduceRight((number, byte) => number * 256 + byte, 0);
  }
}
