import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { maxArchiveUnpackedBytes, maxSmallFileUnpackedBytes } from "../../../src/limits.ts";
import { ArchiveFailure } from "../../../src/source/archive/archive-failure.ts";
import { compressionOf, UnpackBudget, unpack } from "../../../src/source/archive/compression.ts";

const text = Buffer.from("some text, ".repeat(1000));
const noise = randomBytes(400_000);
const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
const emptySkippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function unpacked(bytes: Uint8Array, pieceBytes: number): Promise<Buffer | string> {
  const compression = compressionOf(bytes);
  if (compression === undefined) return "none";
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of unpack(compression, inPieces(bytes, pieceBytes), new UnpackBudget(bytes.length))) {
      pieces.push(piece);
    }
  } catch (error) {
    assert.ok(error instanceof ArchiveFailure, String(error));
    return error.problem.code;
  }
  return Buffer.concat(pieces);
}

/** Without the size in the header, as a stream is compressed. */
const zstd = (bytes: Uint8Array) => zstdCompressSync(bytes);
const gzip = (bytes: Uint8Array) => gzipSync(bytes);
const broken = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length - 6) ^ 1, copy.length - 6);
  return copy;
};

describe("what is unpacked", () => {
  const bad = "image.archive.malformed";
  const rows: readonly (readonly [string, Uint8Array, Buffer | string])[] = [
    ["gzip", gzip(text), text],
    ["gzip, twice", Buffer.concat([gzip(text), gzip(noise)]), Buffer.concat([text, noise])],
    ["gzip of nothing", gzip(Buffer.alloc(0)), Buffer.alloc(0)],
    ["gzip, cut off", gzip(text).subarray(0, -1), bad],
    ["gzip, the second cut off", Buffer.concat([gzip(text), gzip(text).subarray(0, 9)]), bad],
    ["gzip, broken", broken(gzip(text)), bad],
    ["gzip, then text", Buffer.concat([gzip(text), text]), bad],
    ["gzip, then zeros, which Node passes over", Buffer.concat([gzip(text), Buffer.alloc(512)]), bad],
    ["zstd", zstd(text), text],
    ["zstd, of blocks that are not compressed", zstd(noise), noise],
    ["zstd, of a byte repeated", zstd(Buffer.alloc(1_000_000)), Buffer.alloc(1_000_000)],
    ["zstd, twice", Buffer.concat([zstd(text), zstd(noise)]), Buffer.concat([text, noise])],
    [
      "zstd, then a frame to skip, then zstd",
      Buffer.concat([zstd(text), skippable, emptySkippable, zstd(text)]),
      Buffer.concat([text, text]),
    ],
    ["zstd, then a frame to skip", Buffer.concat([zstd(text), skippable]), text],
    ["zstd of nothing", zstd(Buffer.alloc(0)), Buffer.alloc(0)],
    ["zstd, cut off, which Node takes for whole", zstd(text).subarray(0, -1), bad],
    ["zstd, the second cut off", Buffer.concat([zstd(text), zstd(text).subarray(0, 9)]), bad],
    ["zstd, the second cut off in its first bytes", Buffer.concat([zstd(text), zstd(text).subarray(0, 2)]), bad],
    ["zstd, a frame to skip cut off", Buffer.concat([zstd(text), skippable.subarray(0, 10)]), bad],
    ["zstd, then text", Buffer.concat([zstd(text), text]), bad],
    ["zstd, then zeros", Buffer.concat([zstd(text), Buffer.alloc(512)]), bad],
    ["zstd, a block of a reserved type", Buffer.from("28b52ffd0058070000", "hex"), bad],
    ["bzip2", Buffer.from("BZh91AY&SY"), bad],
    ["xz", Buffer.from("fd377a585a000000", "hex"), bad],
    ["zstd behind a frame to skip, which the reference does not know", Buffer.concat([skippable, zstd(text)]), "none"],
    ["text", text, "none"],
    ["nothing", Buffer.alloc(0), "none"],
  ];
  for (const [name, bytes, expected] of rows) {
    for (const pieceBytes of bytes.length > 20_000 ? [65_536, 1 << 20] : [1, 7, 1 << 20]) {
      it(`${name}, in pieces of ${pieceBytes}`, async () =>
        assert.deepEqual(await unpacked(bytes, pieceBytes), expected));
    }
  }
});

describe("how much is unpacked", () => {
  const mebibyte = 2 ** 20;
  const rows: readonly (readonly [string, number, number])[] = [
    ["nothing", 0, maxSmallFileUnpackedBytes],
    ["1 MiB", mebibyte, maxSmallFileUnpackedBytes],
    ["100 MiB", 100 * mebibyte, 10_000 * mebibyte],
    ["10 GiB", 10 * 1024 * mebibyte, maxArchiveUnpackedBytes],
  ];
  for (const [name, fileBytes, maxBytes] of rows) {
    it(`of a file of ${name}`, () => assert.equal(new UnpackBudget(fileBytes).maxBytes, maxBytes));
  }

  it("all parts of a file take from the same", () => {
    const budget = new UnpackBudget(0);
    budget.spend(maxSmallFileUnpackedBytes - 1);
    budget.spend(1);
    assert.throws(() => budget.spend(1), {
      problem: { code: "image.archive.too-large", maxBytes: maxSmallFileUnpackedBytes },
    });
  });

  it("10 GB of zeros in 10 MB", async () => {
    const million = gzipSync(Buffer.alloc(100_000_000), { level: 9 });
    const bomb = Buffer.concat(Array.from({ length: 100 }, () => million));
    assert.equal(await unpacked(bomb, 1 << 20), "image.archive.too-large");
  });
});

it("frames of zstd without content are counted all the same", async () => {
  const empty = zstdCompressSync(Buffer.alloc(0));
  const count = Math.floor(maxSmallFileUnpackedBytes / (16 * 1024));
  assert.ok(Buffer.isBuffer(await unpacked(Buffer.concat(Array(1000).fill(empty)), 65_536)));
  assert.equal(await unpacked(Buffer.concat(Array(count + 1).fill(empty)), 65_536), "image.archive.too-large");
});
