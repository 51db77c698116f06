import assert from "node:assert/strict";
import { chmodSync, cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { maxBlobsUnderWay, maxOpenImages } from "../../../src/limits.ts";
import { fixtureImage, fixtures } from "../../support/images.ts";
import { dirLayout, ociLayout, ociManifestType, sha256 } from "../../support/layouts.ts";
import { runtimes } from "../../support/run.ts";
import { fixturePolicyFile, makeFifo, temporaryDirectory } from "../../support/temporary.ts";
import {
  endRunning,
  RunningService,
  type ServedFile,
  type ServiceClient,
} from "../../support/varlink/running-service.ts";

const identity = "registry.example.com/vendor/app:1.0";
/** Whose policy takes anything. */
const open = "registry.example.com/public/app:1.0";
/** Whose policy takes nothing. */
const rejected = "registry.example.com/vendor/unreleased:1.0";
const signed = join(fixtures, "images", "gpg-release-oci");
const { manifest, signatures } = fixtureImage("gpg-release-oci");
const digest = `sha256:${sha256(manifest)}`;
const configDigest = "sha256:1ccd8e5cbf771eb6e55faadb09b0d710fea5f999b98b4948621b6c670065f4f4";
const nobody = 65534;
const needsRoot = process.getuid?.() === 0 ? false : "only root can be somebody else";
const noImage = `sha256:${"0".repeat(64)}`;

/** Larger than a pipe holds. */
const large = Buffer.alloc(300_000, "a layer that no pipe holds as a whole; ");
const small = Buffer.from("a layer");
const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');

interface Part {
  readonly content: Uint8Array;
  readonly size?: number;
}

function manifestOf(layers: readonly Part[]): string {
  const descriptor = (mediaType: string, { content, size = content.length }: Part) => {
    return { mediaType, digest: `sha256:${sha256(content)}`, size };
  };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: descriptor("application/vnd.oci.image.config.v1+json", { content: config }),
    layers: layers.map((layer) => descriptor("application/vnd.oci.image.layer.v1.tar", layer)),
  });
}

/** A layer of each kind of fate, as it should be. */
const fates = {
  right: { content: small },
  large: { content: large },
  "with other bytes": { content: Buffer.from("what it should have") },
  "cut short": { content: Buffer.from("all of it, and more") },
  "with more bytes": { content: Buffer.from("this") },
  "of another size than the manifest says": { content: Buffer.from("seven"), size: 7 },
  missing: { content: Buffer.from("nowhere") },
  "a link": { content: Buffer.from("elsewhere") },
  "a named pipe": { content: Buffer.from("piped") },
  "a directory": { content: Buffer.from("folded") },
} as const satisfies Record<string, Part>;

type Fate = keyof typeof fates;

const blobOf = (fate: Fate): string => `sha256:${sha256(fates[fate].content)}`;

function imageWithFates(): string {
  const name = (fate: Fate): string => sha256(fates[fate].content);
  const path = dirLayout(manifestOf(Object.values(fates)), {
    [sha256(config)]: config,
    [name("right")]: small,
    [name("large")]: large,
    [name("with other bytes")]: "what it really is.!",
    [name("cut short")]: "all of it",
    [name("with more bytes")]: "this, and more",
    [name("of another size than the manifest says")]: "seven",
    elsewhere: fates["a link"].content,
  });
  symlinkSync("elsewhere", join(path, name("a link")));
  makeFifo(join(path, name("a named pipe")));
  cpSync(signed, join(path, name("a directory")), { recursive: true });
  return path;
}

function only(files: readonly ServedFile[]): ServedFile {
  const [file] = files;
  assert.ok(file !== undefined && files.length === 1, JSON.stringify(files));
  return file;
}

function assertSealed(file: ServedFile, content: Uint8Array): void {
  assert.equal(file.sha256, sha256(content));
  assert.equal((file.seals ?? 0) & 0xf, 0xf);
  assert.equal(file.offset, 0);
  assert.deepEqual(file.refused, ["write", "truncate", "reopen"]);
}

const asDir = { directory_fd_index: 0 };
const asOci = { directory_fd_index: 0, directory_layout: "oci" };

for (const runtime of runtimes) {
  describe(`dev.sealcheck.Image, ${runtime.name}`, () => {
    let service: RunningService;
    let client: ServiceClient;
    before(async () => {
      const policy = `--policy=${fixturePolicyFile("rhel-like.json")}`;
      const args = [policy, "--override-os=linux", "--override-arch=amd64"];
      service = await RunningService.start(runtime, args, { abstract: true });
      client = service.connect();
    });
    after(async () => {
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });
    after(endRunning);

    /** The handle of an image that is accepted. */
    async function opened(path: string, more: object = { identity: open, ...asDir }, from = client): Promise<number> {
      const answer = await from.call("Image.Open", more, { open: [path] });
      assert.equal(answer.parameters?.verdict?.outcome, "accepted", JSON.stringify(answer));
      const image = answer.parameters?.image ?? 0;
      assert.ok(image > 0);
      return image;
    }

    async function assertFails(method: string, parameters: object, error: string, more: object): Promise<void> {
      const answer = await client.call(`Image.${method}`, parameters);
      assert.equal(answer.error, `dev.sealcheck.Image.${error}`, JSON.stringify(answer));
      assert.deepEqual({ ...answer.parameters, ...more }, answer.parameters);
      assert.deepEqual(answer.files, []);
    }

    describe("Open", () => {
      const layout = ociLayout({
        entries: [
          { content: manifest, name: "1.0" },
          { content: fixtureImage("unsigned-other").manifest, name: "other" },
        ],
        files: { "signature-1": signatures[0] ?? "" },
      });
      const list = join(fixtures, "images", "gpg-index-only-list-signed");
      const instances = join(fixtures, "images", "gpg-index-only-instances-signed");
      const verdicts: readonly (readonly [string, string, object, string, string | undefined])[] = [
        ["a directory", signed, { identity, ...asDir }, "accepted", digest],
        ["the same, its layout named", signed, { identity, ...asDir, directory_layout: "dir" }, "accepted", digest],
        [
          "of another tag",
          signed,
          { identity: `${identity}1`, ...asDir },
          "requirement.signature.not-accepted",
          undefined,
        ],
        ["that the policy rejects", signed, { identity: rejected, ...asDir }, "requirement.reject", undefined],
        [
          "signed by nobody",
          join(fixtures, "images", "unsigned"),
          { identity, ...asDir },
          "requirement.signature.missing",
          undefined,
        ],
        [
          "that has to be signed",
          signed,
          { identity: open, ...asDir, options: { require_signed: true } },
          "requirement.signed.missing",
          undefined,
        ],
        ["an OCI layout", layout, { identity, ...asOci, image_name: "1.0" }, "accepted", digest],
        [
          "another of its images",
          layout,
          { identity, ...asOci, image_name: "other" },
          "requirement.signature.not-accepted",
          undefined,
        ],
        [
          "an index",
          list,
          { identity, ...asDir },
          "accepted",
          "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2",
        ],
        [
          "an index whose images are signed",
          instances,
          { identity, ...asDir },
          "accepted",
          "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2",
        ],
      ];
      for (const [name, path, parameters, code, manifestDigest] of verdicts) {
        it(`${name}: ${code}`, async () => {
          const answer = await client.call("Image.Open", parameters, { open: [path] });
          const { verdict, image } = answer.parameters ?? {};
          assert.equal(verdict?.code, code, JSON.stringify(answer));
          if (manifestDigest === undefined) {
            assert.equal(verdict?.outcome, "rejected");
            assert.equal(image, null);
            return;
          }
          assert.ok(image != null && image > 0);
          const given = await client.call("Image.GetManifest", { image });
          assert.equal(given.parameters?.digest, manifestDigest);
          assert.equal(`sha256:${only(given.files).sha256}`, manifestDigest);
          await client.call("Image.Close", { image });
        });
      }

      const senseless: readonly (readonly [string, object, readonly string[], string])[] = [
        ["neither a reference nor a directory", { identity }, [signed], "reference"],
        ["both", { identity, reference: `dir:${signed}`, ...asDir }, [signed], "reference"],
        [
          "a reference with a layout",
          { identity, reference: `dir:${signed}`, directory_layout: "dir" },
          [],
          "directory_layout",
        ],
        [
          "a reference with an image's name",
          { identity, reference: `dir:${signed}`, image_name: "1.0" },
          [],
          "image_name",
        ],
        ["an index without descriptors", { identity, ...asDir }, [], "directory_fd_index"],
        ["an index behind the descriptors", { identity, directory_fd_index: 1 }, [signed], "directory_fd_index"],
        ["a negative index", { identity, directory_fd_index: -1 }, [signed], "directory_fd_index"],
        ["half an index", { identity, directory_fd_index: 0.5 }, [signed], "directory_fd_index"],
        [
          "a layout that there is not",
          { identity, ...asDir, directory_layout: "docker" },
          [signed],
          "directory_layout",
        ],
        ["no identity", asDir, [signed], "identity"],
        [
          "a misspelt option",
          { identity, ...asDir, options: { require_singed: true } },
          [signed],
          "options.require_singed",
        ],
        ["a policy", { identity, ...asDir, policy: "/x" }, [signed], "policy"],
        [
          "half a platform",
          { identity, ...asDir, options: { platform: { architecture: "amd64" } } },
          [signed],
          "options.platform.operating_system",
        ],
      ];
      for (const [name, parameters, paths, parameter] of senseless) {
        it(`${name}: InvalidParameter ${parameter}`, async () => {
          const answer = await client.call("Image.Open", parameters, { open: paths });
          assert.equal(answer.error, "org.varlink.service.InvalidParameter", JSON.stringify(answer));
          assert.deepEqual(answer.parameters, { parameter });
        });
      }

      const empty = temporaryDirectory();
      const errors: readonly (readonly [string, object, readonly string[], string, string])[] = [
        [
          "a file in place of a directory",
          { identity, ...asDir },
          [join(signed, "manifest.json")],
          "NotPermitted",
          "image.source.unreadable",
        ],
        ["an empty directory", { identity, ...asDir }, [empty], "ImageUnusable", "image.manifest.missing"],
        ["an OCI layout for a directory", { identity, ...asDir }, [layout], "ImageUnusable", "image.manifest.missing"],
        ["a directory for an OCI layout", { identity, ...asOci }, [signed], "ImageUnusable", "image.source.malformed"],
        ["an identity of nothing", { identity: "", ...asDir }, [signed], "IdentityInvalid", "identity.empty"],
        [
          "a name that the layout has not",
          { identity, ...asOci, image_name: "2.0" },
          [layout],
          "ImageNotFound",
          "image.source.not-found",
        ],
        ["a layout of two, and no name", { identity, ...asOci }, [layout], "ImageUnusable", "image.source.ambiguous"],
        [
          "a platform that the index has not",
          { identity, ...asDir, options: { platform: { operating_system: "plan9", architecture: "mips" } } },
          [list],
          "ImageUnusable",
          "image.platform.missing",
        ],
        [
          "a reference to nothing",
          { identity, reference: `dir:${empty}/none` },
          [],
          "ImageUnusable",
          "image.source.unreadable",
        ],
        [
          "a layout without that image",
          { identity, reference: `oci:${layout}:2.0` },
          [],
          "ImageNotFound",
          "image.source.not-found",
        ],
        [
          "a reference of no transport",
          { identity, reference: "nothing:x" },
          [],
          "ImageUnusable",
          "usage.source.unsupported",
        ],
        [
          "a registry that nobody is",
          { identity, reference: "docker://localhost:1/app:1.0" },
          [],
          "SourceUnavailable",
          "source.unreachable",
        ],
      ];
      for (const [name, parameters, paths, error, code] of errors) {
        it(`${name}: ${error}, ${code}`, async () => {
          const answer = await client.call("Image.Open", parameters, { open: paths });
          assert.equal(answer.error, `dev.sealcheck.Image.${error}`, JSON.stringify(answer));
          assert.equal(answer.parameters?.code, code);
          assert.notEqual(answer.parameters?.message, "");
        });
      }

      it("an image of an index, for a platform", async () => {
        const options = { platform: { operating_system: "linux", architecture: "arm64" } };
        const image = await opened(list, { identity, ...asDir, options });
        const { parameters } = await client.call("Image.GetManifest", { image });
        assert.equal(parameters?.digest, "sha256:7ad660e7b396bb1413e82660c21bff898a869643ddbf256fee96322fc64f3e12");
      });

      it("by reference, with the service's own rights", async () => {
        for (const reference of [`dir:${signed}`, `oci:${layout}:1.0`]) {
          const answer = await client.call("Image.Open", { identity: open, reference });
          const image = answer.parameters?.image ?? 0;
          const given = await client.call("Image.GetManifest", { image });
          assert.equal(given.parameters?.digest, digest, JSON.stringify(answer));
        }
      });

      it("what is opened by O_PATH", async () => {
        const answer = await client.call("Image.Open", { identity, ...asDir }, { open: [signed], pathOnly: true });
        assert.equal(answer.parameters?.verdict?.outcome, "accepted");
      });

      it("the descriptor that the index names, of several", async () => {
        const answer = await client.call(
          "Image.Open",
          { identity, directory_fd_index: 1 },
          { open: [empty, signed, empty] },
        );
        assert.equal(answer.parameters?.verdict?.outcome, "accepted");
      });
    });

    describe("what is not the caller's to read", { skip: needsRoot }, () => {
      async function asNobody<T>(ask: (from: ServiceClient) => Promise<T>): Promise<T> {
        const from = service.connect(nobody);
        return ask(from).finally(() => from.close());
      }

      const directories: readonly (readonly [string, (path: string) => void, object, string | undefined, string])[] = [
        ["readable by all", () => {}, asDir, undefined, "accepted"],
        [
          "a directory that is root's alone",
          (path) => chmodSync(path, 0o700),
          asDir,
          "NotPermitted",
          "image.source.unreadable",
        ],
        [
          "a manifest that is root's alone",
          (path) => chmodSync(join(path, "manifest.json"), 0o600),
          asDir,
          "ImageUnusable",
          "image.file.unreadable",
        ],
        [
          "a signature that is root's alone",
          (path) => chmodSync(join(path, "signature-1"), 0o600),
          asDir,
          "ImageUnusable",
          "image.file.unreadable",
        ],
      ];
      for (const [name, change, more, error, code] of directories) {
        it(`${name}: ${error ?? code}`, async () => {
          const path = dirLayout(manifest, { "signature-1": signatures[0] ?? "" });
          change(path);
          const answer = await asNobody((from) => from.call("Image.Open", { identity, ...more }, { open: [path] }));
          assert.equal(answer.error, error && `dev.sealcheck.Image.${error}`, JSON.stringify(answer));
          assert.equal(answer.parameters?.verdict?.code ?? answer.parameters?.code, code);
          const own = await client.call("Image.Open", { identity, ...more }, { open: [path] });
          assert.equal(own.parameters?.verdict?.outcome, "accepted");
        });
      }

      it("an OCI layout whose blobs are root's alone", async () => {
        const path = ociLayout({ entries: [{ content: manifest }], files: { "signature-1": signatures[0] ?? "" } });
        chmodSync(path, 0o755);
        chmodSync(join(path, "blobs"), 0o700);
        const ask = { identity, ...asOci };
        const answer = await asNobody((from) => from.call("Image.Open", ask, { open: [path] }));
        assert.equal(answer.error, "dev.sealcheck.Image.ImageUnusable", JSON.stringify(answer));
        assert.equal((await client.call("Image.Open", ask, { open: [path] })).parameters?.verdict?.outcome, "accepted");
      });

      it("a blob and a configuration that are root's alone", async () => {
        const path = imageWithFates();
        chmodSync(join(path, sha256(small)), 0o600);
        chmodSync(join(path, sha256(config)), 0o600);
        await asNobody(async (from) => {
          const image = await opened(path, undefined, from);
          for (const [method, parameters] of [
            ["GetBlob", { image, digest: blobOf("right") }],
            ["GetConfig", { image }],
          ] as const) {
            const answer = await from.call(`Image.${method}`, parameters);
            assert.equal(answer.error, "dev.sealcheck.Image.ImageUnusable", JSON.stringify(answer));
            assert.deepEqual(answer.files, []);
          }
        });
      });

      it("a reference", async () => {
        for (const reference of [`dir:${signed}`, "docker://localhost:1/app:1.0", "nothing:x"]) {
          const answer = await asNobody((from) => from.call("Image.Open", { identity: open, reference }));
          assert.equal(answer.error, "dev.sealcheck.Image.NotPermitted");
          assert.equal(answer.parameters?.code, "caller.reference");
        }
      });
    });

    describe("content", () => {
      it("the manifest and the configuration, byte for byte and sealed", async () => {
        const image = await opened(signed, { identity, ...asDir });
        const given = await client.call("Image.GetManifest", { image });
        assert.deepEqual(given.parameters, {
          digest,
          media_type: ociManifestType,
          size_bytes: manifest.length,
          manifest_fd_index: 0,
        });
        assertSealed(only(given.files), manifest);
        const settings = await client.call("Image.GetConfig", { image });
        const content = readFileSync(join(signed, configDigest.slice("sha256:".length)));
        const media_type = "application/vnd.oci.image.config.v1+json";
        assert.deepEqual(settings.parameters, {
          digest: configDigest,
          media_type,
          size_bytes: content.length,
          config_fd_index: 0,
        });
        assertSealed(only(settings.files), content);
      });

      it("the layers, lowest first", async () => {
        const image = await opened(imageWithFates());
        const { parameters } = await client.call("Image.GetLayerInfo", { image });
        const told = parameters?.layers?.map((layer) => [layer.digest, layer.size_bytes]);
        assert.deepEqual(
          told,
          Object.values(fates).map((part: Part) => [
            `sha256:${sha256(part.content)}`,
            part.size ?? part.content.length,
          ]),
        );
      });

      it("a configuration with other bytes, and none", async () => {
        const changed = dirLayout(manifestOf([]), { [sha256(config)]: "{}" });
        await assertFails("GetConfig", { image: await opened(changed) }, "ImageUnusable", {
          code: "image.blob.corrupt",
        });
        const missing = dirLayout(manifestOf([]));
        await assertFails("GetConfig", { image: await opened(missing) }, "ImageUnusable", {
          code: "image.blob.missing",
        });
      });

      for (const [name, content] of [
        ["right", small],
        ["large", large],
      ] as const) {
        it(`a blob: ${name}`, async () => {
          const image = await opened(imageWithFates());
          const given = await client.call("Image.GetBlob", { image, digest: blobOf(name) });
          assert.equal(given.parameters?.size_bytes, content.length);
          assert.equal((await client.readPipe(only(given.files))).sha256, sha256(content));
          const finished = await client.call("Image.FinishBlob", { blob: given.parameters?.blob });
          assert.deepEqual(finished.parameters, { size_bytes: content.length });
        });
      }

      it("the configuration as a blob", async () => {
        const image = await opened(imageWithFates());
        const given = await client.call("Image.GetBlob", { image, digest: `sha256:${sha256(config)}` });
        assert.equal((await client.readPipe(only(given.files))).sha256, sha256(config));
        assert.equal((await client.call("Image.FinishBlob", { blob: given.parameters?.blob })).error, undefined);
      });

      for (const fate of [
        "with other bytes",
        "cut short",
        "with more bytes",
        "of another size than the manifest says",
      ] as const) {
        it(`a blob ${fate}: BlobBroken, once`, async () => {
          const image = await opened(imageWithFates());
          const given = await client.call("Image.GetBlob", { image, digest: blobOf(fate) });
          assert.equal(given.error, undefined);
          await client.readPipe(only(given.files));
          const blob = given.parameters?.blob ?? 0;
          await assertFails("FinishBlob", { blob }, "BlobBroken", { code: "image.blob.corrupt" });
          await assertFails("FinishBlob", { blob }, "HandleUnknown", { handle: blob });
        });
      }

      for (const [fate, code] of [
        ["missing", "image.blob.missing"],
        ["a link", "image.file.symlink"],
        ["a named pipe", "image.file.special"],
        ["a directory", "image.file.special"],
      ] as const) {
        it(`a blob that is ${fate}: ImageUnusable`, async () => {
          const image = await opened(imageWithFates());
          await assertFails("GetBlob", { image, digest: blobOf(fate) }, "ImageUnusable", { code });
        });
      }

      it("what the manifest does not name, although it is there", async () => {
        const path = imageWithFates();
        const other = Buffer.from("another image's");
        writeFileSync(join(path, sha256(other)), other);
        const image = await opened(path);
        for (const named of [
          noImage,
          `sha256:${sha256(other)}`,
          `sha256:${sha256(manifestOf(Object.values(fates)))}`,
        ]) {
          await assertFails("GetBlob", { image, digest: named }, "BlobUnknown", { digest: named });
        }
        for (const named of ["", "sha256:AB", "../../etc/passwd", `md5:${"0".repeat(32)}`]) {
          const answer = await client.call("Image.GetBlob", { image, digest: named });
          assert.deepEqual(answer.parameters, { parameter: "digest" }, named);
        }
      });

      it("whose reader goes away: BlobBroken", async () => {
        const image = await opened(imageWithFates());
        const given = await client.call("Image.GetBlob", { image, digest: blobOf("large") });
        assert.equal((await client.readPipe(only(given.files), 10)).bytes, 10);
        await assertFails("FinishBlob", { blob: given.parameters?.blob }, "BlobBroken", { code: "blob.unread" });
      });

      it("two blobs at a time, the second read first", async () => {
        const image = await opened(imageWithFates());
        const one = await client.call("Image.GetBlob", { image, digest: blobOf("large") });
        const two = await client.call("Image.GetBlob", { image, digest: blobOf("large") });
        assert.notEqual(one.parameters?.blob, two.parameters?.blob);
        for (const { files, parameters } of [two, one]) {
          assert.equal((await client.readPipe(only(files))).sha256, sha256(large));
          assert.equal((await client.call("Image.FinishBlob", { blob: parameters?.blob })).error, undefined);
        }
      });

      it("a blob under way goes on after its image is closed", async () => {
        const image = await opened(imageWithFates());
        const given = await client.call("Image.GetBlob", { image, digest: blobOf("large") });
        assert.deepEqual((await client.call("Image.Close", { image })).parameters, {});
        assert.equal((await client.readPipe(only(given.files))).sha256, sha256(large));
        const finished = await client.call("Image.FinishBlob", { blob: given.parameters?.blob });
        assert.deepEqual(finished.parameters, { size_bytes: large.length });
      });

      it("what is changed by name after Open is not what is handed out", async () => {
        const path = dirLayout(manifest, { "signature-1": signatures[0] ?? "" });
        const image = await opened(path, { identity, ...asDir });
        writeFileSync(join(path, "manifest.json"), manifestOf([]));
        assertSealed(only((await client.call("Image.GetManifest", { image })).files), manifest);
      });
    });

    describe("handles", () => {
      it("unknown ones, and closed ones, which are not used again", async () => {
        const image = await opened(imageWithFates());
        await client.call("Image.Close", { image });
        for (const handle of [image, image + 1, 0, -1, Number.MAX_SAFE_INTEGER]) {
          for (const method of ["GetManifest", "GetConfig", "GetLayerInfo", "Close"]) {
            await assertFails(method, { image: handle }, "HandleUnknown", { handle });
          }
          await assertFails("GetBlob", { image: handle, digest: blobOf("right") }, "HandleUnknown", { handle });
        }
        await assertFails("FinishBlob", { blob: 12345 }, "HandleUnknown", { handle: 12345 });
        assert.ok((await opened(signed)) > image);
      });

      it("are the connection's own", async () => {
        const image = await opened(imageWithFates());
        const { parameters } = await client.call("Image.GetBlob", { image, digest: blobOf("right") });
        const other = service.connect();
        for (const [method, ask] of [
          ["GetManifest", { image }],
          ["GetConfig", { image }],
          ["GetLayerInfo", { image }],
          ["GetBlob", { image, digest: blobOf("right") }],
          ["FinishBlob", { blob: parameters?.blob }],
          ["Close", { image }],
        ] as const) {
          const answer = await other.call(`Image.${method}`, ask);
          assert.equal(answer.error, "dev.sealcheck.Image.HandleUnknown", method);
        }
        other.close();
        assert.equal((await client.call("Image.GetManifest", { image })).parameters?.manifest_fd_index, 0);
        assert.equal((await client.call("Image.FinishBlob", { blob: parameters?.blob })).error, undefined);
      });

      it(`${maxOpenImages} images, and no more until one is closed; all go with the connection`, async () => {
        const open = await service.settled();
        const from = service.connect();
        const path = imageWithFates();
        const images: number[] = [];
        while (images.length < maxOpenImages) images.push(await opened(path, undefined, from));
        assert.equal(new Set(images).size, maxOpenImages);
        assert.ok(service.descriptors() >= open + maxOpenImages);
        const ask = { identity, ...asDir };
        const tooMany = await from.call("Image.Open", ask, { open: [signed] });
        assert.equal(tooMany.error, "dev.sealcheck.Image.LimitReached");
        assert.equal(tooMany.parameters?.code, "limit.images");
        await from.call("Image.Close", { image: images[7] });
        assert.equal((await from.call("Image.Open", ask, { open: [signed] })).parameters?.verdict?.outcome, "accepted");
        from.close();
        await service.assertFreed(client, { most: open });
      });

      it(`${maxBlobsUnderWay} blobs under way, and no more until one is finished; all go with the connection`, async () => {
        const open = await service.settled();
        const from = service.connect();
        const image = await opened(imageWithFates(), undefined, from);
        const ask = () => from.call("Image.GetBlob", { image, digest: blobOf("large") });
        const first = await ask();
        for (let count = 1; count < maxBlobsUnderWay; count++) assert.equal((await ask()).error, undefined);
        const tooMany = await ask();
        assert.equal(tooMany.error, "dev.sealcheck.Image.LimitReached");
        assert.equal(tooMany.parameters?.code, "limit.blobs");
        await from.readPipe(only(first.files));
        await from.call("Image.FinishBlob", { blob: first.parameters?.blob });
        assert.equal((await ask()).error, undefined);
        from.close();
        await service.assertFreed(client, { most: open });
      });

      it("nothing is left open by what was rejected, refused or closed", async () => {
        const open = await service.settled();
        const from = service.connect();
        const path = imageWithFates();
        for (let round = 0; round < 30; round++) {
          await from.call("Image.Open", { identity: rejected, ...asDir }, { open: [path] });
          await from.call("Image.Open", { identity: rejected, ...asOci }, { open: [path] });
          await from.call("Image.Open", { identity: "", ...asDir }, { open: [path] });
          await from.call("Image.Open", { identity, ...asOci, image_name: ":" }, { open: [path] });
          await from.call("Image.Open", { identity, ...asDir, options: 1 }, { open: [path, path] });
          const image = await opened(path, undefined, from);
          for (const digest of Object.keys(fates).map((fate) => `sha256:${sha256(fate)}`)) {
            await from.call("Image.GetBlob", { image, digest });
          }
          await from.call("Image.Close", { image });
        }
        from.close();
        await service.assertFreed(client, { most: open });
      });
    });

    it("a blob is not kept from coming by a call that waits for another, on another connection", async () => {
      const image = await opened(imageWithFates());
      const waiting = await client.call("Image.GetBlob", { image, digest: blobOf("large") });
      const finishing = client.replies("Image.FinishBlob", { blob: waiting.parameters?.blob }, { noReply: true });
      const other = service.connect();
      const second = await opened(imageWithFates(), undefined, other);
      const given = await other.call("Image.GetBlob", { image: second, digest: blobOf("large") });
      assert.equal((await other.readPipe(only(given.files))).sha256, sha256(large));
      assert.equal((await other.call("Image.FinishBlob", { blob: given.parameters?.blob })).error, undefined);
      other.close();
      await finishing;
      assert.equal((await client.readPipe(only(waiting.files))).sha256, sha256(large));
      const { replies } = await client.send([], { read: 1 });
      assert.deepEqual(replies, [{ parameters: { size_bytes: large.length } }]);
    });
  });
}
