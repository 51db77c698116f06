import type { Credential, RegistryToken } from "../../config/credential.ts";
import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import type { HttpRequest, HttpResponse } from "../../host/http/exchange.ts";
import type { DockerReference } from "../../identity/docker-reference.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { maxManifestBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { mediaTypeOf } from "./media-type.ts";
import { readBody } from "./read-body.ts";
import type { RegistryClient } from "./registry-client.ts";
import { failureOf, type RegistryError, readRegistryError } from "./registry-error.ts";

/** A manifest as a registry gives it. */
export interface FetchedManifest {
  readonly bytes: Uint8Array;
  /** Its `Content-Type` without parameters; "" where that is none. */
  readonly untrustedMediaType: string;
}

/** A content that somebody has already, by its SHA-256, with which it was compared; `undefined` if not. */
export type KnownContents = (digest: Digest) => Promise<Uint8Array | undefined>;

/** An answer that is not what was asked for, with what the registry says of it. */
export interface Refusal {
  readonly failure: AccessFailure;
  /** `undefined` if there was no answer. */
  readonly error: RegistryError | undefined;
}

/** One repository of one registry: a place where an image may be had. */
export class Endpoint {
  /** What is accessed: the name that registries.conf makes of the user's. */
  readonly accessed: DockerReference;
  readonly client: RegistryClient;
  readonly #credential: Credential | RegistryToken | undefined;
  /** There is nothing else to try. */
  readonly #isLast: boolean;
  readonly #namespace: string;

  constructor({
    accessed,
    client,
    credential,
    isLast,
    namespaceProxy,
  }: {
    readonly accessed: DockerReference;
    readonly client: RegistryClient;
    readonly credential: Credential | RegistryToken | undefined;
    readonly isLast: boolean;
    /** What a proxy of several registries is told that is meant: the parameter `ns`. */
    readonly namespaceProxy: string | undefined;
  }) {
    this.accessed = accessed;
    this.client = client;
    this.#credential = credential;
    this.#isLast = isLast;
    this.#namespace = namespaceProxy === undefined ? "" : `ns=${encodeURIComponent(namespaceProxy)}`;
  }

  /** The same for those that get the same answers, from the same server, by the same way. */
  get place(): string {
    return JSON.stringify([this.accessed.name, this.client.isInsecure, this.#namespace]);
  }

  /**
   * @param what a tag or a digest
   * @param known asked once the registry has said which manifest that is: registries count those that they send, and not a HEAD
   */
  async manifest(
    what: string,
    signal: AbortSignal | undefined,
    known?: KnownContents,
  ): Promise<Result<FetchedManifest, Refusal>> {
    const path = `manifests/${what}`;
    const unchanged = known && (await this.#known(path, known, signal));
    if (unchanged !== undefined) return ok(unchanged);
    const answer = await this.ask(path, { headers: { accept: manifestTypes }, signal });
    if (!answer.ok) return answer;
    const body = await readBody(answer.value.response, maxManifestBytes);
    if (!body.ok) {
      signal?.throwIfAborted();
      return fail({ failure: this.client.requester.broken(body.problem, answer.value.from), error: undefined });
    }
    const [type = ""] = answer.value.response.header("content-type");
    return ok({ bytes: body.value, untrustedMediaType: mediaTypeOf(type) });
  }

  /** `undefined` if it is another than those that are known, or the registry does not say: then it is fetched. */
  async #known(
    path: string,
    known: KnownContents,
    signal: AbortSignal | undefined,
  ): Promise<FetchedManifest | undefined> {
    const answer = await this.ask(path, { method: "HEAD", headers: { accept: manifestTypes }, signal });
    if (!answer.ok) return undefined;
    const { response } = answer.value;
    response.discard();
    const digest = parseDigest(response.header("docker-content-digest")[0] ?? "");
    const bytes = digest?.algorithm === "sha256" ? await known(digest) : undefined;
    const [type = ""] = response.header("content-type");
    return bytes && { bytes, untrustedMediaType: mediaTypeOf(type) };
  }

  /** The content of a digest, from its beginning. */
  blob(digest: Digest, signal: AbortSignal | undefined): Promise<Result<Answer, Refusal>> {
    return this.ask(`blobs/${digestText(digest)}`, { signal });
  }

  /** Whether it has a blob, and how large it says that it is. */
  headBlob(digest: Digest, signal: AbortSignal | undefined): Promise<Result<Answer, Refusal>> {
    return this.ask(`blobs/${digestText(digest)}`, { method: "HEAD", signal });
  }

  /** What lies below the repository's address; only 200, and `expected`, is an answer. */
  async ask(
    path: string,
    {
      method = "GET",
      headers = {},
      expected = 200,
      root = "/v2",
      signal,
    }: {
      readonly method?: "GET" | "HEAD";
      readonly headers?: HttpRequest["headers"];
      readonly expected?: number;
      readonly root?: string;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<Result<Answer, Refusal>> {
    const separator = path.includes("?") ? "&" : "?";
    const namespace = this.#namespace === "" ? "" : `${separator}${this.#namespace}`;
    const answer = await this.client.ask({
      method,
      path: `${root}/${this.accessed.path}/${path}${namespace}`,
      headers,
      repository: this.accessed.path,
      credential: this.#credential,
      isLastResort: this.#isLast,
      signal,
    });
    if (!answer.ok) return fail({ failure: answer.problem, error: undefined });
    const { response, from } = answer.value;
    if (response.status === 200 || response.status === expected) return ok({ response, from });
    const error = await readRegistryError(response, this.client.requester.secrets);
    const hasCredentials = this.#credential !== undefined;
    return fail({ error, failure: failureOf(error, { from, wanted: path, hasCredentials }) });
  }
}

export interface Answer {
  readonly response: HttpResponse;
  readonly from: string;
}

/** manifest.DefaultRequestedManifestMIMETypes of the reference, in its order. */
const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];
