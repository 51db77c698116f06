import { systemRoots } from "../../config/certificates.ts";
import { type ProxyEnvironment, proxyFor } from "../../config/proxy.ts";
import type { Connection, HttpResponse } from "../../host/http/exchange.ts";
import { HttpClient } from "../../host/http/http-client.ts";
import { sleep } from "../../host/sleep.ts";
import type { RootsEnvironment } from "../../host/system-roots.ts";
import { maxEvidenceBytes } from "../../limits.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { readBody } from "../../source/registry/read-body.ts";
import {
  type BucketAddress,
  type BucketCredentials,
  type BucketEnvironment,
  bucketAddress,
  bucketCredentials,
} from "./bucket-address.ts";
import { type ContentKey, type EvidenceStore, StoreFailed, spoiled } from "./evidence.ts";
import { KnownKeys } from "./known-keys.ts";
import { type DerivedKeys, signedHeaders } from "./sign-request.ts";

export interface BucketOptions {
  readonly environment: BucketEnvironment & ProxyEnvironment & RootsEnvironment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** {@link HttpClient} with its usual time-outs unless given. */
  readonly http?: HttpClient;
}

/** Keeps contents in a bucket of a server that speaks S3: `BUCKET/PREFIX/sha256/ab/cdef…`. @throws {@link StoreFailed} */
export function openBucketStore(
  url: string,
  { environment, now, http = new HttpClient() }: BucketOptions,
): EvidenceStore {
  const address = bucketAddress(url, environment);
  const credentials = bucketCredentials(environment);
  const connection = connectionTo(address, environment);
  return new BucketStore({ address, credentials, connection, http, now });
}

function connectionTo(address: BucketAddress, environment: BucketOptions["environment"]): Connection {
  const url = address.urlOf("");
  const proxy = proxyFor(url, environment);
  if (!proxy.ok) throw new StoreFailed(`${address.shown}: the proxy for it is of a kind that is not known`);
  const common = { isUnverified: false, proxy: proxy.value };
  if (url.protocol === "http:") return common;
  const authorities = systemRoots(environment)();
  if (!authorities.ok) throw new StoreFailed(`${authorities.problem.path}: ${authorities.problem.reason}`);
  return { ...common, authorities: authorities.value };
}

interface Options {
  readonly address: BucketAddress;
  readonly credentials: BucketCredentials;
  readonly connection: Connection;
  readonly http: HttpClient;
  readonly now: () => number;
}

type Method = "GET" | "HEAD" | "PUT";

/** Some servers are busy for a moment (S3 says SlowDown); then this long, and twice as long each time. */
const maxAttempts = 5;
const firstPauseSeconds = 0.25;

/** What a server says of an error: a short document of XML. */
const maxErrorBytes = 64 * 1024;

const nothing = new Uint8Array();

class BucketStore implements EvidenceStore {
  readonly #options: Options;
  readonly #derived: DerivedKeys = new Map();
  readonly #known = new KnownKeys();
  /** There is something else in their places: a look at the name would not tell. */
  readonly #broken = new KnownKeys();

  constructor(options: Options) {
    this.#options = options;
  }

  async put(bytes: Uint8Array): Promise<ContentKey> {
    const key = sha256Hex(bytes);
    if (this.#known.has(key)) return key;
    if (this.#broken.has(key) || !(await this.#has(key, bytes.length))) {
      const response = await this.#ask("PUT", key, bytes);
      if (response.status !== 200) throw await this.#refusal(response);
      response.discard();
    }
    this.#broken.delete(key);
    this.#known.add(key);
    return key;
  }

  async get(key: ContentKey): Promise<Uint8Array | undefined> {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new StoreFailed("this is no key of a content");
    const content = await this.#persistently(async () => {
      const response = await this.#once("GET", key, nothing);
      if (response.status !== 200) return response;
      const body = await readBody(response, maxEvidenceBytes);
      if (body.ok) return body.value;
      if (body.problem.kind === "too-large") throw this.#failed(`${key} is too large`, { isOfOne: true });
      return undefined;
    });
    if (content instanceof Uint8Array) {
      if (sha256Hex(content) === key) return content;
      this.#known.delete(key);
      this.#broken.add(key);
      throw spoiled(this.#options.address.shown, key);
    }
    const code = await errorCode(content);
    if (content.status !== 404 || code !== "NoSuchKey") throw this.#refused(content.status, code);
    this.#known.delete(key);
    return undefined;
  }

  close(): void {
    this.#options.http.close();
  }

  async #has(key: ContentKey, sizeBytes: number): Promise<boolean> {
    const response = await this.#ask("HEAD", key, nothing);
    response.discard();
    if (response.status === 404) return false;
    // Whoever may not list the bucket is told this of what is not there; and if it is no right at all, so will be the next request.
    if (response.status === 403) return false;
    if (response.status !== 200) throw this.#refused(response.status, "");
    return response.header("content-length")[0] === `${sizeBytes}`;
  }

  #ask(method: Method, key: ContentKey, body: Uint8Array): Promise<HttpResponse> {
    return this.#persistently(() => this.#once(method, key, body));
  }

  /** Again where that may help: no answer, or that the server cannot answer now. */
  async #persistently<T extends HttpResponse | Uint8Array>(work: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const done = await work().catch((error: unknown) => {
        if (!(error instanceof Unanswered) || attempt === maxAttempts) throw error;
        return undefined;
      });
      const isBusy = done !== undefined && !(done instanceof Uint8Array) && (done.status >= 500 || done.status === 429);
      if (done !== undefined && (!isBusy || attempt === maxAttempts)) return done;
      if (attempt === maxAttempts) throw this.#failed("what it sends breaks off");
      if (done !== undefined && !(done instanceof Uint8Array)) done.discard();
      await sleep(firstPauseSeconds * 2 ** (attempt - 1), undefined);
    }
  }

  async #once(method: Method, key: ContentKey, body: Uint8Array): Promise<HttpResponse> {
    const { address, credentials, connection, http, now } = this.#options;
    const url = address.urlOf(key);
    const how = { region: address.region, milliseconds: now(), cache: this.#derived };
    const headers = await signedHeaders({ method, url, body }, credentials, how);
    const answer = await http.send({ method, url, headers, connection, ...(method === "PUT" ? { body } : {}) });
    if (answer.ok) return answer.value;
    const { problem } = answer;
    const isPassing = problem.kind === "unreachable" || problem.kind === "timeout";
    const text =
      problem.kind === "timeout"
        ? `no answer in ${problem.seconds} seconds`
        : problem.kind === "malformed"
          ? problem.detail
          : problem.reason;
    throw isPassing ? new Unanswered(this.#message(text)) : this.#failed(text);
  }

  async #refusal(response: HttpResponse): Promise<StoreFailed> {
    return this.#refused(response.status, await errorCode(response));
  }

  #refused(status: number, code: string): StoreFailed {
    return this.#failed(`the server says ${status}${code === "" ? "" : ` (${code})`}`);
  }

  #failed(text: string, how: { readonly isOfOne?: boolean } = {}): StoreFailed {
    return new StoreFailed(this.#message(text), how);
  }

  #message(text: string): string {
    return `${this.#options.address.shown}: ${text}`;
  }
}

/** Nothing came, and may come the next time. */
class Unanswered extends StoreFailed {}

/** The name that S3 has for an error; "" if the server says none. */
async function errorCode(response: HttpResponse): Promise<string> {
  const body = await readBody(response, maxErrorBytes);
  if (!body.ok) return "";
  return /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(Buffer.from(body.value).toString("latin1"))?.[1] ?? "";
}
