import { type Digest, digestText } from "../../encoding/digest.ts";
import type { HttpResponse } from "../../host/http/exchange.ts";
import type { TimeAllowance } from "../../host/time-allowance.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import type { Blob, Image, OpenImage, SignatureOrigin } from "../../image/image.ts";
import { readManifest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { streamHash } from "../../runtime/stream-hash.ts";
import { readAttachedSignatures } from "./attached-signatures.ts";
import { contentOf } from "./blob-content.ts";
import type { BlobLocations } from "./blob-locations.ts";
import type { Answer, Endpoint, FetchedManifest, KnownContents } from "./endpoint.ts";
import { readExtensionSignatures } from "./extension-signatures.ts";
import { askElsewhere, contentElsewhere } from "./external-blob.ts";
import { type LookasidePlace, readLookaside } from "./lookaside.ts";
import type { ManifestMemo } from "./manifest-memo.ts";
import { pacedContent } from "./paced-content.ts";
import { SignatureList } from "./signature-list.ts";
import { withinTime } from "./within-time.ts";

type Maybe<T> = Promise<Result<T, ImageProblem>>;

/** Where the signatures of an image are looked for: the settings of registries.d for the location that is accessed. */
export interface SignaturePlaces {
  readonly lookaside: LookasidePlace;
  readonly useAttachments: boolean;
}

/** An image in a registry, whose manifest has been fetched. */
export interface OpenRegistryImage extends OpenImage {
  /** What the user calls its repository: `host/path`. */
  readonly name: string;
  /** The repository that gave it: `host/path`. */
  readonly servedBy: string;
  /** Of the manifest that was fetched. */
  readonly digest: Digest;
}

/** Where a blob was found; `endpoint` if it is in a registry. */
interface PlacedBlob {
  readonly endpoint: Endpoint | undefined;
  readonly answer: Answer;
}

/**
 * An image as containers/image finds it in a registry (docker/docker_image_src.go `dockerImageSource`). All of it comes from the
 * location that gave the manifest, but for blobs, which fall back.
 */
export class RegistryImage implements OpenRegistryImage {
  readonly name: string;
  readonly digest: Digest;
  readonly #endpoint: Endpoint;
  readonly #fetched: FetchedManifest;
  readonly #places: SignaturePlaces;
  readonly #signatureDigest: Digest;
  readonly #blobs: BlobLocations;
  readonly #memo: ManifestMemo;
  readonly #time: TimeAllowance;
  readonly #known: KnownContents | undefined;
  /** Known once signatures were asked for. */
  #hasExtension = false;

  constructor({
    name,
    endpoint,
    fetched,
    places,
    blobs,
    memo,
    time,
    known,
  }: {
    readonly name: string;
    readonly endpoint: Endpoint;
    readonly fetched: FetchedManifest;
    readonly places: SignaturePlaces;
    readonly blobs: BlobLocations;
    readonly memo: ManifestMemo;
    /** For all that is asked for it. */
    readonly time: TimeAllowance;
    readonly known: KnownContents | undefined;
  }) {
    this.name = name;
    this.#endpoint = endpoint;
    this.#fetched = fetched;
    this.#places = places;
    this.#blobs = blobs;
    this.#memo = memo;
    this.#time = time;
    this.#known = known;
    this.digest = readManifest(fetched.bytes).facts.digest;
    const asked = endpoint.accessed.digest;
    // The reference goes by what it asked for, not by what it got, if that is of the usual algorithm (`manifestDigest`).
    this.#signatureDigest = asked?.algorithm === "sha256" ? asked : this.digest;
  }

  get servedBy(): string {
    return this.#endpoint.accessed.name;
  }

  get signaturesFrom(): SignatureOrigin {
    const { lookaside, useAttachments } = this.#places;
    const shown = this.#hasExtension ? undefined : lookaside.shown;
    return { kind: "registry", repository: this.servedBy, lookaside: shown, useAttachments };
  }

  get untrustedMediaType(): string {
    return this.#fetched.untrustedMediaType;
  }

  /** Those of an image that would fall back to other places may lie there. */
  get blobsIn(): string {
    return JSON.stringify([this.#endpoint.place, this.#blobs.otherPlaces]);
  }

  /** What was asked for by its digest has to have that (image/unparsed.go `UnparsedImage.Manifest`). */
  manifest(): Result<Uint8Array, ImageProblem> {
    const expected = this.#endpoint.accessed.digest;
    return expected === undefined ? ok(this.#fetched.bytes) : withDigest(this.#fetched.bytes, expected);
  }

  signatures(): Maybe<readonly Uint8Array[]> {
    return this.signaturesOf(this.#signatureDigest);
  }

  /** Both kinds are read whole before anything is judged: one that cannot be read fails the image. */
  signaturesOf(digest: Digest): Maybe<readonly Uint8Array[]> {
    return this.#inTime(() => this.#readSignatures(digest));
  }

  async #readSignatures(digest: Digest): Maybe<readonly Uint8Array[]> {
    const endpoint = this.#endpoint;
    const [kept, attached] = await Promise.all([
      this.#keptSignatures(digest),
      this.#places.useAttachments ? readAttachedSignatures(endpoint, digest, this.#time.signal) : ok([]),
    ]);
    if (!kept.ok) return kept;
    if (!attached.ok) return attached;
    const list = new SignatureList();
    for (const signature of [...kept.value, ...attached.value]) {
      const excess = list.add(signature);
      if (excess !== undefined) return fail(excess);
    }
    return ok(list.signatures);
  }

  async #keptSignatures(digest: Digest): Maybe<readonly Uint8Array[]> {
    const { client } = this.#endpoint;
    const { signal } = this.#time;
    const hasExtension = await client.supportsSignatures(signal);
    if (!hasExtension.ok) return hasExtension;
    this.#hasExtension = hasExtension.value;
    return hasExtension.value
      ? readExtensionSignatures(this.#endpoint, digest, signal)
      : readLookaside(client.requester, this.#places.lookaside, digest, signal);
  }

  instance(digest: Digest): Image {
    let untrustedMediaType: string | undefined;
    return {
      get untrustedMediaType() {
        return untrustedMediaType;
      },
      manifest: async () => {
        const fetched = await this.#inTime(() => this.#fetchInstance(digest));
        if (!fetched.ok) return fetched;
        untrustedMediaType = fetched.value.untrustedMediaType;
        return ok(fetched.value.bytes);
      },
      signatures: () => this.signaturesOf(digest),
    };
  }

  async #fetchInstance(digest: Digest): Maybe<FetchedManifest> {
    const fetched = await this.#memo.manifest(this.#endpoint, digest, this.#time.signal, this.#known);
    if (fetched.ok) return fetched;
    const { failure, error } = fetched.problem;
    return error?.status === 404
      ? fail({ code: "image.instance.missing", digest, platform: "" })
      : fail<AccessFailure>(failure);
  }

  async blob(digest: Digest, untrustedUrls: readonly string[] = []): Maybe<Blob> {
    const found = await this.#findBlob(digest, untrustedUrls, "GET");
    if (!found.ok) return found;
    const { endpoint, answer } = found.value;
    const content =
      endpoint === undefined
        ? contentElsewhere(answer.response)
        : contentOf(endpoint, answer, digest, this.#time.signal);
    const sizeBytes = lengthOf(answer.response);
    return ok({ sizeBytes, content: pacedContent(content, this.#time, answer.from) });
  }

  async blobSize(digest: Digest, untrustedUrls: readonly string[] = []): Maybe<number | undefined> {
    const found = await this.#findBlob(digest, untrustedUrls, "HEAD");
    if (!found.ok) return found;
    const { response } = found.value.answer;
    response.discard();
    return ok(lengthOf(response));
  }

  /** If the manifest says where else it is, there, and in the registry only if it can be at none of these (docker/docker_client.go `getBlob`). */
  #findBlob(digest: Digest, untrustedUrls: readonly string[], method: "GET" | "HEAD"): Maybe<PlacedBlob> {
    const { signal } = this.#time;
    return this.#inTime(async (): Maybe<PlacedBlob> => {
      const elsewhere = await askElsewhere(this.#endpoint.client.requester, untrustedUrls, method, signal);
      if (elsewhere.ok) {
        const answer = elsewhere.value;
        return answer === undefined ? this.#blobs.find(digest, method, signal) : ok({ endpoint: undefined, answer });
      }
      const isMissing = elsewhere.problem.code === "source.not-found";
      return isMissing ? fail({ code: "image.blob.missing", missing: [digestText(digest)] }) : elsewhere;
    });
  }

  #inTime<T>(work: () => Maybe<T>): Maybe<T> {
    return withinTime(this.#time, this.#endpoint.client.requester.host, work);
  }

  close(): void {}
}

function withDigest(manifest: Uint8Array, expected: Digest): Result<Uint8Array, ImageProblem> {
  const { comparableDigest } = readManifest(manifest);
  if (!comparableDigest.ok) return comparableDigest;
  if (expected.algorithm !== "sha256") {
    const hash = streamHash(expected.algorithm);
    hash.update(manifest);
    if (hash.hex() === expected.hex) return ok(manifest);
  }
  if (digestText(comparableDigest.value) === digestText(expected)) return ok(manifest);
  return fail({ code: "image.manifest.digest-mismatch", expected, actual: comparableDigest.value });
}

/** What a server says that it sends; of what it has packed up that is another length than what is unpacked. */
function lengthOf(response: HttpResponse): number | undefined {
  const [length = ""] = response.header("content-length");
  const isAsItIs = response.header("content-encoding").length === 0;
  return isAsItIs && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
