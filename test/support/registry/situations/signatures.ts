/** Lookasides and attachments: which signatures an image has, and when that cannot be told. */
import { gzipSync } from "node:zlib";
import { fixtureContent, mediaTypes, signaturesContent, together, without } from "../content.ts";
import { type Answer, lookasideRoutesOf, type Route, registryError, type ServerScript } from "../fault-server.ts";
import type { Situation } from "../situation.ts";
import * as c from "./common.ts";

const file = (index: number) => `/sigs/vendor/app@${c.digest.replace(":", "=")}/signature-${index}`;
const signature = c.gpgSigned.lookaside.get(`${c.digest.replace(":", "=")}/signature-1`) ?? new Uint8Array();
const unknown =
  fixtureContent("gpg-unknown-key").lookaside.get(`${c.digest.replace(":", "=")}/signature-1`) ?? new Uint8Array();
const here: Answer = { body: signature };
const soon = { "Retry-After": "0" };

const lookasides: readonly (readonly [string, Readonly<Record<string, Route>>])[] = [
  ["has the signature", { [file(1)]: here }],
  ["has nothing", {}],
  ["has the second signature only", { [file(2)]: here }],
  ["has one of an unknown key, then the right one", { [file(1)]: { body: unknown }, [file(2)]: here }],
  ["has garbage, then the right one", { [file(1)]: { body: "garbage" }, [file(2)]: here }],
  ["has an empty file", { [file(1)]: { body: "" }, [file(2)]: here }],
  ["has an unknown format", { [file(1)]: { body: "\0other\n{}" }, [file(2)]: here }],
  ["has the right one, then 500", { [file(1)]: here, [file(2)]: { status: 500 } }],
  ["has the right one, then 403", { [file(1)]: here, [file(2)]: { status: 403 } }],
  ["has the right one, then a cut body", { [file(1)]: here, [file(2)]: { body: "x", contentLength: 2 } }],
  ["has the right one, then a reset", { [file(1)]: here, [file(2)]: { raw: "", ending: "reset" } }],
  ["has the right one, then 410", { [file(1)]: here, [file(2)]: { status: 410 } }],
  ["answers 403, as S3 does for what is not there", { "/sigs/*": { status: 403 } }],
  ["answers 401", { "/sigs/*": { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } } }],
  ["answers 429", { "/sigs/*": { status: 429, headers: soon } }],
  ["answers 500", { "/sigs/*": { status: 500 } }],
  ["answers 204", { "/sigs/*": { status: 204 } }],
  ["answers 206", { "/sigs/*": { status: 206, body: signature } }],
  [
    "answers a page with 200",
    { "/sigs/*": { headers: { "Content-Type": "text/html" }, body: "<html>not found</html>" } },
  ],
  ["answers the signature as text/html", { [file(1)]: { ...here, headers: { "Content-Type": "text/html" } } }],
  ["answers with gzip", { [file(1)]: { headers: { "Content-Encoding": "gzip" }, body: gzipSync(signature) } }],
  ["answers chunked", { [file(1)]: { ...here, chunked: true } }],
  ["answers in HTTP/1.0 without length", { [file(1)]: { ...here, version: "1.0", contentLength: "none" } }],
  [
    "redirects to a folder beside",
    {
      "/sigs/*": { status: 302, headers: { Location: "/moved/signature-1" } },
      "/moved/signature-1": [here, { status: 404 }],
    },
  ],
  [
    "redirects to another host",
    { [file(1)]: { status: 302, headers: { Location: `http://@L.localhost@/moved` } }, "/moved": here },
  ],
  ["redirects in a circle", { "/sigs/*": { status: 302, headers: { Location: file(1) } } }],
  ["redirects to a file", { [file(1)]: { status: 302, headers: { Location: "file:///etc/passwd" } } }],
  ["sends 4 MiB and a byte", { [file(1)]: { body: new Uint8Array(4 * 1024 * 1024 + 1) } }],
  ["sends without end", { [file(1)]: { body: "0".repeat(65_536), isEndless: true } }],
  ["has 127 signatures", Object.fromEntries(Array.from({ length: 127 }, (_, i) => [file(i + 1), here]))],
  ["has 128 signatures", Object.fromEntries(Array.from({ length: 128 }, (_, i) => [file(i + 1), here]))],
  ["has any number of signatures", { "/sigs/*": here }],
];

const manifestHeaders = { "Content-Type": mediaTypes.ociManifest };
const attachment = c.signed.manifests.get(`${c.digest.replace(":", "-")}.sig`)?.bytes ?? new Uint8Array();
/** Fields that may be anything here. */
interface AttachmentManifest {
  schemaVersion?: number;
  mediaType?: string;
  manifests?: object[];
  layers: { digest?: string; annotations?: object }[];
}

const changed = (change: (manifest: AttachmentManifest) => void): Answer => {
  const manifest: AttachmentManifest = JSON.parse(Buffer.from(attachment).toString());
  change(manifest);
  return { headers: manifestHeaders, body: JSON.stringify(manifest) };
};
const as = (contentType: string | undefined, body: Uint8Array | string = attachment): Answer => ({
  headers: contentType === undefined ? {} : { "Content-Type": contentType },
  body,
});

/** The attachment of a well signed image. */
const attachments: readonly (readonly [string, Answer])[] = [
  ["404 with MANIFEST_UNKNOWN", registryError(404, "MANIFEST_UNKNOWN")],
  ["404 with NAME_UNKNOWN", registryError(404, "NAME_UNKNOWN")],
  [
    "404 with UNKNOWN, Not Found",
    {
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"errors":[{"code":"UNKNOWN","message":"Not Found"}]}',
    },
  ],
  [
    "404 with UNKNOWN, it was not found",
    {
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"errors":[{"code":"UNKNOWN","message":"artifact x NOT FOUND"}]}',
    },
  ],
  [
    "404 with NOT_FOUND",
    {
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"errors":[{"code":"NOT_FOUND","message":"artifact not found"}]}',
    },
  ],
  ["404 with another code", registryError(404, "DENIED")],
  [
    "404 with two errors, the second MANIFEST_UNKNOWN",
    {
      status: 404,
      headers: { "Content-Type": "application/json" },
      body: '{"errors":[{"code":"DENIED","message":"x"},{"code":"MANIFEST_UNKNOWN","message":"y"}]}',
    },
  ],
  [
    "404 with JSON of another form",
    { status: 404, headers: { "Content-Type": "application/json" }, body: '{"detail":"no"}' },
  ],
  [
    "404 with no errors in the list",
    { status: 404, headers: { "Content-Type": "application/json" }, body: '{"errors":[]}' },
  ],
  ["404 with JSON that is none", { status: 404, headers: { "Content-Type": "application/json" }, body: "{" }],
  ["404 with a page", { status: 404, headers: { "Content-Type": "text/html" }, body: "<html>" }],
  [
    "404 with MANIFEST_UNKNOWN as text/plain",
    { ...registryError(404, "MANIFEST_UNKNOWN"), headers: { "Content-Type": "text/plain" } },
  ],
  [
    "404 with NAME_UNKNOWN as text/plain",
    { ...registryError(404, "NAME_UNKNOWN"), headers: { "Content-Type": "text/plain" } },
  ],
  ["404 with nothing", { status: 404 }],
  ["400 with MANIFEST_UNKNOWN", registryError(400, "MANIFEST_UNKNOWN")],
  ["403 with MANIFEST_UNKNOWN", registryError(403, "MANIFEST_UNKNOWN")],
  ["500 with MANIFEST_UNKNOWN", registryError(500, "MANIFEST_UNKNOWN")],
  ["401 with MANIFEST_UNKNOWN", registryError(401, "MANIFEST_UNKNOWN")],
  ["410 with MANIFEST_UNKNOWN", registryError(410, "MANIFEST_UNKNOWN")],
  ["403", registryError(403, "DENIED")],
  ["sent as an index", as(mediaTypes.ociIndex)],
  ["sent as Docker's manifest", as(mediaTypes.dockerManifest)],
  ["sent as application/json", as("application/json")],
  ["sent without a Content-Type", as(undefined)],
  ["sent with a parameter", as(`${mediaTypes.ociManifest}; charset=utf-8`)],
  ["sent with a Content-Type in capitals", as(mediaTypes.ociManifest.toUpperCase())],
  ["sent with a Content-Type that is none", as(`${mediaTypes.ociManifest}; =`)],
  [
    "that is an index by its own word",
    changed((manifest) => {
      manifest.mediaType = mediaTypes.ociIndex;
    }),
  ],
  [
    "without a mediaType",
    changed((manifest) => {
      delete manifest.mediaType;
    }),
  ],
  [
    "of schemaVersion 1",
    changed((manifest) => {
      manifest.schemaVersion = 1;
    }),
  ],
  ["that is not JSON", as(mediaTypes.ociManifest, "garbage")],
  ["that is empty", as(mediaTypes.ociManifest, "")],
  ["that is {}", as(mediaTypes.ociManifest, "{}")],
  [
    "with manifests too",
    changed((manifest) => {
      manifest.manifests = [];
    }),
  ],
  [
    "without layers",
    changed((manifest) => {
      manifest.layers = [];
    }),
  ],
  [
    "with a layer that says no digest",
    changed((manifest) => {
      delete manifest.layers[0]?.digest;
    }),
  ],
  [
    "with a layer with a bad digest",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { digest: "sha256:../../x" });
    }),
  ],
  [
    "with a layer with another algorithm",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { digest: `md5:${"0".repeat(32)}` });
    }),
  ],
  [
    "with a layer of another size",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { size: 1 });
    }),
  ],
  [
    "with a layer of a negative size",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { size: -1 });
    }),
  ],
  [
    "with a layer of another type",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { mediaType: "text/plain" });
    }),
  ],
  [
    "with a layer without annotations",
    changed((manifest) => {
      delete manifest.layers[0]?.annotations;
    }),
  ],
  [
    "with a layer elsewhere",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { urls: ["http://@A@/elsewhere"] });
    }),
  ],
  [
    "with a layer elsewhere by another scheme",
    changed((manifest) => {
      Object.assign(manifest.layers[0] ?? {}, { urls: ["ftp://@A@/elsewhere"] });
    }),
  ],
  [
    "with a layer that is missing, then the right one",
    changed((manifest) => {
      manifest.layers.unshift({ ...manifest.layers[0], digest: c.otherDigest });
    }),
  ],
  [
    "with the right layer, then one that is missing",
    changed((manifest) => {
      manifest.layers.push({ ...manifest.layers[0], digest: c.otherDigest });
    }),
  ],
  [
    "with the layer three times",
    changed((manifest) => {
      manifest.layers.push(...manifest.layers, ...manifest.layers);
    }),
  ],
  ["of 4 MiB and a byte", as(mediaTypes.ociManifest, new Uint8Array(4 * 1024 * 1024 + 1))],
  ["by a redirect", { status: 307, headers: { Location: "/elsewhere" } }],
];

const payload = c.signed.blobs.get(c.payloadPath.split("/").at(-1) ?? "") ?? new Uint8Array();
const payloads: readonly (readonly [string, Route])[] = [
  [
    "is cut, and goes on by Range",
    [
      { body: payload, cutAfter: 50 },
      {
        status: 206,
        headers: { "Content-Range": `bytes 50-${payload.length - 1}/${payload.length}` },
        body: payload.subarray(50),
      },
    ],
  ],
  ["is cut, and 200 comes instead of 206", [{ body: payload, cutAfter: 50 }, { body: payload }]],
  ["is cut again and again", { body: payload, cutAfter: 50 }],
  [
    "is cut, and the wrong range comes",
    [
      { body: payload, cutAfter: 50 },
      {
        status: 206,
        headers: { "Content-Range": `bytes 40-${payload.length - 1}/${payload.length}` },
        body: payload.subarray(40),
      },
    ],
  ],
  [
    "is cut, and 206 comes without a range",
    [
      { body: payload, cutAfter: 50 },
      { status: 206, body: payload.subarray(50) },
    ],
  ],
  [
    "is cut, and has changed",
    [
      { body: payload, cutAfter: 50 },
      {
        status: 206,
        headers: { "Content-Range": `bytes 50-${payload.length - 1}/${payload.length}` },
        body: "x".repeat(payload.length - 50),
      },
    ],
  ],
  ["is cut, and 416 comes", [{ body: payload, cutAfter: 50 }, { status: 416 }]],
  ["is sent with gzip", { headers: { "Content-Encoding": "gzip" }, body: gzipSync(payload) }],
  ["is 4 MiB and a byte", { body: new Uint8Array(4 * 1024 * 1024 + 1) }],
  ["answers 206 at once", { status: 206, body: payload }],
  ["answers 403", registryError(403, "DENIED")],
  ["answers 429 once", [registryError(429, "X", soon), { body: payload }]],
  ["answers 401 with a challenge", registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": 'Basic realm="x"' })],
  ["is redirected", { status: 307, headers: { Location: "/elsewhere" } }],
  ["is redirected to what is another", { status: 307, headers: { Location: "/another" } }],
];

const extension = (value: object | string): ServerScript => ({
  routes: {
    ...c.primary(c.gpgSigned).routes,
    "/v2/": { headers: { "X-Registry-Supports-Signatures": "1" }, body: "{}" },
    [`/extensions/v2/vendor/app/signatures/${c.digest}`]: {
      body: typeof value === "string" ? value : JSON.stringify(value),
    },
  },
});
const extended = (type = "atomic", version = 2) => ({
  signatures: [
    { schemaVersion: version, name: `${c.digest}@x`, type, content: Buffer.from(signature).toString("base64") },
  ],
});

const gpgAtL = (name: string, routes: Readonly<Record<string, Route>>, changes: Partial<Situation> = {}): Situation =>
  c.situation(name, {
    policy: c.gpgPolicy(),
    servers: { A: c.primary(c.gpgSigned), L: { routes } },
    registriesD: c.atL,
    ...changes,
  });

const bothPlaces = { "a.yaml": "default-docker:\n  lookaside: http://@L@/sigs\n  use-sigstore-attachments: true\n" };

export const signatureSituations: readonly Situation[] = [
  ...lookasides.map(([what, routes]) => gpgAtL(`a lookaside ${what}`, routes)),
  gpgAtL(
    "a lookaside that nobody listens at",
    {},
    { servers: { A: c.primary(c.gpgSigned), L: { connection: "absent" } } },
  ),
  gpgAtL(
    "a lookaside that nobody listens at, and everything is accepted",
    {},
    {
      policy: c.acceptAnything,
      servers: { A: c.primary(c.gpgSigned), L: { connection: "absent" } },
    },
  ),
  gpgAtL(
    "a lookaside that nobody listens at, and everything is rejected",
    {},
    {
      policy: c.rejectEverything,
      servers: { A: c.primary(c.gpgSigned), L: { connection: "absent" } },
    },
  ),
  gpgAtL(
    "a signature is required, and the policy asks for none",
    { [file(1)]: here },
    { policy: c.acceptAnything, requireSigned: true },
  ),
  gpgAtL("a signature is required, and there is one", { [file(1)]: here }, { requireSigned: true }),
  gpgAtL(
    "a sigstore signature may lie in the lookaside",
    lookasideRoutesOf("/sigs", "vendor/app", fixtureContent("sigstore-key-tag", { sigstore: "lookaside" })),
    {
      policy: c.sigstorePolicy(),
    },
  ),
  gpgAtL(
    "a lookaside in a folder with a signature that cannot be opened",
    {},
    {
      registriesD: { "a.yaml": "default-docker:\n  lookaside: file://@DIR@/sigs\n" },
      files: { [`${file(1).slice(1)}/is-a-folder`]: "" },
    },
  ),
  gpgAtL(
    "the signature of a reference by digest",
    { [file(1)]: here },
    { ref: `registry.example.com/vendor/app@${c.digest}` },
  ),
  gpgAtL(
    "the manifest has a wrong Docker-Content-Digest: it does not count",
    { [file(1)]: here },
    {
      servers: {
        A: c.primary(c.gpgSigned, {
          [c.manifestPath]: {
            headers: { "Content-Type": mediaTypes.ociManifest, "Docker-Content-Digest": c.otherDigest },
            body: c.gpgSigned.manifests.get("1.0")?.bytes ?? "",
          },
        }),
        L: { routes: { [file(1)]: here } },
      },
    },
  ),
  ...attachments.map(([what, answer]) =>
    c.situation(`an attachment ${what}`, {
      servers: {
        A: c.primary(c.signed, {
          [c.attachmentPath]: answer,
          "/elsewhere": answer.status === 307 ? as(mediaTypes.ociManifest) : { body: payload },
        }),
      },
    }),
  ),
  ...payloads.map(([what, route]) =>
    c.situation(`the payload of an attachment ${what}`, {
      servers: {
        A: c.primary(c.signed, {
          [c.payloadPath]: route,
          "/elsewhere": { body: payload },
          "/another": { body: "another" },
        }),
      },
    }),
  ),
  c.situation("attachments that are not asked for do not count", {
    registriesD: { "a.yaml": "default-docker:\n  lookaside: file://@DIR@/none\n" },
  }),
  c.situation("two attached signatures, the second of which is right", {
    servers: { A: c.primary(fixtureContent("sigstore-two-signatures-second-matches")) },
  }),
  c.situation("an attached attestation, then a signature", {
    servers: { A: c.primary(fixtureContent("sigstore-attestation-then-signature")) },
  }),
  c.situation("an attached signature, and 500 from the lookaside", {
    servers: { A: c.primary(), L: { otherwise: { status: 500 } } },
    registriesD: bothPlaces,
  }),
  c.situation("an attached signature, and a lookaside that nobody listens at", {
    servers: { A: c.primary(), L: { connection: "absent" } },
    registriesD: bothPlaces,
  }),
  gpgAtL(
    "a signature in the lookaside, and 500 for the attachment",
    {},
    {
      servers: {
        A: c.primary(c.gpgSigned, { [c.attachmentPath]: { status: 500 } }),
        L: { routes: { [file(1)]: here } },
      },
      registriesD: bothPlaces,
    },
  ),
  gpgAtL("a signature in the lookaside, and no attachment", { [file(1)]: here }, { registriesD: bothPlaces }),
  gpgAtL(
    "a signature in the lookaside, and another attached",
    { [file(1)]: here },
    {
      servers: { A: c.primary(fixtureContent("mixed-gpg-and-sigstore")), L: { routes: { [file(1)]: here } } },
      registriesD: bothPlaces,
    },
  ),
  ...(
    [
      ["has the signature", extension(extended())],
      ["has no signature", extension({ signatures: [] })],
      ["has null", extension({ signatures: null })],
      ["has nothing in it", extension({})],
      ["has one of another type", extension(extended("other"))],
      ["has one of another version", extension(extended("atomic", 1))],
      [
        "has keys in capitals",
        extension(JSON.stringify(extended()).replace('"signatures"', '"SIGNATURES"').replace('"type"', '"Type"')),
      ],
      ["has something behind it", extension(`${JSON.stringify(extended())}x`)],
      ["has content that is not base64", extension(JSON.stringify(extended()).replace('"content":"', '"content":"!'))],
      ["is not JSON", extension("garbage")],
    ] as const
  ).map(([what, server]) =>
    c.situation(`a registry that keeps signatures itself ${what}`, {
      policy: c.gpgPolicy(),
      servers: { A: server, L: { routes: { [file(1)]: here } } },
      registriesD: c.atL,
    }),
  ),
  c.situation("a registry that keeps signatures itself answers 404", {
    policy: c.gpgPolicy(),
    servers: {
      A: c.primary(c.gpgSigned, { "/v2/": { headers: { "X-Registry-Supports-Signatures": "1" } } }),
      L: { routes: { [file(1)]: here } },
    },
    registriesD: c.atL,
  }),
  c.situation("a registry that says it keeps signatures, with another word than 1", {
    policy: c.gpgPolicy(),
    servers: {
      A: c.primary(c.gpgSigned, { "/v2/": { headers: { "X-Registry-Supports-Signatures": "true" } } }),
      L: { routes: { [file(1)]: here } },
    },
    registriesD: c.atL,
  }),
  c.situation("a registry that keeps signatures itself, and attachments", {
    servers: {
      A: { routes: { ...extension({ signatures: [] }).routes, ...routesWithout(c.primary().routes ?? {}, "/v2/") } },
    },
  }),
  c.situation("signatures for another manifest do not count", {
    servers: {
      A: c.primary(
        together(
          without(c.signed, "1.0"),
          fixtureContent("sigstore-tampered-manifest"),
          signaturesContent(c.digest, []),
        ),
      ),
    },
  }),
];

function routesWithout(routes: Readonly<Record<string, Route>>, name: string): Record<string, Route> {
  return Object.fromEntries(Object.entries(routes).filter(([each]) => each !== name));
}
