import { type Digest, digestText } from "../../encoding/digest.ts";
import type { FileProblem } from "../../host/bounded-file.ts";
import type { OpenDirectory } from "../../host/open-directory.ts";
import { reasonOf } from "../../host/system-error.ts";
import { readManifest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxConfigBytes, maxManifestBytes, maxSignaturesBytes } from "../../limits.ts";
import { assertNever, fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { fileNameOf } from "./big-data-name.ts";
import type { BigDataRecord, ImageRecord } from "./image-record.ts";
import { cutSignatures } from "./signature-sizes.ts";

/** The directory of an image, and what images.json says of its files. */
export interface ImageDirectory {
  readonly path: string;
  readonly directory: OpenDirectory;
  readonly record: ImageRecord;
}

/**
 * The manifest or index of a name, compared with what images.json says of it, and with the digest that the name or a reference asks for.
 *
 * As containers/image: manifest.MatchesDigest, only SHA-256 ever matches.
 */
export function readStoredManifest(
  image: ImageDirectory,
  name: string,
  wanted: Digest | undefined,
): Result<Uint8Array, ImageProblem> {
  const recorded = image.record.bigData.get(name);
  if (recorded === undefined) return fail({ code: "image.manifest.missing", path: image.path });
  const content = readBigData(image, name, recorded, maxManifestBytes);
  if (!content.ok) {
    if (content.problem.kind === "too-large")
      return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
    return fail(bigDataProblem(image, name, content.problem));
  }
  const actual = readManifest(content.value).comparableDigest;
  if (!actual.ok) return actual;
  const other = [recorded.digest, wanted ?? recorded.digest].find((expected) => !isSame(expected, actual.value));
  if (other === undefined) return content;
  return fail({ code: "image.manifest.digest-mismatch", expected: other, actual: actual.value });
}

/** The signatures in the file of a name; without sizes there are none, and the file is not looked for. */
export function readStoredSignatures(
  image: ImageDirectory,
  name: string,
  sizes: readonly bigint[],
): Result<readonly Uint8Array[], ImageProblem> {
  if (sizes.length === 0) return ok([]);
  const recorded = image.record.bigData.get(name);
  if (recorded === undefined) {
    return fail({ code: "image.signature.malformed", name, detail: "it has a size, and images.json does not list it" });
  }
  const content = readBigData(image, name, recorded, maxSignaturesBytes);
  if (!content.ok) {
    if (content.problem.kind === "too-large")
      return fail({ code: "image.signature.too-large", name, maxBytes: maxSignaturesBytes });
    return fail(bigDataProblem(image, name, content.problem));
  }
  if (!isSame(recorded.digest, sha256(content.value))) {
    return fail({ code: "image.signature.malformed", name, detail: "its digest is not that in images.json" });
  }
  return cutSignatures(content.value, sizes, name);
}

/** A configuration, which lies under its digest. */
export function readStoredBlob(image: ImageDirectory, digest: Digest): Result<Uint8Array, ImageProblem> {
  const name = digestText(digest);
  const recorded = image.record.bigData.get(name);
  // Layers are not kept as they came: the storage unpacked them, and compared their digests when it did.
  if (recorded === undefined) return fail({ code: "image.blob.missing", missing: [name] });
  const content = readBigData(image, name, recorded, maxConfigBytes);
  if (!content.ok) {
    if (content.problem.kind === "too-large")
      return fail({ code: "image.file.unreadable", name, reason: `larger than ${maxConfigBytes} bytes` });
    return fail(bigDataProblem(image, name, content.problem));
  }
  return isSame(recorded.digest, sha256(content.value))
    ? content
    : fail({ code: "image.blob.corrupt", corrupt: [name], missing: [] });
}

type BigDataProblem = FileProblem | { readonly kind: "size"; readonly recorded: bigint; readonly actual: number };

function readBigData(
  { directory }: ImageDirectory,
  name: string,
  { sizeBytes }: BigDataRecord,
  maxBytes: number,
): Result<Uint8Array, BigDataProblem> {
  const fileName = fileNameOf(name);
  if (fileName === undefined) throw new Error(`no file name for ${name}: parseImageList lets none pass`);
  const content = directory.readFile(fileName, maxBytes);
  if (!content.ok || BigInt(content.value.length) === sizeBytes) return content;
  return fail({ kind: "size", recorded: sizeBytes, actual: content.value.length });
}

function bigDataProblem(
  { path }: ImageDirectory,
  name: string,
  problem: Exclude<BigDataProblem, { kind: "too-large" }>,
): ImageProblem {
  switch (problem.kind) {
    case "size": {
      const detail = `${name} has ${problem.actual} bytes, and should have ${problem.recorded}`;
      return { code: "image.source.malformed", name: path, detail };
    }
    // It is listed, so it was there: images are deleted after the list was written (containers/storage: images.go `Delete`).
    case "missing":
      return { code: "image.source.changed", path, missing: name };
    case "symlink":
      return { code: "image.file.symlink", name };
    case "special":
      return { code: "image.file.special", name };
    case "system":
      return { code: "image.file.unreadable", name, reason: reasonOf(problem.errno) };
    default:
      return assertNever(problem);
  }
}

function sha256(bytes: Uint8Array): Digest {
  return { algorithm: "sha256", hex: sha256Hex(bytes) };
}

function isSame(left: Digest, right: Digest): boolean {
  return digestText(left) === digestText(right);
}
