import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { openDirectoryStore } from "../../../src/audit/evidence/directory-store.ts";
import { StoreFailed } from "../../../src/audit/evidence/evidence.ts";
import { contentNumber, keyOf } from "../../support/audit/contents.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";

const content = Buffer.from("a manifest");
const key = keyOf(content);

const placeIn = (directory: string, of = key) => join(directory, "sha256", of.slice(0, 2), of.slice(2));
const contentsIn = (directory: string) => {
  const room = join(directory, "sha256");
  return readdirSync(room)
    .filter((folder) => /^[0-9a-f]{2}$/.test(folder))
    .flatMap((folder) =>
      readdirSync(join(room, folder)).map((name) => ({ key: folder + name, path: join(room, folder, name) })),
    );
};
const unfinishedIn = (directory: string) => readdirSync(join(directory, "sha256", "unfinished"));

async function storeAt(directory = join(temporaryDirectory(), "store")) {
  return { directory, store: await openDirectoryStore(directory) };
}

describe("a directory keeps contents by their digests", () => {
  it("what it lies in is not made: that may be a share that is not mounted", async () => {
    await assert.rejects(
      storeAt(join(temporaryDirectory(), "share", "store")),
      /cannot be used: no such file or directory/,
    );
  });

  it("what is put there is there, for others too; and only for this user", async () => {
    const { directory, store } = await storeAt();
    assert.equal(await store.put(content), key);
    assert.deepEqual(readFileSync(placeIn(directory)), content);
    const { store: other } = await storeAt(directory);
    assert.deepEqual(await other.get(key), content);
    assert.equal(await other.get(keyOf(Buffer.from("another"))), undefined);
    assert.equal(await other.put(new Uint8Array()), keyOf(new Uint8Array()));
    assert.deepEqual(await store.get(keyOf(new Uint8Array())), Buffer.alloc(0));
    const modes = [directory, join(directory, "sha256"), dirname(placeIn(directory)), placeIn(directory)];
    assert.deepEqual(
      modes.map((path) => (statSync(path).mode & 0o777).toString(8)),
      ["700", "700", "700", "600"],
    );
    assert.deepEqual(unfinishedIn(directory), []);
  });

  it("what is there is not written again, by whoever put it there", async () => {
    const { directory, store } = await storeAt();
    await store.put(content);
    const before = statSync(placeIn(directory), { bigint: true });
    await store.put(content);
    await (await storeAt(directory)).store.put(content);
    const after = statSync(placeIn(directory), { bigint: true });
    assert.deepEqual([after.ino, after.mtimeNs], [before.ino, before.mtimeNs]);
  });

  it("what is put at the same time is written once", async () => {
    const { directory, store } = await storeAt();
    const keys = await Promise.all(Array.from({ length: 50 }, () => store.put(content)));
    assert.deepEqual(new Set(keys), new Set([key]));
    assert.deepEqual(
      contentsIn(directory).map((each) => each.key),
      [key],
    );
    assert.deepEqual(unfinishedIn(directory), []);
  });

  it("a key that is none never becomes a path", async () => {
    const { directory, store } = await storeAt();
    writeFileSync(join(directory, "secret"), "");
    for (const none of ["", "../../secret", `${key.slice(0, 62)}/x`, key.toUpperCase(), `${key}0`]) {
      await assert.rejects(store.get(none), StoreFailed, none);
    }
  });

  it("what was left unfinished a day ago is taken away, and nothing younger", async () => {
    const { directory } = await storeAt();
    const nursery = join(directory, "sha256", "unfinished");
    for (const name of ["old", "young"]) writeFileSync(join(nursery, name), "");
    const [day, now] = [24 * 3600, Date.now() / 1000];
    utimesSync(join(nursery, "old"), now - day - 60, now - day - 60);
    utimesSync(join(nursery, "young"), now - day / 2, now - day / 2);
    await storeAt(directory);
    assert.deepEqual(unfinishedIn(directory), ["young"]);
  });
});

function replaceBy(path: string, make: () => void): void {
  rmSync(path);
  make();
}

describe("what was changed is no content", () => {
  const outside = join(temporaryDirectory(), "outside");
  writeFileSync(outside, content);
  const rows: readonly (readonly [string, (path: string) => void])[] = [
    ["other bytes", (path) => writeFileSync(path, "A manifest")],
    ["fewer bytes", (path) => writeFileSync(path, content.subarray(1))],
    ["more bytes", (path) => writeFileSync(path, `${content}\n`)],
    ["an empty file", (path) => writeFileSync(path, "")],
    ["a link to the same bytes", (path) => replaceBy(path, () => symlinkSync(outside, path))],
    ["a link to nothing", (path) => replaceBy(path, () => symlinkSync("/nowhere/at/all", path))],
    ["a pipe", (path) => replaceBy(path, () => makeFifo(path))],
  ];
  for (const [what, change] of rows) {
    it(`${what}: it is refused, and to put the content there heals it`, async () => {
      const { directory, store } = await storeAt();
      await store.put(content);
      change(placeIn(directory));
      await assert.rejects(store.get(key), (error) => error instanceof StoreFailed && error.isOfOne);
      for (const each of [store, (await storeAt(directory)).store]) {
        await each.put(content);
        assert.deepEqual(await each.get(key), content);
      }
      assert.ok(statSync(placeIn(directory), { bigint: false }).isFile());
      assert.deepEqual(readFileSync(outside), content);
    });
  }

  it("a directory in its place is refused, and stays", async () => {
    const { directory, store } = await storeAt();
    mkdirSync(placeIn(directory), { recursive: true });
    await assert.rejects(store.get(key), StoreFailed);
    await assert.rejects(store.put(content), StoreFailed);
    assert.ok(statSync(placeIn(directory)).isDirectory());
    assert.deepEqual(unfinishedIn(directory), []);
  });

  const levels = [
    ["the room", "sha256"],
    ["a folder", join("sha256", key.slice(0, 2))],
    ["the place of what is unfinished", join("sha256", "unfinished")],
  ] as const;
  for (const [what, level] of levels) {
    it(`no link is followed below the directory: ${what}`, async () => {
      const elsewhere = await storeAt();
      await elsewhere.store.put(content);
      const before = contentsIn(elsewhere.directory).map((each) => each.key);
      const directory = join(temporaryDirectory(), "store");
      mkdirSync(dirname(join(directory, level)), { recursive: true });
      symlinkSync(join(elsewhere.directory, level), join(directory, level));
      const use = async () => {
        const { store } = await storeAt(directory);
        await store.get(key);
        await store.put(Buffer.from("another"));
        await store.put(content);
      };
      await assert.rejects(use(), StoreFailed);
      assert.deepEqual(
        contentsIn(elsewhere.directory).map((each) => each.key),
        before,
      );
    });
  }

  it("the directory itself may be a link, as whoever names it wants it", async () => {
    const { directory, store } = await storeAt();
    await store.put(content);
    const link = join(temporaryDirectory(), "link");
    symlinkSync(directory, link);
    assert.deepEqual(await (await storeAt(link)).store.get(key), content);
  });

  it("what cannot be used is said when it is opened", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) await assert.rejects(openDirectoryStore(path), StoreFailed);
  });

  it("what cannot be written is said", { skip: process.getuid?.() === 0 && "root may write anywhere" }, async () => {
    const { directory, store } = await storeAt();
    chmodSync(join(directory, "sha256"), 0o500);
    try {
      await assert.rejects(store.put(content), StoreFailed);
    } finally {
      chmodSync(join(directory, "sha256"), 0o700);
    }
  });

  it("what is gone is written again once somebody missed it", async () => {
    const { directory, store } = await storeAt();
    await store.put(content);
    rmSync(placeIn(directory));
    assert.equal(await store.get(key), undefined);
    await store.put(content);
    assert.ok(existsSync(placeIn(directory)));
  });
});

it("several writers that are killed leave whole contents only", { timeout: 120_000 }, async () => {
  const directory = join(temporaryDirectory(), "store");
  const writer = join(import.meta.dirname, "..", "..", "support", "audit", "write-contents.run.ts");
  for (let round = 0; round < 4; round += 1) {
    // Two write the same, and one something else.
    const children = [0, 0, 500].map((from) =>
      spawn(process.execPath, [writer, directory, `${from + round * 30}`], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(children.map((child) => once(child, "close")));
  }
  const kept = contentsIn(directory);
  assert.ok(kept.length >= 4, `${kept.length}`);
  for (const { key, path } of kept) assert.equal(keyOf(readFileSync(path)), key);
  const { store } = await storeAt(directory);
  for (let at = 0; at < 600; at += 50) {
    const bytes = contentNumber(at);
    assert.deepEqual(await store.get(await store.put(bytes)), bytes);
  }
});
