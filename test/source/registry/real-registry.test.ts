import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { digestOf, fixtureContent, mediaTypes } from "../../support/registry/content.ts";
import {
  account,
  type DockerRegistry,
  type RegistryOptions,
  startDockerRegistry,
  withoutDockerRegistry,
} from "../../support/registry/docker-registry.ts";
import { Pusher, writeLookaside } from "../../support/registry/fill.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { newTlsMaterial } from "../../support/registry/tls.ts";
import { runtimes } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const hasSkopeo = existsSync("/usr/bin/skopeo");
const pair = Buffer.from(`${account.user}:${account.password}`).toString("base64");

/** Signed by the key of test/fixtures, or not: the exit code of each. */
const images: readonly (readonly [string, number])[] = [
  ["gpg-release-oci", 0],
  ["gpg-release-docker-schema2", 0],
  ["gpg-two-signatures-second-matches", 0],
  ["gpg-garbage-then-valid", 4],
  ["gpg-index", 0],
  ["unsigned", 1],
  ["gpg-unknown-key", 1],
  ["gpg-other-repository", 1],
  ["gpg-other-tag", 1],
  ["gpg-signature-bit-flipped", 1],
  ["gpg-index-only-list-signed", 1],
];

const tls = newTlsMaterial();

interface Access {
  readonly what: string;
  readonly registry: RegistryOptions;
  /** Whether --authfile has the right password, a wrong one, or there is no file. */
  readonly credentials?: "right" | "wrong";
  readonly certificates?: "right" | "none";
  /** If no image can be had: the exit code. */
  readonly fails?: number;
}

const ways: readonly Access[] = [
  { what: "plain HTTP", registry: {} },
  { what: "TLS", registry: { tls }, certificates: "right" },
  { what: "TLS, without the authority", registry: { tls }, certificates: "none", fails: 5 },
  { what: "plain HTTP, where TLS is wanted", registry: {}, certificates: "none", fails: 5 },
  { what: "a password", registry: { auth: "basic" }, credentials: "right" },
  { what: "a wrong password", registry: { auth: "basic" }, credentials: "wrong", fails: 5 },
  { what: "no password", registry: { auth: "basic" }, fails: 5 },
  { what: "tokens", registry: { auth: "token" }, credentials: "right" },
  { what: "tokens for anybody", registry: { auth: "token" } },
  { what: "tokens, and a wrong password", registry: { auth: "token" }, credentials: "wrong", fails: 5 },
];

/** Images, their signatures in a lookaside, and the registries' storage, which all of them have in common. */
async function fill(): Promise<{ storage: string; lookaside: string }> {
  const registry = await startDockerRegistry();
  const lookaside = temporaryDirectory();
  const pusher = new Pusher({ url: registry.url });
  try {
    for (const [image] of images) {
      const content = fixtureContent(image);
      await pusher.push(`vendor/${image}`, content);
      writeLookaside(lookaside, `vendor/${image}`, content);
    }
  } finally {
    pusher.close();
    await registry.stop();
  }
  return { storage: registry.storage, lookaside };
}

const policy = JSON.stringify({
  default: [{ type: "reject" }],
  transports: {
    docker: {
      "": [
        {
          type: "signedBy",
          keyType: "GPGKeys",
          keyPath: join(fixtures, "keys/gpg/release-rsa4096.gpg"),
          signedIdentity: { type: "exactReference", dockerReference: "registry.example.com/vendor/app:1.0" },
        },
      ],
    },
  },
});

describe("docker-registry", { skip: withoutDockerRegistry, concurrency: 2 }, () => {
  let filled: ReturnType<typeof fill> | undefined;
  before(() => {
    filled = fill();
    return filled;
  });

  for (const { what, registry: options, credentials, certificates, fails } of ways) {
    describe(what, () => {
      let registry: DockerRegistry | undefined;
      const directory = temporaryDirectory();
      before(async () => {
        assert.ok(filled);
        const { storage, lookaside } = await filled;
        registry = await startDockerRegistry({ ...options, storage, isReadOnly: true });
        const auth = credentials === "right" ? pair : Buffer.from(`${account.user}:wrong`).toString("base64");
        writeFileSync(join(directory, "auth.json"), JSON.stringify({ auths: { [registry.address]: { auth } } }));
        for (const each of ["d", "certs", "home"]) mkdirSync(join(directory, each));
        writeFileSync(
          join(directory, "d/a.yaml"),
          `default-docker:\n  lookaside: file://${lookaside}\n  sigstore: file://${lookaside}\n`,
        );
        if (certificates === "right") writeFileSync(join(directory, "certs/ca.crt"), tls.ca);
        writeFileSync(join(directory, "policy.json"), policy);
      });
      after(() => registry?.stop());

      /** The options that are spelled alike, and the name of an image. */
      const settings = (image: string, prefix: string) => {
        const isVerified = certificates !== undefined;
        return {
          common: [`--policy=${directory}/policy.json`, `--registries.d=${directory}/d`],
          ofSource: [
            `--${prefix}tls-verify=${isVerified}`,
            ...(isVerified ? [`--${prefix}cert-dir=${directory}/certs`] : []),
            ...(credentials === undefined ? [] : [`--authfile=${directory}/auth.json`]),
          ],
          reference: `docker://${registry?.address}/vendor/${image}:1.0`,
        };
      };
      const env = { HOME: join(directory, "home"), PATH: "/usr/bin:/bin" };
      const asked = fails === undefined ? images : images.slice(0, 1);

      for (const { name: runtime, command } of runtimes) {
        it(`verify-policy (${runtime})`, async () => {
          const { common, ofSource } = settings("", "");
          const references = asked.map(([image]) => settings(image, "").reference);
          const args = ["--platform=linux/amd64", "--blobs=full", "--format=jsonl"];
          const ended = await runAside(
            [...command, "verify-policy", ...common, ...ofSource, ...args, ...references],
            env,
          );
          const lines = ended.stdout
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line));
          assert.deepEqual(
            lines.map(({ reference, exitCode }) => `${reference.split("/").at(-1)} ${exitCode}`),
            asked.map(([image, exitCode]) => `${image}:1.0 ${fails ?? exitCode}`),
            ended.stdout,
          );
          for (const [at, [image]] of asked.entries()) {
            if (fails !== undefined) continue;
            const digest = digestOf(fixtureContent(image).manifests.get("1.0")?.bytes ?? "");
            assert.equal(lines[at].pinned, `${registry?.address}/vendor/${image}@${digest}`);
          }
          assert.equal(ended.code, fails ?? Math.max(...images.map(([, code]) => code)));
        });
      }

      for (const [image, exitCode] of asked) {
        it(`skopeo: ${image}`, { skip: !hasSkopeo && "skopeo is not installed" }, async () => {
          const { common, ofSource, reference } = settings(image, "src-");
          const target = `dir:${join(directory, "copy-of-")}${image}`;
          const platform = ["--override-os=linux", "--override-arch=amd64"];
          const ended = await runAside(
            ["/usr/bin/skopeo", ...common, ...platform, "copy", ...ofSource, reference, target],
            env,
          );
          assert.equal(ended.code === 0, (fails ?? exitCode) === 0, ended.stderr);
          if (fails === undefined && exitCode !== 0) assert.match(ended.stderr, /Source image rejected/);
        });
      }
    });
  }

  it("what it does not have, and all of its tags", async () => {
    assert.ok(filled);
    const registry = await startDockerRegistry({ storage: (await filled).storage, isReadOnly: true });
    const path = join(temporaryDirectory(), "policy.json");
    writeFileSync(path, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
    const [{ command }] = runtimes;
    const run = (...args: readonly string[]) =>
      runAside([...command, "verify-policy", `--policy=${path}`, "--tls-verify=false", "--format=jsonl", ...args], {});
    try {
      for (const name of ["vendor/unsigned:2.0", "vendor/nowhere:1.0"]) {
        const ended = await run(`${registry.address}/${name}`);
        assert.deepEqual([ended.code, JSON.parse(ended.stdout).code], [5, "source.not-found"], ended.stdout);
      }
      const tags = await run("--all-tags", `${registry.address}/vendor/unsigned`);
      assert.deepEqual([tags.code, JSON.parse(tags.stdout).reference], [0, `${registry.address}/vendor/unsigned:1.0`]);
      const list = await run("--platform=linux/arm64", `${registry.address}/vendor/gpg-index:1.0`);
      assert.deepEqual(
        [list.code, JSON.parse(list.stdout).manifest.mediaType],
        [0, mediaTypes.ociManifest],
        list.stdout,
      );
    } finally {
      await registry.stop();
    }
  });
});
