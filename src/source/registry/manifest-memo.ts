import { type Digest, digestText } from "../../encoding/digest.ts";
import type { Result } from "../../result.ts";
import type { Endpoint, FetchedManifest, Refusal } from "./endpoint.ts";

/** What is kept of manifests that were asked for by their digests. */
const maxKeptBytes = 16 * 1024 * 1024;

/** What the entry itself takes, about: there are empty ones. */
const overheadBytes = 1000;

/** Manifests by their digests, so that what several images have in common is fetched once. */
export class ManifestMemo {
  readonly #known = new Map<string, Promise<Result<FetchedManifest, Refusal>>>();
  #bytes = 0;

  async fetch(
    endpoint: Endpoint,
    digest: Digest,
    signal: AbortSignal | undefined,
  ): Promise<Result<FetchedManifest, Refusal>> {
    const key = `${endpoint.place}@${digestText(digest)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fetched = endpoint.manifest(digestText(digest), signal);
    this.#known.set(key, fetched);
    const result = await fetched.catch((error: unknown) => {
      this.#known.delete(key);
      throw error;
    });
    if (!result.ok) this.#known.delete(key);
    else this.#bytes += result.value.bytes.length + overheadBytes;
    await this.#shrink();
    return result;
  }

  /** The oldest go first. */
  async #shrink(): Promise<void> {
    while (this.#bytes > maxKeptBytes) {
      const [oldest] = this.#known;
      if (oldest === undefined) return;
      this.#known.delete(oldest[0]);
      const result = await oldest[1].catch(() => undefined);
      if (result?.ok === true) this.#bytes -= result.value.bytes.length + overheadBytes;
    }
  }
}
