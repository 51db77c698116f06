import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { settingsOf } from "../../support/registry/catalogue.ts";
import {
  lookasideRoutesOf,
  type Route,
  registryError,
  routesOf,
  type ServerScript,
} from "../../support/registry/fault-server.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { buildScene, type Scene, type Situation } from "../../support/registry/situation.ts";
import * as c from "../../support/registry/situations/common.ts";
import { addUrls } from "../../support/registry/situations/contents.ts";
import { newTlsMaterial } from "../../support/registry/tls.ts";
import { runtimes } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secrets = {
  password: "PASS+word/1",
  helper: "HELPER-secret-2",
  lookaside: "LOOKASIDE-secret-3",
  proxy: "PROXY-secret-4",
  identity: "IDENTITY-token-5",
  bearer: "BEARER-token-6",
  mirror: "MIRROR-secret-7",
} as const;

const base64 = (text: string) => Buffer.from(text).toString("base64");
const entry = (password: string, user = "user") => ({ auth: base64(`${user}:${password}`) });
const auths = (entries: Readonly<Record<string, object>>) => JSON.stringify({ auths: entries });
const ofA = auths({ "@A@": entry(secrets.password) });

/** What a text may have of a secret: itself, as part of a URL, and in base64 with anything before it. */
function formsOf(secret: string): readonly string[] {
  const shifted = ["", "x", "xy"].map((before) => {
    const text = base64(before + secret);
    // Of the first and last letters other bits are in it too.
    return text
      .slice(before === "" ? 0 : before.length + 1)
      .replace(/=+$/, "")
      .slice(0, -1);
  });
  return [secret, encodeURIComponent(secret), ...shifted, Buffer.from(secret).toString("hex")];
}

/** In any letter case: names of hosts have none. */
const namesIn = (text: string) =>
  Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => text.toLowerCase().includes(form.toLowerCase())))
    .map(([name]) => name);

/** By server, which secrets it was ever sent. */
function shown(scene: Scene): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(scene.seen()).map(([server, seen]) => [server, namesIn(JSON.stringify(seen))]),
  );
}

const challenge = 'Basic realm="registry"';
const guarded = (
  routes: Readonly<Record<string, Route>> = {},
  { content = c.signed, repository = "vendor/app", password = secrets.password as string } = {},
): ServerScript => ({
  routes: { ...routesOf(repository, content), ...routes },
  requires: { authorization: `Basic ${base64(`user:${password}`)}`, challenge },
});
const tokenGuarded: ServerScript = {
  routes: routesOf("vendor/app", c.signed),
  requires: { authorization: `Bearer ${secrets.bearer}`, challenge: 'Bearer realm="http://@T@/token",service="s"' },
};
const gives: Route = { body: JSON.stringify({ token: secrets.bearer, access_token: secrets.bearer }) };
const tokens = (route: Route = gives): ServerScript => ({ routes: { "/token": route, "POST /token": route } });
const payload: Route = { body: c.signed.blobs.get(c.payloadPath.split("/").at(-1) ?? "") ?? "" };
const to = (location: string): Route => ({ status: 307, headers: { Location: location } });
const other: ServerScript = { otherwise: payload };
const helper = (text: string, code = 0) =>
  `#!/bin/sh\ncat >/dev/null\nprintf '%s' '${text}'\nprintf '%s' '${text}' >&2\nexit ${code}\n`;
const withHelper = (script: string): Partial<Situation> => ({
  auth: JSON.stringify({ credHelpers: { "@A@": "test" } }),
  files: { "bin/docker-credential-test": script },
  env: { PATH: "@DIR@/bin:/usr/bin:/bin" },
});
const tls = newTlsMaterial();
const secure = c.registriesConf({ prefix: "registry.example.com", location: "@A@", insecure: false });
const lookasideAt = (base: string) => ({ "default.yaml": `default-docker:\n  lookaside: ${base}\n` });
const lookaside: ServerScript = { routes: lookasideRoutesOf("/sigs", "vendor/app", c.gpgSigned) };
const gpg = { policy: c.gpgPolicy() };

const elsewhere = addUrls(["http://layers.example.com/l"]);

describe("who is shown credentials", { concurrency: 4 }, () => {
  const rows: readonly (readonly [string, Partial<Situation>, Readonly<Record<string, readonly string[]>>, number])[] =
    [
      ["who wants them", { servers: { A: guarded() }, auth: ofA }, { A: ["password"] }, 0],
      ["not who wants none", { auth: ofA }, { A: [] }, 0],
      [
        "not another host that a registry sends on to",
        { servers: { A: guarded({ [c.payloadPath]: to("http://@E.localhost@/x") }), E: other }, auth: ofA },
        { A: ["password"], E: [] },
        0,
      ],
      [
        "another port of the host, as the reference does",
        { servers: { A: guarded({ [c.payloadPath]: to("http://@E@/x") }), E: other }, auth: ofA },
        { A: ["password"], E: ["password"] },
        0,
      ],
      [
        "not a host behind a name that looks like the registry's",
        { servers: { A: guarded({ [c.payloadPath]: to("http://127.0.0.1@@E.localhost@/x") }), E: other }, auth: ofA },
        { A: ["password"], E: [] },
        0,
      ],
      [
        "not who is asked without TLS after who was asked with it",
        {
          servers: { A: { ...guarded({ [c.payloadPath]: to("http://@E@/x") }), tls }, E: other },
          auth: ofA,
          registriesConf: secure,
          certDir: { "ca.crt": tls.ca },
        },
        { A: ["password"], E: [] },
        0,
      ],
      [
        "a token server the password, and the registry the token only",
        { servers: { A: tokenGuarded, T: tokens() }, auth: ofA },
        { A: ["bearer"], T: ["password"] },
        0,
      ],
      [
        "not another host that the token server sends on to",
        { servers: { A: tokenGuarded, T: tokens(to("http://@E.localhost@/x")), E: { otherwise: gives } }, auth: ofA },
        { A: ["bearer"], T: ["password"], E: [] },
        0,
      ],
      [
        "a token server an identity token, and it is sent on to nobody",
        {
          servers: { A: tokenGuarded, T: tokens(to("http://@E@/x")), E: { otherwise: gives } },
          auth: auths({ "@A@": { auth: base64("user:"), identitytoken: secrets.identity } }),
        },
        { A: [], T: ["identity"], E: [] },
        5,
      ],
      [
        "not another host, a token",
        {
          servers: {
            A: { ...tokenGuarded, routes: { ...tokenGuarded.routes, [c.payloadPath]: to("http://@E.localhost@/x") } },
            T: tokens(),
            E: other,
          },
        },
        { A: ["bearer"], T: [], E: [] },
        0,
      ],
      [
        "not a lookaside",
        { ...gpg, servers: { A: guarded({}, { content: c.gpgSigned }), L: lookaside }, registriesD: c.atL, auth: ofA },
        { A: ["password"], L: [] },
        0,
      ],
      [
        "a lookaside its own, of its address, and nobody else",
        {
          ...gpg,
          servers: { A: guarded({}, { content: c.gpgSigned }), L: lookaside },
          registriesD: lookasideAt(`http://look:${secrets.lookaside}@@L@/sigs`),
          auth: ofA,
        },
        { A: ["password"], L: ["lookaside"] },
        0,
      ],
      [
        "not a mirror that has none",
        {
          servers: {
            A: guarded(),
            B: { routes: {}, otherwise: registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": challenge }) },
          },
          registriesConf: c.atA("@B@/copy"),
          auth: ofA,
        },
        { A: ["password"], B: [] },
        0,
      ],
      [
        "a mirror and the primary each their own",
        {
          servers: { A: guarded(), B: guarded({}, { repository: "copy/vendor/app", password: "none has this" }) },
          registriesConf: c.atA("@B@/copy"),
          auth: auths({ "@A@": entry(secrets.password), "@B@": entry(secrets.mirror) }),
        },
        { A: ["password"], B: ["mirror"] },
        0,
      ],
      [
        "not who is on this machine, those of a proxy",
        {
          servers: { A: guarded(), P: {} },
          auth: ofA,
          env: { HTTP_PROXY: `http://user:${secrets.proxy}@@P@`, HTTPS_PROXY: `http://user:${secrets.proxy}@@P@` },
        },
        { A: ["password"], P: [] },
        0,
      ],
      [
        "not where a layer is said to be",
        {
          servers: {
            A: guarded({}, { content: elsewhere.image }),
            P: { routes: { "http://layers.example.com/l": { body: elsewhere.layer } } },
          },
          policy: c.acceptAnything,
          auth: auths({ "@A@": entry(secrets.password), "layers.example.com": entry(secrets.mirror) }),
          env: { HTTP_PROXY: "http://@P@" },
          blobs: "full",
        },
        { A: ["password"], P: [] },
        0,
      ],
      [
        "a registry those of its helper",
        {
          servers: { A: guarded({}, { password: secrets.helper }) },
          ...withHelper(helper(`{"Username":"user","Secret":"${secrets.helper}"}`)),
        },
        { A: ["helper"] },
        0,
      ],
    ];
  for (const [what, changes, expected, exitCode] of rows) {
    for (const { name: runtime, command } of runtimes) {
      it(`${what} (${runtime})`, async () => {
        const scene = await buildScene(c.situation("", changes));
        try {
          const ended = await runAside([...command, ...scene.args], scene.env);
          assert.deepEqual([shown(scene), ended.code], [expected, exitCode], ended.stdout + ended.stderr);
        } finally {
          await scene.stop();
        }
      });
    }
  }
});

/** All hosts are behind one proxy, which says what each was sent: no name has to be looked up. */
describe("to whom a redirect takes credentials, by the name of the host", { concurrency: 4 }, () => {
  const host = "registry.example.com";
  const first = `http://${host}${c.payloadPath}`;
  const rows: readonly (readonly [string, boolean])[] = [
    [`http://${host}/x`, true],
    [`http://${host}:8080/x`, true],
    ["http://REGISTRY.example.com/x", true],
    [`http://cdn.${host}/x`, true],
    [`http://a.b.${host}/x`, true],
    ["http://example.com/x", false],
    [`http://not${host}/x`, false],
    [`http://${host}.example.net/x`, false],
    [`http://${host}@elsewhere.example.net/x`, false],
    [`http://elsewhere.example.net/${host}`, false],
    ["//elsewhere.example.net/x", false],
    ["http://other.example.com/x", false],
  ];
  const proxied = (routes: Readonly<Record<string, Route>>): Partial<Situation> => {
    const there = Object.entries(routesOf("vendor/app", c.signed)).map(([path, route]) => [
      `http://${host}${path}`,
      route,
    ]);
    const ping = registryError(401, "UNAUTHORIZED", { "WWW-Authenticate": challenge });
    return {
      servers: {
        P: {
          routes: {
            ...Object.fromEntries(there),
            [`http://${host}/v2/`]: ping,
            "CONNECT *": { status: 502 },
            ...routes,
          },
          otherwise: payload,
        },
      },
      registriesConf: c.registriesConf({ location: host }),
      auth: auths({ [host]: entry(secrets.password) }),
      env: { HTTP_PROXY: `http://user:${secrets.proxy}@@P@`, HTTPS_PROXY: `http://user:${secrets.proxy}@@P@` },
    };
  };
  /** The requests for these addresses, and which secrets were in each: the proxy's are in all. */
  const ofTargets = (scene: Scene, wanted: (target: string) => boolean) =>
    ofProxy(scene)
      .filter(({ target }) => wanted(target))
      .map((request) => namesIn(JSON.stringify(request)));

  const { name: runtime, command } = runtimes[0];
  for (const [location, isTaken] of rows) {
    it(`${location} (${runtime})`, async () => {
      const scene = await buildScene(c.situation("", proxied({ [first]: to(location) })));
      try {
        const ended = await runAside([...command, ...scene.args], scene.env);
        assert.equal(ended.code, 0, ended.stdout + ended.stderr);
        const target = new URL(location, first).href.replace(/\/\/[^/]*@/, "//");
        const expected = isTaken ? ["password", "proxy"] : ["proxy"];
        assert.deepEqual(
          ofTargets(scene, (each) => each === target),
          [expected],
        );
      } finally {
        await scene.stop();
      }
    });
  }

  it("what was left out does not come back", async () => {
    const away = "http://elsewhere.example.net/x";
    const scene = await buildScene(c.situation("", proxied({ [first]: to(away), [away]: to(`http://${host}/back`) })));
    try {
      const ended = await runAside([...command, ...scene.args], scene.env);
      assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      assert.deepEqual(
        ofTargets(scene, (each) => each.endsWith("/back")),
        [["proxy"]],
      );
    } finally {
      await scene.stop();
    }
  });

  for (const { name, command } of runtimes) {
    it(`of what goes through TLS a proxy sees the host alone (${name})`, async () => {
      const scene = await buildScene(
        c.situation("", { ...proxied({}), registriesConf: c.registriesConf({ location: host, insecure: false }) }),
      );
      try {
        const ended = await runAside([...command, ...scene.args], scene.env);
        assert.equal(ended.code, 5, ended.stdout);
        const seen = ofProxy(scene);
        assert.deepEqual(
          [...new Set(seen.map(({ method, target }) => `${method} ${target}`))],
          [`CONNECT ${host}:443`],
        );
        assert.deepEqual(namesIn(JSON.stringify(seen)), ["proxy"]);
      } finally {
        await scene.stop();
      }
    });
  }
});

function ofProxy(scene: Scene) {
  const { P = [] } = scene.seen();
  return P;
}

/** Everything below a directory. */
function textsBelow(directory: string): string {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

const manifestRoute = (route: Route) => ({ [c.manifestPath]: route });
const saysError = (message: string, status = 403): Route => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ errors: [{ code: "DENIED", message }] }),
});

/** Servers that say again what they were sent. */
const echoes: readonly (readonly [string, Partial<Situation>])[] = (() => {
  const basic = `Basic ${base64(`user:${secrets.password}`)}`;
  const said: readonly (readonly [string, Route])[] = [
    ["the header in an error", saysError(`you sent ${basic}`)],
    ["the password in an error", saysError(`wrong password ${secrets.password}`)],
    ["the password in the text of a 404", { status: 404, body: `no ${secrets.password} here` }],
    ["the header in JSON of no error", { status: 400, body: JSON.stringify({ headers: { authorization: basic } }) }],
    ["the password in details", { status: 403, body: JSON.stringify({ details: secrets.password }) }],
    ["the password at the end of what is shown", saysError(`${"x".repeat(189)}${secrets.password}`)],
    ["the password as the type of the manifest", { headers: { "Content-Type": secrets.password }, body: "{}" }],
    [
      "the password as the type of a manifest that is accepted",
      {
        headers: { "Content-Type": `x/${base64(secrets.password).replace(/=+$/, "")}` },
        body: c.signed.manifests.get("1.0")?.bytes ?? "",
      },
    ],
  ];
  const refuses: ServerScript = { ...tokenGuarded, routes: { ...tokenGuarded.routes } };
  const byToken = (A: ServerScript, T: ServerScript, auth = ofA): Partial<Situation> => ({ servers: { A, T }, auth });
  const ofIdentity = auths({ "@A@": { auth: base64("user:"), identitytoken: secrets.identity } });
  return [
    ...said.map(([what, route]): readonly [string, Partial<Situation>] => [
      `a registry that says ${what}`,
      { servers: { A: guarded(manifestRoute(route)) }, auth: ofA },
    ]),
    [
      "a registry that says the token",
      byToken(
        { ...refuses, routes: { ...refuses.routes, ...manifestRoute(saysError(`Bearer ${secrets.bearer} is bad`)) } },
        tokens(),
      ),
    ],
    [
      "a registry that says the token in the name of a host",
      byToken(
        { ...refuses, routes: { ...refuses.routes, ...manifestRoute(to(`http://${secrets.bearer}.localhost:1/x`)) } },
        tokens(),
      ),
    ],
    ["a token server that says the password", byToken(refuses, tokens(saysError(`no ${secrets.password}`, 401)))],
    ["a token server that says the header", byToken(refuses, tokens(saysError(basic, 401)))],
    [
      "a token server that says the identity token",
      byToken(refuses, tokens(saysError(`no ${secrets.identity}`, 401)), ofIdentity),
    ],
    [
      "a token server that says the identity token as the form has it",
      byToken(refuses, tokens({ status: 400, body: `refresh_token=${secrets.identity}&x` }), ofIdentity),
    ],
    [
      "a proxy that says its password",
      {
        servers: { P: { otherwise: { status: 403, body: `Proxy-Authorization: ${base64(`user:${secrets.proxy}`)}` } } },
        registriesConf: c.registriesConf({ location: "registry.example.com" }),
        env: { HTTP_PROXY: `http://user:${secrets.proxy}@@P@` },
      },
    ],
  ];
})();

describe("no secret is ever told", { concurrency: 8 }, () => {
  const hub = `http://user:${secrets.proxy}@`;
  const viaProxy = (proxy: string): Partial<Situation> => ({
    registriesConf: c.registriesConf({ location: "registry.example.com" }),
    auth: auths({ "registry.example.com": entry(secrets.password) }),
    env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
  });
  const wantsLookaside = (base: string, L: ServerScript): Partial<Situation> => ({
    ...gpg,
    servers: { A: c.primary(c.gpgSigned), L },
    registriesD: lookasideAt(base),
  });
  const look = `http://look:${secrets.lookaside}@@L@/sigs`;
  const rows: readonly (readonly [string, Partial<Situation>])[] = [
    ["right credentials", { servers: { A: guarded() }, auth: ofA }],
    ["right credentials, no signature", { servers: { A: guarded({}, { content: c.unsigned }) }, auth: ofA }],
    ["wrong credentials", { servers: { A: guarded({}, { password: "other" }) }, auth: ofA }],
    ["credentials that are no base64", { auth: auths({ "@A@": { auth: `${base64(`user:${secrets.password}`)}!` } }) }],
    ["a file that breaks off", { auth: ofA.slice(0, -4) }],
    [
      "a file with a wrong type",
      { auth: `{"auths":{"@A@":{"auth":"${base64(`user:${secrets.password}`)}","identitytoken":[1]}}}` },
    ],
    ["a file of a text", { auth: JSON.stringify(secrets.password) }],
    [
      "a helper's, right",
      {
        servers: { A: guarded({}, { password: secrets.helper }) },
        ...withHelper(helper(`{"Username":"user","Secret":"${secrets.helper}"}`)),
      },
    ],
    [
      "a helper's, wrong",
      { servers: { A: guarded() }, ...withHelper(helper(`{"Username":"user","Secret":"${secrets.helper}"}`)) },
    ],
    [
      "a helper that fails",
      { servers: { A: guarded() }, ...withHelper(helper(`{"Username":"user","Secret":"${secrets.helper}"}`, 1)) },
    ],
    ["a helper that gives no JSON", { servers: { A: guarded() }, ...withHelper(helper(`secret=${secrets.helper}`)) }],
    ["a token", { servers: { A: tokenGuarded, T: tokens() }, auth: ofA }],
    [
      "a token that is refused",
      {
        servers: {
          A: {
            ...tokenGuarded,
            requires: { authorization: "x", challenge: 'Bearer realm="http://@T@/token",service="s"' },
          },
          T: tokens(),
        },
        auth: ofA,
      },
    ],
    [
      "a token that is none",
      { servers: { A: tokenGuarded, T: tokens({ body: `{"token":"${secrets.bearer}"` }) }, auth: ofA },
    ],
    [
      "a token with a line break",
      { servers: { A: tokenGuarded, T: tokens({ body: `{"token":"${secrets.bearer}\\r\\nX: 1"}` }) }, auth: ofA },
    ],
    ["a token server that is not there", { servers: { A: tokenGuarded, T: { connection: "absent" } }, auth: ofA }],
    [
      "an identity token",
      {
        servers: { A: tokenGuarded, T: tokens() },
        auth: auths({ "@A@": { auth: base64("user:"), identitytoken: secrets.identity } }),
      },
    ],
    [
      "an identity token that is refused",
      {
        servers: { A: tokenGuarded, T: tokens(registryError(401, "UNAUTHORIZED")) },
        auth: auths({ "@A@": { auth: base64("user:"), identitytoken: secrets.identity } }),
      },
    ],
    ["a lookaside", wantsLookaside(look, lookaside)],
    ["a lookaside without signatures", wantsLookaside(look, {})],
    ["a lookaside that fails", wantsLookaside(look, { otherwise: { status: 500 } })],
    ["a lookaside that refuses", wantsLookaside(look, { otherwise: { status: 403 } })],
    ["a lookaside that is not there", wantsLookaside(look, { connection: "absent" })],
    ["a lookaside that speaks no HTTP", wantsLookaside(look, { connection: "garbage" })],
    ["a lookaside that goes in a circle", wantsLookaside(look, { otherwise: to("/again") })],
    ["a lookaside of another scheme", wantsLookaside(`ftp://look:${secrets.lookaside}@@L@/sigs`, {})],
    ["a lookaside of no address", wantsLookaside(`http://look:${secrets.lookaside}@:x/sigs`, {})],
    ["a lookaside of no port", wantsLookaside(`http://look:${secrets.lookaside}@127.0.0.1:99999/sigs`, {})],
    ["a lookaside of a name with blanks", wantsLookaside(`"http://look:${secrets.lookaside}@a b/sigs"`, {})],
    ["a proxy that refuses", { servers: { P: { otherwise: { status: 407 } } }, ...viaProxy(`${hub}@P@`) }],
    ["a proxy that is not there", { servers: { P: { connection: "absent" } }, ...viaProxy(`${hub}@P@`) }],
    ["a proxy that resets", { servers: { P: { connection: "reset" } }, ...viaProxy(`${hub}@P@`) }],
    ["a proxy that speaks no HTTP", { servers: { P: { connection: "garbage" } }, ...viaProxy(`${hub}@P@`) }],
    ["a proxy of another kind", { servers: {}, ...viaProxy(`socks5://user:${secrets.proxy}@127.0.0.1:1080`) }],
    ["a proxy of no port", { servers: {}, ...viaProxy(`${hub}127.0.0.1:99999`) }],
    ["a proxy with a % that is no code", { servers: { P: {} }, ...viaProxy(`http://user:%zz${secrets.proxy}@@P@`) }],
    [
      "a mirror's",
      {
        servers: { A: guarded(), B: guarded({}, { repository: "copy/vendor/app", password: "x" }) },
        registriesConf: c.atA("@B@/copy"),
        auth: auths({ "@A@": entry(secrets.password), "@B@": entry(secrets.mirror) }),
      },
    ],
    [
      "a redirect with a name and a password",
      {
        servers: {
          A: c.primary(c.signed, { [c.payloadPath]: to(`http://user:${secrets.mirror}@@E@/x`) }),
          E: { otherwise: { status: 500 } },
        },
      },
    ],
    [
      "a redirect to nowhere with a password",
      { servers: { A: c.primary(c.signed, { [c.payloadPath]: to(`ftp://user:${secrets.mirror}@@A@/x`) }) } },
    ],
    ...echoes,
    [
      "a location with a name and a password",
      { registriesConf: c.registriesConf({ prefix: "registry.example.com", location: `user:${secrets.mirror}@@A@` }) },
    ],
  ];
  const formats = ["text", "json", "jsonl", "junit", "sarif"] as const;
  for (const [index, [what, changes]] of rows.entries()) {
    // Each form with one runtime, and the other with the next row: together they make all pairs of them.
    for (const [at, format] of formats.entries()) {
      const { name, command } = runtimes[(index + at) % 2] ?? runtimes[0];
      it(`${what}, ${format} (${name})`, async () => {
        const scene = await buildScene(c.situation("", changes));
        const directory = temporaryDirectory();
        try {
          const reference = `docker://${c.situation("").ref ?? "registry.example.com/vendor/app:1.0"}`;
          const files = [`--report=${join(directory, "report.html")}`, `--resume=${join(directory, "state")}`];
          const options = [
            "--debug",
            "--verbose",
            "--timeout=5",
            `--format=${format}`,
            `--pin=${join(directory, "pin")}`,
          ];
          const ended = await runAside(
            [...command, "verify-policy", ...settingsOf(scene), ...options, ...files, reference],
            scene.env,
          );
          assert.ok([0, 1, 2, 3, 4, 5].includes(ended.code ?? -1), ended.stdout + ended.stderr);
          assert.ok(ended.stdout !== "" && readdirSync(directory).includes("report.html"), ended.stderr);
          const said = `${ended.stdout}\n${ended.stderr}\n${textsBelow(directory)}`;
          assert.deepEqual(namesIn(said), [], said);
        } finally {
          await scene.stop();
        }
      });
    }
  }

  it("the address of a page of tags, and what policy show and explain say of a lookaside", async () => {
    const tags = "/v2/vendor/app/tags/list";
    const next = `${tags}?last=${encodeURIComponent(secrets.password)}`;
    const link = `<${next}>; rel="next"`;
    const pages = { [next]: { status: 404 }, [tags]: { headers: { Link: link }, body: '{"tags":[]}' } };
    const changes = {
      ...gpg,
      servers: { A: guarded(pages) },
      auth: ofA,
      registriesD: lookasideAt(`https://look:${secrets.lookaside}@sigs.example.com/x`),
    };
    const scene = await buildScene(c.situation("", changes));
    const settings = settingsOf(scene);
    const ofPolicy = settings.filter((_, at, { [at - (at % 2)]: name }) => /policy|registries\.d/.test(name ?? ""));
    const asked: readonly (readonly [words: readonly string[], says: RegExp])[] = [
      [["verify-policy", ...settings, "--all-tags", "registry.example.com/vendor/app"], /tags\/list/],
      [["policy", "show", ...ofPolicy], /https:\/\/xxxxx@sigs\.example\.com\/x/],
      [["policy", "explain", ...ofPolicy, "registry.example.com/vendor/app:1.0"], /https:\/\/xxxxx@sigs/],
      [["policy", "check", ...ofPolicy], /./],
    ];
    try {
      for (const { command } of runtimes) {
        for (const [words, says] of asked) {
          for (const format of ["text", "json"]) {
            const ended = await runAside([...command, ...words, `--format=${format}`], scene.env);
            assert.match(ended.stdout, says, ended.stdout + ended.stderr);
            assert.deepEqual(namesIn(ended.stdout + ended.stderr), [], ended.stdout + ended.stderr);
          }
        }
      }
    } finally {
      await scene.stop();
    }
  });

  it("this test finds what it looks for", () => {
    for (const secret of Object.values(secrets)) {
      for (const before of ["", "u", "us", "use", "user:"]) {
        assert.notDeepEqual(namesIn(`Basic ${base64(`${before}${secret}`)}`), [], before + secret);
      }
    }
    assert.deepEqual(namesIn("nothing"), []);
  });
});
