import assert from "node:assert/strict";
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
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

const descriptors = await openedDescriptors();
const libc = await loadedLibc();

function readNow(descriptor: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return text(buffer.subarray(0, readSync(descriptor, buffer, 0, length, null)));
}

describe("a pipe", () => {
  it("is read as it was written, and ends when the writer is closed", async () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    got(await writer.write(bytesOf("hello")));
    assert.equal(readNow(readEnd.number, 100), "hello");
    writer.close();
    assert.equal(readNow(readEnd.number, 100), "");
    assert.equal(errnoOf(await writer.write(bytesOf("x"))), "ECANCELED");
    readEnd.close();
  });

  it("nobody reads any more: EPIPE, and no signal ends this process", async () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    readEnd.close();
    assert.equal(errnoOf(await writer.write(bytesOf("x"))), "EPIPE");
    writer.close();
  });

  it("nobody reads any more, told to whoever waits for room", async () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    const writing = writer.write(Buffer.alloc(1_000_000));
    setTimeout(() => readEnd.close(), 10);
    assert.equal(errnoOf(await writing), "EPIPE");
    writer.close();
  });

  it("nobody reads any more, told to whoever has nothing to write", async () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    let isAbandoned = false;
    const abandoned = writer.abandoned().then(() => {
      isAbandoned = true;
    });
    got(await writer.write(bytesOf("x")));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(isAbandoned, false);
    readEnd.close();
    await abandoned;
    writer.close();
  });

  it("closing ends who waits", async () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    const writing = writer.write(Buffer.alloc(1_000_000));
    const abandoned = writer.abandoned();
    await assert.rejects(writer.write(bytesOf("x")));
    setTimeout(() => writer.close(), 5);
    assert.equal(errnoOf(await writing), "ECANCELED");
    await abandoned;
    readEnd.close();
  });

  it("the end for reading blocks, and only the other one does not", () => {
    const { readEnd, writer } = got(descriptors.openPipe());
    const flags = libc.statusFlags(readEnd.number);
    assert.equal(flags & constants.O_NONBLOCK, 0);
    writer.close();
    readEnd.close();
  });

  it("a hundred who read slowly, all at once", { skip: pythonIsMissing, timeout: 30_000 }, async () => {
    const before = countDescriptors();
    const pipes = Array.from({ length: 100 }, () => got(descriptors.openPipe()));
    const reader = python(
      `total = 0
files = list(range(3, 103))
while files:
    for file in list(files):
        piece = os.read(file, 20000)
        total += len(piece)
        if not piece: files.remove(file)
print(total)`,
      { pass: pipes.map(({ readEnd }) => readEnd.number) },
    );
    for (const { readEnd } of pipes) readEnd.close();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await Promise.all(
      pipes.map(async ({ writer }, index) => {
        got(await writer.write(Buffer.alloc(300_000, index)));
        writer.close();
      }),
    );
    clearInterval(counting);
    assert.equal(await reader.ended, `${100 * 300_000}\n`);
    assert.ok(turns > 2, `the event loop turned ${turns} times`);
    assertNothingOpened(before, 40);
  });

  it("a hundred whom nobody reads cost no time", async () => {
    const pipes = Array.from({ length: 100 }, () => got(descriptors.openPipe()));
    const writing = pipes.map(({ writer }) => writer.write(Buffer.alloc(100_000)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const used = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(used);
    assert.ok(user + system < 150_000, `${user + system} µs of a second`);
    for (const { readEnd, writer } of pipes) {
      writer.close();
      readEnd.close();
    }
    for (const result of await Promise.all(writing)) assert.equal(errnoOf(result), "ECANCELED");
  });

  it("nothing is left open", async () => {
    const before = countDescriptors();
    for (let round = 0; round < 2000; round += 1) {
      const { readEnd, writer } = got(descriptors.openPipe());
      if (round % 2 === 0) readEnd.close();
      const writing = writer.write(Buffer.alloc(round % 3 === 0 ? 100_000 : 10));
      writer.close();
      readEnd.close();
      await writing;
    }
    assertNothingOpened(before, 40);
  });
});

describe("a sealed file", () => {
  const changes = [
    ["written", (number: number) => writeSync(number, "x", 0)],
    ["cut", (number: number) => ftruncateSync(number, 0)],
    ["made longer", (number: number) => ftruncateSync(number, 100)],
  ] as const;
  for (const [name, change] of changes) {
    it(`cannot be ${name}, neither through it nor opened once more`, () => {
      const file = got(descriptors.sealedFile("report", bytesOf("content")));
      assert.throws(() => change(file.number));
      const again = openSync(`/proc/self/fd/${file.number}`, "r+");
      assert.throws(() => change(again), /EPERM/);
      closeSync(again);
      assert.equal(readNow(file.number, 100), "content");
      file.close();
    });
  }

  it("is read from its start to its end, and has no more seals to come", () => {
    const file = got(descriptors.sealedFile("report", bytesOf("content")));
    assert.equal(fstatSync(file.number).size, 7);
    assert.equal(readNow(file.number, 3), "con");
    assert.equal(readNow(file.number, 100), "tent");
    assert.ok(libc.addSeals(file.number, 0x10) < 0);
    file.close();
    assert.equal(file.number, -1);
    file.close();
  });

  it("of nothing, and of megabytes", () => {
    const before = countDescriptors();
    for (const length of [...Array(40).fill(0), 5_000_000]) {
      const file = got(descriptors.sealedFile("", Buffer.alloc(length, "m")));
      assert.equal(fstatSync(file.number).size, length);
      file.close();
    }
    assertNothingOpened(before, 40);
  });

  for (const [name, errno] of [
    ["a\0b", "EINVAL"],
    ["x".repeat(250), "EINVAL"],
  ] as const) {
    it(`a name that the system does not take: ${name.length} bytes`, () => {
      assert.equal(errnoOf(descriptors.sealedFile(name, bytesOf("x"))), errno);
    });
  }
});
