import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { writeOutputFiles } from "../../src/host/output-file.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const content = Buffer.from("new\n");

describe("writeOutputFiles", () => {
  it("writes new files that only their owner can read", () => {
    const place = temporaryDirectory();
    const files = [join(place, "a"), join(place, "b")].map((path) => ({ path, content }));
    assert.deepEqual(writeOutputFiles(files), { ok: true, value: undefined });
    for (const { path } of files) {
      assert.equal(readFileSync(path, "utf8"), "new\n");
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
    assert.deepEqual(readdirSync(place).sort(), ["a", "b"]);
  });

  it("replaces what was there, its mode too", () => {
    const path = join(temporaryDirectory(), "a");
    writeFileSync(path, "a longer old text", { mode: 0o644 });
    assert.ok(writeOutputFiles([{ path, content }]).ok);
    assert.equal(readFileSync(path, "utf8"), "new\n");
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  const refused: readonly { what: string; path: (place: string) => string }[] = [
    { what: "a directory", path: (place) => join(place, "directory") },
    { what: "a link, which would be replaced", path: (place) => join(place, "link") },
    { what: "a dangling link", path: (place) => join(place, "dangling") },
    { what: "a device, which would be destroyed", path: () => "/dev/null" },
    { what: "a directory that is not there", path: (place) => join(place, "none", "file") },
    { what: "a file as directory", path: (place) => join(place, "old", "file") },
    { what: "a name that is too long", path: (place) => join(place, "x".repeat(300)) },
    { what: "a NUL character", path: (place) => join(place, "a\0b") },
  ];
  for (const { what, path } of refused) {
    it(`refuses ${what}, and leaves nothing of either file`, () => {
      const place = temporaryDirectory();
      mkdirSync(join(place, "directory"));
      writeFileSync(join(place, "old"), "old");
      symlinkSync("old", join(place, "link"));
      symlinkSync("nowhere", join(place, "dangling"));
      const before = readdirSync(place).sort();
      const written = writeOutputFiles([
        { path: join(place, "first"), content },
        { path: path(place), content },
      ]);
      assert.equal(written.ok ? "written" : written.problem.path, path(place));
      assert.deepEqual(readdirSync(place).sort(), before);
      assert.equal(readFileSync(join(place, "old"), "utf8"), "old");
      assert.ok(statSync("/dev/null").isCharacterDevice());
    });
  }
});
