import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type OpenDirectory, openDirectory } from "../../../src/host/open-directory.ts";
import { openStorage } from "../../../src/source/storage/storage.ts";
import { amd64Id, config, list, open, storeCopy } from "../../support/stores.ts";

describe("a storage that is written to", () => {
  /** Does something each time that images.lock was read, before what was read is looked at. */
  function watched(onLock: (count: number) => void): typeof openDirectory {
    let count = 0;
    return (path, descriptors) => {
      const opened = openDirectory(path, descriptors);
      if (!opened.ok) return opened;
      const directory = opened.value;
      const readFile: OpenDirectory["readFile"] = (name, maxBytes) => {
        const content = directory.readFile(name, maxBytes);
        if (name === "images.lock") onLock(++count);
        return content;
      };
      return { ok: true, value: { ...directory, readFile } };
    };
  }

  const given = (root: string) => config(root, { driver: "overlay" });
  const write = (root: string, text: string) => writeFileSync(join(root, "overlay-images", "images.lock"), text);

  it("once is read again", async () => {
    const root = storeCopy("overlay");
    let locks = 0;
    const opener = watched((count) => {
      locks = count;
      if (count !== 1) return;
      write(root, "another writer");
      list((text) => text.replace("app:1.0", "app:2.0"))(join(root, "overlay-images"));
    });
    const image = open(given(root), "registry.example.com/app:2.0", opener);
    assert.ok(image.ok);
    assert.equal(locks, 4);
  });

  it("each time is changed, after three times", () => {
    const root = storeCopy("overlay");
    let locks = 0;
    const opener = watched((count) => {
      locks = count;
      write(root, String(count));
    });
    const image = open(given(root), "1cc", opener);
    assert.deepEqual(image, {
      ok: false,
      problem: { code: "image.source.changed", path: join(root, "overlay-images") },
    });
    assert.equal(locks, 6);
  });

  it("so that the image is deleted is searched again, also where the lock says nothing", () => {
    const root = storeCopy("overlay");
    const opener = watched((count) => {
      if (count === 1) rmSync(join(root, "overlay-images", amd64Id), { recursive: true });
      if (count === 2) list(() => "[]")(join(root, "overlay-images"));
    });
    const image = open(given(root), "1cc", opener);
    assert.equal(image.ok ? undefined : image.problem.code, "image.source.not-found");
  });

  it("is read once more only if another has written", () => {
    const root = storeCopy("overlay");
    let reads = 0;
    const storage = openStorage(given(root), (path) => {
      const opened = openDirectory(path);
      if (!opened.ok) return opened;
      const directory = opened.value;
      const readFile: OpenDirectory["readFile"] = (name, maxBytes) => {
        if (name === "images.json") reads++;
        return directory.readFile(name, maxBytes);
      };
      return { ok: true, value: { ...directory, readFile } };
    });
    assert.ok(storage.ok);
    for (const expected of [1, 1, 2]) {
      if (expected === 2) write(root, "another");
      assert.ok(storage.value.list().ok);
      assert.equal(reads, expected);
    }
    storage.value.close();
  });
});
