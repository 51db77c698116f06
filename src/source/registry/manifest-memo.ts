import { type Digest, digestText } from "../../encoding/digest.ts";
import type { Result } from "../../result.ts";
import type { Endpoint, FetchedManifest, KnownContents, Refusal } from "./endpoint.ts";

/** What is kept of manifests that were asked for by their digests. */
const maxKeptBytes = 16 * 1024 * 1024;

/** What the entry itself takes, about: there are empty ones. */
const overheadBytes = 1000;

interface Known {
  readonly answer: Promise<Result<FetchedManifest, Refusal>>;
  /** 0 as long as it is not there. */
  bytes: number;
}

/**
 * Manifests by their digests, so that what several images of a repository have in common is fetched once. Who uses one compares it with
 * its digest.
 */
export class ManifestMemo {
  readonly #known = new Map<string, Known>();
  #bytes = 0;

  manifest(
    endpoint: Endpoint,
    digest: Digest,
    signal: AbortSignal | undefined,
    contents?: KnownContents,
  ): Promise<Result<FetchedManifest, Refusal>> {
    const key = `${endpoint.place}@${digestText(digest)}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      // Of the image that asked for it, the time was over; it is forgotten by now.
      return known.answer.catch(() => {
        signal?.throwIfAborted();
        return this.manifest(endpoint, digest, signal, contents);
      });
    }
    const asked: Known = { answer: endpoint.manifest(digestText(digest), signal, contents), bytes: 0 };
    this.#known.set(key, asked);
    const forget = (): void => void this.#known.delete(key);
    asked.answer.then(
      (answer) => (answer.ok ? this.#keep(key, asked, answer.value.bytes.length + overheadBytes) : forget()),
      forget,
    );
    return asked.answer;
  }

  /** The oldest go first. */
  #keep(ownKey: string, known: Known, bytes: number): void {
    if (this.#known.get(ownKey) !== known) return;
    known.bytes = bytes;
    this.#bytes += bytes;
    for (const [key, old] of this.#known) {
      if (this.#bytes <= maxKeptBytes) return;
      this.#known.delete(key);
      this.#bytes -= old.bytes;
    }
  }
}
