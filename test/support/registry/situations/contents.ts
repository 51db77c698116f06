/** What the manifest is: its type, indexes and their instances, blobs; and answers that no good server gives. */
import { gzipSync } from "node:zlib";
import {
  digestOf,
  fixtureContent,
  type ImageContent,
  madeImage,
  manifestContent,
  mediaTypes,
  together,
  without,
} from "../content.ts";
import { type Answer, type Route, registryError, routesOf, type ServerScript } from "../fault-server.ts";
import type { Situation } from "../situation.ts";
import * as c from "./common.ts";

const bytes = c.signed.manifests.get("1.0")?.bytes ?? new Uint8Array();
const index = fixtureContent("sigstore-index");
const indexBytes = index.manifests.get("1.0")?.bytes ?? new Uint8Array();
const indexDigest = digestOf(indexBytes);
const sent = (contentType: string | undefined, body: Uint8Array | string = bytes): Answer => ({
  headers: contentType === undefined ? {} : { "Content-Type": contentType },
  body,
});

/** How the manifest is sent, whatever it is. */
const types: readonly (readonly [string, Answer])[] = [
  ["as application/json", sent("application/json")],
  ["as text/plain", sent("text/plain")],
  ["without a type", sent(undefined)],
  ["with an empty type", sent("")],
  ["with a parameter", sent(`${mediaTypes.ociManifest}; charset=utf-8`)],
  ["with a type in capitals", sent(mediaTypes.ociManifest.toUpperCase())],
  ["with a type that is none", sent(`${mediaTypes.ociManifest}; =`)],
  ["with two types", { headers: { "Content-Type": [mediaTypes.ociManifest, "text/plain"] }, body: bytes }],
  ["as Docker's manifest", sent(mediaTypes.dockerManifest)],
  ["as an index", sent(mediaTypes.ociIndex)],
  ["as schema 1", sent(mediaTypes.schema1)],
  ["as signed schema 1", sent(mediaTypes.schema1Signed)],
  ["as an unknown type", sent("application/vnd.example.unknown+json")],
  ["as application/octet-stream", sent("application/octet-stream")],
  ["as text/html", sent("text/html")],
];

/** The same manifest in other ways of HTTP. */
const ways: readonly (readonly [string, Answer])[] = [
  ["chunked", { ...sent(mediaTypes.ociManifest), chunked: true }],
  ["in HTTP/1.0 without length", { ...sent(mediaTypes.ociManifest), version: "1.0", contentLength: "none" }],
  ["in HTTP/1.1 without length", { ...sent(mediaTypes.ociManifest), contentLength: "none" }],
  ["byte by byte", { ...sent(mediaTypes.ociManifest), slow: { bytes: 20, everyMs: 5 } }],
  ["after a while", { ...sent(mediaTypes.ociManifest), delayMs: 300 }],
  [
    "with gzip",
    { headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "gzip" }, body: gzipSync(bytes) },
  ],
  [
    "with x-gzip",
    { headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "x-gzip" }, body: gzipSync(bytes) },
  ],
  [
    "with gzip twice",
    {
      headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "gzip, gzip" },
      body: gzipSync(gzipSync(bytes)),
    },
  ],
  ["with deflate", { headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "deflate" }, body: bytes }],
  [
    "with identity",
    { headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "identity" }, body: bytes },
  ],
  [
    "as gzip that grows beyond 4 MiB",
    {
      headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "gzip" },
      body: gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    },
  ],
  [
    "with gzip that is cut",
    {
      headers: { "Content-Type": mediaTypes.ociManifest, "Content-Encoding": "gzip" },
      body: gzipSync(bytes).subarray(0, 100),
    },
  ],
  ["after 100 Continue", { raw: rawAnswer("HTTP/1.1 100 Continue\r\n\r\n") }],
  ["after 103 Early Hints", { raw: rawAnswer("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n") }],
  [
    "after a thousand 103 Early Hints",
    { raw: rawAnswer("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(1000)) },
  ],
  [
    "with line feeds only",
    {
      raw: Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\nContent-Type: ${mediaTypes.ociManifest}\nContent-Length: ${bytes.length}\nConnection: close\n\n`,
        ),
        bytes,
      ]),
    },
  ],
  ["with two lengths that differ", { raw: rawAnswer("", "Content-Length: 5\r\n") }],
  ["with a length and chunks", { raw: rawAnswer("", "Transfer-Encoding: chunked\r\n") }],
  [
    "with a negative length",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "Content-Length": "-1" },
      contentLength: "none",
    },
  ],
  [
    "with a length that is none",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "Content-Length": "many" },
      contentLength: "none",
    },
  ],
  [
    "with more bytes than the length says",
    { ...sent(mediaTypes.ociManifest, `${Buffer.from(bytes)}trailing`), contentLength: bytes.length },
  ],
  ["with a folded header", { raw: rawAnswer("", "X-Folded: a\r\n b\r\n") }],
  ["with a header without colon", { raw: rawAnswer("", "garbage\r\n") }],
  ["with a header with a NUL", { raw: rawAnswer("", "X-Nul: a\0b\r\n") }],
  ["with a space before the colon", { raw: rawAnswer("", "X-Space : a\r\n") }],
  [
    "with 64 KiB of headers",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "X-Long": "x".repeat(65_536) },
    },
  ],
  [
    "with 2 MiB of headers",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "X-Long": "x".repeat(2 * 1024 * 1024) },
    },
  ],
  [
    "with a thousand headers",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "X-Many": Array<string>(1000).fill("x") },
    },
  ],
  [
    "with 3000 headers",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, "X-Many": Array<string>(3000).fill("x") },
    },
  ],
  [
    "by HTTP/2.0 in words",
    {
      raw: Buffer.concat([
        Buffer.from(
          `HTTP/2.0 200 OK\r\nConnection: close\r\nContent-Type: ${mediaTypes.ociManifest}\r\nContent-Length: ${bytes.length}\r\n\r\n`,
        ),
        bytes,
      ]),
    },
  ],
  ["by HTTP/0.9", { raw: bytes }],
  ["with status 2000", { ...sent(mediaTypes.ociManifest), status: 2000 }],
  ["with status 99", { ...sent(mediaTypes.ociManifest), status: 99 }],
  ["with status 203", { ...sent(mediaTypes.ociManifest), status: 203 }],
  [
    "with a trailer",
    {
      raw: Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\r\nContent-Type: ${mediaTypes.ociManifest}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nTrailer: X\r\n\r\n${bytes.length.toString(16)}\r\n`,
        ),
        bytes,
        Buffer.from("\r\n0\r\nX: y\r\n\r\n"),
      ]),
    },
  ],
  [
    "with a chunk of a size that is none",
    {
      raw: `HTTP/1.1 200 OK\r\nContent-Type: ${mediaTypes.ociManifest}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    },
  ],
  [
    "with Warning headers",
    {
      ...sent(mediaTypes.ociManifest),
      headers: { "Content-Type": mediaTypes.ociManifest, Warning: ['299 - "look\x1b[31m here"', '299 - "again"'] },
    },
  ],
];

function rawAnswer(before: string, header = ""): Buffer {
  return Buffer.concat([
    Buffer.from(
      `${before}HTTP/1.1 200 OK\r\n${header}Content-Type: ${mediaTypes.ociManifest}\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`,
    ),
    bytes,
  ]);
}

/** At P is a proxy, behind which is every host but this machine. */
const elsewhere = (name: string, urls: readonly string[], P: Readonly<Record<string, Route>>, change = addUrls) => {
  const { image, layer } = change(urls);
  const routes = Object.fromEntries(
    Object.entries(P).map(([url, route]) => [
      url,
      "body" in route && route.body === "LAYER" ? { ...route, body: layer } : route,
    ]),
  );
  return c.situation(name, {
    policy: c.acceptAnything,
    servers: { A: c.primary(image), P: { routes } },
    env: { HTTP_PROXY: "http://@P@" },
    blobs: "full",
  });
};

/** An image with one layer, which says that the layer is at these addresses; the registry has it as well if it is said to. */
export function addUrls(urls: readonly string[], { isThere = false, of = "layers" as "layers" | "config" } = {}) {
  const layer = Buffer.from("one layer, which is elsewhere");
  const image = madeImage([layer], "1.0", "elsewhere");
  const manifest = JSON.parse(Buffer.from(image.manifests.get("1.0")?.bytes ?? "").toString());
  const descriptor = of === "config" ? manifest.config : manifest.layers[0];
  descriptor.urls = urls;
  const changed = manifestContent(Buffer.from(JSON.stringify(manifest)), mediaTypes.ociManifest, "1.0");
  const { blobs } = isThere ? image : without(image, descriptor.digest);
  return { image: { ...changed, blobs }, layer: image.blobs.get(descriptor.digest) ?? layer };
}

const [place, otherPlace] = ["http://layers.example.com/l", "http://other.example.com/l"];
const layerThere: Route = { body: "LAYER" };
const inBoth: typeof addUrls = (urls) => addUrls(urls, { isThere: true });
const layersElsewhere: readonly Situation[] = [
  elsewhere("a layer that is elsewhere", [place], { [place]: layerThere }),
  elsewhere("a layer that is in its registry as well", [place], { [place]: layerThere }, inBoth),
  elsewhere("a layer that is nowhere", [place], {}),
  elsewhere("a layer that is in its registry, and not where it is said to be", [place], {}, inBoth),
  elsewhere(
    "a layer that is in its registry, and where it is said to be 500",
    [place],
    { [place]: registryError(500, "X") },
    inBoth,
  ),
  elsewhere("a layer that is at the second place", [place, otherPlace], { [otherPlace]: layerThere }),
  elsewhere("a layer at a place that wants a password, and another", [place, otherPlace], {
    [place]: registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": 'Basic realm="x"' }),
    [otherPlace]: layerThere,
  }),
  elsewhere("a layer that is said to be at an address of another kind", ["ftp://layers.example.com/l"], {}),
  elsewhere(
    "a layer that is said to be at an address of another kind, and is in its registry",
    ["ftp://layers.example.com/l"],
    {},
    inBoth,
  ),
  elsewhere("a layer that is said to be at a path, and is in its registry", ["/l"], {}, inBoth),
  elsewhere("a layer that is said to be at no address, and is in its registry", ["http://a b/"], {}, inBoth),
  elsewhere("a layer that is said to be nowhere, and is in its registry", [""], {}, inBoth),
  elsewhere("a layer at an address in capitals", ["HTTP://LAYERS.example.com/l"], {
    [place]: layerThere,
    "http://LAYERS.example.com/l": layerThere,
  }),
  elsewhere("a layer at a place that sends on", [place], {
    [place]: { status: 302, headers: { Location: otherPlace } },
    [otherPlace]: layerThere,
  }),
  elsewhere("a layer that is another where it is said to be", [place], { [place]: { body: "another" } }, inBoth),
  elsewhere("a configuration that is elsewhere", [place], { [place]: layerThere }, (urls) =>
    addUrls(urls, { of: "config" }),
  ),
];

const gpgIndex = (name: string, platform: string, changes: Partial<Situation> = {}): Situation =>
  c.situation(name, { platform, servers: { A: c.primary(index) }, ...changes });

const listOnly = fixtureContent("gpg-index-only-list-signed");
const instancesOnly = fixtureContent("gpg-index-only-instances-signed");
const lookaside = (content: ImageContent): ServerScript => ({
  routes: Object.fromEntries([...content.lookaside].map(([name, body]) => [`/sigs/vendor/app@${name}`, { body }])),
});
const wholly = fixtureContent("gpg-index");
const gpg = (name: string, content: ImageContent, platform: string): Situation =>
  c.situation(name, {
    platform,
    policy: c.gpgPolicy(),
    registriesD: c.atL,
    servers: { A: c.primary(content), L: lookaside(content) },
  });

const changedIndex = (
  change: (value: { mediaType?: string; manifests: { platform?: object }[] }) => void,
): ImageContent => {
  const value = JSON.parse(Buffer.from(indexBytes).toString());
  change(value);
  return together(index, manifestContent(Buffer.from(JSON.stringify(value)), mediaTypes.ociIndex, "1.0"));
};

const odd: readonly (readonly [string, ImageContent, string])[] = [
  [
    "in an index without manifests",
    changedIndex((value) => {
      value.manifests = [];
    }),
    "linux/amd64",
  ],
  [
    "in an index with an instance of no digest",
    changedIndex(({ manifests }) => {
      Object.assign(manifests[0] ?? {}, { digest: "" });
    }),
    "linux/amd64",
  ],
  [
    "in an index with an instance of a bad digest",
    changedIndex(({ manifests }) => {
      Object.assign(manifests[0] ?? {}, { digest: "sha256:../../x" });
    }),
    "linux/amd64",
  ],
  [
    "in an index with an instance of a wrong size",
    changedIndex(({ manifests }) => {
      Object.assign(manifests[0] ?? {}, { size: 1 });
    }),
    "linux/amd64",
  ],
  [
    "in an index with an instance of a wrong type",
    changedIndex(({ manifests }) => {
      Object.assign(manifests[0] ?? {}, { mediaType: mediaTypes.dockerManifest });
    }),
    "linux/amd64",
  ],
  [
    "in an index with an instance twice",
    changedIndex((value) => {
      value.manifests.push(...value.manifests);
    }),
    "linux/amd64",
  ],
  [
    "in an index without platforms",
    changedIndex(({ manifests }) => {
      for (const each of manifests) delete each.platform;
    }),
    "linux/amd64",
  ],
  [
    "in an index of an unsigned image first",
    changedIndex(({ manifests }) => {
      manifests.reverse();
    }),
    "linux/amd64",
  ],
];

const manifest: { config: { digest: string }; layers: { digest: string }[] } = JSON.parse(
  Buffer.from(bytes).toString(),
);
const blob = (digest: string, repository = "vendor/app") => `/v2/${repository}/blobs/${digest}`;
const config = manifest.config.digest;
const [first = "", second = ""] = manifest.layers.map(({ digest }) => digest);

/** A blob of the mirror. */
const blobs: readonly (readonly [string, Route])[] = [
  ["answers 500", registryError(500, "X")],
  ["answers 503", registryError(503, "X")],
  ["answers 403", registryError(403, "DENIED")],
  ["answers 401", registryError(401, "UNAUTHORIZED")],
  ["answers 404 with BLOB_UNKNOWN", registryError(404, "BLOB_UNKNOWN")],
  ["answers 404 with MANIFEST_UNKNOWN", registryError(404, "MANIFEST_UNKNOWN")],
  ["answers 404 with a page", { status: 404, body: "<html>" }],
  ["answers 429 for ever, with an unknown code", registryError(429, "X", { "Retry-After": "0" })],
  ["answers 429 for ever", registryError(429, "TOOMANYREQUESTS", { "Retry-After": "0" })],
  ["answers 429 for ever, without a body", { status: 429, headers: { "Retry-After": "0" } }],
  ["answers 404 with NAME_UNKNOWN", registryError(404, "NAME_UNKNOWN")],
  ["answers 410", { status: 410 }],
  ["resets the connection", { raw: "", ending: "reset" }],
  ["has another content", { body: "another" }],
  ["cuts it", { body: c.signed.blobs.get(first) ?? "", cutAfter: 10 }],
  [
    "cuts it and goes on by Range",
    [
      { body: c.signed.blobs.get(first) ?? "", cutAfter: 10 },
      {
        status: 206,
        headers: {
          "Content-Range": `bytes 10-${(c.signed.blobs.get(first)?.length ?? 0) - 1}/${c.signed.blobs.get(first)?.length}`,
        },
        body: c.signed.blobs.get(first)?.subarray(10) ?? "",
      },
    ],
  ],
  ["redirects to where it is", { status: 307, headers: { Location: `http://@A@${blob(first)}` } }],
  ["redirects to where it is not", { status: 307, headers: { Location: "http://@A@/nowhere" } }],
];

const hanging: readonly (readonly [string, ServerScript])[] = [
  ["that never answers the connection", { connection: "hang" }],
  ["that never answers /v2/", { ...c.primary(c.signed, { "/v2/": { raw: "", ending: "hang" } }) }],
  [
    "that never answers for the manifest",
    { ...c.primary(c.signed, { [c.manifestPath]: { raw: "", ending: "hang" } }) },
  ],
  [
    "that never ends its headers",
    { ...c.primary(c.signed, { [c.manifestPath]: { raw: "HTTP/1.1 200 OK\r\nX: ", ending: "hang" } }) },
  ],
  [
    "that never ends the manifest",
    {
      ...c.primary(c.signed, { [c.manifestPath]: { ...sent(mediaTypes.ociManifest), cutAfter: 100, ending: "hang" } }),
    },
  ],
  [
    "that never ends the payload",
    { ...c.primary(c.signed, { [c.payloadPath]: { body: "x", contentLength: 100, ending: "hang" } }) },
  ],
  [
    "that sends the manifest a byte a second",
    {
      ...c.primary(c.signed, {
        [c.manifestPath]: { ...sent(mediaTypes.ociManifest), slow: { bytes: 1, everyMs: 1000 } },
      }),
    },
  ],
  [
    "that wants to be asked again in a year",
    { ...c.primary(c.signed, { [c.manifestPath]: { status: 429, headers: { "Retry-After": "31536000" } } }) },
  ],
  [
    "that wants to be asked again in 2099",
    {
      ...c.primary(c.signed, {
        [c.manifestPath]: { status: 429, headers: { "Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT" } },
      }),
    },
  ],
];

export const contentSituations: readonly Situation[] = [
  ...types.map(([what, answer]) =>
    c.situation(`the manifest is sent ${what}`, { servers: { A: c.primary(c.signed, { [c.manifestPath]: answer }) } }),
  ),
  ...ways.map(([what, answer]) =>
    c.situation(`the manifest comes ${what}`, { servers: { A: c.primary(c.signed, { [c.manifestPath]: answer }) } }),
  ),
  ...["0", "1", "-1"].map((after) =>
    c.situation(`429 once, with Retry-After: ${after}`, {
      servers: {
        A: c.primary(c.signed, {
          [c.manifestPath]: [{ status: 429, headers: { "Retry-After": after } }, sent(mediaTypes.ociManifest)],
        }),
      },
    }),
  ),
  ...["1.5", "", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"].map((after) =>
    c.situation(`429 once, with Retry-After: ${after === "" ? "nothing" : after}, waits 2 s`, {
      servers: {
        A: c.primary(c.signed, {
          [c.manifestPath]: [{ status: 429, headers: { "Retry-After": after } }, sent(mediaTypes.ociManifest)],
        }),
      },
    }),
  ),
  c.situation("429 once from the lookaside is not tried again", {
    policy: c.gpgPolicy(),
    registriesD: c.atL,
    servers: {
      A: c.primary(c.gpgSigned),
      L: { otherwise: [{ status: 429, headers: { "Retry-After": "0" } }, { status: 404 }] },
    },
  }),
  c.situation("Docker's schema 2", { servers: { A: c.primary(fixtureContent("sigstore-docker-schema2")) } }),
  gpgIndex("an index, one platform", "linux/amd64"),
  gpgIndex("an index, another platform", "linux/arm64"),
  gpgIndex("an index, a variant", "linux/arm64/v8"),
  gpgIndex("an index, a platform that it does not have", "linux/s390x"),
  gpgIndex("an index, a platform that it does not have, and everything is rejected", "linux/s390x", {
    policy: c.rejectEverything,
  }),
  gpgIndex("an index, all platforms", "all"),
  gpgIndex("an index by digest", "linux/amd64", { ref: `registry.example.com/vendor/app@${indexDigest}` }),
  gpgIndex("an index by digest, all platforms", "all", { ref: `registry.example.com/vendor/app@${indexDigest}` }),
  gpgIndex("an instance of an index by digest", "linux/amd64", {
    ref: `registry.example.com/vendor/app@${c.otherDigest}`,
  }),
  gpgIndex("an index, and matchExact", "linux/amd64", {
    policy: c.sigstorePolicy("registry.example.com", { type: "matchExact" }),
  }),
  gpgIndex("an index and an instance that is missing", "linux/amd64", {
    servers: { A: c.primary(without(index, c.digest)) },
  }),
  gpgIndex("an index and another instance that is missing", "linux/amd64", {
    servers: { A: c.primary(without(index, c.otherDigest)) },
  }),
  gpgIndex("an index and an instance that is missing, all platforms", "all", {
    servers: { A: c.primary(without(index, c.otherDigest)) },
  }),
  gpgIndex("an index and an instance that is another", "linux/amd64", {
    servers: { A: c.primary(index, { [`/v2/vendor/app/manifests/${c.digest}`]: sent(mediaTypes.ociManifest, "{}") }) },
  }),
  gpgIndex("an index and an instance that is another, and everything is accepted", "linux/amd64", {
    policy: c.acceptAnything,
    servers: { A: c.primary(index, { [`/v2/vendor/app/manifests/${c.digest}`]: sent(mediaTypes.ociManifest, "{}") }) },
  }),
  gpgIndex("an index at a mirror, whose instance is missing there", "linux/amd64", {
    servers: { A: c.primary(index), B: c.mirror(without(index, c.digest)) },
    registriesConf: c.atA("@B@/copy"),
  }),
  gpgIndex("an index at a mirror, and the instance answers 500 there", "linux/amd64", {
    servers: {
      A: c.primary(index),
      B: c.mirror(index, { [`/v2/copy/vendor/app/manifests/${c.digest}`]: registryError(500, "X") }),
    },
    registriesConf: c.atA("@B@/copy"),
  }),
  gpg("an index whose list alone is signed, one platform", listOnly, "linux/amd64"),
  gpg("an index whose list alone is signed, all platforms", listOnly, "all"),
  gpg("an index whose instances alone are signed, one platform", instancesOnly, "linux/amd64"),
  gpg("an index whose instances alone are signed, all platforms", instancesOnly, "all"),
  gpg("an index that is wholly signed, all platforms", wholly, "all"),
  ...odd.map(([what, content, platform]) =>
    c.situation(`an instance ${what}`, { platform, servers: { A: c.primary(content) } }),
  ),
  ...types.flatMap(([what, answer]) => {
    const path = `/v2/vendor/app/manifests/${c.digest}`;
    const at = (content: ImageContent): Partial<Situation> => ({
      servers: { A: c.primary(content, { [path]: answer }) },
    });
    return [
      gpgIndex(`an instance sent ${what}`, "linux/amd64", at(index)),
      gpgIndex(`an instance sent ${what}, all platforms`, "all", at(index)),
      gpgIndex(`an instance without signatures sent ${what}`, "linux/amd64", at(without(index, c.attachmentTag))),
    ];
  }),
  c.situation("an index sent as a manifest", {
    servers: { A: c.primary(index, { "/v2/vendor/app/manifests/1.0": sent(mediaTypes.ociManifest, indexBytes) }) },
  }),
  c.situation("an index sent as Docker's list", {
    servers: { A: c.primary(index, { "/v2/vendor/app/manifests/1.0": sent(mediaTypes.dockerList, indexBytes) }) },
  }),
  c.situation("an index sent as application/json", {
    servers: { A: c.primary(index, { "/v2/vendor/app/manifests/1.0": sent("application/json", indexBytes) }) },
  }),
  c.situation("blobs are read: the configuration, then the layers", { blobs: "full" }),
  c.situation("blobs of an image that is refused are not read", {
    blobs: "full",
    servers: { A: c.primary(c.unsigned) },
  }),
  ...layersElsewhere,
  ...blobs.map(([what, route]) =>
    c.situation(`a layer ${what}`, {
      blobs: "full",
      servers: {
        A: c.primary(
          c.signed,
          what.startsWith("redirects")
            ? {
                [blob(first)]: { status: 307, headers: { Location: what.endsWith("not") ? "/nowhere" : "/here" } },
                "/here": { body: c.signed.blobs.get(first) ?? "" },
              }
            : { [blob(first)]: route },
        ),
      },
    }),
  ),
  ...blobs.map(([what, route]) =>
    c.mirrored(`a layer of the mirror ${what}`, {
      blobs: "full",
      servers: { A: c.primary(), B: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: route }) },
    }),
  ),
  c.mirrored("the configuration of the mirror answers 500: the primary serves the layers too", {
    blobs: "full",
    servers: { A: c.primary(), B: c.mirror(c.signed, { [blob(config, "copy/vendor/app")]: registryError(500, "X") }) },
  }),
  c.mirrored("the first layer is nowhere, and the second is everywhere", {
    blobs: "full",
    servers: {
      A: c.primary(c.signed, { [blob(first)]: registryError(404, "BLOB_UNKNOWN") }),
      B: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: registryError(404, "BLOB_UNKNOWN") }),
    },
  }),
  c.mirrored("the second layer of the mirror answers 500", {
    blobs: "full",
    servers: { A: c.primary(), B: c.mirror(c.signed, { [blob(second, "copy/vendor/app")]: registryError(500, "X") }) },
  }),
  c.situation("a layer of the first mirror answers 500: the second mirror serves it, the primary is not asked", {
    blobs: "full",
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: registryError(500, "X") }),
      C: c.mirror(),
    },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.situation("a layer of the first mirror answers 500, the second mirror is away, and the primary serves it", {
    blobs: "full",
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: registryError(500, "X") }),
      C: { connection: "absent" },
    },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.situation("a layer of the first mirror answers 500, and 403 at the second: the primary is not asked", {
    blobs: "full",
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: registryError(500, "X") }),
      C: c.mirror(c.signed, { [blob(first, "copy/vendor/app")]: registryError(403, "DENIED") }),
    },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.mirrored("the mirror has the manifest and its signature, and no blobs", {
    blobs: "full",
    servers: {
      A: c.primary(),
      B: {
        routes: Object.fromEntries(
          Object.entries(routesOf("copy/vendor/app", c.signed)).filter(
            ([path]) => !path.includes("/blobs/") || path === c.payloadPathOf("copy/vendor/app", c.signed),
          ),
        ),
      },
    },
  }),
  ...hanging.map(([what, server]) => c.situation(`a registry ${what}`, { hangs: true, servers: { A: server } })),
  c.mirrored("a mirror that never answers", { hangs: true, servers: { A: c.primary(), B: { connection: "hang" } } }),
  c.situation("a lookaside that never answers", {
    hangs: true,
    policy: c.gpgPolicy(),
    registriesD: c.atL,
    servers: { A: c.primary(c.gpgSigned), L: { connection: "hang" } },
  }),
];
