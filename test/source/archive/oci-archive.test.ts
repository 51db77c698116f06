import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { maxArchiveKeptFileBytes } from "../../../src/limits.ts";
import { openOciArchive } from "../../../src/source/archive/oci-archive.ts";
import type { LayoutFiles } from "../../../src/source/layout/layout-files.ts";
import { fixtures } from "../../support/images.ts";
import { tar, tarEntry } from "../../support/tar.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";

async function open(path: string): Promise<LayoutFiles> {
  const files = await openOciArchive(path);
  assert.ok(files.ok, JSON.stringify(files));
  return files.value;
}

async function blobOf(files: LayoutFiles, name: string): Promise<Buffer> {
  const blob = await files.blob(name);
  assert.ok(blob.ok, JSON.stringify(blob));
  const pieces: Uint8Array[] = [];
  for await (const piece of blob.value.content) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("archives of skopeo", () => {
  const blob = "blobs/sha256/1ccd8e5cbf771eb6e55faadb09b0d710fea5f999b98b4948621b6c670065f4f4";
  const layout = join(fixtures, "layouts", "app-oci");
  for (const name of ["layouts/app.oci.tar", "archives/skopeo.oci.tar", "archives/skopeo.oci.tar.gz"]) {
    it(name, async () => {
      const files = await open(join(fixtures, name));
      const version = await files.readSmall("oci-layout", 100);
      assert.ok(version.ok);
      assert.deepEqual(JSON.parse(Buffer.from(version.value).toString()), { imageLayoutVersion: "1.0.0" });
      assert.deepEqual(await blobOf(files, blob), readFileSync(join(layout, blob)));
      assert.equal(await files.has(blob), true);
      assert.equal(await files.has("blobs/sha256"), false);
      assert.equal(await files.has("signature-1"), false);
      await files.close();
    });
  }
});

describe("files of a layout in an archive", () => {
  const large = Buffer.alloc(maxArchiveKeptFileBytes + 1, "x");
  const bytes = tar(
    { name: "./blobs", type: "5" },
    { name: "./large", content: large },
    { name: "./index.json", content: "{}" },
    { name: "empty" },
  );
  for (const [form, content] of [
    ["plain", bytes],
    ["gzip", gzipSync(bytes)],
  ] as const) {
    const path = join(temporaryDirectory(), form);
    writeFileSync(path, content);

    it(`${form}: what cannot be read`, async () => {
      const files = await open(path);
      const rows = [
        ["x", 10, { kind: "missing" }],
        ["blobs", 10, { kind: "special", isDirectory: true }],
        ["index.json", 1, { kind: "too-large" }],
        ["large", maxArchiveKeptFileBytes, { kind: "too-large" }],
      ] as const;
      for (const [name, maxBytes, problem] of rows) {
        assert.deepEqual(await files.readSmall(name, maxBytes), { ok: false, problem });
      }
      assert.deepEqual(await files.blob("x"), { ok: false, problem: { kind: "missing" } });
    });

    it(`${form}: a file that is not kept, several times and at once`, async () => {
      const files = await open(path);
      assert.deepEqual(
        await Promise.all([blobOf(files, "large"), blobOf(files, "index.json"), blobOf(files, "large")]),
        [large, Buffer.from("{}"), large],
      );
      assert.deepEqual(await files.readSmall("large", large.length), { ok: true, value: large });
      assert.deepEqual(await blobOf(files, "empty"), Buffer.alloc(0));
    });

    it(`${form}: after it is closed`, async () => {
      const files = await open(path);
      const blob = await files.blob("large");
      await files.close();
      await files.close();
      const read = await files.readSmall("large", large.length);
      assert.deepEqual(read, {
        ok: false,
        problem: {
          kind: "archive",
          problem: { code: "image.file.unreadable", name: "archive", reason: "not open for this" },
        },
      });
      assert.ok(blob.ok);
      await assert.rejects(async () => {
        for await (const _ of blob.value.content);
      }, /not open for this/);
    });
  }

  it("a file that became shorter", async () => {
    const path = join(temporaryDirectory(), "shorter");
    writeFileSync(path, bytes);
    const files = await open(path);
    writeFileSync(path, bytes.subarray(0, 3000));
    await assert.rejects(() => blobOf(files, "large"), /ends in the middle/);
    const read = await files.readSmall("index.json", 100);
    assert.deepEqual(read.ok ? undefined : read.problem, {
      kind: "archive",
      problem: { code: "image.archive.malformed", detail: "it ends in the middle" },
    });
  });
});

describe("archives that are refused", () => {
  const file = (name: string, content: Uint8Array | string) => {
    const path = join(temporaryDirectory(), name);
    writeFileSync(path, content);
    return path;
  };
  const rows: readonly (readonly [string, () => string, string | undefined])[] = [
    [
      "a link, which only docker-archive has",
      () => file("a", tar({ name: "b/a", type: "2", target: "../c" })),
      "image.archive.member",
    ],
    ["bzip2", () => file("a", "BZh91AY&SY"), "image.archive.malformed"],
    [
      "broken behind the end of the archive, where the reference does not look",
      () => file("a", gzipSync(tar()).subarray(0, -1)),
      undefined,
    ],
    [
      "broken before the end",
      () => file("a", gzipSync(tarEntry({ name: "a" })).subarray(0, -8)),
      "image.archive.malformed",
    ],
    ["missing", () => join(temporaryDirectory(), "x"), "image.source.unreadable"],
    ["a directory", temporaryDirectory, "image.source.unreadable"],
    [
      "a FIFO, which nobody writes to",
      () => {
        const path = join(temporaryDirectory(), "fifo");
        makeFifo(path);
        return path;
      },
      "image.source.unreadable",
    ],
    ["a device", () => "/dev/zero", "image.source.unreadable"],
    [
      "a link to an archive",
      () => {
        const directory = temporaryDirectory();
        mkdirSync(join(directory, "d"));
        symlinkSync(file("a", tar()), join(directory, "d", "link"));
        return join(directory, "d", "link");
      },
      undefined,
    ],
  ];
  for (const [name, path, code] of rows) {
    it(name, async () => {
      const files = await openOciArchive(path());
      assert.equal(files.ok ? undefined : files.problem.code, code);
    });
  }
});
