/** Servers, proxies and files that mean harm: what they gain is told from what the command says, and to whom it talks. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HttpClient } from "../../../src/host/http/http-client.ts";
import { digestOf, madeImage, manifestContent, mediaTypes, together } from "../../support/registry/content.ts";
import { type Route, routesOf, type SeenRequest, startFaultServer } from "../../support/registry/fault-server.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { buildScene, type Scene, type Situation } from "../../support/registry/situation.ts";
import { acceptAnything, registriesConf } from "../../support/registry/situations/common.ts";
import { newTlsMaterial } from "../../support/registry/tls.ts";
import { runtimes } from "../../support/run.ts";

/** The head of a gzip file whose name has no end (RFC 1952, 2.3.1). */
const gzipHead = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 1, 1, 1, 1, 2, 3]), Buffer.alloc(5_000, 0x1f)]);

type Command = readonly string[];

const layers = [Buffer.alloc(200_000, "a"), Buffer.alloc(200_000, "b"), Buffer.alloc(200_000, "c")];
const image = madeImage(layers, "1.0", "of nobody");
const routes = routesOf("vendor/app", image);
const kept = (route: Route | undefined): Route => ({ ...route, ending: "keep" });
const tls = newTlsMaterial();
const secret = "Hunter-2";
const auth = JSON.stringify({
  auths: { "@A@": { auth: Buffer.from(`user:${secret}`).toString("base64") } },
});

/** Runs the command in a scene, without what `argsOf` of it says last: the reference. */
async function inScene(
  situation: Omit<Situation, "name" | "policy"> & { readonly policy?: string },
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const scene = await buildScene({
    name: "",
    ref: "@A@/vendor/app:1.0",
    policy: acceptAnything,
    registriesConf: registriesConf({ location: "@A@" }),
    ...situation,
  });
  try {
    await work(scene);
  } finally {
    await scene.stop();
  }
}

function seenBy(scene: Scene, letter: string): readonly SeenRequest[] {
  return scene.seen()[letter] ?? [];
}

const homeOf = ({ HOME = "" }: { readonly HOME?: string }) => HOME;

async function verdictOf(command: Command, scene: Scene, more: readonly string[] = [], env = scene.env) {
  const ended = await runAside([...command, ...scene.args.slice(0, -1), ...more, scene.args.at(-1) ?? ""], env);
  const lines = ended.stdout.split("\n").filter((line) => line !== "");
  return { ...ended, verdict: JSON.parse(lines[0] ?? "{}") as { code?: string; message?: string; pinned?: string } };
}

describe("slow bodies", () => {
  const pieces = { "a byte now and then": { body: "a" }, "gzip that holds nothing": { body: gzipHead, gzip: true } };
  for (const [what, { body, ...more }] of Object.entries(pieces)) {
    it(`${what} is late in the end`, async () => {
      const headers = "gzip" in more ? { "Content-Encoding": "gzip" } : {};
      const server = await startFaultServer({
        otherwise: { headers, body, isEndless: true, slow: { bytes: 10_000, everyMs: 20 } },
      });
      const http = new HttpClient({ connectSeconds: 1, answerSeconds: 1, bodySeconds: 0.1 });
      const url = new URL(`http://${server.address}/`);
      const answer = await http.send({ method: "GET", url, headers: {}, connection: { isUnverified: false } });
      assert.ok(answer.ok);
      const read = async () => {
        for await (const piece of answer.value.body) assert.ok(piece.length < 1000);
      };
      await assert.rejects(read, { message: "nothing came for 0.1 seconds" });
      http.close();
      await server.stop();
    });
  }
});

for (const { name: runtime, command } of runtimes) {
  describe(`hostile servers (${runtime})`, { concurrency: 4 }, () => {
    const raw: readonly (readonly [string, string, string])[] = [
      [
        "switches to another protocol",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        "source.",
      ],
      ["goes on and on with provisional answers", "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000), "source."],
      [
        "has a hundred thousand headers",
        `HTTP/1.1 200 OK\r\n${"a:b\r\n".repeat(100_000)}Content-Length: 2\r\n\r\n{}`,
        "",
      ],
    ];
    for (const [what, answer, code] of raw) {
      it(`a registry that ${what} is answered for in time`, async () => {
        const path = "/v2/vendor/app/manifests/1.0";
        await inScene(
          { servers: { A: { routes: { ...routes, [path]: { raw: answer, ending: "hang" } } } } },
          async (scene) => {
            const ended = await verdictOf(command, scene, ["--timeout=1"]);
            assert.ok(ended.verdict.code?.startsWith(code), ended.stdout + ended.stderr);
            assert.doesNotMatch(ended.stderr, /Warning/);
          },
        );
      });
    }

    it("a registry whose name is no address is one that cannot be reached", async () => {
      for (const host of ["registry.example.com:99999", "1.2.3.999"]) {
        await inScene({ ref: `${host}/vendor/app:1.0`, servers: {} }, async (scene) => {
          const { verdict, code } = await verdictOf(command, scene);
          assert.deepEqual([verdict.code, code], ["source.unreachable", 5], host);
        });
      }
    });

    it("a list of tags that has no end ends", async () => {
      const pages = Array.from({ length: 5_100 }, (_, page) => ({
        raw: `HTTP/1.1 200 OK\r\nLink: </v2/?p=${page}>; rel="next"\r\nContent-Length: 11\r\n\r\n{"tags":[]}`,
        ending: "keep" as const,
      }));
      const servers = { A: { routes: { "/v2/": kept(routes["/v2/"]), "/v2/vendor/app/tags/list": pages } } };
      await inScene({ ref: "@A@/vendor/app", servers }, async (scene) => {
        const ended = await verdictOf(command, scene, ["--all-tags"]);
        assert.equal(ended.verdict.code, "source.malformed", ended.stdout + ended.stderr);
        assert.match(ended.verdict.message ?? "", /has no end/);
      });
    });

    it("credentials do not go to a server for tokens without TLS, if the registry has TLS", async () => {
      const challenge = 'Bearer realm="http://@T@/token",service="s"';
      const servers = {
        A: { routes, tls, requires: { authorization: "Bearer x", challenge } },
        T: { routes: { "/token": { body: '{"token":"x"}' } } },
      };
      const settings = { servers, registriesConf: "", certDir: { "ca.crt": tls.ca } };
      await inScene({ ...settings, auth }, async (scene) => {
        const ended = await verdictOf(command, scene);
        // It is asked as by anybody.
        assert.equal(ended.code, 0, ended.stdout + ended.stderr);
        assert.deepEqual(
          seenBy(scene, "T").map(({ target }) => target),
          ["/token?service=s&scope=repository%3Avendor%2Fapp%3Apull"],
        );
        assert.ok(seenBy(scene, "T").every(({ headers }) => !headers.some(([name]) => /authorization/i.test(name))));
        assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret));
      });
    });

    it("blobs are asked for over the connection that is there", async () => {
      const servers = {
        A: { routes: Object.fromEntries(Object.entries(routes).map(([path, route]) => [path, kept(route)])) },
      };
      await inScene({ servers }, async (scene) => {
        const args = scene.args.map((arg) => (arg === "none" ? "head" : arg));
        const ended = await runAside([...command, ...args], scene.env);
        assert.equal(ended.code, 0, ended.stdout + ended.stderr);
        assert.equal(seenBy(scene, "A").filter(({ method }) => method === "HEAD").length, 4);
      });
    });

    const proxied = (answer: string): Omit<Situation, "name" | "policy"> => ({
      ref: "registry.example.com/vendor/app:1.0",
      registriesConf: "",
      servers: {
        P: { routes: { "CONNECT registry.example.com:443": { raw: answer } }, otherwise: { raw: answer } },
        A: { routes },
      },
      env: { HTTPS_PROXY: `http://user:${secret}@@P@`, DEBUG: "*", NODE_DEBUG: "" },
    });
    const proxies: readonly (readonly [string, string, string])[] = [
      [
        "redirects",
        "HTTP/1.1 302 Found\r\nLocation: http://@A@/v2/\r\nContent-Length: 0\r\n\r\n",
        "its proxy answers with status 302",
      ],
      [
        "answers for the server",
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}",
        "its proxy answers with status 401",
      ],
      ["does not speak HTTP", "SSH-2.0-x\r\n\r\n", "what its proxy answers is not HTTP"],
      ["has no end", "HTTP/1.1 200 OK\r\n".padEnd(200_000, "a: b\r\n"), "what its proxy answers is not HTTP"],
      ["speaks for the server", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n", "its proxy speaks for it"],
      ["closes", "", "its proxy ends the connection"],
    ];
    for (const [what, answer, reason] of proxies) {
      it(`a proxy that ${what} gives no answers, and its password is not told to developers`, async () => {
        await inScene(proxied(answer), async (scene) => {
          const ended = await verdictOf(command, scene);
          assert.equal(ended.code, 5, ended.stdout + ended.stderr);
          assert.ok(ended.verdict.message?.includes(reason), ended.verdict.message);
          assert.deepEqual(seenBy(scene, "A"), []);
          const [asked] = seenBy(scene, "P");
          assert.deepEqual([asked?.method, asked?.target], ["CONNECT", "registry.example.com:443"]);
          assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret), ended.stderr);
        });
      });
    }

    it("what is on disk is judged again, and not taken from the record", async () => {
      const dir = (type: string) => JSON.stringify({ default: [{ type }] });
      const files = {
        "good/i/version": "Directory Transport Version: 1.1\n",
        "good/i/manifest.json": [...image.manifests.values()][0]?.bytes ?? "",
        "bad/i/version": "Directory Transport Version: 1.1\n",
        "bad/i/manifest.json": "{}",
      };
      const policy = JSON.stringify({
        default: [{ type: "reject" }],
        transports: { dir: { "@DIR@/good/i": JSON.parse(dir("insecureAcceptAnything")).default } },
      });
      await inScene({ servers: {}, files, policy }, async (scene) => {
        const directory = join(homeOf(scene.env), "..");
        const check = (where: string) =>
          runAside(
            [
              "/bin/sh",
              "-c",
              'cd "$1"; shift; exec "$@"',
              "sh",
              join(directory, where),
              ...command,
              "verify-policy",
              `--policy=${directory}/policy.json`,
              "--blobs=none",
              `--resume=${directory}/state`,
              "--format=jsonl",
              "dir:./i",
            ],
            scene.env,
          );
        const [good, bad] = [await check("good"), await check("bad")];
        assert.deepEqual([good.code, bad.code], [0, 1], good.stdout + good.stderr + bad.stdout + bad.stderr);
        assert.ok(readFileSync(join(directory, "state")).length > 0);
      });
    });

    it("blobs that another place has are not taken for those of a mirror that has none", async () => {
      const withoutBlobs = Object.fromEntries(Object.entries(routes).filter(([path]) => !path.includes("/blobs/")));
      const unknown = {
        status: 404,
        headers: { "Content-Type": "application/json" },
        body: '{"errors":[{"code":"BLOB_UNKNOWN"}]}',
      };
      const servers = { M: { routes: withoutBlobs, otherwise: unknown }, A: { routes } };
      const conf = registriesConf(
        { prefix: "one.example.com", location: "@A@", mirrors: [{ location: "@M@" }] },
        { prefix: "two.example.com", location: "@M@" },
      );
      await inScene({ servers, registriesConf: conf, ref: "one.example.com/vendor/app:1.0" }, async (scene) => {
        const args = scene.args.map((arg) => (arg === "none" ? "head" : arg));
        const ended = await runAside(
          [...command, ...args, "--jobs=1", "docker://two.example.com/vendor/app:1.0"],
          scene.env,
        );
        const codes = ended.stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line).code);
        assert.deepEqual(codes, ["accepted", "image.blob.missing"], ended.stdout + ended.stderr);
      });
    });

    it("a thousand blobs leave no warnings, as of listeners that are never taken off", async () => {
      const many = madeImage(
        Array.from({ length: 300 }, (_, at) => Buffer.from(`layer ${at}`)),
        "1.0",
        "many",
      );
      const servers = {
        A: {
          routes: routesOf(
            "vendor/app",
            together(many, manifestContent(Buffer.from("{}"), mediaTypes.ociManifest, "x")),
          ),
        },
      };
      await inScene({ servers }, async (scene) => {
        const args = scene.args.map((arg) => (arg === "none" ? "full" : arg));
        const ended = await runAside([...command, ...args], scene.env);
        assert.equal(ended.code, 0, ended.stdout + ended.stderr);
        assert.doesNotMatch(ended.stderr, /Warning/);
        assert.ok(ended.stdout.includes(digestOf([...many.manifests.values()][0]?.bytes ?? "")));
      });
    });
  });
}
