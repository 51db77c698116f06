import { maxInventoryPlaces } from "../limits.ts";
import type { Result } from "../result.ts";
import type { ImageList, ImagePlace, ListedImage, ListedImageProblem, ListForm, PassedOver } from "./image-list.ts";
import type { CheckedReference } from "./read-reference.ts";

/** Gathers the images of a file: each text once, with all of its places. */
export class ListBuilder {
  readonly #images = new Map<string, ListedImage & { readonly places: ImagePlace[] }>();
  readonly #passedOver: PassedOver[] = [];
  #places = 0;

  /** The same text may be found at two kinds of place, and one of them may be at fault: that counts for both. */
  add(text: string, place: ImagePlace, read: () => Result<CheckedReference, ListedImageProblem>): void {
    this.#places += 1;
    const known = this.#images.get(text);
    if (known === undefined) {
      this.#images.set(text, { text, reference: read(), places: [place] });
      return;
    }
    known.places.push(place);
    if (!known.reference.ok) return;
    const reference = read();
    if (!reference.ok) this.#images.set(text, { ...known, reference });
  }

  passOver(passedOver: PassedOver): void {
    this.#places += 1;
    this.#passedOver.push(passedOver);
  }

  get isFull(): boolean {
    return this.#places > maxInventoryPlaces;
  }

  get isEmpty(): boolean {
    return this.#images.size === 0;
  }

  get passedOver(): readonly PassedOver[] {
    return this.#passedOver;
  }

  list(form: ListForm): ImageList {
    return { form, images: [...this.#images.values()], passedOver: this.#passedOver };
  }
}
