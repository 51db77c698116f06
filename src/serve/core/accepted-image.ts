import { type Digest, digestText } from "../../encoding/digest.ts";
import type { Blob, LayerForCopy, OpenImage } from "../../image/image.ts";
import { type ManifestPart, partsOf } from "../../image/layers.ts";
import type { ManifestFacts } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxConfigBytes } from "../../limits.ts";
import { type Eventually, errorText, fail, ok, type Result } from "../../result.ts";
import { streamHash } from "../../runtime/stream-hash.ts";

type Maybe<T> = Promise<Result<T, ImageProblem>>;

/** What is open of an image that was accepted: of an index, the one that was chosen. It is closed by who opened it. */
export class AcceptedImage {
  /** Those that were judged. */
  readonly manifest: Uint8Array;
  /** Of the manifest. */
  readonly digest: string;
  readonly mediaType: string;
  readonly #source: OpenImage;
  #parts: ReturnType<typeof partsOf> | undefined;
  #config: Maybe<Uint8Array> | undefined;

  constructor({
    source,
    manifest,
    facts,
  }: {
    readonly source: OpenImage;
    readonly manifest: Uint8Array;
    readonly facts: ManifestFacts;
  }) {
    this.#source = source;
    this.manifest = manifest;
    this.digest = digestText(facts.digest);
    this.mediaType = facts.mediaType ?? "";
  }

  /** What the manifest names. */
  parts(): ReturnType<typeof partsOf> {
    this.#parts ??= partsOf(this.manifest, this.mediaType);
    return this.#parts;
  }

  /** The configuration that the manifest names, byte for byte: read once, and compared with its digest. */
  config(): Maybe<Uint8Array> {
    this.#config ??= this.#readConfig();
    return this.#config;
  }

  async #readConfig(): Maybe<Uint8Array> {
    const parts = this.parts();
    if (!parts.ok) return parts;
    const { config } = parts.value;
    if (config === undefined) {
      return fail({ code: "image.manifest.malformed", detail: "it names no configuration" });
    }
    const blob = await this.#source.blob(config.digest);
    return blob.ok ? readWhole(blob.value, config) : blob;
  }

  /** What the source has in place of the layers that the manifest names, if it cannot give those; else `undefined`. */
  layersForCopy(): Eventually<Result<readonly LayerForCopy[], ImageProblem>> | undefined {
    return this.#source.layersForCopy?.(this.manifest);
  }

  /** A blob of the source, whichever image it belongs to. Nothing of it has been compared. */
  blob(digest: Digest): Eventually<Result<Blob, ImageProblem>> {
    return this.#source.blobForCopy?.(digest) ?? this.#source.blob(digest);
  }

  close(): Eventually<void> {
    return this.#source.close();
  }
}

async function readWhole({ content }: Blob, { digest }: ManifestPart): Maybe<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const hash = streamHash(digest.algorithm);
  let length = 0;
  try {
    for await (const piece of content) {
      length += piece.length;
      if (length > maxConfigBytes)
        return fail({ code: "image.file.unreadable", name: digestText(digest), reason: tooLarge });
      hash.update(piece);
      pieces.push(piece);
    }
  } catch (error) {
    return fail({ code: "image.file.unreadable", name: digestText(digest), reason: errorText(error) });
  }
  // Its size decides nothing, as for the reference (image/v5: internal/image/oci.go ConfigBlob).
  if (hash.hex() !== digest.hex) {
    return fail({ code: "image.blob.corrupt", corrupt: [digestText(digest)], missing: [] });
  }
  return ok(Buffer.concat(pieces));
}

const tooLarge = `it has more than ${maxConfigBytes} bytes`;
