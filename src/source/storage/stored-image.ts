import { type Digest, digestText } from "../../encoding/digest.ts";
import type { DockerReference } from "../../identity/docker-reference.ts";
import { blobOfBytes } from "../../image/blob-of-bytes.ts";
import type { Blob, Image, OpenImage } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type ImageDirectory, readStoredBlob, readStoredManifest, readStoredSignatures } from "./big-data.ts";
import { manifestName, manifestNameOf, signaturesName, signaturesNameOf } from "./big-data-name.ts";
import type { ImageRecord } from "./image-record.ts";
import type { ImageLayers } from "./layers/image-layers.ts";
import type { LayerPlaces } from "./layers/places.ts";
import { parseSignatureSizes } from "./signature-sizes.ts";

/** An image as a storage lists it. */
export type StoredImage = Pick<ImageRecord, "id" | "untrustedNames" | "digests">;

/** What is told of an image to whoever judges it. */
export function storedImage({ id, untrustedNames, digests }: ImageRecord): StoredImage {
  return { id, untrustedNames, digests };
}

/** One that has been opened. */
export interface OpenStoredImage extends OpenImage {
  readonly stored: StoredImage;
  /** By which name it was asked for, with a tag or digest; `undefined` if by its ID alone. */
  readonly named: DockerReference | undefined;
}

/**
 * Reads the manifest and the signatures that are asked for by this name, now, so that they are of one moment. What else the image has is
 * read when it is asked for, and is what images.json said at that moment or a problem.
 *
 * Takes the directory: it is closed with the image, and here if this fails.
 */
export function openStoredImage(
  image: ImageDirectory,
  named: DockerReference | undefined,
  options: { readonly isManifestUnneeded: boolean },
  places: LayerPlaces,
): Result<OpenStoredImage, ImageProblem> {
  const opened = readNow(image, named, options, places);
  if (!opened.ok) image.directory.close();
  return opened;
}

function readNow(
  image: ImageDirectory,
  named: DockerReference | undefined,
  { isManifestUnneeded }: { readonly isManifestUnneeded: boolean },
  places: LayerPlaces,
): Result<OpenStoredImage, ImageProblem> {
  const { record, path, directory } = image;
  const sizes = parseSignatureSizes(record.untrustedMetadata);
  if (!sizes.ok) return sizes;
  const manifest: Result<Uint8Array, ImageProblem> = isManifestUnneeded
    ? fail({ code: "image.manifest.missing", path })
    : readStoredManifest(image, nameOfManifest(record, named?.digest), named?.digest);
  if (!manifest.ok && !isManifestUnneeded) return manifest;
  // Also under another manifest's digest these are the last one's: storage_src.go GetSignaturesWithFormat without an instance.
  const signatures = readStoredSignatures(image, signaturesName, sizes.value.own);
  if (!signatures.ok && signatures.problem.code === "image.source.changed") return signatures;

  const blob = (digest: Digest): Result<Blob, ImageProblem> => {
    const content = readStoredBlob(image, digest);
    return content.ok ? ok(blobOfBytes(content.value)) : content;
  };
  const sizesOf = (digest: Digest) => sizes.value.byDigest.get(digestText(digest)) ?? [];
  return ok({
    stored: storedImage(record),
    named,
    signaturesFrom: { kind: "storage", path },
    manifest: () => manifest,
    signatures: () => signatures,
    // Those of another manifest are kept under its digest.
    signaturesOf: (digest) =>
      sizes.value.byDigest.has(digestText(digest))
        ? readStoredSignatures(image, signaturesNameOf(digest), sizesOf(digest))
        : signatures,
    instance: (digest): Image => ({
      manifest: () =>
        record.bigData.has(manifestNameOf(digest))
          ? readStoredManifest(image, manifestNameOf(digest), digest)
          : fail({ code: "image.instance.missing", digest, platform: "" }),
      signatures: () => readStoredSignatures(image, signaturesNameOf(digest), sizesOf(digest)),
    }),
    present: (digests) =>
      digests.flatMap((digest) =>
        record.bigData.has(manifestNameOf(digest)) ? [{ digest, hasSignature: sizesOf(digest).length > 0 }] : [],
      ),
    blob,
    ...copying(record, places, blob, () => directory.close()),
  });
}

/** What is for who copies the image. Layers are read with a part of the program that is loaded for that alone. */
function copying(
  record: ImageRecord,
  places: LayerPlaces,
  blob: (digest: Digest) => Result<Blob, ImageProblem>,
  closeDirectory: () => void,
): Pick<Required<OpenImage>, "layersForCopy" | "blobForCopy" | "close"> {
  let layers: Promise<ImageLayers> | undefined;
  const load = (): Promise<ImageLayers> => {
    layers ??= import("./layers/image-layers.ts").then(
      (module) => new module.ImageLayers(record.untrustedTopLayer, places),
    );
    return layers;
  };
  return {
    layersForCopy: async (untrustedManifest) => (await load()).forCopy(untrustedManifest),
    blobForCopy: async (digest) =>
      record.bigData.has(digestText(digest)) ? blob(digest) : (await load()).blob(digest),
    close: async () => {
      closeDirectory();
      (await layers)?.close();
    },
  };
}

/**
 * The manifest of the digest that was asked for, or else the last one, as in images from before there was one for each digest
 * (containers/image: storage_src.go `GetManifest`).
 */
function nameOfManifest({ bigData }: ImageRecord, digest: Digest | undefined): string {
  const name = digest === undefined ? undefined : manifestNameOf(digest);
  return name !== undefined && bigData.has(name) ? name : manifestName;
}
