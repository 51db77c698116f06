/** The crate containers-image-proxy, which bootc and rpm-ostree are made with, on our image proxy in skopeo's place. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { cargoBuild, withoutCargo } from "../../support/cargo.ts";
import { brokenLayer, largeLayer, sha256, smallLayer } from "../../support/image-proxy/images.ts";
import { policyPath, proxyImages } from "../../support/image-proxy/play.ts";
import { fixtures } from "../../support/images.ts";
import { digestOf, madeImage } from "../../support/registry/content.ts";
import {
  type FaultServer,
  routesOf,
  type ServerScript,
  startFaultServer,
} from "../../support/registry/fault-server.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { runtimes } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const root = join(import.meta.dirname, "../../..");
const targetDirectory = join(root, "conformance/bin/image-proxy/rust");

/** What the program of conformance/image-proxy/rust prints of a blob: its digest, or why not. */
type Came = string | { readonly error: string; readonly retryable: boolean };
interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly GetBlob: Came;
  readonly GetRawBlob: Came;
}
interface Printed {
  readonly protocol: string;
  readonly image: {
    readonly digest: string;
    readonly manifest: string;
    readonly layers: number;
    readonly diffIds: number;
    readonly blobs: readonly Blob[];
    readonly error?: string;
    readonly retryable?: boolean;
  };
}

let reason: string | undefined;
before(() => {
  reason ??= cargoBuild(join(root, "conformance/image-proxy/rust"), { targetDirectory, minutes: 10 });
});

const servers: FaultServer[] = [];
after(() => Promise.all(servers.map((server) => server.stop())));

const small = `sha256:${sha256(smallLayer)}`;
const large = `sha256:${sha256(largeLayer)}`;
const whole = (bytes: Uint8Array): Blob => {
  const digest = digestOf(bytes);
  return { digest, size: bytes.length, GetBlob: digest, GetRawBlob: digest };
};
const bothLayers = [whole(smallLayer), whole(largeLayer)];

for (const { name, command } of runtimes) {
  describe(`containers-image-proxy, ${name}`, { skip: withoutCargo() ?? false }, () => {
    const drive = async (settings: Readonly<Record<string, unknown>>, policy?: string) => {
      const words = [...command, "--policy", policyPath(policy)];
      const { code, stdout, stderr } = await runAside(
        [join(targetDirectory, "debug/image-proxy-client"), JSON.stringify(settings), ...words],
        { PATH: "/usr/bin:/bin", HOME: "/nonexistent", XDG_RUNTIME_DIR: "/nonexistent" },
      );
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    const all = async (image: string, policy?: string): Promise<Printed["image"]> => {
      const printed: Printed = await drive({ image }, policy);
      assert.equal(printed.protocol, "0.2.8");
      return printed.image;
    };
    const check = (title: string, body: () => Promise<void>) =>
      it(title, { timeout: 120_000 }, async (context) => (reason === undefined ? await body() : context.skip(reason)));

    check("an OCI image: manifest, configuration, layers, and every blob by both ways", async () => {
      const { digest, manifest, layers, diffIds, blobs } = await all(`dir:${proxyImages()}/oci`);
      assert.equal(manifest, digest);
      assert.deepEqual({ layers, diffIds, blobs }, { layers: 2, diffIds: 2, blobs: bothLayers });
    });

    check("an image of schema 2 comes as one of OCI, with the digest of the original", async () => {
      const { digest, manifest, layers, blobs } = await all(`dir:${proxyImages()}/docker`);
      assert.notEqual(manifest, digest);
      assert.deepEqual({ layers, blobs }, { layers: 2, blobs: bothLayers });
    });

    check("400 layers", async () => {
      const { blobs } = await all(`dir:${proxyImages()}/many-layers`);
      assert.deepEqual(
        blobs,
        Array.from({ length: 400 }, () => whole(smallLayer)),
      );
    });

    check("a signed image that the policy accepts", async () => {
      const { digest, manifest, blobs } = await all(
        `dir:${proxyImages()}/gpg-release-oci`,
        "identity-exact-reference-everywhere.json",
      );
      assert.equal(manifest, digest);
      assert.ok(blobs.length > 0);
    });

    check("an image that the policy rejects is an error, and nothing of it comes", async () => {
      const { error, ...rest } = await all(`dir:${proxyImages()}/oci`, "identity-exact-reference-everywhere.json");
      assert.match(error ?? "", /^failed to invoke method OpenImageOptional: .*signature/);
      assert.deepEqual(rest, { retryable: false });
    });

    check("a policy that cannot be used fails Initialize", async () => {
      const { error, retryable } = await drive({ image: `dir:${proxyImages()}/oci` }, "invalid-not-json.json");
      assert.match(error, /^failed to invoke method Initialize: /);
      assert.equal(retryable, false);
    });

    check("an image that is not there", async () => {
      assert.deepEqual(await all(`oci:${fixtures}/layouts/app-oci:no-such-tag`), { absent: true });
    });

    check("a broken blob: an error by both ways, and the other one comes", async () => {
      const { blobs } = await all(`dir:${proxyImages()}/broken`);
      assert.deepEqual(blobs[0], whole(smallLayer));
      const error = (text: string) => ({ error: text, retryable: false });
      assert.deepEqual(blobs[1], {
        ...whole(largeLayer),
        GetBlob: error(`failed to invoke method FinishPipe: corrupted blob, expecting ${large}`),
        GetRawBlob: error(`other error: Blob digest mismatch for ${large}: computed sha256:${sha256(brokenLayer)}`),
      });
    });

    const registry = async (script: ServerScript, layers: readonly Uint8Array[]) => {
      const routes = { ...routesOf("app", madeImage(layers, "1.0", "an image")), ...script.routes };
      const server = await startFaultServer({ ...script, routes });
      servers.push(server);
      return server.address;
    };

    check("credentials come as a descriptor, and the image from a registry", async () => {
      const authorization = `Basic ${Buffer.from("user:secret").toString("base64")}`;
      const requires = { authorization, challenge: 'Basic realm="here"' };
      const address = await registry({ requires }, [smallLayer, largeLayer]);
      const auth = join(temporaryDirectory(), "auth.json");
      const entry = { auth: authorization.slice("Basic ".length) };
      writeFileSync(auth, JSON.stringify({ auths: { [address]: entry } }));
      const image = `docker://${address}/app:1.0`;
      const printed: Printed = await drive({ image, auth, insecure: true });
      assert.deepEqual(printed.image.blobs, bothLayers);
      assert.equal(printed.image.manifest, printed.image.digest);
    });

    check("what may work later is told apart", async () => {
      const routes = { [`/v2/app/blobs/${small}`]: { status: 503 } };
      const address = await registry({ routes }, [smallLayer]);
      const printed: Printed = await drive({ image: `docker://${address}/app:1.0`, insecure: true });
      for (const way of ["GetBlob", "GetRawBlob"] as const) {
        const came = printed.image.blobs[0]?.[way];
        assert.ok(typeof came === "object" && came.retryable, JSON.stringify(came));
      }
    });
  });
}
