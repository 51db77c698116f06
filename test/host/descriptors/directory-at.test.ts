import assert from "node:assert/strict";
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ownDescriptor } from "../../../src/host/descriptors/descriptor.ts";
import type { ReadingRights } from "../../../src/host/descriptors/directory-at.ts";
import { mayRead, maySearch } from "../../../src/host/descriptors/may-read.ts";
import type { OpenDirectory } from "../../../src/host/open-directory.ts";
import {
  assertNothingOpened,
  countDescriptors,
  errnoOf,
  got,
  loadedLibc,
  openedDescriptors,
  text,
} from "../../support/descriptors.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";

const descriptors = await openedDescriptors();
const libc = await loadedLibc();
const all: ReadingRights = { mayRead: () => true, maySearch: () => true };
const pathOnly = 0o10000000;

function place(): string {
  const path = temporaryDirectory();
  mkdirSync(join(path, "inner"));
  writeFileSync(join(path, "inner", "file"), "inner content");
  writeFileSync(join(path, "file"), "content");
  writeFileSync(join(path, "empty"), "");
  symlinkSync("file", join(path, "link"));
  symlinkSync("nowhere", join(path, "dangling"));
  symlinkSync("inner", join(path, "link-to-directory"));
  symlinkSync("/", join(path, "link-to-root"));
  makeFifo(join(path, "fifo"));
  return path;
}

/** As a peer sends it. */
function opened(
  path: string,
  { rights = all, flags = pathOnly }: { rights?: ReadingRights; flags?: number } = {},
): OpenDirectory {
  return got(descriptors.directoryAt(ownDescriptor(openSync(path, flags)), rights));
}

describe("a file in a directory that was sent", () => {
  const rows = [
    ["file", "content"],
    ["empty", ""],
    ["nothing", { kind: "missing" }],
    ["link", { kind: "symlink" }],
    ["dangling", { kind: "symlink" }],
    ["link-to-directory", { kind: "symlink" }],
    ["inner", { kind: "special", isDirectory: true }],
    ["fifo", { kind: "special", isDirectory: false }],
    ["..", { kind: "system", errno: "EINVAL" }],
    [".", { kind: "system", errno: "EINVAL" }],
    ["", { kind: "system", errno: "EINVAL" }],
    ["inner/file", { kind: "system", errno: "EINVAL" }],
    ["/etc/passwd", { kind: "system", errno: "EINVAL" }],
    ["file/", { kind: "system", errno: "EINVAL" }],
    ["file\0x", { kind: "system", errno: "EINVAL" }],
    ["x".repeat(256), { kind: "system", errno: "ENAMETOOLONG" }],
  ] as const;
  for (const [way, flags] of [
    ["O_PATH", pathOnly],
    ["O_RDONLY", 0],
  ] as const) {
    for (const [name, expected] of rows) {
      it(`${JSON.stringify(name.slice(0, 30))}, ${way}`, async () => {
        const directory = opened(place(), { flags });
        const before = countDescriptors();
        for (let round = 0; round < 40; round += 1) {
          directory.readFile(name, 100);
          const stream = directory.openFile(name);
          if (stream.ok) stream.value.close();
        }
        assertNothingOpened(before, 40);
        const read = directory.readFile(name, 100);
        assert.deepEqual(read.ok ? text(read.value) : read.problem, expected);
        const file = directory.openFile(name);
        assert.equal(file.ok, read.ok);
        if (file.ok) {
          let content = "";
          for await (const piece of file.value.content) content += text(piece);
          assert.equal(content, expected);
        } else assert.deepEqual(file.problem, expected);
        assert.equal(directory.hasFile(name), read.ok);
        assert.equal(directory.lacks(name), name === "nothing");
        directory.close();
      });
    }
  }

  it("one that is too large is not read", () => {
    const directory = opened(place());
    assert.deepEqual(directory.readFile("file", 6), { ok: false, problem: { kind: "too-large" } });
    assert.equal(text(got(directory.readFile("file", 7))), "content");
    directory.close();
  });

  it("a socket", async () => {
    const path = place();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(path, "socket"), resolve));
    const directory = opened(path);
    assert.deepEqual(directory.readFile("socket", 10), { ok: false, problem: { kind: "special", isDirectory: false } });
    directory.close();
    server.close();
  });
});

describe("a directory in it", () => {
  const rows = [
    ["inner", undefined],
    ["nothing", { kind: "missing" }],
    ["link-to-directory", { kind: "symlink" }],
    ["link-to-root", { kind: "symlink" }],
    ["dangling", { kind: "symlink" }],
    ["file", { kind: "special", isDirectory: false }],
    ["fifo", { kind: "special", isDirectory: false }],
    ["..", { kind: "system", errno: "EINVAL" }],
    [".", { kind: "system", errno: "EINVAL" }],
    ["inner/..", { kind: "system", errno: "EINVAL" }],
  ] as const;
  for (const [name, problem] of rows) {
    it(name, () => {
      const directory = opened(place());
      const before = countDescriptors();
      for (let round = 0; round < 40; round += 1) {
        const again = directory.openDirectory(name);
        if (again.ok) again.value.close();
      }
      assertNothingOpened(before, 40);
      const inner = directory.openDirectory(name);
      directory.close();
      assert.deepEqual(inner.ok ? undefined : inner.problem, problem);
      if (inner.ok) {
        assert.equal(text(got(inner.value.readFile("file", 100))), "inner content");
        inner.value.close();
      }
    });
  }
});

describe("what is no directory", () => {
  const rows = [
    ["a file", () => openSync(import.meta.filename, "r"), "ENOTDIR"],
    ["a file, O_PATH", () => openSync(import.meta.filename, pathOnly), "ENOTDIR"],
    ["a device", () => openSync("/dev/null", "r"), "ENOTDIR"],
    ["a socket", () => libc.socket(1), "ENOTDIR"],
    [
      "a link, O_PATH",
      () => {
        const path = join(temporaryDirectory(), "link");
        symlinkSync("/", path);
        return openSync(path, pathOnly | 0o400000 | 0o100000);
      },
      "ENOTDIR",
    ],
  ] as const;
  for (const [name, open, errno] of rows) {
    it(name, { skip: name.startsWith("a link") && process.arch !== "x64" ? "with flags of x86_64" : false }, () => {
      const number = open();
      assert.equal(errnoOf(descriptors.directoryAt(ownDescriptor(number), all)), errno);
      // It was taken, and is closed.
      assert.throws(() => fstatSync(number), /EBADF/);
    });
  }

  it("one that is closed", () => {
    const descriptor = ownDescriptor(openSync("/", pathOnly));
    descriptor.close();
    assert.ok(!descriptors.directoryAt(descriptor, all).ok);
  });

  it("a directory that was closed: not that of the process", () => {
    const directory = opened(place());
    directory.close();
    directory.close();
    for (const name of ["package.json", "file"]) {
      assert.deepEqual(directory.readFile(name, 1_000_000), { ok: false, problem: { kind: "system", errno: "EBADF" } });
    }
  });
});

it("is the one that was sent, whatever is in its place now", () => {
  const path = place();
  const directory = opened(path);
  renameSync(path, `${path}.old`);
  mkdirSync(path);
  writeFileSync(join(path, "file"), "exchanged");
  assert.equal(text(got(directory.readFile("file", 100))), "content");
  directory.close();
});

describe("what whoever sent it could not read", () => {
  const user = { userId: 1234, groupId: 1234, groups: [] };
  const rights: ReadingRights = {
    mayRead: (status) => mayRead(user, status),
    maySearch: (status) => maySearch(user, status),
  };
  const refused = { ok: false, problem: { kind: "system", errno: "EACCES" } };
  const skip = process.getuid?.() === 1234 ? "this is that user" : false;

  it("files and directories, by their modes", { skip }, () => {
    const path = place();
    chmodSync(path, 0o711);
    chmodSync(join(path, "file"), 0o600);
    chmodSync(join(path, "empty"), 0o604);
    chmodSync(join(path, "inner"), 0o700);
    chmodSync(join(path, "inner", "file"), 0o666);
    const directory = opened(path, { rights });
    const before = countDescriptors();
    for (let round = 0; round < 40; round += 1) {
      directory.readFile("file", 100);
      directory.openDirectory("inner");
    }
    assertNothingOpened(before, 40);
    assert.deepEqual(directory.readFile("file", 100), refused);
    assert.deepEqual(directory.openFile("file"), refused);
    assert.equal(directory.hasFile("file"), false);
    assert.equal(directory.readFile("empty", 100).ok, true);
    assert.deepEqual(directory.openDirectory("inner"), refused);
    chmodSync(join(path, "inner"), 0o701);
    const inner = got(directory.openDirectory("inner"));
    assert.equal(text(got(inner.readFile("file", 100))), "inner content");
    inner.close();
    directory.close();
  });

  it("the directory itself", { skip }, () => {
    const path = place();
    chmodSync(path, 0o766);
    const number = openSync(path, pathOnly);
    assert.equal(errnoOf(descriptors.directoryAt(ownDescriptor(number), rights)), "EACCES");
    assert.throws(() => fstatSync(number), /EBADF/);
  });

  it("is asked before anything is used, of what is open", () => {
    const path = place();
    const asked: string[] = [];
    const directory = opened(path, {
      rights: {
        mayRead: (status) => {
          asked.push(`read ${(status.mode & 0o170000) === 0o100000} ${status.size}`);
          return false;
        },
        maySearch: (status) => {
          asked.push(`search ${(status.mode & 0o170000) === 0o040000}`);
          return true;
        },
      },
    });
    directory.readFile("file", 100);
    directory.openDirectory("inner");
    directory.readFile("link", 100);
    assert.deepEqual(asked, ["search true", "read true 7", "search true"]);
    directory.close();
  });
});

it("thousands of files leave nothing open", () => {
  const path = place();
  const directory = opened(path);
  const before = countDescriptors();
  for (let round = 0; round < 2000; round += 1) {
    directory.readFile("file", round % 2 === 0 ? 3 : 100);
    const stream = directory.openFile("file");
    if (stream.ok) stream.value.close();
    const inner = directory.openDirectory(round % 2 === 0 ? "inner" : "link-to-directory");
    if (inner.ok) inner.value.close();
    directory.lacks("fifo");
    directory.hasFile("fifo");
  }
  assertNothingOpened(before, 40);
  directory.close();
});

it("a name as bytes", () => {
  const directory = opened(place());
  const file = got(directory.openFile(Buffer.from("file")));
  file.close();
  closeSync(openSync("/dev/null", "r"));
  directory.close();
});
