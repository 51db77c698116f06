import assert from "node:assert/strict";
import { appendFileSync, chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  maxConfigBytes,
  maxImageListBytes,
  maxLastWriterBytes,
  maxManifestBytes,
  maxSignatureBytes,
  maxSignatures,
  maxSignaturesBytes,
} from "../../../src/limits.ts";
import { fileNameOf } from "../../../src/source/storage/big-data-name.ts";
import {
  amd64Id,
  arm64,
  arm64Id,
  config,
  data,
  digest,
  docker,
  fifo,
  flipped,
  imageFile,
  link,
  list,
  manifestOf,
  metadata,
  oci,
  open,
  opened,
  record,
  resized,
  sizes,
  storeCopy,
} from "../../support/stores.ts";

describe("of a storage that is not as it should be", () => {
  const rows: readonly { what: string; change: (images: string) => void; code: string }[] = [
    { what: "images.json is cut", change: list((text) => text.slice(0, -10)), code: "image.source.malformed" },
    { what: "images.json is an object", change: list((text) => text.slice(1, -1)), code: "image.source.malformed" },
    { what: "images.json has a null", change: list(() => "[null]"), code: "image.source.malformed" },
    { what: "images.json is empty", change: list(() => ""), code: "image.source.not-found" },
    { what: "images.json is a null", change: list(() => "null"), code: "image.source.not-found" },
    {
      what: "images.json is gone",
      change: (images) => rmSync(join(images, "images.json")),
      code: "image.source.not-found",
    },
    {
      what: "images.json is too large",
      change: (images) => truncateSync(join(images, "images.json"), maxImageListBytes + 1),
      code: "image.source.malformed",
    },
    {
      what: "images.json has many values",
      change: list(() => `[${"0,".repeat(500_000)}0]`),
      code: "image.source.malformed",
    },
    {
      what: "images.json is a link",
      change: (images) => link(join(images, "images.json")),
      code: "image.file.symlink",
    },
    {
      what: "images.json is a pipe",
      change: (images) => fifo(join(images, "images.json")),
      code: "image.file.special",
    },
    {
      what: "images.lock is a link",
      change: (images) => link(join(images, "images.lock")),
      code: "image.file.symlink",
    },
    {
      what: "images.lock is large",
      change: (images) => truncateSync(join(images, "images.lock"), maxLastWriterBytes + 1),
      code: "image.source.malformed",
    },
    {
      what: "the ID is a path",
      change: record((fields) => (fields.id = "../../etc")),
      code: "image.source.malformed",
    },
    {
      what: "the ID is in upper case",
      change: record((fields) => (fields.id = amd64Id.toUpperCase())),
      code: "image.source.malformed",
    },
    { what: "the ID is a number", change: record((fields) => (fields.id = 1)), code: "image.source.malformed" },
    {
      what: "the ID is there twice",
      change: list((text) => `[${text.slice(1, -1)},${text.slice(1, -1).replaceAll("app:1.0", "app:2.0")}]`),
      code: "image.source.malformed",
    },
    {
      what: "a name is there twice",
      change: list((text) => `[${text.slice(1, -1)},${text.slice(1, -1).replaceAll(amd64Id, arm64Id)}]`),
      code: "image.source.malformed",
    },
    {
      what: "a name of data has a slash",
      change: record((fields) => fields["big-data-names"].push("aa?")),
      code: "image.source.malformed",
    },
    {
      what: "a name of data is ..",
      change: record((fields) => fields["big-data-names"].push("..")),
      code: "image.source.malformed",
    },
    {
      what: "a name of data is empty",
      change: record((fields) => fields["big-data-names"].push("")),
      code: "image.source.malformed",
    },
    {
      what: "the digest of a manifest is none",
      change: record((fields) => (fields["big-data-digests"].manifest = "sha256:0")),
      code: "image.source.malformed",
    },
    {
      what: "the digest of the image is none",
      change: record((fields) => (fields.digest = "x")),
      code: "image.source.malformed",
    },
    {
      what: "a size is a text",
      change: record((fields) => (fields["big-data-sizes"].manifest = "629")),
      code: "image.source.malformed",
    },
    { what: "the metadata are no JSON", change: metadata("{"), code: "image.source.malformed" },
    {
      what: "a signature's size is a text",
      change: metadata('{"signature-sizes":["869"]}'),
      code: "image.source.malformed",
    },
    {
      what: "a signature's size is beyond an integer",
      change: metadata('{"signature-sizes":[9223372036854775808]}'),
      code: "image.source.malformed",
    },
    {
      what: "no manifest is listed",
      change: record((fields) => (fields["big-data-names"] = [])),
      code: "image.manifest.missing",
    },
    {
      what: "no size of the manifest is listed",
      change: record((fields) => (fields["big-data-sizes"] = {})),
      code: "image.manifest.missing",
    },
    {
      what: "no digest of the manifest is listed",
      change: record((fields) => (fields["big-data-digests"] = {})),
      code: "image.manifest.missing",
    },
    {
      what: "the manifest has another size",
      change: data("manifest", (path) => appendFileSync(path, "\n")),
      code: "image.source.malformed",
    },
    {
      what: "another size of the manifest is listed",
      change: record((fields) => (fields["big-data-sizes"].manifest = -629)),
      code: "image.source.malformed",
    },
    { what: "the manifest is another", change: data("manifest", flipped), code: "image.manifest.digest-mismatch" },
    {
      what: "another digest of the manifest is listed",
      change: record((fields) => (fields["big-data-digests"].manifest = docker)),
      code: "image.manifest.digest-mismatch",
    },
    {
      what: "a digest of the manifest is listed that is no SHA-256",
      change: record((fields) => (fields["big-data-digests"].manifest = `sha512:${"0".repeat(128)}`)),
      code: "image.manifest.digest-mismatch",
    },
    {
      what: "the manifest is too large",
      change: resized("manifest", maxManifestBytes + 1),
      code: "image.manifest.too-large",
    },
    { what: "the manifest is a link", change: data("manifest", link), code: "image.file.symlink" },
    { what: "the manifest is a pipe", change: data("manifest", fifo), code: "image.file.special" },
    { what: "the manifest is gone", change: data("manifest", rmSync), code: "image.source.changed" },
    {
      what: "the image's directory is gone",
      change: (images) => rmSync(join(images, amd64Id), { recursive: true }),
      code: "image.source.changed",
    },
    {
      what: "the image's directory is a link",
      change: (images) => link(join(images, amd64Id)),
      code: "image.file.symlink",
    },
    {
      what: "the image's directory is a file",
      change: (images) => {
        rmSync(join(images, amd64Id), { recursive: true });
        writeFileSync(join(images, amd64Id), "");
      },
      code: "image.file.special",
    },
    {
      what: "the signatures are gone",
      change: data("signatures", rmSync),
      code: "image.source.changed",
    },
  ];
  for (const { what, change, code } of rows) {
    it(`${what}: ${code}`, () => {
      const image = open(config(storeCopy("overlay", change)), "registry.example.com/app:1.0");
      assert.equal(image.ok ? undefined : image.problem.code, code);
    });
  }

  it("what cannot be entered is unreadable", { skip: process.geteuid?.() === 0 && "root may read everything" }, () => {
    const root = storeCopy("overlay", (images) => chmodSync(images, 0));
    const image = open(config(root), "1cc");
    chmodSync(join(root, "overlay-images"), 0o700);
    assert.equal(image.ok ? undefined : image.problem.code, "image.source.unreadable");
  });
});

describe("signatures of a storage", () => {
  const malformed = "image.signature.malformed";
  const rows: readonly { what: string; change: (images: string) => void; code: string | number }[] = [
    { what: "are as many as have a size", change: sizes(869, 0, 659), code: 3 },
    { what: "are none without sizes", change: sizes(), code: 0 },
    { what: "are none without metadata", change: metadata(""), code: 0 },
    { what: "are none if the sizes are null", change: metadata('{"signature-sizes":null}'), code: 0 },
    { what: "have sizes under a key of any letter case", change: metadata('{"Signature-Sizes":[869,659]}'), code: 2 },
    { what: "have bytes behind them", change: sizes(869, 658), code: malformed },
    { what: "have bytes behind them, one size only", change: sizes(869), code: malformed },
    { what: "end before the last", change: sizes(869, 660), code: malformed },
    { what: "have a negative size", change: sizes(869, 659, -1, 1), code: malformed },
    { what: "begin with a negative size", change: sizes(-1, 870, 659), code: malformed },
    { what: "have a size as large as one may be", change: sizes(maxSignatureBytes, 659), code: malformed },
    {
      what: "have a huge size",
      change: metadata('{"signature-sizes":[9223372036854775807]}'),
      code: "image.signature.too-large",
    },
    {
      what: "are too many",
      change: sizes(...Array<number>(maxSignatures + 1).fill(1)),
      code: "image.signature.too-many",
    },
    {
      what: "are too large together",
      change: resized("signatures", maxSignaturesBytes + 1),
      code: "image.signature.too-large",
    },
    {
      what: "have another size than is listed",
      change: data("signatures", (path) => appendFileSync(path, "x")),
      code: "image.source.malformed",
    },
    { what: "are others than were pulled", change: data("signatures", flipped), code: malformed },
    { what: "are not listed", change: record((fields) => (fields["big-data-names"] = ["manifest"])), code: malformed },
    { what: "are a link", change: data("signatures", link), code: "image.file.symlink" },
  ];
  for (const { what, change, code } of rows) {
    it(what, async () => {
      // A failure here is for who looks at signatures: the manifest can be read all the same.
      const image = opened(config(storeCopy("overlay", change)), "registry.example.com/app:1.0");
      assert.equal(await manifestOf(image), imageFile("gpg-release-oci", "manifest.json").toString());
      const signatures = await image.signatures();
      assert.equal(signatures.ok ? signatures.value.length : signatures.problem.code, code);
    });
  }
});

describe("what is read later", () => {
  const config1 = `sha256:${amd64Id}`;
  const rows: readonly { what: string; change: (images: string) => void; code: string }[] = [
    { what: "a configuration that is another", change: data(config1, flipped), code: "image.blob.corrupt" },
    {
      what: "a configuration of another size",
      change: data(config1, (path) => appendFileSync(path, " ")),
      code: "image.source.malformed",
    },
    {
      what: "a configuration that is gone",
      change: data(config1, rmSync),
      code: "image.source.changed",
    },
    { what: "a configuration that is a link", change: data(config1, link), code: "image.file.symlink" },
    {
      what: "a configuration that is too large",
      change: resized(config1, maxConfigBytes + 1),
      code: "image.file.unreadable",
    },
  ];
  for (const { what, change, code } of rows) {
    it(`${what}: ${code}`, async () => {
      const content = await opened(config(storeCopy("overlay", change)), "").blob(digest(config1));
      assert.equal(content.ok ? undefined : content.problem.code, code);
    });
  }

  it("an instance under whose name another manifest lies", async () => {
    const root = storeCopy("index", (images) =>
      writeFileSync(
        join(images, arm64Id, fileNameOf(`manifest-${arm64}`) ?? ""),
        imageFile("gpg-release-oci", "manifest.json"),
      ),
    );
    const image = opened(config(root), arm64Id);
    const manifest = await image.instance(digest(arm64)).manifest();
    assert.equal(manifest.ok ? undefined : manifest.problem.code, "image.manifest.digest-mismatch");
  });

  it("an instance whose digest in the list is another's", async () => {
    const swap = list((text) => text.replace(`"manifest-${arm64}":"${arm64}"`, `"manifest-${arm64}":"${oci}"`));
    const root = storeCopy("index", (images) => {
      swap(images);
      const path = join(images, arm64Id, fileNameOf(`manifest-${arm64}`) ?? "");
      writeFileSync(path, imageFile("gpg-release-oci", "manifest.json"));
    });
    const manifest = await opened(config(root), arm64Id).instance(digest(arm64)).manifest();
    assert.deepEqual(manifest, {
      ok: false,
      problem: { code: "image.manifest.digest-mismatch", expected: digest(arm64), actual: digest(oci) },
    });
  });

  it("is found where it was, when the image is deleted meanwhile", async () => {
    const root = storeCopy("overlay");
    const image = opened(config(root), "");
    rmSync(join(root, "overlay-images", amd64Id), { recursive: true });
    mkdirSync(join(root, "overlay-images", amd64Id));
    const content = await image.blob(digest(config1));
    assert.equal(content.ok ? undefined : content.problem.code, "image.source.changed");
  });
});
