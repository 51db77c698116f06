import { maxBlobsUnderWay, maxOpenImages } from "../../limits.ts";
import type { Result } from "../../result.ts";
import type { AcceptedImage } from "../core/accepted-image.ts";
import type { CopyProblem } from "../core/copy-blob.ts";
import type { Connection } from "../varlink/interface.ts";

interface BlobUnderWay {
  readonly done: Promise<Result<number, CopyProblem>>;
  cut(): void;
}

/** What one connection has open. */
export class Handles {
  readonly #images = new Map<number, AcceptedImage>();
  readonly #blobs = new Map<number, BlobUnderWay>();
  #lastImage = 0;
  #lastBlob = 0;
  #isClosed = false;

  constructor(connection: Connection) {
    connection.closed.addEventListener("abort", () => void this.#closeAll(), { once: true });
  }

  get hasRoom(): boolean {
    return this.#images.size < maxOpenImages;
  }

  get hasRoomForBlob(): boolean {
    return this.#blobs.size < maxBlobsUnderWay;
  }

  image(handle: number): AcceptedImage | undefined {
    return this.#images.get(handle);
  }

  add(image: AcceptedImage): number {
    this.#lastImage += 1;
    this.#images.set(this.#lastImage, image);
    return this.#lastImage;
  }

  addBlob(done: BlobUnderWay["done"], cut: () => void): number {
    this.#lastBlob += 1;
    this.#blobs.set(this.#lastBlob, { done, cut });
    return this.#lastBlob;
  }

  /** Waits until all of it was written. */
  finish(handle: number): BlobUnderWay["done"] | undefined {
    const blob = this.#blobs.get(handle);
    return blob?.done.finally(() => this.#blobs.delete(handle));
  }

  async close(handle: number): Promise<boolean> {
    const image = this.#images.get(handle);
    if (image === undefined) return false;
    this.#images.delete(handle);
    await image.close();
    return true;
  }

  async #closeAll(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const blob of this.#blobs.values()) blob.cut();
    this.#blobs.clear();
    for (const handle of [...this.#images.keys()]) await this.close(handle);
  }
}
