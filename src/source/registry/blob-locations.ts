import { type Digest, digestText } from "../../encoding/digest.ts";
import { sleep } from "../../host/sleep.ts";
import type { AccessFailure, ConfigProblem } from "../../image/access-problem.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Answer, Endpoint, Refusal } from "./endpoint.ts";

/** Opens a location: what its settings say of it may be unusable, or registries.conf blocks it. */
export type OpenEndpoint = () => Promise<Result<Endpoint, AccessFailure | ConfigProblem>>;

export interface FoundBlob {
  readonly endpoint: Endpoint;
  readonly answer: Answer;
}

/**
 * Where the blobs of an image are: the location that gave its manifest and, if that cannot give one, those after it, of which the
 * first that can serves all that follow (docker/docker_image_src.go `getBlobWithMirrorFallback`).
 */
export class BlobLocations {
  #active: Endpoint;
  readonly #remaining: OpenEndpoint[];
  /** What else was there to ask at the beginning. */
  readonly otherPlaces: readonly string[];
  #falling: Promise<unknown> = Promise.resolve();

  /** @param remaining the locations after the one that gave the manifest, in order */
  constructor(active: Endpoint, remaining: readonly { readonly place: string; readonly open: OpenEndpoint }[]) {
    this.#active = active;
    this.#remaining = remaining.map(({ open }) => open);
    this.otherPlaces = remaining.map(({ place }) => place);
  }

  async find(
    digest: Digest,
    method: "GET" | "HEAD",
    signal: AbortSignal | undefined,
  ): Promise<Result<FoundBlob, ImageProblem>> {
    const endpoint = this.#active;
    const first = await this.#ask(endpoint, digest, method, signal);
    if (first.ok) return ok({ endpoint, answer: first.value });
    if (!mayBeElsewhere(first.problem)) return fail(problemOf(first.problem, digest));
    // One at a time: the others wait, and may find that it is settled. Nothing remaining may mean that one is just trying the last.
    const found = this.#falling.then(() => this.#fallBack(endpoint, first.problem, digest, method, signal));
    this.#falling = found.catch(() => {});
    return found;
  }

  async #fallBack(
    failed: Endpoint,
    original: Refusal,
    digest: Digest,
    method: "GET" | "HEAD",
    signal: AbortSignal | undefined,
  ): Promise<Result<FoundBlob, ImageProblem>> {
    if (this.#active !== failed) {
      const endpoint = this.#active;
      const again = await this.#ask(endpoint, digest, method, signal);
      if (again.ok) return ok({ endpoint, answer: again.value });
    }
    for (let open = this.#remaining.shift(); open !== undefined; open = this.#remaining.shift()) {
      const endpoint = await open();
      if (!endpoint.ok) continue;
      const answer = await this.#ask(endpoint.value, digest, method, signal);
      if (answer.ok) {
        this.#active = endpoint.value;
        return ok({ endpoint: endpoint.value, answer: answer.value });
      }
      if (!mayBeElsewhere(answer.problem)) break;
    }
    return fail(problemOf(original, digest));
  }

  /** Once more after a second where that may help, if there are other locations: as the reference (`tryGetBlob`). */
  async #ask(
    endpoint: Endpoint,
    digest: Digest,
    method: "GET" | "HEAD",
    signal: AbortSignal | undefined,
  ): Promise<Result<Answer, Refusal>> {
    const ask = () => (method === "GET" ? endpoint.blob(digest, signal) : head(endpoint, digest, signal));
    const answer = await ask();
    if (answer.ok || this.#remaining.length === 0 || !isTransient(answer.problem)) return answer;
    await sleep(1, signal);
    return ask();
  }
}

/** Some servers do not know HEAD; and an answer to it has no body that says what is missing. */
async function head(
  endpoint: Endpoint,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Result<Answer, Refusal>> {
  const answer = await endpoint.headBlob(digest, signal);
  const status = answer.ok ? undefined : answer.problem.error?.status;
  return status === 404 || status === 405 || status === 501 ? endpoint.blob(digest, signal) : answer;
}

function isTransient({ failure, error }: Refusal): boolean {
  return failure.code === "source.timeout" || (error !== undefined && error.status >= 500);
}

/** docker/docker_image_src.go `isMirrorFallbackError`, `isMirrorTransientError`. */
function mayBeElsewhere(refusal: Refusal): boolean {
  const { error } = refusal;
  return isTransient(refusal) || error?.untrustedCode === "BLOB_UNKNOWN" || error?.untrustedCode === "TOOMANYREQUESTS";
}

function problemOf({ failure, error }: Refusal, digest: Digest): ImageProblem {
  if (error?.status !== 404) return failure;
  return { code: "image.blob.missing", missing: [digestText(digest)], registryCode: error.untrustedCode };
}
