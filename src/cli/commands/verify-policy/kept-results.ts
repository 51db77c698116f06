import { deflateSync, inflateSync } from "node:zlib";
import type { CheckedImage } from "../../../report/checked-image.ts";

/** Results that are packed together; they are much alike. */
const resultsPerBlock = 100;

/** The results of a run, in their order, which can be gone through again and again. A hundred thousand of them take some 20 MiB. */
export class KeptResults implements Iterable<CheckedImage> {
  readonly #blocks: Uint8Array[] = [];
  #last: string[] = [];

  add(result: CheckedImage): void {
    this.#last.push(JSON.stringify(result));
    if (this.#last.length < resultsPerBlock) return;
    this.#blocks.push(deflateSync(this.#last.join("\n"), { level: 1 }));
    this.#last = [];
  }

  *[Symbol.iterator](): Iterator<CheckedImage> {
    for (const block of this.#blocks) {
      // Of this process, which wrote it.
      for (const line of inflateSync(block).toString("utf8").split("\n")) yield JSON.parse(line) as CheckedImage;
    }
    for (const line of this.#last) yield JSON.parse(line) as CheckedImage;
  }
}
