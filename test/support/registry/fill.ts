/** Puts images into a registry that is already there, by requests of our own: quicker than any tool, and as odd as wanted. */
import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { dirname, join } from "node:path";
import type { ImageContent } from "./content.ts";

export interface Target {
  /** "http://127.0.0.1:5000" */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the certificate that an HTTPS server is trusted by. */
  readonly ca?: string;
}

/** A registry to push to, over connections that are kept. */
export class Pusher {
  readonly #target: Target;
  readonly #agent: Agent;

  constructor(target: Target) {
    this.#target = target;
    this.#agent = target.url.startsWith("https:")
      ? new TlsAgent({ keepAlive: true, ca: target.ca })
      : new Agent({ keepAlive: true });
  }

  /** Blobs first, then images, then whatever refers to them. */
  async push(repository: string, content: ImageContent): Promise<void> {
    for (const [digest, bytes] of content.blobs) await this.pushBlob(repository, digest, bytes);
    const isIndex = (mediaType: string) => /index|list/.test(mediaType);
    const manifests = [...content.manifests].sort(
      ([, a], [, b]) => Number(isIndex(a.mediaType)) - Number(isIndex(b.mediaType)),
    );
    const tagged = new Set(manifests.filter(([name]) => !name.includes(":")).map(([, { bytes }]) => bytes));
    for (const [name, { mediaType, bytes }] of manifests) {
      // A tag brings the digest with it.
      if (!name.includes(":") || !tagged.has(bytes)) await this.pushManifest(repository, name, mediaType, bytes);
    }
  }

  async pushBlob(repository: string, digest: string, bytes: Uint8Array): Promise<void> {
    const { location } = await this.#send("POST", `/v2/${repository}/blobs/uploads/`, 202);
    if (location === undefined) throw new Error("no place for an upload was told");
    const place = new URL(location, this.#target.url);
    place.searchParams.set("digest", digest);
    await this.#send("PUT", place.pathname + place.search, 201, bytes, "application/octet-stream");
  }

  /** Lets a repository have a blob of another. */
  async mountBlob(repository: string, digest: string, from: string): Promise<void> {
    await this.#send("POST", `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`, 201);
  }

  async pushManifest(repository: string, name: string, mediaType: string, bytes: Uint8Array): Promise<void> {
    await this.#send("PUT", `/v2/${repository}/manifests/${name}`, 201, bytes, mediaType);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    wanted: number,
    body: Uint8Array = new Uint8Array(),
    contentType?: string,
  ): Promise<{ location: string | undefined }> {
    const { url, headers = {}, ca } = this.#target;
    return new Promise((resolve, reject) => {
      const options = {
        method,
        agent: this.#agent,
        headers: {
          ...headers,
          "Content-Length": body.length,
          ...(contentType === undefined ? {} : { "Content-Type": contentType }),
        },
      };
      const sent = url.startsWith("https:")
        ? tlsRequest(new URL(path, url), { ...options, ca })
        : request(new URL(path, url), options);
      sent.on("error", reject);
      sent.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === wanted) resolve({ location: response.headers.location });
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.end(body);
    });
  }
}

/** Writes the signature files of a repository where `lookaside: file://DIRECTORY` looks for them. */
export function writeLookaside(directory: string, repository: string, { lookaside }: ImageContent): void {
  for (const [name, bytes] of lookaside) {
    const path = join(directory, `${repository}@${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
