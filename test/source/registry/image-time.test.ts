import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkBlobs } from "../../../src/engine/check-blobs.ts";
import { parseNormalizedNamed } from "../../../src/identity/docker-reference.ts";
import { blobsOf } from "../../../src/image/layers.ts";
import type { ImageProblem } from "../../../src/image/problem.ts";
import type { Result } from "../../../src/result.ts";
import { openRegistries } from "../../../src/source/registry/open-registries.ts";
import type { RegistryAccess } from "../../../src/source/registry/registry-access.ts";
import type { OpenRegistryImage } from "../../../src/source/registry/registry-image.ts";
import { madeImage, mediaTypes } from "../../support/registry/content.ts";
import { type Answer, lookasideRoutesOf, type Route, routesOf } from "../../support/registry/fault-server.ts";
import { buildScene, type Scene } from "../../support/registry/situation.ts";
import * as c from "../../support/registry/situations/common.ts";

const seconds = 1;
const layer = Buffer.alloc(60_000, "a");
const content = madeImage([layer], "1.0", "one layer");
const routes = routesOf("vendor/app", content);
const manifestPath = "/v2/vendor/app/manifests/1.0";
const layerPath = Object.keys(routes).find((path) => routes[path] && (routes[path] as Answer).body === layer) ?? "";
const slowly = { body: layer, slow: { bytes: 6_000, everyMs: 200 } };

/** Registries as the command has them, but for the time of an image. */
async function inScene(
  servers: Readonly<Record<string, Readonly<Record<string, Route>>>>,
  changes: Parameters<typeof c.situation>[1],
  work: (access: RegistryAccess, scene: Scene) => Promise<void>,
): Promise<void> {
  const scripts = Object.fromEntries(Object.entries(servers).map(([letter, each]) => [letter, { routes: each }]));
  const scene = await buildScene(c.situation("", { servers: scripts, ...changes }));
  const { question, env } = scene;
  const { HOME } = env;
  const access = await openRegistries({
    registriesConf: question.registriesConf,
    registriesDirectory: question.registriesD,
    authFile: undefined,
    certificatesDirectory: undefined,
    tlsVerify: undefined,
    timeoutSeconds: 20,
    imageSeconds: seconds,
    environment: { HOME },
    userAgent: "test",
    now: () => Date.now(),
  });
  assert.ok(access.ok);
  try {
    await work(access.value, scene);
  } finally {
    access.value.close();
    await scene.stop();
  }
}

function nameOf(text: string) {
  const name = parseNormalizedNamed(text);
  assert.ok(name.ok);
  return name.value;
}

const signed = nameOf("registry.example.com/vendor/app:1.0");

async function opened(access: RegistryAccess, signal?: AbortSignal): Promise<OpenRegistryImage> {
  const image = await access.open(signed, signal);
  assert.ok(image.ok, JSON.stringify(image));
  return image.value;
}

async function blobsIn(image: OpenRegistryImage) {
  const manifest = await image.manifest();
  assert.ok(manifest.ok);
  const blobs = blobsOf(manifest.value, mediaTypes.ociManifest);
  assert.ok(blobs.ok);
  return checkBlobs(image, blobs.value);
}

function assertOutOfTime(result: Result<unknown, ImageProblem>, scene: Scene, server = "@A@"): void {
  assert.ok(!result.ok);
  const { problem } = result;
  const told = problem.code === "source.timeout" && [scene.normalize(problem.from), problem.phase, problem.seconds];
  assert.deepEqual(told, [server, "image", seconds], JSON.stringify(problem));
}

describe("the time for one image", { concurrency: 4 }, () => {
  const circle = { status: 302, headers: { Location: manifestPath }, delayMs: 300 };
  const hangs: Answer = { raw: "", ending: "hang" };
  const closed: readonly (readonly [string, Route])[] = [
    ["redirects, each of which takes its time", circle],
    ["a server that fails, and takes its time to", { status: 503, delayMs: 600 }],
    ["a server that wants to be asked again later", { status: 429, headers: { "Retry-After": "30" } }],
    ["a manifest that does not come", hangs],
    ["a manifest that comes byte by byte", { ...routes[manifestPath], slow: { bytes: 20, everyMs: 100 } }],
  ];
  for (const [what, route] of closed) {
    it(`bounds ${what}`, async () => {
      await inScene({ A: { ...routes, [manifestPath]: route } }, {}, async (access, scene) => {
        const before = performance.now();
        assertOutOfTime(await access.open(signed, undefined), scene);
        assert.ok(performance.now() - before < 3_000 * seconds);
      });
    });
  }

  it("bounds what several images wait for: whether there is a registry", async () => {
    await inScene({ A: { ...routes, "/v2/": hangs } }, {}, async (access, scene) => {
      for (const result of await Promise.all([access.open(signed, undefined), access.open(signed, undefined)])) {
        assertOutOfTime(result, scene);
      }
    });
  });

  it("bounds a list of tags", async () => {
    const page = { body: '{"tags":["a"]}', headers: { Link: '</x?n=1>; rel="next"' }, delayMs: 600 };
    await inScene({ A: { ...routes, "/v2/vendor/app/tags/list": page } }, {}, async (access, scene) => {
      assertOutOfTime(await access.tags(nameOf("registry.example.com/vendor/app"), undefined), scene);
    });
  });

  it("is one for all places of an image", async () => {
    const registriesConf = c.atA("@B@/copy");
    await inScene({ A: routes, B: { "/v2/": hangs } }, { registriesConf }, async (access, scene) => {
      assertOutOfTime(await access.open(signed, undefined), scene, "@B@");
      const { A } = scene.requests();
      assert.deepEqual(A, []);
    });
  });

  it("bounds signatures without end", async () => {
    const signature = { ...lookasideRoutesOf("/sigs", "vendor/app", c.gpgSigned) };
    const one = Object.values(signature)[0] as Answer;
    const servers = { A: routes, L: { "/sigs/*": { ...one, delayMs: 150 } } };
    await inScene(servers, { registriesD: c.atL }, async (access, scene) => {
      const image = await opened(access);
      assertOutOfTime(await image.signatures(), scene);
      assertOutOfTime(await image.instance(image.digest).manifest(), scene);
    });
  });

  it("bounds a blob that comes byte by byte", async () => {
    const drops = { body: layer, slow: { bytes: 100, everyMs: 100 } };
    await inScene({ A: { ...routes, [layerPath]: drops } }, {}, async (access, scene) => {
      assertOutOfTime(await blobsIn(await opened(access)), scene);
    });
  });

  it("is as long as it takes for a blob that comes", async () => {
    await inScene({ A: { ...routes, [layerPath]: slowly } }, {}, async (access) => {
      const before = performance.now();
      const blobs = await blobsIn(await opened(access));
      assert.ok(blobs.ok && blobs.value.checked === 2 && blobs.value.corrupt.length === 0, JSON.stringify(blobs));
      assert.ok(performance.now() - before > 1_500 * seconds);
    });
  });

  it("does not run while nothing is asked for", async () => {
    await inScene({ A: routes }, {}, async (access) => {
      const image = await opened(access);
      await new Promise((resolve) => setTimeout(resolve, 1_500 * seconds));
      assert.ok((await blobsIn(image)).ok);
    });
  });

  it("of one is not that of another which waits for the same manifest", async () => {
    const digest = [...content.manifests.keys()].find((name) => name.includes(":")) ?? "";
    const path = `/v2/vendor/app/manifests/${digest}`;
    const late = { ...routes[path], delayMs: 400 };
    await inScene({ A: { ...routes, [path]: late, [layerPath]: { delayMs: 850 } } }, {}, async (access, scene) => {
      const [first, second] = [await opened(access), await opened(access)];
      await blobsIn(first);
      const both = await Promise.all([first, second].map((image) => image.instance(image.digest).manifest()));
      assertOutOfTime(both[0] ?? { ok: true, value: undefined }, scene);
      assert.ok(both[1]?.ok, JSON.stringify(both[1]));
    });
  });

  it("does not outlive the run", async () => {
    await inScene({ A: { ...routes, [manifestPath]: hangs } }, {}, async (access) => {
      const run = new AbortController();
      const answer = access.open(signed, run.signal);
      setTimeout(() => run.abort(new Error("interrupted")), 100);
      await assert.rejects(answer, { message: "interrupted" });
    });
  });
});
