import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertNothingOpened,
  bytesOf,
  countDescriptors,
  errnoOf,
  got,
  loadedLibc,
  openedDescriptors,
  python,
  pythonIsMissing,
  text,
} from "../../support/descriptors.ts";
import { makeFifo, temporaryDirectory } from "../../support/temporary.ts";

const descriptors = await openedDescriptors();
const libc = await loadedLibc();
const newPath = () => join(temporaryDirectory(), "socket");

/** A socket whose owner ended without taking away its file. */
function staleSocket(path: string, type = 1): void {
  const number = libc.socket(type);
  assert.ok(libc.bind(number, bytesOf(path)) >= 0 && libc.listen(number, 1) >= 0);
  libc.close(number);
}

describe("the mode, whatever umask says", () => {
  for (const umask of [0o000, 0o022, 0o077, 0o777]) {
    for (const mode of [0o600, 0o660, 0o666]) {
      it(`${mode.toString(8)} with umask ${umask.toString(8)}`, () => {
        const path = newPath();
        const before = process.umask(umask);
        try {
          const listener = got(descriptors.listen({ path, mode }));
          assert.equal(lstatSync(path).mode & 0o7777, mode);
          assert.equal(process.umask(), umask);
          listener.close();
          assert.equal(existsSync(path), false);
        } finally {
          process.umask(before);
        }
      });
    }
  }

  it("is never looser, not even for a moment", { skip: pythonIsMissing, timeout: 30_000 }, async () => {
    const path = newPath();
    const watcher = python(
      `seen = set()
end = time.time() + 2
while time.time() < end:
    try: seen.add(oct(os.lstat(sys.argv[1]).st_mode & 0o077))
    except FileNotFoundError: pass
print(sorted(seen))`,
      { args: [path] },
    );
    const before = process.umask(0);
    let isOver = false;
    watcher.ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      got(descriptors.listen({ path, mode: 0o600 })).close();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    process.umask(before);
    assert.equal(await watcher.ended, "['0o0']\n");
  });

  it("and the owner", { skip: process.getuid?.() === 0 ? false : "only root gives a file away" }, () => {
    const path = newPath();
    const listener = got(descriptors.listen({ path, mode: 0o660, owner: { userId: 1234, groupId: 4321 } }));
    const { uid, gid, mode } = lstatSync(path);
    assert.deepEqual([uid, gid, mode & 0o7777], [1234, 4321, 0o660]);
    listener.close();
  });
});

describe("what is there already", () => {
  const rows = [
    ["nothing", () => {}, "ok"],
    ["a socket that nobody listens at", (path: string) => staleSocket(path), "ok"],
    ["packets that nobody listens at", (path: string) => staleSocket(path, 5), "ok or in-use"],
    ["an empty file", (path: string) => writeFileSync(path, ""), "occupied"],
    ["a directory", (path: string) => mkdirSync(path), "occupied"],
    ["a FIFO", (path: string) => makeFifo(path), "occupied"],
    ["a link to nothing", (path: string) => symlinkSync("nothing", path), "occupied"],
    [
      "a link to a socket that nobody listens at",
      (path: string) => {
        staleSocket(`${path}.other`);
        symlinkSync(`${path}.other`, path);
      },
      "occupied",
    ],
  ] as const;
  for (const [name, make, expected] of rows) {
    it(name, () => {
      const path = newPath();
      make(path);
      const before = existsSync(path) ? lstatSync(path).ino : undefined;
      const open = countDescriptors();
      for (let round = 0; round < 40 && expected === "occupied"; round += 1) descriptors.listen({ path, mode: 0o600 });
      assertNothingOpened(open, 40);
      const listening = descriptors.listen({ path, mode: 0o600 });
      const outcome = listening.ok ? "ok" : listening.problem.kind;
      assert.ok(expected.split(" or ").includes(outcome), outcome);
      if (listening.ok) listening.value.close();
      else if (before !== undefined) assert.equal(lstatSync(path).ino, before);
    });
  }

  it("a socket that somebody listens at, who is not disturbed", async () => {
    const path = newPath();
    const listener = got(descriptors.listen({ path, mode: 0o600 }));
    const second = descriptors.listen({ path, mode: 0o600 });
    assert.deepEqual(second, { ok: false, problem: { kind: "in-use" } });
    // That it was asked looked like a connection.
    const accepted = got(await listener.accept());
    assert.equal(got(await accepted.receive(10)).bytes.length, 0);
    accepted.close();
    listener.close();
  });
});

it("a file that took the socket's place is left where it is", () => {
  const path = newPath();
  const listener = got(descriptors.listen({ path, mode: 0o600 }));
  renameSync(path, `${path}.old`);
  writeFileSync(path, "another's");
  listener.close();
  assert.equal(readFileSync(path, "utf8"), "another's");
});

describe("names", () => {
  const rows = [
    ["none", { path: "", mode: 0o600 }, "bad-name"],
    ["a NUL", { path: "/tmp/a\0b", mode: 0o600 }, "bad-name"],
    ["108 bytes", { path: `/${"x".repeat(107)}`, mode: 0o600 }, "bad-name"],
    ["few letters of many bytes", { path: `/${"€".repeat(36)}`, mode: 0o600 }, "bad-name"],
    ["no such directory", { path: "/nonexistent/socket", mode: 0o600 }, "system"],
    ["an abstract one that is empty", { abstractName: "" }, "bad-name"],
    ["an abstract one of 108 bytes", { abstractName: "x".repeat(108) }, "bad-name"],
  ] as const;
  for (const [name, place, kind] of rows) {
    it(name, () => {
      const listening = descriptors.listen(place);
      assert.equal(listening.ok ? "ok" : listening.problem.kind, kind);
    });
  }

  it("107 bytes", () => {
    const directory = temporaryDirectory();
    const path = join(directory, "x".repeat(106 - directory.length));
    assert.equal(path.length, 107);
    const listener = got(descriptors.listen({ path, mode: 0o600 }));
    assert.ok(existsSync(path));
    listener.close();
  });
});

it("an abstract name", { skip: pythonIsMissing, timeout: 20_000 }, async () => {
  const abstractName = `sealcheck-test-${process.pid}`;
  const listener = got(descriptors.listen({ abstractName }));
  assert.deepEqual(descriptors.listen({ abstractName }), { ok: false, problem: { kind: "in-use" } });
  const peer = python(
    `peer = socket.socket(socket.AF_UNIX)
peer.connect("\\0" + sys.argv[1])
peer.sendall(b"hello")`,
    { args: [abstractName] },
  );
  const accepted = got(await listener.accept());
  assert.equal(text(got(await accepted.receive(10)).bytes), "hello");
  await peer.ended;
  accepted.close();
  listener.close();
});

it("says who connected, with all their groups", {
  skip: process.getuid?.() === 0 ? pythonIsMissing : "only root becomes somebody else",
  timeout: 20_000,
}, async () => {
  const path = newPath();
  const listener = got(descriptors.listen({ path, mode: 0o600 }));
  const groups = Array.from({ length: 100 }, (_, index) => 2000 + index);
  const peer = python(
    `peer = socket.socket(socket.AF_UNIX)
os.setgroups(range(2000, 2100))
os.setegid(1500)
peer.connect(sys.argv[1])`,
    { args: [path] },
  );
  const accepted = got(await listener.accept());
  assert.deepEqual(
    { ...accepted.peer, groups: [...(accepted.peer?.groups ?? [])].sort() },
    { userId: 0, groupId: 1500, groups, processId: peer.processId },
  );
  await peer.ended;
  accepted.close();
  listener.close();
});

it("somebody else, where the mode lets them in, and not where it does not", {
  skip: process.getuid?.() === 0 ? pythonIsMissing : "only root becomes somebody else",
  timeout: 20_000,
}, async () => {
  for (const [mode, expected] of [
    [0o666, "connected"],
    [0o660, "PermissionError"],
  ] as const) {
    const path = newPath();
    const listener = got(descriptors.listen({ path, mode }));
    const peer = python(
      `os.fchdir(os.open(os.path.dirname(sys.argv[1]), os.O_PATH))
peer = socket.socket(socket.AF_UNIX)
fd = os.open(".", os.O_RDONLY); os.fchmod(fd, 0o711)
os.setgroups([]); os.setgid(4321); os.setuid(1234)
try:
    peer.connect("socket")
    print("connected")
except Exception as error: print(type(error).__name__)`,
      { args: [path] },
    );
    assert.equal(await peer.ended, `${expected}\n`);
    if (expected === "connected") {
      const accepted = got(await listener.accept());
      assert.deepEqual([accepted.peer?.userId, accepted.peer?.groupId, accepted.peer?.groups], [1234, 4321, []]);
      accepted.close();
    }
    listener.close();
  }
});

it("closing ends who waits", async () => {
  const path = newPath();
  const listener = got(descriptors.listen({ path, mode: 0o600 }));
  const waiting = listener.accept();
  await assert.rejects(listener.accept());
  setTimeout(() => listener.close(), 5);
  assert.equal(errnoOf(await waiting), "ECANCELED");
  assert.equal(errnoOf(await listener.accept()), "ECANCELED");
});

it("many who come and go leave nothing open", { skip: pythonIsMissing, timeout: 30_000 }, async () => {
  const path = newPath();
  const listener = got(descriptors.listen({ path, mode: 0o600 }));
  const before = countDescriptors();
  const peers = python(
    `for round in range(1000):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    try:
        if round % 2: socket.send_fds(peer, [b"x"], [0, 0])
    except BrokenPipeError: pass
    peer.close()`,
    { args: [path] },
  );
  for (let round = 0; round < 1000; round += 1) {
    const accepted = got(await listener.accept());
    if (round % 3 === 0) for (const descriptor of got(await accepted.receive(10)).descriptors) descriptor.close();
    accepted.close();
  }
  await peers.ended;
  assertNothingOpened(before, 40);
  listener.close();
});
