/**
 * A registry that has an image for every name, in a process of its own: `node stub-registry.ts KEY-FILE`. It prints its port on
 * the first line. Content depends on the name only; what is signed is kept, so that asking again costs nothing.
 * `GET /counts` tells how often what was asked for (with `?anew` the most in a second are counted anew from then on), `GET /behave?as=…` how it answers from then on, `GET /stop` ends it. A repository has
 * the tags of `tags`, all of them the same image.
 */
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { attachments, attachmentTag, digestOf, madeImage, mediaTypes, type StoredManifest } from "./content.ts";
import { payloadSigner } from "./sign.ts";

/** What the images are signed for, whatever they are asked for as. */
const signedHost = "registry.example.com";

interface StubImage {
  readonly manifest: StoredManifest;
  readonly digest: string;
  readonly attachment: StoredManifest;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

const sign = payloadSigner(createPrivateKey(readFileSync(process.argv[2] ?? "")));
const layer = Buffer.from("every image has this layer");
const images = new Map<string, StubImage>();
const perPath = new Map<string, number>();
const counts = { "/v2/": 0, heads: 0, manifests: 0, attachments: 0, blobs: 0, other: 0 };

/** An image is some 2 KiB: this many are kept, the oldest go first. */
const keptImages = 200_000;

function imageOf(repository: string): StubImage {
  const kept = images.get(repository);
  if (kept !== undefined) return kept;
  const content = madeImage([layer], "1.0", repository);
  const manifest = content.manifests.get("1.0");
  if (manifest === undefined) throw new Error("no manifest");
  const digest = digestOf(manifest.bytes);
  const attached = attachments(digest, [sign(digest, `${signedHost}/${repository}:1.0`)]);
  const attachment = attached.manifests.get(attachmentTag(digest));
  if (attachment === undefined) throw new Error("no attachment");
  const image = { manifest, digest, attachment, blobs: new Map([...content.blobs, ...attached.blobs]) };
  images.set(repository, image);
  if (images.size > keptImages)
    for (const oldest of images.keys()) {
      images.delete(oldest);
      break;
    }
  return image;
}

/** How requests for images are answered. */
let behaviour = "well";
const tags = ["1.0", "1.1", "1.2"];
/** When requests for images came, in the order of time. */
const times: number[] = [];
let mostInSecond = 0;

function countTime(): void {
  const now = performance.now();
  times.push(now);
  while ((times[0] ?? now) <= now - 1000) times.shift();
  mostInSecond = Math.max(mostInSecond, times.length);
}

const server = createServer((request, response) => {
  const path = request.url ?? "";
  if (path.startsWith("/behave?as=")) {
    behaviour = path.slice("/behave?as=".length);
    return send(response, 200, "text/plain", behaviour);
  }
  if (path === "/counts" || path === "/counts?anew") {
    let perPathMost = 0;
    for (const count of perPath.values()) perPathMost = Math.max(perPathMost, count);
    const told = JSON.stringify({ ...counts, perPathMost, mostInSecond });
    if (path !== "/counts") {
      times.length = 0;
      mostInSecond = 0;
    }
    return send(response, 200, "application/json", told);
  }
  if (path === "/stop") {
    response.end();
    process.exit(0);
  }
  perPath.set(path, (perPath.get(path) ?? 0) + 1);
  countTime();
  if (behaviour === "dead") return request.socket.destroy();
  if (behaviour === "throttled") {
    response.setHeader("Retry-After", "1");
    return send(response, 429, "application/json", "{}");
  }
  if (path === "/v2/") {
    counts["/v2/"] += 1;
    return send(response, 200, "application/json", "{}");
  }
  const [, listed] = /^\/v2\/([^?]+)\/tags\/list/.exec(path) ?? [];
  if (listed !== undefined) return send(response, 200, "application/json", JSON.stringify({ name: listed, tags }));
  const [, repository = "", kind, name = ""] = /^\/v2\/([^?]+)\/(manifests|blobs)\/([^/?]+)$/.exec(path) ?? [];
  if (kind === "blobs") {
    counts.blobs += 1;
    const bytes = imageOf(repository).blobs.get(name);
    return bytes === undefined
      ? notFound(response, "BLOB_UNKNOWN")
      : send(response, 200, "application/octet-stream", bytes);
  }
  if (kind === "manifests") {
    const { manifest, attachment, digest } = imageOf(repository);
    const isAttachment = name.endsWith(".sig");
    counts[request.method === "HEAD" ? "heads" : isAttachment ? "attachments" : "manifests"] += 1;
    if (!isAttachment) response.setHeader("Docker-Content-Digest", digest);
    if (tags.includes(name) || name === digest) return send(response, 200, manifest.mediaType, manifest.bytes);
    if (name === attachmentTag(digest)) return send(response, 200, mediaTypes.ociManifest, attachment.bytes);
    return notFound(response, "MANIFEST_UNKNOWN");
  }
  counts.other += 1;
  return notFound(response, "NAME_UNKNOWN");
});

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

function notFound(response: ServerResponse, code: string): void {
  send(response, 404, "application/json", JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
}

server.keepAliveTimeout = 30_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address !== "string") console.log(address.port);
});
