import type { ContentKey } from "./evidence.ts";

/** Some 150 bytes each. */
const maxKnown = 20_000;

/** Contents that are there for sure: a layer of signatures, or a base image, comes again and again. The one unused for longest goes first. */
export class KnownKeys {
  readonly #keys = new Set<ContentKey>();

  has(key: ContentKey): boolean {
    if (!this.#keys.delete(key)) return false;
    this.#keys.add(key);
    return true;
  }

  add(key: ContentKey): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= maxKnown) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  delete(key: ContentKey): void {
    this.#keys.delete(key);
  }
}
