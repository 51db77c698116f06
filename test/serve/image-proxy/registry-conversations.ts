/** Conversations about images in registries: what is there, what is not, and every way to fail. */
import { largeLayer, smallLayer } from "../../support/image-proxy/images.ts";
import { digestOf, madeImage, manifestContent, mediaTypes, together } from "../../support/registry/content.ts";
import {
  type Answer,
  type Route,
  registryError,
  routesOf,
  type ServerScript,
} from "../../support/registry/fault-server.ts";
import { type Conversation, call, everything, initialize, open, type Step, withPipes } from "./conversation.ts";

const insecure = ["--tls-verify=false"];
/** Whoever asks again, as sealcheck does after a 5xx, need not wait. */
const atOnce = { "Retry-After": "0" };
const text = (status: number, body = "no\n"): Answer => ({
  status,
  headers: { "Content-Type": "text/plain", ...(status < 500 ? {} : atOnce) },
  body,
});
const errors = (status: number, ...codes: readonly string[]): Answer => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ errors: codes.map((code) => ({ code, message: "no" })) }),
});
/** Asked again at once, until those who ask have had enough. */
const throttled = (body: Answer): Answer => ({ ...body, headers: { ...body.headers, ...atOnce } });

/** What may be answered in place of a manifest or a blob. */
const refusals: Readonly<Record<string, Answer>> = {
  "manifest-unknown": registryError(404, "MANIFEST_UNKNOWN"),
  "blob-unknown": registryError(404, "BLOB_UNKNOWN"),
  "blob-unknown-with-detail": {
    ...errors(404),
    body: '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry","detail":"sha256:12"}]}',
  },
  "name-unknown": registryError(404, "NAME_UNKNOWN"),
  "not-found": registryError(404, "NOT_FOUND"),
  "404-text": text(404),
  "404-empty": text(404, ""),
  "404-html": { status: 404, headers: { "Content-Type": "text/html" }, body: "<html>" },
  "404-no-errors": errors(404),
  "404-two": errors(404, "MANIFEST_UNKNOWN", "BLOB_UNKNOWN"),
  "404-two-turned": errors(404, "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"),
  "404-two-lasting": errors(404, "MANIFEST_UNKNOWN", "DENIED"),
  "401": registryError(401, "UNAUTHORIZED"),
  "401-basic": registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": 'Basic realm="here"' }),
  "401-text": text(401),
  "403": registryError(403, "DENIED"),
  "403-text": text(403),
  "400": registryError(400, "MANIFEST_INVALID"),
  "405": registryError(405, "UNSUPPORTED"),
  "410": text(410),
  "429": throttled(registryError(429, "TOOMANYREQUESTS")),
  "429-text": throttled(text(429)),
  "500": registryError(500, "UNKNOWN", atOnce),
  "500-text": text(500),
  "501": text(501),
  "502": text(502),
  "503": text(503),
  "503-json": registryError(503, "UNAVAILABLE", atOnce),
  "504": text(504),
  "505": text(505),
  "304": text(304, ""),
  "204": text(204, ""),
};

const layers = [smallLayer, largeLayer];
const app = madeImage(layers, "1.0", "an image");
const small = digestOf(smallLayer);
const large = digestOf(largeLayer);
const manifest = app.manifests.get("1.0")?.bytes ?? Buffer.alloc(0);
const manifestDigest = digestOf(manifest);
const ofType = (body: string | Uint8Array, more: Answer = {}): Answer => ({
  headers: { "Content-Type": mediaTypes.ociManifest },
  body,
  ...more,
});

/** By repository: what is answered in place of its manifest. */
const manifests: Readonly<Record<string, Route>> = {
  ...refusals,
  "other-bytes": ofType("{}"),
  "not-json": ofType("<html>"),
  empty: ofType(""),
  cut: ofType(manifest, { cutAfter: 20 }),
  reset: ofType(manifest, { cutAfter: 20, ending: "reset" }),
  closed: { raw: "" },
  garbage: { raw: "SSH-2.0-OpenSSH\r\n" },
  chunked: ofType(manifest, { chunked: true }),
  "schema-1": { headers: { "Content-Type": mediaTypes.schema1 }, body: '{"schemaVersion":1}' },
  "throttled-once": [throttled(text(429)), ofType(manifest)],
  "unavailable-once": [text(503), ofType(manifest)],
};

/** Those of differences.ts. */
const toldOtherwise = ["blob-unknown", "other-bytes", "cut", "unavailable-once"];

const inPlaceOfManifests: ServerScript = {
  routes: {
    "/v2/": { body: "{}" },
    ...routesOf("app", app),
    ...Object.fromEntries(Object.entries(manifests).map(([name, route]) => [`/v2/${name}/manifests/*`, route])),
  },
};

/** Each of them under every repository, which has a layer for each. */
const blobs: Readonly<Record<string, Route>> = {
  ...refusals,
  whole: { body: largeLayer },
  chunked: { body: largeLayer, chunked: true },
  "without-length": { body: largeLayer, contentLength: "none" },
  other: { body: "other bytes" },
  shorter: { body: largeLayer.subarray(1) },
  longer: { body: Buffer.concat([largeLayer, smallLayer]) },
  empty: { body: "" },
  cut: { body: largeLayer, cutAfter: 100_000 },
  "cut-at-once": { body: largeLayer, cutAfter: 0 },
  reset: { body: largeLayer, cutAfter: 0, ending: "reset" },
  unfinished: { body: largeLayer, chunked: "unfinished" },
  closed: { raw: "" },
  garbage: { raw: "SSH-2.0-OpenSSH\r\n" },
  redirected: { status: 307, headers: { Location: "http://@B@/blob" } },
  "redirected-to-nothing": { status: 307, headers: { Location: "http://@B@/none" } },
  "redirected-to-503": { status: 307, headers: { Location: "http://@B@/503" } },
  "redirected-to-nobody": { status: 307, headers: { Location: "http://@C@/blob" } },
  "redirected-nowhere": { status: 307 },
  "redirected-in-circles": { status: 307, headers: { Location: "http://@B@/circle" } },
};

/** The digest of the layer that is answered so. It is that of `largeLayer` where that may be all that comes. */
const digestOfCase = (name: string): string =>
  ["whole", "chunked", "without-length", "redirected"].includes(name) ? large : digestOf(name);

const storage: ServerScript = {
  routes: {
    "/blob": { body: largeLayer },
    "/503": text(503),
    "/circle": { status: 307, headers: { Location: "/circle" } },
  },
  otherwise: text(404),
};

const blobServers: Conversation["servers"] = {
  A: {
    routes: Object.fromEntries(
      Object.entries(blobs).flatMap(([name, route]) => [
        ...Object.entries(routesOf(name, app)),
        [`/v2/${name}/blobs/${digestOfCase(name)}`, route],
      ]),
    ),
  },
  B: storage,
  C: { connection: "absent" },
};

/** Of the image that was opened as this one. */
const blobSteps = (name: string, handle: number): readonly Step[] => [
  open(`docker://@A@/${name}:1.0`),
  call("GetBlob", handle, digestOfCase(name), largeLayer.length),
  call("GetRawBlob", handle, digestOfCase(name)),
  call("GetBlob", handle, small, smallLayer.length),
];
const blobsToldOtherwise = ["blob-unknown", "cut", "cut-at-once", "unfinished"];

const inPlaceOfBlobs: readonly Conversation[] = [
  {
    name: "all that may come in place of a registry's blob",
    flags: insecure,
    servers: blobServers,
    steps: [
      initialize,
      ...Object.keys(blobs)
        .filter((name) => !blobsToldOtherwise.includes(name))
        .flatMap((name, index) => blobSteps(name, index + 1)),
    ],
  },
  ...blobsToldOtherwise.map((name) => ({
    name: `a registry's blob: ${name}`,
    flags: insecure,
    servers: blobServers,
    steps: [initialize, ...blobSteps(name, 1)],
  })),
];

const openings = (reference: string): readonly Step[] => [open(reference), call("OpenImageOptional", reference)];

const pings: Readonly<Record<string, Answer>> = {
  "404": text(404),
  "500": text(500),
  "503": text(503),
  "429": throttled(text(429)),
  "401": text(401),
  "401-basic": { ...text(401), headers: { "WWW-Authenticate": 'Basic realm="here"' } },
  "401-bearer": { ...text(401), headers: { "WWW-Authenticate": 'Bearer realm="http://@B@/token",service="s"' } },
  "401-bearer-nobody": { ...text(401), headers: { "WWW-Authenticate": 'Bearer realm="http://@C@/token",service="s"' } },
  "401-bearer-503": { ...text(401), headers: { "WWW-Authenticate": 'Bearer realm="http://@B@/503",service="s"' } },
  "401-bearer-401": { ...text(401), headers: { "WWW-Authenticate": 'Bearer realm="http://@B@/401",service="s"' } },
  "301": { status: 301, headers: { Location: "http://@B@/v2/" } },
};

/** From D on. */
const pingServer = (name: string): string => String.fromCharCode(68 + Object.keys(pings).indexOf(name));

const list = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: ["amd64", "arm64"].map((architecture) => ({
      mediaType: mediaTypes.ociManifest,
      digest: architecture === "amd64" ? manifestDigest : `sha256:${"1".repeat(64)}`,
      size: manifest.length,
      platform: { os: "linux", architecture },
    })),
  }),
);
const listed = together(app, manifestContent(list, mediaTypes.ociIndex, "1.0"));

export const registryConversations: readonly Conversation[] = [
  {
    name: "all of an image in a registry",
    flags: insecure,
    servers: { A: { routes: routesOf("app", app), otherwise: refusals["blob-unknown-with-detail"] ?? {} } },
    steps: [
      initialize,
      open("docker://@A@/app:1.0"),
      ...everything(),
      ...[small, large].map((digest) => call("GetRawBlob", 1, digest)),
      call("GetBlob", 1, small, smallLayer.length),
      call("GetBlob", 1, large, largeLayer.length),
      call("GetBlob", 1, large, 5),
      withPipes("drop", "GetBlob", 1, large, largeLayer.length),
      withPipes("drop", "GetRawBlob", 1, large),
      call("GetBlob", 1, `sha256:${"0".repeat(64)}`, 3),
      call("GetRawBlob", 1, `sha256:${"0".repeat(64)}`),
      call("CloseImage", 1),
      call("GetBlob", 1, small, smallLayer.length),
    ],
  },
  {
    name: "names in a registry",
    flags: insecure,
    servers: { A: { routes: { ...routesOf("app", app), ...routesOf("vendor/app", app) } } },
    steps: [
      initialize,
      ...[
        "app:1.0",
        "app",
        "app:none",
        `app@${manifestDigest}`,
        `app@${digestOf("none")}`,
        `app:1.0@${manifestDigest}`,
        "vendor/app:1.0",
        "none:1.0",
        "",
        "APP:1.0",
        "app:",
        "app@sha256:12",
      ].flatMap((name) => openings(`docker://@A@/${name}`)),
    ],
  },
  {
    name: "refusals in place of a registry's manifest",
    flags: insecure,
    servers: { A: inPlaceOfManifests },
    steps: [
      initialize,
      ...Object.keys(manifests)
        .filter((name) => !toldOtherwise.includes(name))
        .flatMap((name) => openings(`docker://@A@/${name}:1.0`)),
    ],
  },
  ...toldOtherwise.map((name) => ({
    name: `a registry's manifest: ${name}`,
    flags: insecure,
    servers: { A: inPlaceOfManifests },
    steps: [initialize, ...openings(`docker://@A@/${name}:1.0`)],
  })),
  {
    name: "other bytes under a digest",
    flags: insecure,
    servers: { A: inPlaceOfManifests },
    steps: [
      initialize,
      ...["other-bytes", "chunked", "manifest-unknown"].flatMap((name) =>
        openings(`docker://@A@/${name}@${manifestDigest}`),
      ),
    ],
  },
  ...(["absent", "reset", "garbage"] as const).map((connection) => ({
    name: `a registry whose connections are: ${connection}`,
    flags: insecure,
    servers: { A: { connection } },
    steps: [initialize, ...openings("docker://@A@/app:1.0")],
  })),
  {
    name: "a registry without TLS, where that is asked for",
    servers: { A: { routes: routesOf("app", app) } },
    steps: [initialize, ...openings("docker://@A@/app:1.0")],
  },
  {
    name: "the first answers of registries",
    flags: insecure,
    servers: {
      ...Object.fromEntries(
        Object.entries(pings).map(([name, answer]) => [
          pingServer(name),
          { routes: { ...routesOf("app", app), "/v2/": answer } },
        ]),
      ),
      B: {
        routes: {
          "/token": { body: '{"token":"t"}', headers: { "Content-Type": "application/json" } },
          "/503": text(503),
          "/401": registryError(401, "UNAUTHORIZED"),
          "/v2/": { body: "{}" },
        },
      },
      C: { connection: "absent" },
    },
    steps: [
      initialize,
      ...Object.keys(pings).flatMap((name) => openings(`docker://@${pingServer(name)}@/app:1.0`)),
      call("GetManifest", 1),
    ],
  },
  ...["amd64", "arm64", "s390x"].map((architecture) => ({
    name: `a list in a registry for ${architecture}`,
    flags: [...insecure, "--override-arch", architecture],
    servers: { A: { routes: routesOf("app", listed) } },
    steps: [initialize, ...openings("docker://@A@/app:1.0"), call("GetManifest", 1)],
  })),
  ...inPlaceOfBlobs,
];
