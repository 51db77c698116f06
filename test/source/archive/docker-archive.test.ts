import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { parseDigest } from "../../../src/encoding/digest.ts";
import { parseNormalizedNamed } from "../../../src/identity/docker-reference.ts";
import type { ImageInDockerArchive } from "../../../src/identity/transport/docker-archive.ts";
import type { OpenImage } from "../../../src/image/image.ts";
import type { ImageProblem } from "../../../src/image/problem.ts";
import { maxArchiveManifestBytes, maxConfigBytes } from "../../../src/limits.ts";
import { openDockerArchive } from "../../../src/source/archive/docker-archive.ts";
import { fixtures } from "../../support/images.ts";
import { type TarEntry, tar } from "../../support/tar.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const archives = join(fixtures, "archives");
const only: ImageInDockerArchive = { kind: "only" };

function named(name: string): ImageInDockerArchive {
  const reference = parseNormalizedNamed(name);
  assert.ok(reference.ok);
  return { kind: "name", reference: reference.value };
}

async function manifestOf(image: OpenImage): Promise<string> {
  const manifest = await image.manifest();
  assert.ok(manifest.ok);
  return Buffer.from(manifest.value).toString();
}

async function bytesOf(image: OpenImage, digest: string): Promise<Buffer> {
  const parsed = parseDigest(digest);
  assert.ok(parsed !== undefined);
  const blob = await image.blob(parsed);
  assert.ok(blob.ok, JSON.stringify(blob));
  const pieces: Uint8Array[] = [];
  for await (const piece of blob.value.content) pieces.push(piece);
  return Buffer.concat(pieces);
}

const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("the manifest is that of the reference, and the blobs are those that it lists", () => {
  // The last: whether the sizes are those of the contents. Of a link, the reference takes its own size.
  const rows: readonly (readonly [string, ImageInDockerArchive, string, boolean])[] = [
    ["skopeo.docker.tar.gz", only, "skopeo.docker", true],
    ["skopeo.docker.tar.zst", only, "skopeo.docker", true],
    ["skopeo.docker.tar.gz", named("registry.example.com/vendor/app:1.0"), "skopeo.docker", true],
    ["compressed-layers.docker.tar", only, "compressed-layers.docker", true],
    ["old-links.docker.tar", named("example.com/old:1"), "old-links.docker.first", true],
    ["old-links.docker.tar", named("docker.io/library/old:2"), "old-links.docker.first", true],
    ["old-links.docker.tar", { kind: "index", index: "1" }, "old-links.docker.second", false],
  ];
  for (const [archive, choice, expected, hasTrueSizes] of rows) {
    it(`${archive} ${JSON.stringify(choice)}`, async () => {
      const image = await openDockerArchive(join(archives, archive), choice);
      assert.ok(image.ok, JSON.stringify(image));
      const manifest = await manifestOf(image.value);
      assert.equal(manifest, readFileSync(join(archives, `${expected}.manifest.json`), "utf8"));
      const { config, layers } = JSON.parse(manifest);
      for (const { digest, size } of [config, ...layers]) {
        const bytes = await bytesOf(image.value, digest);
        assert.equal(sha256(bytes), digest);
        if (hasTrueSizes) assert.equal(bytes.length, size);
      }
      assert.deepEqual(await image.value.signatures(), { ok: true, value: [] });
      assert.deepEqual(image.value.signaturesFrom, { kind: "none" });
      const other = parseDigest(`sha256:${"0".repeat(64)}`);
      assert.ok(other !== undefined);
      const blob = await image.value.blob(other);
      assert.equal(blob.ok ? undefined : blob.problem.code, "image.blob.missing");
      await image.value.close();
    });
  }
});

const path = join(temporaryDirectory(), "docker.tar");
const layer = Buffer.from("layer");
const diffId = sha256(layer);
const configOf = (...ids: readonly string[]) => JSON.stringify({ rootfs: { type: "layers", diff_ids: ids } });
const item = { Config: "c.json", RepoTags: ["a:1"], Layers: ["l"] };
const manifestJson = (...items: readonly unknown[]): TarEntry => ({
  name: "manifest.json",
  content: JSON.stringify(items),
});
const config: TarEntry = { name: "c.json", content: configOf(diffId) };
const plain: TarEntry = { name: "l", content: layer };
const honest = [plain, config, manifestJson(item)];

async function problemOf(bytes: Uint8Array, choice = only): Promise<ImageProblem | undefined> {
  writeFileSync(path, bytes);
  const image = await openDockerArchive(path, choice);
  if (!image.ok) return image.problem;
  const manifest = await image.value.manifest();
  await image.value.close();
  return manifest.ok ? undefined : manifest.problem;
}

describe("archives by hand", () => {
  const twice = { ...item, Layers: ["l", "l"] };
  const rows: readonly (readonly [string, readonly TarEntry[], string | undefined, ImageInDockerArchive?])[] = [
    ["an honest one", honest, undefined],
    [
      "paths that are not clean",
      [...honest.slice(0, 2), manifestJson({ ...item, Config: "x/../c.json", Layers: ["./l"] })],
      undefined,
    ],
    ["keys in other letters", [...honest.slice(0, 2), manifestJson({ CONFIG: "c.json", layers: ["l"] })], undefined],
    [
      "a layer twice in two files",
      [
        plain,
        { name: "c.json", content: configOf(diffId, diffId) },
        manifestJson({ ...item, Layers: ["l", "missing"] }),
      ],
      undefined,
    ],
    ["no layers", [{ name: "c.json", content: configOf() }, manifestJson({ ...item, Layers: null })], undefined],
    [
      "a link to the config",
      [
        { name: "x/c", type: "2", target: "../c.json" },
        ...honest.slice(0, 2),
        manifestJson({ ...item, Config: "x/c" }),
      ],
      undefined,
    ],
    [
      "a link to a layer that is missing, which only its reader meets",
      [{ name: "l", type: "2", target: "m" }, ...honest.slice(1)],
      undefined,
    ],
    [
      "a link to a link",
      [
        { name: "d", type: "2", target: "e" },
        { name: "e", type: "2", target: "c.json" },
        ...honest.slice(0, 2),
        manifestJson({ ...item, Config: "d" }),
      ],
      "image.source.malformed",
    ],
    ["no manifest.json", honest.slice(0, 2), "image.source.malformed"],
    ["manifest.json is a directory", [{ name: "manifest.json", type: "5" }], "image.source.malformed"],
    ["manifest.json is no JSON", [{ name: "manifest.json", content: "[" }], "image.source.malformed"],
    ["manifest.json is an object", [{ name: "manifest.json", content: "{}" }], "image.source.malformed"],
    ["manifest.json is null", [{ name: "manifest.json", content: "null" }], "image.source.malformed"],
    [
      "manifest.json is larger than the reference takes",
      [...honest.slice(0, 2), { name: "manifest.json", content: `[${" ".repeat(maxArchiveManifestBytes)}]` }],
      "image.archive.member",
    ],
    ["Layers is a text", [...honest.slice(0, 2), manifestJson({ ...item, Layers: "l" })], "image.source.malformed"],
    ["Parent is a number", [...honest.slice(0, 2), manifestJson({ ...item, Parent: 1 })], "image.source.malformed"],
    [
      "LayerSources is a list",
      [...honest.slice(0, 2), manifestJson({ ...item, LayerSources: [] })],
      "image.source.malformed",
    ],
    [
      "LayerSources of docker",
      [
        ...honest.slice(0, 2),
        manifestJson({ ...item, LayerSources: { [diffId]: { mediaType: "m", size: 5, digest: diffId } } }),
      ],
      undefined,
    ],
    ["no image", [manifestJson()], "image.source.malformed"],
    ["two images, and none named", [...honest.slice(0, 2), manifestJson(item, item)], "image.source.ambiguous"],
    [
      "two images, the first",
      [...honest.slice(0, 2), manifestJson(item, item)],
      undefined,
      { kind: "index", index: "0" },
    ],
    ["another place", honest, "image.source.not-found", { kind: "index", index: "1" }],
    ["another name", honest, "image.source.not-found", named("a:2")],
    ["its name", honest, undefined, named("a:1")],
    [
      "a name that is none before its name",
      [...honest.slice(0, 2), manifestJson({ ...item, RepoTags: ["A", "a:1"] })],
      "image.source.malformed",
      named("a:1"),
    ],
    [
      "a name that is none behind its name",
      [...honest.slice(0, 2), manifestJson({ ...item, RepoTags: ["a:1", "A"] })],
      undefined,
      named("a:1"),
    ],
    ["no config", [plain, manifestJson(item)], "image.source.malformed"],
    [
      "a config outside",
      [...honest.slice(0, 2), manifestJson({ ...item, Config: "../c.json" })],
      "image.source.malformed",
    ],
    ["a config at /", [...honest.slice(0, 2), manifestJson({ ...item, Config: "/c.json" })], "image.source.malformed"],
    [
      "a config that is larger than the reference takes",
      [{ name: "c.json", content: " ".repeat(maxConfigBytes + 1) }, manifestJson(item)],
      "image.archive.member",
    ],
    ["a config without rootfs", [{ name: "c.json", content: "{}" }, manifestJson(item)], "image.source.malformed"],
    ["rootfs is null", [{ name: "c.json", content: '{"rootfs":null}' }, manifestJson(item)], "image.source.malformed"],
    [
      "diff_ids is a text",
      [{ name: "c.json", content: '{"rootfs":{"diff_ids":"x"}}' }, manifestJson(item)],
      "image.source.malformed",
    ],
    [
      "a diff_id that is no digest",
      [plain, { name: "c.json", content: configOf('sha256:"') }, manifestJson(item)],
      "image.source.malformed",
    ],
    [
      "fewer layers than diff_ids",
      [plain, { name: "c.json", content: configOf(diffId, sha256("x")) }, manifestJson(item)],
      "image.source.malformed",
    ],
    [
      "a file for two layers",
      [plain, { name: "c.json", content: configOf(diffId, sha256("x")) }, manifestJson(twice)],
      "image.source.malformed",
    ],
    ["a layer that is missing", [config, manifestJson(item)], "image.blob.missing"],
    ["a layer that is a directory", [{ name: "l", type: "5" }, config, manifestJson(item)], "image.source.malformed"],
    ["a layer in gzip", [{ name: "l", content: gzipSync(layer) }, ...honest.slice(1)], undefined],
    [
      "a layer in gzip, cut off",
      [{ name: "l", content: gzipSync(layer).subarray(0, 18) }, ...honest.slice(1)],
      "image.archive.malformed",
    ],
    [
      "a layer in xz",
      [{ name: "l", content: Buffer.from("\xfd7zXZ\0", "latin1") }, ...honest.slice(1)],
      "image.archive.malformed",
    ],
    ["a layer in bzip2", [{ name: "l", content: "BZh91AY&SY" }, ...honest.slice(1)], "image.archive.malformed"],
  ];
  for (const [name, entries, code, choice = only] of rows) {
    for (const [form, bytes] of [
      ["", tar(...entries)],
      [", in gzip", gzipSync(tar(...entries))],
    ] as const) {
      it(`${name}${form}`, async () => assert.equal((await problemOf(bytes, choice))?.code, code));
    }
  }

  it("a file that is missing", async () => {
    const image = await openDockerArchive(join(temporaryDirectory(), "x"), only);
    assert.deepEqual(image.ok ? undefined : image.problem.code, "image.source.unreadable");
  });
});
