import assert from "node:assert/strict";
import { cpSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { StoreConfig } from "../../../src/config/storage-conf.ts";
import { digestText } from "../../../src/encoding/digest.ts";
import type { Blob } from "../../../src/image/image.ts";
import { openStorage } from "../../../src/source/storage/storage.ts";
import {
  amd64Id,
  arm64,
  arm64Id,
  builtId,
  config,
  digest,
  docker,
  imageFile,
  index,
  manifestOf,
  oci,
  open,
  opened,
  storeCopy,
  stores,
} from "../../support/stores.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("a storage lists its images", () => {
  const rows: readonly { store: string; driver: string; names: Readonly<Record<string, readonly string[]>> }[] = [
    {
      store: "signed",
      driver: "vfs",
      names: {
        [amd64Id]: [
          "registry.example.com/app:1.0",
          "registry.example.com/app:docker",
          "registry.example.com/app:stable",
          "localhost/mine:latest",
        ],
        [builtId]: ["localhost/built:latest"],
      },
    },
    {
      store: "index",
      driver: "vfs",
      names: { [amd64Id]: ["registry.example.com/multi:amd64"], [arm64Id]: ["registry.example.com/multi:1.0"] },
    },
    { store: "overlay", driver: "overlay", names: { [amd64Id]: ["registry.example.com/app:1.0"] } },
  ];
  for (const { store, driver, names } of rows) {
    it(store, () => {
      const storage = openStorage(config(join(stores, store)));
      assert.ok(storage.ok);
      const list = storage.value.list();
      assert.ok(list.ok);
      assert.equal(storage.value.driver, driver);
      assert.deepEqual(Object.fromEntries(list.value.map(({ id, untrustedNames }) => [id, untrustedNames])), names);
      for (const { id } of list.value) {
        const image = storage.value.open(`@${id}`);
        assert.ok(image.ok);
        assert.equal(image.value.stored.id, id);
        image.value.close();
      }
      storage.value.close();
    });
  }

  it("with the digests of every manifest and index", () => {
    const { stored } = opened(config(join(stores, "index")), "registry.example.com/multi:amd64");
    assert.deepEqual(stored.digests.map(digestText).sort(), [oci, index].sort());
  });
});

// What the reference opens under each name was asked of image 5.42.1 on storage 1.65.1.
describe("a storage opens by name", () => {
  const rows: readonly { store: string; reference: string; id: string; manifest: string; signatures: number }[] = [
    { store: "signed", reference: "registry.example.com/app:1.0", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: "registry.example.com/app:docker", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: "localhost/mine", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: "1cc", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: "@1cc", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: builtId, id: builtId, manifest: "", signatures: 0 },
    { store: "signed", reference: "localhost/mine:other@1cc", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: `registry.example.com/app@${oci}`, id: amd64Id, manifest: oci, signatures: 1 },
    { store: "signed", reference: `registry.example.com/app@${docker}`, id: amd64Id, manifest: docker, signatures: 1 },
    {
      store: "signed",
      reference: `registry.example.com/app:x@${docker}`,
      id: amd64Id,
      manifest: docker,
      signatures: 1,
    },
    { store: "signed", reference: `localhost/mine@${oci}@${amd64Id}`, id: amd64Id, manifest: oci, signatures: 1 },
    { store: "index", reference: "registry.example.com/multi:1.0", id: arm64Id, manifest: arm64, signatures: 1 },
    { store: "index", reference: "registry.example.com/multi:amd64", id: amd64Id, manifest: oci, signatures: 1 },
    { store: "index", reference: "registry.example.com/multi:1.0@1cc", id: amd64Id, manifest: oci, signatures: 1 },
    {
      store: "index",
      reference: `registry.example.com/multi:amd64@${arm64}`,
      id: arm64Id,
      manifest: arm64,
      signatures: 1,
    },
    {
      store: "index",
      reference: `registry.example.com/multi@${index}@1c2`,
      id: arm64Id,
      manifest: index,
      signatures: 1,
    },
    { store: "overlay", reference: "registry.example.com/app:1.0", id: amd64Id, manifest: oci, signatures: 2 },
    { store: "overlay", reference: "", id: amd64Id, manifest: oci, signatures: 2 },
  ];
  const manifests = new Map([
    [oci, imageFile("gpg-release-oci", "manifest.json")],
    [docker, imageFile("gpg-release-docker-schema2", "manifest.json")],
    [arm64, imageFile("gpg-index-instance-arm64", "manifest.json")],
    [index, imageFile("gpg-index", "manifest.json")],
  ]);
  for (const { store, reference, id, manifest, signatures } of rows) {
    it(`${store}: ${reference}`, async () => {
      const image = opened(config(join(stores, store)), reference);
      assert.equal(image.stored.id, id);
      const expected = manifests.get(manifest)?.toString();
      if (expected !== undefined) assert.equal(await manifestOf(image), expected);
      const found = await image.signatures();
      assert.ok(found.ok);
      assert.equal(found.value.length, signatures);
      assert.equal(image.signaturesFrom.kind, "storage");
      image.close();
    });
  }

  const absent: readonly { store: string; reference: string; code: string }[] = [
    { store: "signed", reference: "registry.example.com/app", code: "image.source.not-found" },
    { store: "signed", reference: "1c", code: "image.source.not-found" },
    { store: "signed", reference: "built", code: "image.source.not-found" },
    { store: "signed", reference: "1CC", code: "image.source.not-found" },
    { store: "signed", reference: "localhost/built@1cc", code: "image.source.not-found" },
    { store: "signed", reference: "registry.example.com/app:1.0@", code: "image.source.not-found" },
    { store: "signed", reference: "registry.example.com/app:1.0@zzz", code: "image.source.not-found" },
    { store: "signed", reference: `localhost/other@${docker}`, code: "image.source.not-found" },
    { store: "signed", reference: `@${docker}`, code: "image.source.not-found" },
    { store: "signed", reference: docker, code: "image.source.not-found" },
    { store: "signed", reference: "f".repeat(64), code: "image.source.not-found" },
    { store: "signed", reference: `localhost/mine@${arm64}@${amd64Id}`, code: "image.manifest.digest-mismatch" },
    { store: "signed", reference: "", code: "image.source.ambiguous" },
    { store: "index", reference: `registry.example.com/multi@${index}`, code: "image.source.ambiguous" },
    { store: "index", reference: "1c", code: "image.source.not-found" },
  ];
  for (const { store, reference, code } of absent) {
    it(`${store}: ${JSON.stringify(reference)} is ${code}`, () => {
      const image = open(config(join(stores, store)), reference);
      assert.equal(image.ok ? undefined : image.problem.code, code);
    });
  }

  it("several that match an index are told apart by their IDs", () => {
    const image = open(config(join(stores, "index")), `registry.example.com/multi@${index}`);
    assert.deepEqual(image, {
      ok: false,
      problem: {
        code: "image.source.ambiguous",
        count: 2,
        untrustedNames: [amd64Id, arm64Id].map((id) => `registry.example.com/multi@${index}@${id}`),
        wanted: `registry.example.com/multi@${index}`,
      },
    });
  });
});

describe("an image of a storage", () => {
  it("has the signatures as they were pulled, of both formats", async () => {
    const signatures = await opened(config(join(stores, "overlay")), "").signatures();
    assert.deepEqual(signatures, {
      ok: true,
      value: [imageFile("gpg-release-oci", "signature-1"), imageFile("mixed-gpg-and-sigstore", "signature-2")],
    });
  });

  it("has of an index the image that was chosen, with its signatures", async () => {
    const image = opened(config(join(stores, "index")), `registry.example.com/multi@${index}@${arm64Id}`);
    assert.deepEqual(await image.present?.([digest(oci), digest(arm64)]), [
      { digest: digest(arm64), hasSignature: true },
    ]);
    const instance = image.instance(digest(arm64));
    assert.deepEqual(await instance.manifest(), {
      ok: true,
      value: imageFile("gpg-index-instance-arm64", "manifest.json"),
    });
    const prefix = arm64.slice("sha256:".length);
    assert.deepEqual(await instance.signatures(), {
      ok: true,
      value: [imageFile("gpg-index", `${prefix}.signature-1`)],
    });
    const other = await image.instance(digest(oci)).manifest();
    assert.equal(other.ok ? undefined : other.problem.code, "image.instance.missing");
    assert.deepEqual(await image.instance(digest(oci)).signatures(), { ok: true, value: [] });
  });

  it("has its configuration, and no layers", async () => {
    const image = opened(config(join(stores, "overlay")), "");
    const found = await image.blob(digest(`sha256:${amd64Id}`));
    assert.ok(found.ok);
    assert.deepEqual(await contentOf(found.value), imageFile("gpg-release-oci", amd64Id));
    const layer = "sha256:0ef5398cdae23ca98d22d4e06c08ee99b633a2846b260bbfa73c82934bf1ef5f";
    assert.deepEqual(await image.blob(digest(layer)), {
      ok: false,
      problem: { code: "image.blob.missing", missing: [layer] },
    });
  });
});

async function contentOf({ content }: Blob): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("a storage is searched", () => {
  const both = () =>
    storeCopy("overlay", (images) => cpSync(images, join(dirname(images), "vfs-images"), { recursive: true }));
  const rows: readonly { what: string; place: () => StoreConfig; reference: string; found: string | undefined }[] = [
    { what: "with its driver", place: () => config(both(), { driver: "vfs" }), reference: "1cc", found: "vfs-images" },
    { what: "with two drivers", place: () => config(both()), reference: "1cc", found: undefined },
    {
      what: "with another driver",
      place: () => config(storeCopy("signed"), { driver: "overlay" }),
      reference: "1cc",
      found: undefined,
    },
    { what: "where nothing is", place: () => config(temporaryDirectory()), reference: "1cc", found: undefined },
    {
      what: "in an additional store",
      place: () => config(storeCopy("signed"), { additionalImageStores: [join(stores, "index")] }),
      reference: "registry.example.com/multi:1.0",
      found: arm64Id,
    },
    {
      what: "in an additional store that is not there",
      place: () => config(storeCopy("signed"), { additionalImageStores: ["/nonexistent", join(stores, "index")] }),
      reference: arm64Id,
      found: arm64Id,
    },
    {
      what: "in an image store, and then in the graph root",
      place: () => config(storeCopy("index"), { imageStore: storeCopy("signed") }),
      reference: "registry.example.com/multi:1.0",
      found: arm64Id,
    },
    {
      what: "first in the main store, whose image lost the name",
      place: () => config(storeCopy("signed"), { additionalImageStores: [join(stores, "index")] }),
      reference: "registry.example.com/multi:amd64",
      found: undefined,
    },
    {
      what: "not in additional stores of a driver that has none",
      place: () => config(renamed(storeCopy("signed")), { additionalImageStores: [renamed(storeCopy("index"))] }),
      reference: arm64Id,
      found: undefined,
    },
  ];
  const renamed = (root: string) => {
    renameSync(join(root, "vfs-images"), join(root, "zfs-images"));
    return root;
  };
  for (const { what, place, reference, found } of rows) {
    it(what, () => {
      const image = open(place(), reference);
      if (found === undefined) assert.equal(image.ok, false);
      else
        assert.ok(
          image.ok && image.value.signaturesFrom.kind === "storage" && image.value.signaturesFrom.path.includes(found),
        );
    });
  }

  it("and each image is listed once", () => {
    const storage = openStorage(config(storeCopy("signed"), { additionalImageStores: [join(stores, "index")] }));
    assert.ok(storage.ok);
    const list = storage.value.list();
    assert.deepEqual(list.ok && list.value.map(({ id }) => id), [amd64Id, builtId, arm64Id]);
  });
});
