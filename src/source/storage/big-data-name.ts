import { type Digest, digestText } from "../../encoding/digest.ts";

/** The manifest that an image was pulled or built with last (containers/storage: images.go `ImageDigestBigDataKey`). */
export const manifestName = "manifest";

/** The signatures that came with it (containers/image: storage_src.go `GetSignaturesWithFormat`). */
export const signaturesName = "signatures";

/** A manifest, or an index, of this digest (containers/image: storage_image.go `manifestBigDataKey`). */
export function manifestNameOf(digest: Digest): string {
  return `manifest-${digestText(digest)}`;
}

/** The signatures of the manifest of this digest (containers/image: storage_image.go `signatureBigDataKey`). */
export function signaturesNameOf(digest: Digest): string {
  return `signature-${digest.hex}`;
}

/**
 * The file that holds the data of a name (containers/storage: store.go `makeBigDataBaseName`); `undefined` if it would not lie in the
 * image's directory: base64 may have slashes, and `..` is left as it is.
 */
export function fileNameOf(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return undefined;
  if (/^[.0-9a-z]*$/.test(name)) return name;
  const encoded = `=${Buffer.from(name, "utf8").toString("base64")}`;
  return encoded.includes("/") ? undefined : encoded;
}
