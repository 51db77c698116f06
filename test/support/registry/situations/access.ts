/** Credentials and TLS: who is given what, and whom does one believe? */
import { type Answer, type Route, registryError, routesOf, type ServerScript } from "../fault-server.ts";
import type { Situation } from "../situation.ts";
import { newTlsMaterial } from "../tls.ts";
import * as c from "./common.ts";

const basicOf = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
const challenge = 'Basic realm="registry"';
const encoded = (pair: string) => Buffer.from(pair).toString("base64");
const auths = (entries: Readonly<Record<string, object>>) => JSON.stringify({ auths: entries });
const entry = (pair = "user:secret") => ({ auth: encoded(pair) });

/** A registry that wants a name and a password. */
const guarded = (content = c.signed, repository = "vendor/app", pair = "user:secret"): ServerScript => ({
  routes: routesOf(repository, content),
  requires: { authorization: basicOf(pair), challenge },
});

const files: readonly (readonly [string, string])[] = [
  ["of the host", auths({ "@A@": entry() })],
  ["of the repository", auths({ "@A@/vendor/app": entry() })],
  ["of the namespace", auths({ "@A@/vendor": entry() })],
  ["of the repository before those of the host", auths({ "@A@": entry("other:x"), "@A@/vendor/app": entry() })],
  [
    "of the repository, wrong ones, before those of the host",
    auths({ "@A@": entry(), "@A@/vendor/app": entry("other:x") }),
  ],
  ["of another repository", auths({ "@A@/vendor/other": entry() })],
  ["of a beginning of the name that is no part of it", auths({ "@A@/vend": entry() })],
  ["of the tag", auths({ "@A@/vendor/app:1.0": entry() })],
  ["of the host without port", auths({ "127.0.0.1": entry() })],
  ["of the host by its other name", auths({ "@A.localhost@": entry() })],
  ["of the name that was given", auths({ "registry.example.com": entry() })],
  ["with https:// and /v1/", auths({ "https://@A@/v1/": entry() })],
  ["with https:// and /v2/", auths({ "https://@A@/v2/": entry() })],
  ["with http://", auths({ "http://@A@": entry() })],
  ["with https:// and the repository", auths({ "https://@A@/vendor/app": entry() })],
  ["of the host with a slash", auths({ "@A@/": entry() })],
  ["that are wrong", auths({ "@A@": entry("user:wrong") })],
  ["that are empty", auths({ "@A@": {} })],
  ["with an empty auth", auths({ "@A@": { auth: "" } })],
  ["as username and password", auths({ "@A@": { username: "user", password: "secret" } })],
  ["that are not base64", auths({ "@A@": { auth: "!!!" } })],
  ["that have no colon", auths({ "@A@": { auth: encoded("user") } })],
  ["with a NUL behind the password", auths({ "@A@": { auth: encoded("user:secret\0\0") } })],
  ["with two colons", auths({ "@A@": { auth: encoded("user:secret:x") } })],
  ["of another host that are broken", auths({ "other.example.com": { auth: "!!!" }, "@A@": entry() })],
  ["in a file that is not JSON", "garbage"],
  ["in a file that is empty", ""],
  ["in a file with nothing in it", "{}"],
  ["in a file with a list", "[]"],
  ["in a file with something behind it", `${auths({ "@A@": entry() })}x`],
  ["in a file with keys in capitals", auths({ "@A@": entry() }).replace("auths", "AUTHS").replace('"auth"', '"Auth"')],
  [
    "in a file with the host twice",
    `{"auths":{"@A@":${JSON.stringify(entry("a:b"))},"@A@":${JSON.stringify(entry())}}}`,
  ],
  [
    "in a file with unknown keys",
    JSON.stringify({ auths: { "@A@": { ...entry(), email: "x" } }, credsStore: "nothing", experimental: "x" }),
  ],
  [
    "by a helper that is missing",
    JSON.stringify({ credHelpers: { "@A@": "no-such-helper" }, auths: { "@A@": entry() } }),
  ],
  [
    "by a helper of another host that is missing",
    JSON.stringify({ credHelpers: { "other.example.com": "no-such-helper" }, auths: { "@A@": entry() } }),
  ],
];

const challenges: readonly (readonly [string, string | readonly string[]])[] = [
  ["in small letters", 'basic realm="x"'],
  ["in capitals", 'BASIC REALM="x"'],
  ["without a realm", "Basic"],
  ["that is unknown", 'Negotiate realm="x"'],
  ["that is unknown, then Basic", ["Negotiate abc", 'Basic realm="x"']],
  ["of two in one header", 'Negotiate abc, Basic realm="x"'],
  ["Basic and Bearer", ['Basic realm="x"', 'Bearer realm="http://@T@/token",service="s"']],
  ["Bearer and Basic", ['Bearer realm="http://@T@/token",service="s"', 'Basic realm="x"']],
  ["Bearer without realm", 'Bearer service="s"'],
  ["Bearer with an empty realm", 'Bearer realm="",service="s"'],
  ["Bearer with a realm that is no URL", 'Bearer realm="token",service="s"'],
  ["Bearer with a realm of another scheme", 'Bearer realm="file:///etc/passwd",service="s"'],
  ["Bearer without service", 'Bearer realm="http://@T@/token"'],
  ["Bearer with a scope of its own", 'Bearer realm="http://@T@/token",service="s",scope="repository:other:pull"'],
  ["Bearer with a query in the realm", 'Bearer realm="http://@T@/token?a=b&scope=x",service="s"'],
  ["Bearer with quoted pairs", 'Bearer realm="http://@T@/\\token",service="s\\"s"'],
  ["that is garbage", ",,,=;"],
];

/** A registry that wants a token, and who gives it: T. */
const tokenGuarded = (routes: Readonly<Record<string, Route>> = {}, token = "TOKEN"): ServerScript => ({
  routes: { ...routesOf("vendor/app", c.signed), ...routes },
  requires: { authorization: `Bearer ${token}`, challenge: 'Bearer realm="http://@T@/token",service="registry"' },
});

const json = { "Content-Type": "application/json" };
const tokens: readonly (readonly [string, Answer])[] = [
  ["gives token", { headers: json, body: '{"token":"TOKEN"}' }],
  ["gives access_token", { headers: json, body: '{"access_token":"TOKEN"}' }],
  ["gives both", { headers: json, body: '{"token":"TOKEN","access_token":"OTHER"}' }],
  ["gives keys in capitals", { headers: json, body: '{"Token":"TOKEN"}' }],
  [
    "gives one that has run out",
    { headers: json, body: '{"token":"TOKEN","expires_in":1,"issued_at":"2020-01-01T00:00:00Z"}' },
  ],
  ["gives one for a second", { headers: json, body: '{"token":"TOKEN","expires_in":1}' }],
  ["gives one with a time that is none", { headers: json, body: '{"token":"TOKEN","issued_at":"yesterday"}' }],
  ["gives one with a length that is a text", { headers: json, body: '{"token":"TOKEN","expires_in":"300"}' }],
  ["gives nothing", { headers: json, body: "{}" }],
  ["gives an empty one", { headers: json, body: '{"token":""}' }],
  ["gives a number", { headers: json, body: '{"token":1}' }],
  ["gives one with a line break", { headers: json, body: '{"token":"TOKEN\\r\\nX-Evil: 1"}' }],
  ["gives no JSON", { body: "garbage" }],
  ["gives a megabyte and a byte", { headers: json, body: `{"token":"TOKEN"}${" ".repeat(1024 * 1024)}` }],
  ["answers 401", registryError(401, "UNAUTHORIZED")],
  ["answers 403", registryError(403, "DENIED")],
  ["answers 404", { status: 404 }],
  ["answers 429", { status: 429, headers: { "Retry-After": "0" } }],
  ["answers 500", { status: 500 }],
  ["answers 201", { status: 201, headers: json, body: '{"token":"TOKEN"}' }],
  ["redirects", { status: 307, headers: { Location: "http://@T.localhost@/other" } }],
];

const giver: ServerScript = {
  routes: {
    "/token": { headers: json, body: '{"token":"TOKEN"}' },
    "/other": { headers: json, body: '{"token":"TOKEN"}' },
    "POST /token": { headers: json, body: '{"access_token":"TOKEN"}' },
  },
};

const A = c.atA();
const rows = (name: string, changes: Partial<Situation>): Situation =>
  c.situation(name, { servers: { A: guarded() }, ...changes });

/** Where an answer of A leads to, with credentials for A. */
const redirects: readonly (readonly [string, string])[] = [
  ["another path", "/elsewhere"],
  ["another path, whole", "http://@A@/elsewhere"],
  ["the same host by its other name", "http://@A.localhost@/elsewhere"],
  ["another port", "http://@E@/elsewhere"],
  ["another host", "http://@E.localhost@/elsewhere"],
  ["a URL with a name and a password", "http://other:pass@@E@/elsewhere"],
  ["a path beside", "elsewhere"],
  ["a URL without scheme", "//@E@/elsewhere"],
  ["a URL with a fragment", "http://@E@/elsewhere#x"],
  ["a URL with a space", "http://@E@/else where"],
  ["HTTPS where there is none", "https://@E@/elsewhere"],
  ["another host and back", "http://@E.localhost@/back"],
];

const redirected = (location: string, status = 307): ServerScript => ({
  ...guarded(),
  routes: {
    ...routesOf("vendor/app", c.signed),
    [c.payloadPath]: { status, headers: { Location: location } },
    "/elsewhere": payload,
    "/v2/vendor/app/blobs/elsewhere": payload,
  },
});
const payload: Answer = { body: c.signed.blobs.get(c.payloadPath.split("/").at(-1) ?? "") ?? "" };
const elsewhere: ServerScript = {
  routes: {
    "/elsewhere": payload,
    "/else%20where": payload,
    "/back": { status: 302, headers: { Location: "http://@A@/elsewhere" } },
  },
};

const helper = (text: string, code = 0) => `#!/bin/sh\ncat >/dev/null\nprintf '%s' '${text}'\nexit ${code}\n`;

const tls = newTlsMaterial({ name: "one" });
const tlsOther = newTlsMaterial({ name: "other" });
const tlsElsewhere = newTlsMaterial({ name: "elsewhere", isForOtherHost: true });
const tlsExpired = newTlsMaterial({ name: "expired", isExpired: true });
const client = newTlsMaterial({ name: "client" });
const overTls = (material = tls): ServerScript => ({ ...c.primary(), tls: material });
const secure = c.registriesConf({ prefix: "registry.example.com", location: "@A@", insecure: false });
const mutual: ServerScript = { ...c.primary(), tls: { ...tls, clientCa: client.ca } };

const certificates: readonly (readonly [
  string,
  ServerScript,
  Readonly<Record<string, string>> | undefined,
  string?,
])[] = [
  ["whose authority is unknown", overTls(), undefined],
  ["whose authority is unknown, where that does not matter", overTls(), undefined, A],
  ["whose authority is in a .crt file", overTls(), { "ca.crt": tls.ca }],
  ["whose authority is one of two .crt files", overTls(), { "a.crt": tlsOther.ca, "b.crt": tls.ca }],
  ["whose authority is the second of a .crt file", overTls(), { "a.crt": tlsOther.ca + tls.ca }],
  ["whose authority is in a .pem file", overTls(), { "ca.pem": tls.ca }],
  ["whose authority is another", overTls(), { "ca.crt": tlsOther.ca }],
  ["of another host", overTls(tlsElsewhere), { "ca.crt": tlsElsewhere.ca }],
  ["that has expired", overTls(tlsExpired), { "ca.crt": tlsExpired.ca }],
  ["that is itself in the .crt file", overTls(), { "ca.crt": tls.cert }],
  ["and garbage in a .crt file beside", overTls(), { "a.crt": "garbage", "ca.crt": tls.ca }],
  ["and an empty .crt file beside", overTls(), { "a.crt": "", "ca.crt": tls.ca }],
  ["and a .cert without .key", overTls(), { "ca.crt": tls.ca, "client.cert": client.cert }],
  ["and a .key without .cert", overTls(), { "ca.crt": tls.ca, "client.key": client.key }],
  ["and a .cert with another .key", overTls(), { "ca.crt": tls.ca, "client.cert": client.cert, "client.key": tls.key }],
  [
    "that wants one of ours, and gets it",
    mutual,
    { "ca.crt": tls.ca, "client.cert": client.cert, "client.key": client.key },
  ],
  ["that wants one of ours, and gets none", mutual, { "ca.crt": tls.ca }],
  [
    "that wants one of ours, and gets another",
    mutual,
    { "ca.crt": tls.ca, "client.cert": tlsOther.cert, "client.key": tlsOther.key },
  ],
  ["and other files beside", overTls(), { "ca.crt": tls.ca, README: "x", "x.txt": "y" }],
];

export const accessSituations: readonly Situation[] = [
  ...files.map(([what, auth]) => rows(`credentials ${what}`, { auth })),
  rows("no credentials for a registry that wants them", {}),
  c.situation("credentials for a registry that does not want them are not sent", { auth: auths({ "@A@": entry() }) }),
  c.situation("a file of credentials that is broken, though none are wanted", { auth: "garbage" }),
  c.situation("credentials that are broken, though none are wanted", { auth: auths({ "@A@": { auth: "!!!" } }) }),
  rows("a file of credentials that is not there", { env: { REGISTRY_AUTH_FILE: "@DIR@/nowhere.json" } }),
  rows("a file of credentials named by the environment", {
    env: { REGISTRY_AUTH_FILE: "@DIR@/a.json" },
    files: { "a.json": auths({ "@A@": entry() }) },
  }),
  rows("a file of credentials named by the environment, and an option", {
    env: { REGISTRY_AUTH_FILE: "@DIR@/a.json" },
    auth: auths({}),
    files: { "a.json": auths({ "@A@": entry() }) },
  }),
  rows("credentials in XDG_RUNTIME_DIR", {
    env: { XDG_RUNTIME_DIR: "@DIR@/run" },
    files: { "run/containers/auth.json": auths({ "@A@": entry() }) },
  }),
  rows("credentials in the home directory", {
    files: { "home/.config/containers/auth.json": auths({ "@A@": entry() }) },
  }),
  rows("credentials in XDG_CONFIG_HOME", {
    env: { XDG_CONFIG_HOME: "@DIR@/config" },
    files: { "config/containers/auth.json": auths({ "@A@": entry() }) },
  }),
  rows("credentials of docker", { files: { "home/.docker/config.json": auths({ "@A@": entry() }) } }),
  rows("credentials of docker, where DOCKER_CONFIG says", {
    env: { DOCKER_CONFIG: "@DIR@/docker" },
    files: { "docker/config.json": auths({ "@A@": entry() }) },
  }),
  rows("credentials of old docker", { files: { "home/.dockercfg": JSON.stringify({ "@A@": entry() }) } }),
  rows("the first file that knows the host counts, though it is wrong", {
    files: {
      "home/.config/containers/auth.json": auths({ "@A@": entry("user:wrong") }),
      "home/.docker/config.json": auths({ "@A@": entry() }),
    },
  }),
  rows("a first file that does not know the host is passed over", {
    files: {
      "home/.config/containers/auth.json": auths({ other: entry() }),
      "home/.docker/config.json": auths({ "@A@": entry() }),
    },
  }),
  rows("a first file that is broken", {
    files: { "home/.config/containers/auth.json": "garbage", "home/.docker/config.json": auths({ "@A@": entry() }) },
  }),
  rows("a last file that is broken and not reached", {
    files: { "home/.config/containers/auth.json": auths({ "@A@": entry() }), "home/.docker/config.json": "garbage" },
  }),
  ...(
    [
      ["gives them", helper('{"Username":"user","Secret":"secret"}')],
      ["gives wrong ones", helper('{"Username":"user","Secret":"wrong"}')],
      ["does not know the host", helper("credentials not found in native keychain", 1)],
      ["fails", helper("no", 1)],
      ["gives garbage", helper("garbage")],
      ["gives a token", helper('{"Username":"<token>","Secret":"TOKEN"}')],
      ["gives nothing", helper("{}")],
    ] as const
  ).map(([what, script]) =>
    rows(`a credential helper ${what}`, {
      auth: JSON.stringify({ credHelpers: { "@A@": "test" }, auths: { "@A@": entry("other:x") } }),
      files: { "bin/docker-credential-test": script },
      env: { PATH: "@DIR@/bin:/usr/bin:/bin" },
    }),
  ),
  rows("a credential helper of registries.conf", {
    registriesConf: `credential-helpers = ["test"]\n${A}`,
    files: { "bin/docker-credential-test": helper('{"Username":"user","Secret":"secret"}') },
    env: { PATH: "@DIR@/bin:/usr/bin:/bin" },
  }),
  rows("a credential helper of registries.conf takes the place of files", {
    registriesConf: `credential-helpers = ["test"]\n${A}`,
    files: {
      "bin/docker-credential-test": helper("credentials not found in native keychain", 1),
      "home/.config/containers/auth.json": auths({ "@A@": entry() }),
    },
    env: { PATH: "@DIR@/bin:/usr/bin:/bin" },
  }),
  rows("a credential helper of registries.conf, then files", {
    registriesConf: `credential-helpers = ["test", "containers-auth.json"]\n${A}`,
    files: {
      "bin/docker-credential-test": helper("credentials not found in native keychain", 1),
      "home/.config/containers/auth.json": auths({ "@A@": entry() }),
    },
    env: { PATH: "@DIR@/bin:/usr/bin:/bin" },
  }),
  rows("a credential helper of registries.conf that is missing", {
    registriesConf: `credential-helpers = ["no-such-helper"]\n${A}`,
  }),
  ...challenges.map(([what, text]) =>
    c.situation(`a challenge ${what}`, {
      servers: { A: c.primary(c.signed, { "/v2/": { status: 401, headers: { "WWW-Authenticate": text } } }), T: giver },
      auth: auths({ "@A@": entry() }),
    }),
  ),
  c.situation("a challenge with 200 counts too", {
    servers: { A: c.primary(c.signed, { "/v2/": { headers: { "WWW-Authenticate": challenge } } }) },
    auth: auths({ "@A@": entry() }),
  }),
  c.situation("a challenge that comes with the manifest only does not count", {
    servers: {
      A: c.primary(c.signed, {
        [c.manifestPath]: registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": challenge }),
      }),
    },
    auth: auths({ "@A@": entry() }),
  }),
  c.situation("a token of too little scope is asked for again", {
    servers: {
      A: tokenGuarded({
        [c.manifestPath]: [
          registryError(401, "UNAUTHORIZED", {
            "WWW-Authenticate":
              'Bearer realm="http://@T@/token",service="s",scope="repository:vendor/app:pull,push",error="insufficient_scope"',
          }),
          {
            headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" },
            body: c.signed.manifests.get("1.0")?.bytes ?? "",
          },
        ],
      }),
      T: giver,
    },
  }),
  ...tokens.map(([what, answer]) =>
    c.situation(`a token server ${what}`, {
      servers: { A: tokenGuarded(), T: { routes: { ...giver.routes, "/token": answer } } },
      auth: auths({ "@A@": entry() }),
    }),
  ),
  c.situation("a token server without credentials", { servers: { A: tokenGuarded(), T: giver } }),
  c.situation("a token server is given credentials of the registry, not its own", {
    servers: { A: tokenGuarded(), T: giver },
    auth: auths({ "@T@": entry("token:server"), "@A@": entry() }),
  }),
  c.situation("a token server that refuses wrong credentials, where anyone would do", {
    servers: {
      A: tokenGuarded(),
      T: { routes: { "/token": [registryError(401, "UNAUTHORIZED"), { body: '{"token":"TOKEN"}' }] } },
    },
    auth: auths({ "@A@": entry("user:wrong") }),
  }),
  c.situation("an identity token is sent as a form", {
    servers: { A: tokenGuarded(), T: giver },
    auth: auths({ "@A@": { ...entry("user:"), identitytoken: "IDENTITY" } }),
  }),
  c.situation("an identity token where a name and a password are wanted", {
    servers: { A: guarded() },
    auth: auths({ "@A@": { identitytoken: "IDENTITY" } }),
  }),
  c.situation("an identity token with a password", {
    servers: { A: tokenGuarded(), T: giver },
    auth: auths({ "@A@": { ...entry(), identitytoken: "IDENTITY" } }),
  }),
  c.situation("a registry token", {
    servers: { A: tokenGuarded(), T: giver },
    auth: auths({ "@A@": { registrytoken: "TOKEN" } }),
  }),
  c.mirrored("a mirror is given its own credentials only", {
    servers: { A: c.primary(), B: guarded(c.signed, "copy/vendor/app") },
    auth: auths({ "@A@": entry(), "registry.example.com": entry() }),
  }),
  c.mirrored("a mirror and the primary have credentials each", {
    servers: { A: guarded(), B: guarded(c.signed, "copy/vendor/app", "mirror:pass") },
    auth: auths({ "@A@": entry(), "@B@": entry("mirror:pass") }),
  }),
  c.mirrored("a mirror refuses its credentials, and the primary is given its own", {
    servers: { A: guarded(), B: guarded(c.signed, "copy/vendor/app", "mirror:other") },
    auth: auths({ "@A@": entry(), "@B@": entry("mirror:pass") }),
  }),
  c.situation("a lookaside at another port of the host is given nothing", {
    policy: c.gpgPolicy(),
    servers: {
      A: guarded(c.gpgSigned),
      L: {
        routes: Object.fromEntries(
          [...c.gpgSigned.lookaside].map(([name, body]) => [`/sigs/vendor/app@${name}`, { body }]),
        ),
      },
    },
    registriesD: c.atL,
    auth: auths({ "@A@": entry(), "@L@": entry("look:aside") }),
  }),
  ...redirects.map(([what, location]) =>
    c.situation(`a payload is redirected to ${what}, with credentials`, {
      servers: { A: redirected(location), E: elsewhere },
      auth: auths({ "@A@": entry() }),
    }),
  ),
  ...[301, 302, 303, 305, 307, 308].map((status) =>
    c.situation(`a payload is redirected by ${status}`, {
      servers: { A: redirected("http://@E@/elsewhere", status), E: elsewhere },
      auth: auths({ "@A@": entry() }),
    }),
  ),
  c.situation("a payload is redirected to another host, with a token", {
    servers: {
      A: {
        ...tokenGuarded({ [c.payloadPath]: { status: 307, headers: { Location: "http://@E.localhost@/elsewhere" } } }),
      },
      E: elsewhere,
      T: giver,
    },
  }),
  c.situation("a payload is redirected to another port, with a token", {
    servers: {
      A: { ...tokenGuarded({ [c.payloadPath]: { status: 307, headers: { Location: "http://@E@/elsewhere" } } }) },
      E: elsewhere,
      T: giver,
    },
  }),
  c.situation("/v2/ is redirected to another host, which has a challenge", {
    servers: {
      A: c.primary(c.signed, { "/v2/": { status: 302, headers: { Location: "http://@E@/v2/" } } }),
      E: { otherwise: registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": challenge }) },
    },
    auth: auths({ "@A@": entry(), "@E@": entry("e:e") }),
  }),
  c.situation("the manifest is redirected to another host, with credentials", {
    servers: {
      A: {
        ...guarded(),
        routes: {
          ...routesOf("vendor/app", c.signed),
          [c.manifestPath]: { status: 302, headers: { Location: "http://@E.localhost@/manifest" } },
        },
      },
      E: {
        routes: {
          "/manifest": {
            headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" },
            body: c.signed.manifests.get("1.0")?.bytes ?? "",
          },
        },
      },
    },
    auth: auths({ "@A@": entry() }),
  }),
  c.situation("a cookie is set and not sent back", {
    servers: { A: c.primary(c.signed, { "/v2/": { headers: { "Set-Cookie": "a=b; Path=/" } } }) },
  }),
  ...certificates.map(([what, server, certDir, registriesConf = secure]) =>
    c.situation(`a certificate ${what}`, {
      servers: { A: server },
      registriesConf,
      ...(certDir === undefined ? {} : { certDir }),
    }),
  ),
  c.situation("certificates in certs.d of the user, by the location", {
    servers: { A: overTls() },
    registriesConf: secure,
    files: { "home/.config/containers/certs.d/@A@/ca.crt": tls.ca },
  }),
  c.situation("certificates in certs.d of the user, by the name that was given", {
    servers: { A: overTls() },
    registriesConf: secure,
    files: { "home/.config/containers/certs.d/registry.example.com/ca.crt": tls.ca },
  }),
  c.situation("certificates in certs.d of the user, without the port", {
    servers: { A: overTls() },
    registriesConf: secure,
    files: { "home/.config/containers/certs.d/127.0.0.1/ca.crt": tls.ca },
  }),
  c.situation("certificates in certs.d of docker by the user", {
    servers: { A: overTls() },
    registriesConf: secure,
    files: { "home/.docker/certs.d/@A@/ca.crt": tls.ca },
  }),
  c.situation("certificates in certs.d and an empty --cert-dir", {
    servers: { A: overTls() },
    registriesConf: secure,
    certDir: {},
    files: { "home/.config/containers/certs.d/@A@/ca.crt": tls.ca },
  }),
  c.situation("SSL_CERT_FILE names the authority", {
    servers: { A: overTls() },
    registriesConf: secure,
    env: { SSL_CERT_FILE: "@DIR@/ca.pem" },
    files: { "ca.pem": tls.ca },
  }),
  c.situation("HTTPS at the registry, a redirect to HTTP with credentials", {
    servers: { A: { ...redirected("http://@E@/elsewhere"), tls }, E: elsewhere },
    registriesConf: secure,
    certDir: { "ca.crt": tls.ca },
    auth: auths({ "@A@": entry() }),
  }),
  c.situation("HTTPS at the registry, and the token server speaks HTTP", {
    servers: { A: { ...tokenGuarded(), tls }, T: giver },
    registriesConf: secure,
    certDir: { "ca.crt": tls.ca },
    auth: auths({ "@A@": entry() }),
  }),
  c.situation("the certificates for the registry are for its token server too", {
    servers: {
      A: {
        ...tokenGuarded(),
        tls,
        requires: { authorization: "Bearer TOKEN", challenge: 'Bearer realm="https://@T@/token",service="s"' },
      },
      T: { ...giver, tls },
    },
    registriesConf: secure,
    certDir: { "ca.crt": tls.ca },
  }),
  c.situation("the certificates for the registry are for the lookaside too", {
    policy: c.gpgPolicy(),
    servers: {
      A: { ...c.primary(c.gpgSigned), tls },
      L: {
        tls,
        routes: Object.fromEntries(
          [...c.gpgSigned.lookaside].map(([name, body]) => [`/sigs/vendor/app@${name}`, { body }]),
        ),
      },
    },
    registriesD: { "a.yaml": "default-docker:\n  lookaside: https://@L@/sigs\n" },
    registriesConf: secure,
    certDir: { "ca.crt": tls.ca },
  }),
  c.situation("insecure is for the lookaside too", {
    policy: c.gpgPolicy(),
    servers: {
      A: c.primary(c.gpgSigned),
      L: {
        tls,
        routes: Object.fromEntries(
          [...c.gpgSigned.lookaside].map(([name, body]) => [`/sigs/vendor/app@${name}`, { body }]),
        ),
      },
    },
    registriesD: { "a.yaml": "default-docker:\n  lookaside: https://@L@/sigs\n" },
  }),
  c.situation("insecure with HTTPS is not asked by HTTP", { servers: { A: overTls() } }),
  c.situation("insecure with HTTPS whose /v2/ answers 500 is asked by HTTP", {
    servers: { A: { ...overTls(), routes: { ...routesOf("vendor/app", c.signed), "/v2/": { status: 500 } } } },
  }),
  c.situation("a proxy is used for what is not on this machine", {
    servers: {
      P: {
        routes: Object.fromEntries(
          Object.entries(c.primary().routes ?? {}).map(([path, route]) => [
            `http://registry.example.com${path}`,
            route,
          ]),
        ),
      },
    },
    registriesConf: c.registriesConf({ location: "registry.example.com" }),
    env: { HTTP_PROXY: "http://@P@", HTTPS_PROXY: "http://@P@" },
  }),
  c.situation("a proxy by its name in small letters", {
    servers: {
      P: {
        routes: Object.fromEntries(
          Object.entries(c.primary().routes ?? {}).map(([path, route]) => [
            `http://registry.example.com${path}`,
            route,
          ]),
        ),
      },
    },
    registriesConf: c.registriesConf({ location: "registry.example.com" }),
    env: { http_proxy: "http://user:secret@@P@", https_proxy: "http://user:secret@@P@" },
  }),
  c.situation("a proxy is not used for this machine", {
    servers: { A: c.primary(), P: {} },
    env: { HTTP_PROXY: "http://@P@", HTTPS_PROXY: "http://@P@" },
  }),
  c.situation("IPv6", { servers: { A: { ...c.primary(), listen: "::1" } }, needs: "ipv6" }),
  c.situation("IPv6 in the reference", {
    ref: "@A@/vendor/app:1.0",
    servers: { A: { ...c.primary(), listen: "::1" } },
    registriesConf: c.registriesConf({ location: "@A@" }),
    policy: c.acceptAnything,
    needs: "ipv6",
  }),
];
