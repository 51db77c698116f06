/** Which of several locations an image is taken from, and when the next one is asked. */
import { fixtureContent, without } from "../content.ts";
import { type Answer, registryError, type ServerScript } from "../fault-server.ts";
import type { Situation } from "../situation.ts";
import * as c from "./common.ts";

const html: Answer = { headers: { "Content-Type": "text/html" }, body: "<!DOCTYPE html><title>Please log in</title>" };
const ociManifest = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
const soon = { "Retry-After": "0" };

/** Answers to the first question for the manifest that are none: the next location is asked. */
const failuresAt = (path: string): readonly (readonly [string, Answer])[] => [
  ...[400, 401, 402, 403, 404, 405, 410, 418, 451, 500, 501, 502, 503, 504].map((status): [string, Answer] => [
    `answers ${status}`,
    registryError(status, "DENIED"),
  ]),
  ["answers 404 with a page", { ...html, status: 404 }],
  ["answers 404 for the repository", registryError(404, "NAME_UNKNOWN")],
  ["answers 500 without a body", { status: 500 }],
  ["answers 429 five times", registryError(429, "TOOMANYREQUESTS", soon)],
  ["answers 204", { status: 204 }],
  ["answers 206", { status: 206, headers: ociManifest, body: "{}" }],
  ["answers 304", { status: 304 }],
  ["answers 302 without saying where", { status: 302 }],
  ["redirects to itself", { status: 302, headers: { Location: path } }],
  ["redirects to where nobody listens", { status: 302, headers: { Location: "http://@N@/" } }],
  ["redirects to a file", { status: 302, headers: { Location: "file:///etc/passwd" } }],
  ["cuts the body", { headers: ociManifest, body: "{}", contentLength: 629 }],
  ["cuts the body, chunked", { headers: ociManifest, body: "{}", chunked: "unfinished" }],
  ["resets the connection within the body", { headers: ociManifest, body: "{}", contentLength: 629, ending: "reset" }],
  ["resets the connection", { raw: "", ending: "reset" }],
  ["closes the connection", { raw: "" }],
  ["sends 4 MiB and a byte", { headers: ociManifest, body: new Uint8Array(4 * 1024 * 1024 + 1) }],
  ["sends without end", { headers: ociManifest, body: "0".repeat(65_536), isEndless: true, chunked: true }],
  ["says garbage", { raw: "SSH-2.0-OpenSSH_9.2p1\r\n" }],
  ["says gzip and sends none", { headers: { ...ociManifest, "Content-Encoding": "gzip" }, body: "{}" }],
];

/** Answers that are taken for the manifest: nothing else is asked, whatever comes of it. */
const takenAnyway: readonly (readonly [string, ServerScript])[] = [
  ["has no signature", c.mirror(c.unsigned)],
  ["has the signature of an unknown key", c.mirror(c.signedByOther)],
  ["has a signature for another tag", c.mirror(c.signedForOtherTag)],
  ["has an older image", c.mirror(fixtureContent("sigstore-docker-schema2"))],
  ["has another image with this signature", c.mirror(fixtureContent("sigstore-tampered-manifest"))],
  ["has garbage", c.mirror(c.signed, { [c.mirrorManifestPath]: { headers: ociManifest, body: "garbage" } })],
  ["has nothing in it", c.mirror(c.signed, { [c.mirrorManifestPath]: { headers: ociManifest, body: "" } })],
  ["is a captive portal", { otherwise: html }],
  [
    "redirects all to a portal",
    { routes: { "/login": html }, otherwise: { status: 302, headers: { Location: "/login" } } },
  ],
];

const copyAttachment = c.attachmentPath.replace("/vendor/", "/copy/vendor/");
const copyPayload = c.payloadPathOf("copy/vendor/app", c.signed);

/** After the manifest: no second try elsewhere. */
const later: readonly (readonly [string, ServerScript])[] = [
  ["answers 500 for the attachment", c.mirror(c.signed, { [copyAttachment]: registryError(500, "UNKNOWN") })],
  ["answers 403 for the attachment", c.mirror(c.signed, { [copyAttachment]: registryError(403, "DENIED") })],
  ["answers 429 for the attachment", c.mirror(c.signed, { [copyAttachment]: registryError(429, "X", soon) })],
  [
    "cuts the attachment",
    c.mirror(c.signed, { [copyAttachment]: { headers: ociManifest, body: "{", contentLength: 9 } }),
  ],
  ["answers 404 for the payload", c.mirror(c.signed, { [copyPayload]: registryError(404, "BLOB_UNKNOWN") })],
  ["answers 500 for the payload", c.mirror(c.signed, { [copyPayload]: registryError(500, "UNKNOWN") })],
  ["has another payload", c.mirror(c.signed, { [copyPayload]: { body: "another" } })],
];

/** Of the ping. */
const pings: readonly (readonly [string, Answer, "next" | "taken"])[] = [
  ...[204, 301, 302, 400, 403, 404, 500, 503].map((status): [string, Answer, "next"] => [
    `${status}`,
    { status, headers: { Location: "/elsewhere" } },
    "next",
  ]),
  ["429 for ever", registryError(429, "TOOMANYREQUESTS", soon), "next"],
  ["401 without a challenge", { status: 401 }, "taken"],
  ["200 with a page", html, "taken"],
  ["200 that is cut", { body: "{", contentLength: 2 }, "taken"],
  ["garbage", { raw: "garbage\r\n\r\n" }, "next"],
];

const none: ServerScript = { connection: "absent" };

/** The answers of a mirror are those to the plain HTTP request; it speaks no TLS. */
export const mirrorSituations: readonly Situation[] = [
  c.situation("without a mirror, the primary location is asked"),
  c.mirrored("the mirror is asked first, and nothing else if it has the image"),
  ...failuresAt(c.mirrorManifestPath).map(([what, answer]) =>
    c.mirrored(`a mirror ${what} for the manifest: the primary location is asked`, {
      servers: { A: c.primary(), B: c.mirror(c.signed, { [c.mirrorManifestPath]: answer }), N: none },
    }),
  ),
  ...failuresAt(c.manifestPath).map(([what, answer]) =>
    c.situation(`the primary location ${what} for the manifest: an error`, {
      servers: { A: c.primary(c.signed, { [c.manifestPath]: answer }), N: none },
    }),
  ),
  ...takenAnyway.map(([what, server]) =>
    c.mirrored(`a mirror ${what}: nothing else is asked`, { servers: { A: c.primary(), B: server } }),
  ),
  ...takenAnyway.map(([what, server]) =>
    c.mirrored(`a mirror ${what}, and everything is accepted`, {
      servers: { A: c.primary(), B: server },
      policy: c.acceptAnything,
    }),
  ),
  ...later.map(([what, server]) =>
    c.mirrored(`a mirror ${what}: nothing else is asked`, { servers: { A: c.primary(), B: server } }),
  ),
  ...pings.map(([what, answer, then]) =>
    c.mirrored(`a mirror's /v2/ answers ${what}: ${then === "next" ? "the primary is asked" : "go on"}`, {
      servers: { A: c.primary(), B: c.mirror(c.signed, { "/v2/": answer }) },
    }),
  ),
  ...(["absent", "reset", "garbage"] as const).map((connection) =>
    c.mirrored(`a mirror whose connections are ${connection}: the primary is asked`, {
      servers: { A: c.primary(), B: { connection } },
    }),
  ),
  c.mirrored("a mirror answers 429 once: it is asked again", {
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, {
        [c.mirrorManifestPath]: [
          registryError(429, "X", soon),
          { headers: ociManifest, body: c.signed.manifests.get("1.0")?.bytes ?? "" },
        ],
      }),
    },
  }),
  c.mirrored("a mirror answers 500 once: it is not asked again", {
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, {
        [c.mirrorManifestPath]: [
          registryError(500, "X"),
          { headers: ociManifest, body: c.signed.manifests.get("1.0")?.bytes ?? "" },
        ],
      }),
    },
  }),
  c.situation("two mirrors are asked in order, then the primary", {
    servers: {
      A: c.primary(),
      B: { routes: {}, otherwise: registryError(503, "X") },
      C: c.mirror(without(c.signed, "1.0")),
    },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.situation("the second mirror has it: the primary is not asked", {
    servers: { A: c.primary(), B: none, C: c.mirror() },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.situation("nobody has it", {
    servers: { A: { routes: { "/v2/": {} } }, B: none, C: { routes: { "/v2/": {} } } },
    registriesConf: c.atA("@B@/copy", "@C@/copy"),
  }),
  c.mirrored("a reference by digest, and the mirror has the wrong bytes for it: nothing else is asked", {
    ref: `registry.example.com/vendor/app@${c.digest}`,
    servers: {
      A: c.primary(),
      B: c.mirror(c.signed, { [`/v2/copy/vendor/app/manifests/${c.digest}`]: { headers: ociManifest, body: "{}" } }),
    },
    policy: c.acceptAnything,
  }),
  c.mirrored("a reference by digest, with a signature for a tag", {
    ref: `registry.example.com/vendor/app@${c.digest}`,
  }),
  c.mirrored("a reference by digest, with matchExact", {
    ref: `registry.example.com/vendor/app@${c.digest}`,
    policy: c.sigstorePolicy("registry.example.com", { type: "matchExact" }),
  }),
  c.mirrored("a reference by digest, with matchRepository", {
    ref: `registry.example.com/vendor/app@${c.digest}`,
    policy: c.sigstorePolicy("registry.example.com", { type: "matchRepository" }),
  }),
  c.mirrored("a reference by tag and digest: refused before anything is asked", {
    ref: `registry.example.com/vendor/app:1.0@${c.digest}`,
  }),
  ...(["all", "digest-only", "tag-only"] as const).flatMap((mode) =>
    ["registry.example.com/vendor/app:1.0", `registry.example.com/vendor/app@${c.digest}`].map((ref) =>
      c.mirrored(
        `pull-from-mirror = ${mode} of the mirror, and a reference by ${ref.includes("@") ? "digest" : "tag"}`,
        {
          ref,
          registriesConf: c.registriesConf({
            prefix: "registry.example.com",
            location: "@A@",
            mirrors: [{ location: "@B@/copy", more: `pull-from-mirror = "${mode}"` }],
          }),
        },
      ),
    ),
  ),
  ...["registry.example.com/vendor/app:1.0", `registry.example.com/vendor/app@${c.digest}`].map((ref) =>
    c.mirrored(`mirror-by-digest-only, and a reference by ${ref.includes("@") ? "digest" : "tag"}`, {
      ref,
      registriesConf: c.registriesConf({
        prefix: "registry.example.com",
        location: "@A@",
        more: "mirror-by-digest-only = true",
        mirrors: [{ location: "@B@/copy" }],
      }),
    }),
  ),
  c.mirrored("mirror-by-digest-only together with pull-from-mirror: an error", {
    registriesConf: c.registriesConf({
      prefix: "registry.example.com",
      location: "@A@",
      more: "mirror-by-digest-only = true",
      mirrors: [{ location: "@B@/copy", more: 'pull-from-mirror = "all"' }],
    }),
  }),
  c.mirrored("an unknown pull-from-mirror: an error", {
    registriesConf: c.registriesConf({
      prefix: "registry.example.com",
      location: "@A@",
      mirrors: [{ location: "@B@/copy", more: 'pull-from-mirror = "ALL"' }],
    }),
  }),
  c.mirrored("the policy is found by the name that was given, not by the mirror's", {
    policy: c.sigstorePolicy("@B@"),
  }),
  c.mirrored("a policy that rejects: the manifest is read, signatures are not", { policy: c.rejectEverything }),
  c.mirrored("a policy that rejects, and nobody has the image", {
    policy: c.rejectEverything,
    servers: { A: { routes: { "/v2/": {} } }, B: none },
  }),
];
