import assert from "node:assert/strict";

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { digestOf, fixtureContent, mediaTypes } from "../../support/registry/content.ts";
import {
  account,
  type DockerRegistry,
  type RegistryOptions,
  startDockerRegistry,
  withoutDockerRegistry,
} from "../../support/registry/docker-registry.ts";
import { Pusher, type Target, writeLookaside } from "../../support/registry/fill.ts";
import { recordedSituations } from "../../support/registry/recorded.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { buildScene } from "../../support/registry/situation.ts";
import { situations } from "../../support/registry/situations/all.ts";
import { startStubRegistry } from "../../support/registry/start-stub-registry.ts";
import { newTlsMaterial } from "../../support/registry/tls.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const skopeo = ["/usr/bin/skopeo"].find(existsSync);
const withoutTools = withoutDockerRegistry || (skopeo === undefined && "skopeo is not installed");
const basic = `Basic ${Buffer.from(`${account.user}:${account.password}`).toString("base64")}`;

const runSkopeo = (...args: readonly string[]) =>
  runAside([skopeo ?? "", ...args], { HOME: temporaryDirectory(), PATH: "/usr/bin:/bin" });

/** What skopeo has to say of a reference: its manifest, or an error. */
function inspect(registry: DockerRegistry, name: string, ...options: readonly string[]) {
  return runSkopeo("inspect", "--raw", ...options, `docker://${registry.address}/${name}`);
}

describe("docker-registry", { skip: withoutTools }, () => {
  const tls = newTlsMaterial();
  const certificates = temporaryDirectory();
  writeFileSync(join(certificates, "ca.crt"), tls.ca);
  const kinds: readonly (readonly [string, RegistryOptions, readonly string[], readonly string[]])[] = [
    ["plain", {}, ["--tls-verify=false"], []],
    ["TLS", { tls }, [`--cert-dir=${certificates}`], ["--cert-dir=/nowhere"]],
    [
      "basic",
      { auth: "basic" },
      ["--tls-verify=false", "--creds=user:secret"],
      ["--tls-verify=false", "--creds=user:no"],
    ],
  ];
  for (const [name, options, good, bad] of kinds) {
    it(name, async () => {
      const registry = await startDockerRegistry(options);
      const target: Target = {
        url: registry.url,
        ...(options.tls === undefined ? {} : { ca: options.tls.ca }),
        ...(options.auth === undefined ? {} : { headers: { Authorization: basic } }),
      };
      const pusher = new Pusher(target);
      const content = fixtureContent("sigstore-index");
      await pusher.push("vendor/app", content);
      pusher.close();
      const found = await inspect(registry, "vendor/app:1.0", ...good);
      assert.equal(digestOf(found.stdout), digestOf(content.manifests.get("1.0")?.bytes ?? ""), found.stderr);
      if (bad.length > 0) assert.notEqual((await inspect(registry, "vendor/app:1.0", ...bad)).code, 0);
      await registry.stop();
    });
  }

  it("token, and read only over the same storage", async () => {
    const first = await startDockerRegistry();
    const pusher = new Pusher({ url: first.url });
    const content = fixtureContent("sigstore-key-tag");
    await pusher.push("vendor/app", content);
    pusher.close();
    await first.stop();
    const registry = await startDockerRegistry({ auth: "token", storage: first.storage, isReadOnly: true });
    for (const options of [[], ["--creds=user:secret"]]) {
      const found = await inspect(registry, "vendor/app:1.0", "--tls-verify=false", ...options);
      assert.equal(digestOf(found.stdout), digestOf(content.manifests.get("1.0")?.bytes ?? ""), found.stderr);
    }
    const refused = await inspect(registry, "vendor/app:1.0", "--tls-verify=false", "--creds=user:no");
    assert.match(refused.stderr, /unauthorized|401/i);
    const readOnly = new Pusher({ url: registry.url });
    await assert.rejects(readOnly.push("vendor/app", content));
    readOnly.close();
    await registry.stop();
  });

  it("skopeo accepts what was filled, and refuses what is not signed", async () => {
    const registry = await startDockerRegistry();
    const pusher = new Pusher({ url: registry.url });
    const directory = temporaryDirectory();
    for (const image of ["gpg-release-oci", "unsigned"]) {
      await pusher.push(`vendor/${image}`, fixtureContent(image));
      writeLookaside(join(directory, "sigs"), `vendor/${image}`, fixtureContent(image));
    }
    pusher.close();
    mkdirSync(join(directory, "d"));
    writeFileSync(join(directory, "d/a.yaml"), `default-docker:\n  lookaside: file://${directory}/sigs\n`);
    const policy = {
      default: [
        {
          type: "signedBy",
          keyType: "GPGKeys",
          keyPath: join(import.meta.dirname, "../../fixtures/keys/gpg/release-rsa4096.gpg"),
          signedIdentity: { type: "exactReference", dockerReference: "registry.example.com/vendor/app:1.0" },
        },
      ],
    };
    writeFileSync(join(directory, "policy.json"), JSON.stringify(policy));
    const copy = (image: string) =>
      runSkopeo(
        `--policy=${directory}/policy.json`,
        `--registries.d=${directory}/d`,
        "copy",
        "--src-tls-verify=false",
        `docker://${registry.address}/vendor/${image}:1.0`,
        `dir:${directory}/${image}`,
      );
    const signed = await copy("gpg-release-oci");
    assert.equal(signed.code, 0, signed.stderr);
    assert.match((await copy("unsigned")).stderr, /no signature exists/);
    await registry.stop();
  });
});

describe("situations", () => {
  const recorded = recordedSituations();

  it("each has a name of its own and was recorded", () => {
    const names = situations.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
    assert.deepEqual(Object.keys(recorded), names);
  });

  it("every outcome is there, many times", () => {
    for (const outcome of ["accepted", "rejected", "error", "hangs"]) {
      assert.ok(Object.values(recorded).filter((each) => each.outcome === outcome).length >= 10, outcome);
    }
  });

  it("a scene answers as its situation says, and writes down who asked", async () => {
    const situation = situations.find(
      ({ name }) => name === "a payload is redirected to another port, with credentials",
    );
    assert.ok(situation !== undefined);
    const scene = await buildScene(situation);
    const address = /"([^"]*)"/.exec(readFileSync(scene.question.authFile, "utf8").slice(10))?.[1];
    const answer = await fetch(`http://${address}/v2/vendor/app/manifests/1.0`);
    assert.equal(answer.status, 401);
    const known = await fetch(`http://${address}/v2/vendor/app/manifests/1.0`, { headers: { Authorization: basic } });
    assert.equal(known.headers.get("content-type"), mediaTypes.ociManifest);
    assert.deepEqual(scene.requests(), {
      A: ["GET /v2/vendor/app/manifests/1.0", "GET /v2/vendor/app/manifests/1.0 [Basic user:secret]"],
      E: [],
    });
    assert.ok(!JSON.stringify(scene.args.map(scene.normalize)).includes("127.0.0.1"));
    await scene.stop();
  });
});

describe("the stub registry", () => {
  it("has any image, the same each time, and counts", async () => {
    const stub = await startStubRegistry();
    const get = async (path: string) => (await fetch(`http://${stub.address}${path}`)).text();
    const manifest = await get("/v2/app/000042/manifests/1.0");
    assert.equal(await get("/v2/app/000042/manifests/1.0"), manifest);
    assert.notEqual(await get("/v2/app/000043/manifests/1.0"), manifest);
    const attachment = JSON.parse(await get(`/v2/app/000042/manifests/${digestOf(manifest).replace(":", "-")}.sig`));
    const payload = await get(`/v2/app/000042/blobs/${attachment.layers[0].digest}`);
    assert.equal(digestOf(payload), attachment.layers[0].digest);
    assert.match(payload, new RegExp(`registry.example.com/app/000042:1.0.*${digestOf(manifest)}`));
    const { mostInSecond: _, ...counts } = await stub.counts();
    await stub.stop();
    assert.deepEqual(counts, {
      "/v2/": 0,
      heads: 0,
      manifests: 3,
      attachments: 1,
      blobs: 1,
      other: 0,
      perPathMost: 2,
    });
  });
});
