import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { maxTarSplitEntryBytes } from "../../../../src/limits.ts";
import { Crc64 } from "../../../../src/source/storage/layers/crc64.ts";
import {
  changeLayers,
  firstDigest,
  firstId,
  hashOf,
  layeredImage,
  layerStore,
  packed,
  treeOf,
  writeParts,
} from "../../../support/layer-stores.ts";
import { config, digest, opened } from "../../../support/stores.ts";
import { makeFifo, temporaryDirectory } from "../../../support/temporary.ts";

function crc(text: string): string {
  const sum = new Crc64();
  sum.update(Buffer.from(text));
  return Buffer.from(sum.sum()).toString("base64");
}

const outside = temporaryDirectory();
const secret = "a secret outside";
writeFileSync(join(outside, "secret"), secret);

/** A file with the content of the secret: only its path is wrong. */
const file = (name: string, more: object = {}) => ({
  type: 1,
  name,
  size: secret.length,
  payload: crc(secret),
  position: 0,
  ...more,
});
const bytes = (size: number) => ({ type: 2, payload: Buffer.alloc(size).toString("base64"), position: 0 });

/** What the layer's directory has besides. */
function plant(tree: string): void {
  writeFileSync(join(tree, "right"), secret);
  writeFileSync(join(tree, "wrong"), secret.replace("secret", "SECRET"));
  symlinkSync(outside, join(tree, "out"));
  symlinkSync("../../../../../../../../../../../../..", join(tree, "climb"));
  symlinkSync(join(outside, "secret"), join(tree, "file-link"));
  symlinkSync("right", join(tree, "near-link"));
  symlinkSync("loop", join(tree, "loop"));
  makeFifo(join(tree, "fifo"));
  mkdirSync(join(tree, "directory"));
}

async function readFirst(parts: Uint8Array): Promise<string> {
  const root = layerStore("vfs");
  plant(treeOf(root, "vfs", firstId));
  changeLayers(root, "vfs", (first) => (first["diff-size"] = secret.length));
  writeParts(root, parts);
  const image = opened(config(root, { driver: "vfs" }), layeredImage);
  const blob = await image.blobForCopy?.(digest(firstDigest));
  assert.ok(blob?.ok, JSON.stringify(blob));
  try {
    const { length } = await hashOf(blob.value.content);
    return `${length} bytes`;
  } catch (error) {
    return error instanceof Error ? error.message : "no error";
  } finally {
    await image.close();
  }
}

const noSuchFile = "no such file or directory";
const leadsOut = "its path leads out of the layer";
const noPart = "a part in the list of its parts is none";

describe("what is kept of a layer's archive", () => {
  const rows: readonly { name: string; parts: Uint8Array; outcome: string | RegExp }[] = [
    { name: "a file", parts: packed(file("right")), outcome: "16 bytes" },
    { name: "a file by a roundabout path", parts: packed(file("/usr/.././/right")), outcome: "16 bytes" },
    {
      name: "a name in bytes counts before one in text",
      parts: packed(file("wrong", { name_raw: Buffer.from("right").toString("base64") })),
      outcome: "16 bytes",
    },
    { name: "a path above", parts: packed(file("../right")), outcome: `"../right": ${leadsOut}` },
    { name: "a path above, later", parts: packed(file("usr/../../x")), outcome: `"usr/../../x": ${leadsOut}` },
    { name: "an absolute path above", parts: packed(file("/../etc/passwd")), outcome: `"/../etc/passwd": ${leadsOut}` },
    { name: "the directory itself", parts: packed(file("./")), outcome: `"./": ${leadsOut}` },
    { name: "no path", parts: packed(file("")), outcome: `"": ${leadsOut}` },
    { name: "a zero byte", parts: packed(file("right\0x")), outcome: '"right\\u0000x": its path has a zero byte' },
    { name: "a long path", parts: packed(file("x".repeat(4097))), outcome: /": its path has more than 4096 bytes$/ },
    { name: "a link out of the tree", parts: packed(file("out/secret")), outcome: `"out/secret": ${noSuchFile}` },
    {
      name: "a link up",
      parts: packed(file(`climb${outside}/secret`)),
      outcome: `${JSON.stringify(`climb${outside}/secret`)}: ${noSuchFile}`,
    },
    { name: "a link up is the tree itself", parts: packed(file("climb/right")), outcome: "16 bytes" },
    {
      name: "a link in place of the file",
      parts: packed(file("file-link")),
      outcome: '"file-link": it is a symbolic link now',
    },
    {
      name: "a link in place of the file, to one in the tree",
      parts: packed(file("near-link")),
      outcome: '"near-link": it is a symbolic link now',
    },
    {
      name: "a link to itself",
      parts: packed(file("loop/x")),
      outcome: '"loop/x": there are too many links in its path',
    },
    { name: "a pipe", parts: packed(file("fifo")), outcome: '"fifo": it is not a regular file now' },
    { name: "a directory", parts: packed(file("directory")), outcome: '"directory": it is not a regular file now' },
    {
      name: "a file as a directory",
      parts: packed(file("right/x")),
      outcome: '"right/x": it is not a regular file now',
    },
    { name: "no such file", parts: packed(file("none")), outcome: `"none": ${noSuchFile}` },
    {
      name: "other content",
      parts: packed(file("wrong")),
      outcome: '"wrong": its checksum is another one than when it was unpacked',
    },
    {
      name: "no checksum",
      parts: packed(file("right", { payload: null })),
      outcome: '"right": its checksum is another one than when it was unpacked',
    },
    {
      name: "a smaller size",
      parts: packed(file("right", { size: 15 })),
      outcome: '"right": it has 16 bytes, and should have 15',
    },
    {
      name: "a larger size",
      parts: packed(file("right", { size: 17 })),
      outcome: '"right": it has 16 bytes, and should have 17',
    },
    {
      name: "a size below zero",
      parts: packed(file("right", { size: -16 })),
      outcome: '"right": it has 16 bytes, and should have -16',
    },
    {
      name: "a file without content is not looked at",
      parts: packed(file("../x", { size: 0 }), bytes(16)),
      outcome: "16 bytes",
    },
    { name: "more than the layer had", parts: packed(bytes(17)), outcome: "it has more than 16 bytes" },
    { name: "less", parts: packed(bytes(15)), outcome: "it has 15 bytes, and should have 16" },
    { name: "nothing", parts: packed(), outcome: "it has 0 bytes, and should have 16" },
    { name: "a part of a third type", parts: packed({ ...bytes(16), type: 3 }), outcome: noPart },
    { name: "a part without a type", parts: packed({ payload: "" }), outcome: noPart },
    { name: "a part that is a list", parts: packed([]), outcome: noPart },
    { name: "an empty line", parts: packed(""), outcome: noPart },
    { name: "something else than base64", parts: packed({ type: 2, payload: "?" }), outcome: noPart },
    { name: "two parts in one line", parts: packed("{}{}"), outcome: noPart },
    {
      name: "no end of the line",
      parts: gzipSync(JSON.stringify(bytes(16))),
      outcome: "the list of its parts ends in the middle of one",
    },
    { name: "gzip that is cut", parts: packed(bytes(16)).subarray(0, -9), outcome: /: gzip: / },
    { name: "no gzip", parts: Buffer.from(JSON.stringify(bytes(16))), outcome: /: gzip: / },
    { name: "an empty file", parts: Buffer.alloc(0), outcome: /: gzip: / },
    {
      name: "parts without content, and no end of them",
      parts: gzipSync(`${JSON.stringify(bytes(0))}\n`.repeat(2_000_000)),
      outcome: "the list of its parts is too long for what they hold",
    },
    {
      name: "a line without an end",
      parts: gzipSync(Buffer.alloc(64 * 1024 * 1024, " ")),
      outcome: `a part in the list of its parts has more than ${maxTarSplitEntryBytes} bytes`,
    },
  ];
  for (const { name, parts, outcome } of rows) {
    it(name, async () => {
      const actual = await readFirst(parts);
      if (typeof outcome === "string") assert.equal(actual, outcome);
      else assert.match(actual, outcome);
    });
  }
});

describe("Crc64", () => {
  // tar-split: tar/storage/getter_test.go
  const rows = { foo: [60, 60, 48, 48], bar: [45, 196, 22, 240], baz: [32, 68, 22, 240], bif: [48, 9, 150, 240] };
  for (const [text, sum] of Object.entries(rows)) {
    it(text, () => assert.equal(crc(text), Buffer.from([...sum, 0, 0, 0, 0]).toString("base64")));
  }
});

describe("files of a layer that are open", () => {
  const count = () => readdirSync("/proc/self/fd").length;
  const hasDescriptors = process.platform === "linux";

  it("are closed with the image, if nobody read the layer", { skip: !hasDescriptors }, async () => {
    const root = layerStore("vfs");
    const before = count();
    const image = opened(config(root, { driver: "vfs" }), layeredImage);
    for (let i = 0; i < 5; i++) assert.ok((await image.blobForCopy?.(digest(firstDigest)))?.ok);
    assert.ok(count() >= before + 5);
    await image.close();
    assert.equal(count(), before);
  });

  it("are closed when reading is given up", { skip: !hasDescriptors }, async () => {
    const root = layerStore("vfs");
    const before = count();
    const image = opened(config(root, { driver: "vfs" }), layeredImage);
    const blob = await image.blobForCopy?.(digest(firstDigest));
    assert.ok(blob?.ok);
    for await (const piece of blob.value.content) {
      assert.ok(piece.length > 0);
      break;
    }
    await image.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(count(), before);
  });

  it("the list of parts is read whole, and no more than once", async () => {
    const kept = readFileSync(join(layerStore("vfs"), "vfs-layers", `${firstId}.tar-split.gz`));
    // Its own parts do not fit the size that is said here.
    assert.equal(await readFirst(kept), "it has more than 16 bytes");
  });
});
