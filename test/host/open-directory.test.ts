import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openedDirectory } from "../support/directories.ts";
import { temporaryDirectory } from "../support/temporary.ts";

function place(): string {
  const path = temporaryDirectory();
  mkdirSync(join(path, "inner"));
  writeFileSync(join(path, "inner", "file"), "content");
  writeFileSync(join(path, "file"), "");
  symlinkSync("inner", join(path, "link"));
  symlinkSync("nowhere", join(path, "dangling"));
  return path;
}

const ways = [
  { way: "through descriptors", descriptors: "/proc/self/fd" },
  { way: "by path", descriptors: "/nonexistent" },
];

for (const { way, descriptors } of ways) {
  describe(`a directory in a directory, ${way}`, () => {
    const rows: readonly { name: string; problem: object | undefined }[] = [
      { name: "inner", problem: undefined },
      { name: "nothing", problem: { kind: "missing" } },
      { name: "link", problem: { kind: "symlink" } },
      { name: "dangling", problem: { kind: "symlink" } },
      { name: "file", problem: { kind: "special", isDirectory: false } },
    ];
    for (const { name, problem } of rows) {
      it(name, () => {
        const directory = openedDirectory(place(), descriptors);
        const inner = directory.openDirectory(name);
        directory.close();
        assert.deepEqual(inner.ok ? undefined : inner.problem, problem);
        if (!inner.ok) return;
        assert.deepEqual(inner.value.readFile("file", 100), { ok: true, value: Buffer.from("content") });
        assert.equal(inner.value.hasFile("file"), true);
        inner.value.close();
      });
    }

    it("names that are not UTF-8", () => {
      const path = place();
      const name = Buffer.from([0x72, 0xe9, 0xff]);
      const at = Buffer.concat([Buffer.from(`${path}/`), name]);
      mkdirSync(at);
      writeFileSync(Buffer.concat([at, Buffer.from("/"), name]), "content");
      const directory = openedDirectory(path, descriptors);
      const inner = directory.openDirectory(name);
      assert.ok(inner.ok);
      const file = inner.value.openFile(name);
      assert.ok(file.ok);
      assert.equal(file.value.sizeBytes, 7);
      file.value.close();
      assert.deepEqual(inner.value.openFile(Buffer.from([0xe9])), { ok: false, problem: { kind: "missing" } });
    });

    it("where a link points to", () => {
      const directory = openedDirectory(place(), descriptors);
      assert.deepEqual(directory.readLink("dangling"), Buffer.from("nowhere"));
      assert.equal(directory.readLink("file"), undefined);
      assert.equal(directory.readLink("nothing"), undefined);
    });
  });
}

describe("a directory that was exchanged after it was opened", () => {
  it("is the one that was opened, through descriptors", () => {
    const path = place();
    const directory = openedDirectory(path);
    renameSync(path, `${path}.old`);
    mkdirSync(path);
    const inner = directory.openDirectory("inner");
    assert.ok(inner.ok);
    assert.deepEqual(inner.value.readFile("file", 100), { ok: true, value: Buffer.from("content") });
  });

  it("is noticed, by path", () => {
    const path = place();
    const directory = openedDirectory(path, "/nonexistent");
    renameSync(path, `${path}.old`);
    mkdirSync(join(path, "inner"), { recursive: true });
    assert.deepEqual(directory.openDirectory("inner"), { ok: false, problem: { kind: "system", errno: "ESTALE" } });
  });
});
