import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { digestText } from "../../../../src/encoding/digest.ts";
import { openDirectory } from "../../../../src/host/open-directory.ts";
import type { OpenStoredImage } from "../../../../src/source/storage/stored-image.ts";
import {
  changeLayers,
  firstDigest,
  firstId,
  hashOf,
  type LayerDriver,
  layeredImage,
  layerStore,
  secondId,
  treeOf,
} from "../../../support/layer-stores.ts";
import { config, digest, open, opened } from "../../../support/stores.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const drivers = ["vfs", "overlay"] as const;
const tar = {
  vfs: "application/vnd.docker.image.rootfs.diff.tar",
  overlay: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** What layers.py made is the same with each driver. */
const secondDigest = secondDiffDigest();

function secondDiffDigest(): string {
  const config = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../../fixtures/stores/layers-vfs/vfs-layers/layers.json"), "utf8"),
  );
  return config.find((record: { id: string }) => record.id === secondId)["diff-digest"];
}

const imageOf = (driver: LayerDriver, root: string) => opened(config(root, { driver }), layeredImage);

async function layersOf(image: OpenStoredImage) {
  const manifest = await image.manifest();
  assert.ok(manifest.ok);
  return image.layersForCopy?.(manifest.value);
}

async function problemOf(image: OpenStoredImage, text: string) {
  const blob = await image.blobForCopy?.(digest(text));
  return blob?.ok === false ? blob.problem : undefined;
}

for (const driver of drivers) {
  describe(`the layers of an image, with ${driver}`, () => {
    it("are listed as they were unpacked from, and come so", async () => {
      const image = imageOf(driver, layerStore(driver));
      const layers = await layersOf(image);
      assert.ok(layers?.ok);
      assert.deepEqual(
        layers.value.map((layer) => [digestText(layer.digest), layer.sizeBytes, layer.mediaType]),
        [
          [firstDigest, 20480, tar[driver]],
          [secondDigest, 10240, tar[driver]],
        ],
      );
      for (const layer of layers.value) {
        const blob = await image.blobForCopy?.(layer.digest);
        assert.ok(blob?.ok, JSON.stringify(blob));
        assert.equal(blob.value.sizeBytes, layer.sizeBytes);
        assert.deepEqual(await hashOf(blob.value.content), { hex: layer.digest.hex, length: layer.sizeBytes });
      }
      await image.close();
    });

    it("are no blobs of the image, as the check of blobs sees it", async () => {
      const image = imageOf(driver, layerStore(driver));
      assert.deepEqual(await image.blob(digest(firstDigest)), {
        ok: false,
        problem: { code: "image.blob.missing", missing: [firstDigest] },
      });
      await image.close();
    });

    it("are found in an additional image store", async () => {
      const additional = layerStore(driver);
      const root = temporaryDirectory();
      const image = opened(config(root, { driver, additionalImageStores: [additional] }), layeredImage);
      const blob = await image.blobForCopy?.(digest(firstDigest));
      assert.ok(blob?.ok);
      assert.equal((await hashOf(blob.value.content)).hex, firstId);
      await image.close();
    });

    it("are found where images are apart from the rest, which keeps how they were written", async () => {
      const root = layerStore(driver);
      const imageStore = temporaryDirectory();
      for (const name of [driver, `${driver}-images`]) renameSync(join(root, name), join(imageStore, name));
      mkdirSync(join(imageStore, `${driver}-layers`));
      const list = join(`${driver}-layers`, "layers.json");
      renameSync(join(root, list), join(imageStore, list));
      const image = opened(config(root, { driver, imageStore }), layeredImage);
      const blob = await image.blobForCopy?.(digest(secondDigest));
      assert.ok(blob?.ok, JSON.stringify(blob));
      assert.equal(`sha256:${(await hashOf(blob.value.content)).hex}`, secondDigest);
      await image.close();
    });

    it("are not read without what was kept of their archive", async () => {
      const root = layerStore(driver);
      rmSync(join(root, `${driver}-layers`, `${firstId}.tar-split.gz`));
      const image = imageOf(driver, root);
      assert.deepEqual(await problemOf(image, firstDigest), {
        code: "image.file.unreadable",
        name: firstDigest,
        reason: "its storage does not know how its archive was written",
      });
      await image.close();
    });

    it("are not read without their files", async () => {
      const root = layerStore(driver);
      rmSync(treeOf(root, driver, firstId), { recursive: true });
      assert.equal((await problemOf(imageOf(driver, root), firstDigest))?.code, "image.file.unreadable");
    });
  });
}

describe("other content of a stored image", () => {
  it("is its configuration, the empty layer, or missing", async () => {
    const image = imageOf("vfs", layerStore("vfs"));
    const id = image.stored.id;
    const empty = "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
    for (const hex of [id, empty]) {
      const blob = await image.blobForCopy?.(digest(`sha256:${hex}`));
      assert.ok(blob?.ok);
      assert.equal((await hashOf(blob.value.content)).hex, hex);
    }
    const other = `sha256:${"0".repeat(64)}`;
    assert.deepEqual(await problemOf(image, other), { code: "image.blob.missing", missing: [other] });
  });
});

describe("what overlay keeps elsewhere is not read", () => {
  const rows: readonly { name: string; change: (layer: string) => void; reason: string }[] = [
    {
      name: "files in a composefs image",
      change: (layer) => mkdirSync(join(layer, "composefs-data")),
      reason: "its files are in a composefs image",
    },
    {
      name: "files in an additional layer store",
      change: (layer) => {
        renameSync(join(layer, "diff"), join(layer, "other"));
        symlinkSync(join(layer, "other"), join(layer, "diff"));
      },
      reason: "its files are in an additional layer store",
    },
  ];
  for (const { name, change, reason } of rows) {
    it(name, async () => {
      const root = layerStore("overlay");
      change(join(root, "overlay", firstId));
      assert.deepEqual(await problemOf(imageOf("overlay", root), firstDigest), {
        code: "image.file.unreadable",
        name: firstDigest,
        reason,
      });
    });
  }

  it("layers of a driver that mounts them", async () => {
    const root = layerStore("vfs");
    for (const part of ["images", "layers"]) renameSync(join(root, `vfs-${part}`), join(root, `btrfs-${part}`));
    const image = opened(config(root, { driver: "btrfs" }), layeredImage);
    assert.ok((await layersOf(image))?.ok);
    assert.deepEqual(await problemOf(image, firstDigest), {
      code: "image.file.unreadable",
      name: firstDigest,
      reason: "layers of the driver btrfs are not read",
    });
  });
});

describe("a list of layers that does not fit the image", () => {
  type Change = Parameters<typeof changeLayers>[2];
  const toc = { "toc-digest": firstDigest, "diff-digest": undefined };
  const rows: readonly { name: string; change: Change; problem: Readonly<Record<string, unknown>> | undefined }[] = [
    {
      name: "a layer too few",
      change: (_, second) => (second.parent = ""),
      problem: { detail: "the image has 1 layers, and its manifest lists 2" },
    },
    {
      name: "a layer below itself",
      change: (first) => (first.parent = secondId),
      problem: { detail: `layer ${secondId} is below itself` },
    },
    {
      name: "a path as the ID of a layer",
      change: (first) => (first.parent = "../x"),
      problem: { detail: '"../x" is no ID of a layer' },
    },
    {
      name: "a layer that is not there",
      change: (first) => (first.parent = "0".repeat(64)),
      problem: { code: "image.source.changed", missing: "0".repeat(64) },
    },
    {
      name: "a layer that was not finished",
      change: (first) => (first.flags = { incomplete: true }),
      problem: { code: "image.source.changed", missing: firstId },
    },
    {
      name: "no digest",
      change: (first) => delete first["diff-digest"],
      problem: { detail: `the digest of layer ${firstId} is not known` },
    },
    {
      name: "something else than a digest",
      change: (first) => (first["diff-digest"] = "sha256:0"),
      problem: { detail: `the digest of layer ${firstId} is not known` },
    },
    {
      name: "a table of contents, and nothing that says what the digest should be",
      change: (first) => Object.assign(first, toc),
      problem: { detail: `the digest of layer ${firstId} is not known` },
    },
    {
      name: "a table of contents, and a number where the digest should be",
      change: (first) => Object.assign(first, toc, { flags: { "expected-layer-diffid": 1 } }),
      problem: { detail: `the digest of layer ${firstId} is not known` },
    },
    {
      name: "a table of contents, and what the digest should be",
      change: (first) => Object.assign(first, toc, { flags: { "expected-layer-diffid": firstDigest } }),
      problem: undefined,
    },
  ];
  for (const { name, change, problem } of rows) {
    it(name, async () => {
      const root = layerStore("vfs");
      changeLayers(root, "vfs", change);
      const image = imageOf("vfs", root);
      const layers = await layersOf(image);
      assert.ok(layers !== undefined);
      if (problem === undefined) {
        const blob = await image.blobForCopy?.(digest(firstDigest));
        assert.ok(blob?.ok);
        assert.equal((await hashOf(blob.value.content)).hex, firstId);
      } else {
        assert.ok(!layers.ok);
        const expected = { code: "image.source.malformed", ...problem };
        assert.deepEqual({ ...layers.problem, ...expected }, layers.problem);
      }
      await image.close();
    });
  }

  it("a size below zero is not known", async () => {
    const root = layerStore("vfs");
    changeLayers(root, "vfs", (first) => (first["diff-size"] = -1));
    const layers = await layersOf(imageOf("vfs", root));
    assert.ok(layers?.ok);
    assert.equal(layers.value[0]?.sizeBytes, undefined);
  });

  it("layers are found in the volatile list, and those of layers.json count", async () => {
    const root = layerStore("vfs");
    const folder = join(root, "vfs-layers");
    const records = JSON.parse(readFileSync(join(folder, "layers.json"), "utf8"));
    const other = { id: secondId, "diff-digest": firstDigest };
    const [first, second] = [firstId, secondId].map((id) => records.find((one: { id: string }) => one.id === id));
    writeFileSync(join(folder, "layers.json"), JSON.stringify([second]));
    writeFileSync(join(folder, "volatile-layers.json"), JSON.stringify([other, first]));
    const layers = await layersOf(imageOf("vfs", root));
    assert.ok(layers?.ok);
    assert.deepEqual(
      layers.value.map((layer) => digestText(layer.digest)),
      [firstDigest, secondDigest],
    );
  });

  it("is of one moment", async () => {
    const root = layerStore("vfs");
    let writes = 0;
    const opener: typeof openDirectory = (path, descriptors) => {
      const directory = openDirectory(path, descriptors);
      if (!directory.ok) return directory;
      return {
        ok: true,
        value: {
          ...directory.value,
          readFile: (name, maxBytes) => {
            const content = directory.value.readFile(name, maxBytes);
            if (name === "layers.json") writeFileSync(join(root, "vfs-layers", "layers.lock"), String(++writes));
            return content;
          },
        },
      };
    };
    const image = open(config(root, { driver: "vfs" }), layeredImage, opener);
    assert.ok(image.ok);
    assert.deepEqual(await layersOf(image.value), {
      ok: false,
      problem: { code: "image.source.changed", path: join(root, "vfs-layers") },
    });
    assert.equal(writes, 3);
  });
});

describe("a manifest of schema 1", () => {
  const id = (digit: string) => digit.repeat(64);
  const entry = (own: string, parent: string, isEmpty: boolean) => ({
    v1Compatibility: JSON.stringify({
      id: id(own),
      ...(parent === "" ? {} : { parent: id(parent) }),
      ...(isEmpty ? { throwaway: true } : {}),
    }),
  });
  const manifest = (empty: readonly boolean[]) =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 1,
        name: "a",
        tag: "b",
        architecture: "amd64",
        fsLayers: empty.map(() => ({ blobSum: firstDigest })),
        history: empty.map((isEmpty, index) =>
          entry(
            String(empty.length - index),
            index === empty.length - 1 ? "" : String(empty.length - index - 1),
            isEmpty,
          ),
        ),
      }),
    );

  it("has the empty layer where one changes nothing", async () => {
    const image = imageOf("vfs", layerStore("vfs"));
    const layers = await image.layersForCopy?.(manifest([true, false, true, false]));
    assert.ok(layers?.ok, JSON.stringify(layers));
    const emptyDigest = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
    assert.deepEqual(
      layers.value.map((layer) => [digestText(layer.digest), layer.sizeBytes, layer.mediaType]),
      [
        [firstDigest, 20480, tar.vfs],
        [emptyDigest, 32, `${tar.vfs}.gzip`],
        [secondDigest, 10240, tar.vfs],
        [emptyDigest, 32, `${tar.vfs}.gzip`],
      ],
    );
  });

  it("and an index has no layers", async () => {
    const image = imageOf("vfs", layerStore("vfs"));
    const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] };
    const layers = await image.layersForCopy?.(Buffer.from(JSON.stringify(index)));
    assert.equal(layers?.ok === false && layers.problem.code, "image.manifest.malformed");
  });
});
