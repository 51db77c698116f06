import type { ImageStorage } from "./storage.ts";
import type { StoredImage } from "./stored-image.ts";

/** An image of a storage by one of its names, or by none. */
export interface NamedImage {
  readonly image: StoredImage;
  /** What users called it: a claim, as everything else in the list. */
  readonly untrustedName: string | undefined;
  /** As {@link ImageStorage.open} takes it. */
  readonly reference: string;
  /** The whole of it, as a SOURCE: what it is judged as where its name is not believed, or it has none. */
  readonly source: string;
}

/** Each image under each of its names. */
export function namedImages(
  { driver, graphRoot }: Pick<ImageStorage, "driver" | "graphRoot">,
  images: readonly StoredImage[],
): readonly NamedImage[] {
  return images.flatMap((image) => {
    const names = image.untrustedNames.length === 0 ? [undefined] : image.untrustedNames;
    return names.map((untrustedName) => {
      const reference = `${untrustedName ?? ""}@${image.id}`;
      return { image, untrustedName, reference, source: `containers-storage:[${driver}@${graphRoot}]${reference}` };
    });
  });
}

/** Where it says that it came from, if it says so: what a pull of it would be judged as. */
export function identityOf({ untrustedName, source }: NamedImage): string {
  return untrustedName === undefined ? source : `docker://${untrustedName}`;
}
