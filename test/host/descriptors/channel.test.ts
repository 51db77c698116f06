import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Channel } from "../../../src/host/descriptors/channel.ts";
import { ownDescriptor } from "../../../src/host/descriptors/descriptor.ts";
import {
  assertNothingOpened,
  bytesOf,
  closeAll,
  countDescriptors,
  errnoOf,
  got,
  loadedLibc,
  openedDescriptors,
  pairOf,
  python,
  pythonIsMissing,
  text,
  until,
} from "../../support/descriptors.ts";

const descriptors = await openedDescriptors();
const libc = await loadedLibc();
const collector = findCollector();
const kinds = ["stream", "packets"] as const;
const close = (...channels: readonly Channel[]) => {
  for (const channel of channels) channel.close();
};
const sealed = (content: string) => got(descriptors.sealedFile("test", bytesOf(content)));

/** What can be read from a descriptor. */
function contentOf(descriptor: number): string {
  const buffer = Buffer.alloc(1000);
  return text(buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0)));
}

/** A channel whose other end, as a number, another process can get. */
function inheritable(kind: "stream" | "packets"): { readonly channel: Channel; readonly number: number } {
  const pair = libc.socketPair(kind === "packets" ? 5 : 1);
  assert.ok(typeof pair !== "number");
  return { channel: got(descriptors.adopt(pair[0])), number: pair[1] };
}

for (const kind of kinds) {
  describe(`a socket of ${kind}`, () => {
    it("carries bytes and descriptors, which are other numbers of the same files", async () => {
      const [one, other] = pairOf(descriptors, kind);
      const files = [sealed("first"), sealed("second")];
      assert.deepEqual(await one.send(bytesOf("hello"), files), { ok: true, value: undefined });
      const { bytes, descriptors: received, areDescriptorsMissing } = got(await other.receive(100));
      assert.deepEqual([text(bytes), areDescriptorsMissing], ["hello", false]);
      assert.deepEqual(
        received.map(({ number }) => contentOf(number)),
        ["first", "second"],
      );
      assert.ok(received.every(({ number }) => files.every((file) => file.number !== number)));
      assert.deepEqual(
        files.map(({ number }) => contentOf(number)),
        ["first", "second"],
      );
      closeAll([...received, ...files]);
      close(one, other);
    });

    it("waits for what comes later, both ways", async () => {
      const [one, other] = pairOf(descriptors, kind);
      for (let round = 0; round < 200; round += 1) {
        const waiting = other.receive(100);
        if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
        got(await one.send(bytesOf(`question ${round}`)));
        assert.equal(text(got(await waiting).bytes), `question ${round}`);
        const answer = one.receive(100);
        got(await other.send(bytesOf(`answer ${round}`)));
        assert.equal(text(got(await answer).bytes), `answer ${round}`);
      }
      close(one, other);
    });

    it("says who made it", () => {
      const [one, other] = pairOf(descriptors, kind);
      assert.deepEqual(one.peer, {
        userId: process.getuid?.(),
        groupId: process.getgid?.(),
        groups: one.peer?.groups,
        processId: process.pid,
      });
      assert.equal(one.carriesDescriptors, true);
      close(one, other);
    });

    it("a peer that has gone: what it sent, then the end", async () => {
      const [one, other] = pairOf(descriptors, kind);
      got(await one.send(bytesOf("last words")));
      one.close();
      assert.equal(text(got(await other.receive(100)).bytes), "last words");
      assert.equal(got(await other.receive(100)).bytes.length, 0);
      assert.equal(errnoOf(await other.send(bytesOf("is anybody there?"))), "EPIPE");
      other.close();
    });

    it("a peer that goes without having read", async () => {
      const [one, other] = pairOf(descriptors, kind);
      got(await one.send(bytesOf("unread")));
      other.close();
      assert.equal(errnoOf(await one.receive(100)), "ECONNRESET");
      one.close();
    });

    it("a peer that goes while it is waited for", async () => {
      const [one, other] = pairOf(descriptors, kind);
      const waiting = other.receive(100);
      setTimeout(() => one.close(), 5);
      assert.equal(got(await waiting).bytes.length, 0);
      other.close();
    });

    it("a peer that never reads: sending waits, and closing ends it", async () => {
      const [one, other] = pairOf(descriptors, kind);
      let sent = 0;
      let last: string | undefined;
      const sending = (async () => {
        for (;;) {
          const result = await one.send(Buffer.alloc(10_000));
          if (!result.ok) {
            last = result.problem.errno;
            return;
          }
          sent += 1;
        }
      })();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(before > 0 && sent === before, `${before}, then ${sent}`);
      assert.equal(last, undefined);
      one.close();
      await sending;
      assert.equal(last, "ECANCELED");
      other.close();
    });

    it("closing ends who waits, and is final", async () => {
      const [one, other] = pairOf(descriptors, kind);
      const waiting = one.receive(100);
      setTimeout(() => close(one, one), 5);
      assert.equal(errnoOf(await waiting), "ECANCELED");
      assert.equal(errnoOf(await one.receive(100)), "ECANCELED");
      assert.equal(errnoOf(await one.send(bytesOf("x"))), "ECANCELED");
      other.close();
    });

    it("two calls at a time are a mistake", async () => {
      const [one, other] = pairOf(descriptors, kind);
      const waiting = one.receive(100);
      await assert.rejects(one.receive(100));
      await assert.rejects(other.receive(0));
      one.close();
      assert.equal(errnoOf(await waiting), "ECANCELED");
      other.close();
    });

    it("253 descriptors at once, and not 254", async () => {
      const [one, other] = pairOf(descriptors, kind);
      const file = sealed("many");
      got(await one.send(bytesOf("x"), Array(253).fill(file)));
      const { descriptors: received, areDescriptorsMissing } = got(await other.receive(10));
      assert.deepEqual([received.length, areDescriptorsMissing], [253, false]);
      assert.equal(new Set(received.map(({ number }) => number)).size, 253);
      closeAll(received);
      assert.equal(errnoOf(await one.send(bytesOf("x"), Array(254).fill(file))), "EINVAL");
      file.close();
      close(one, other);
    });

    const unsendable = [
      ["descriptors with no bytes", "", 1, "EINVAL"],
      ["a closed descriptor", "x", 0, "EBADF"],
    ] as const;
    for (const [name, bytes, isOpen, errno] of unsendable) {
      it(name, async () => {
        const [one, other] = pairOf(descriptors, kind);
        const file = sealed("");
        if (isOpen === 0) file.close();
        assert.equal(errnoOf(await one.send(bytesOf(bytes), [file])), errno);
        file.close();
        close(one, other);
      });
    }

    it("nothing is left open, whatever goes wrong", async () => {
      const rounds = async (count: number) => {
        for (let round = 0; round < count; round += 1) {
          const [one, other] = pairOf(descriptors, kind);
          const file = sealed("leak");
          await one.send(bytesOf("taken"), [file, file]);
          closeAll(got(await other.receive(100)).descriptors);
          await one.send(bytesOf("never taken"), [file]);
          const canceled = one.receive(10);
          close(one, other);
          await canceled;
          file.close();
        }
      };
      await rounds(10);
      const before = countDescriptors();
      await rounds(1500);
      assertNothingOpened(before, 40);
    });

    it("what nobody took is closed some time", {
      skip: collector === undefined ? "run without a collector" : false,
    }, async () => {
      const [one, other] = pairOf(descriptors, kind);
      const file = sealed("forgotten");
      const before = countDescriptors();
      for (let round = 0; round < 50; round += 1) {
        await one.send(bytesOf("x"), [file]);
        await other.receive(10);
      }
      await until(() => {
        collector();
        return countDescriptors() <= before + 10;
      }, "forgotten descriptors are closed");
      close(one, other);
      file.close();
    });

    it("a peer that sends without end does not keep others from their turn", async () => {
      const [one, other] = pairOf(descriptors, kind);
      let isTurn = false;
      setImmediate(() => {
        isTurn = true;
      });
      for (let round = 0; round < 100 && !isTurn; round += 1) {
        await one.send(bytesOf("x"));
        await other.receive(10);
      }
      assert.equal(isTurn, true);
      close(one, other);
    });

    it("another process", { skip: pythonIsMissing, timeout: 20_000 }, async () => {
      const { channel, number } = inheritable(kind);
      const type = kind === "packets" ? "SOCK_SEQPACKET" : "SOCK_STREAM";
      const peer = python(
        `peer = socket.socket(socket.AF_UNIX, socket.${type}, 0, 3)
bytes, files, flags, _ = socket.recv_fds(peer, 100, 10)
print(bytes.decode(), [os.pread(file, 100, 0).decode() for file in files])
made = os.memfd_create("of the peer")
os.write(made, b"from afar")
socket.send_fds(peer, [b"answer"], [made, made])`,
        { pass: [number] },
      );
      closeSync(number);
      const file = sealed("from here");
      got(await channel.send(bytesOf("question"), [file]));
      const { bytes, descriptors: received } = got(await channel.receive(100));
      assert.equal(text(bytes), "answer");
      assert.deepEqual(
        received.map(({ number }) => contentOf(number)),
        ["from afar", "from afar"],
      );
      closeAll([...received, file]);
      // It has gone.
      assert.equal(got(await channel.receive(100)).bytes.length, 0);
      assert.equal(await peer.ended, "question ['from here']\n");
      channel.close();
    });

    it("another process that is killed", { skip: pythonIsMissing, timeout: 20_000 }, async () => {
      const { channel, number } = inheritable(kind);
      const type = kind === "packets" ? "SOCK_SEQPACKET" : "SOCK_STREAM";
      const peer = python(`socket.socket(socket.AF_UNIX, socket.${type}, 0, 3).send(b"half a")\ntime.sleep(60)`, {
        pass: [number],
      });
      closeSync(number);
      assert.equal(text(got(await channel.receive(100)).bytes), "half a");
      const waiting = channel.receive(100);
      peer.kill();
      assert.equal(got(await waiting).bytes.length, 0);
      assert.equal(errnoOf(await channel.send(bytesOf("x"))), "EPIPE");
      await peer.ended;
      channel.close();
    });
  });
}

describe("a stream", () => {
  it("gives no more than it is asked for, and the rest afterwards", async () => {
    const [one, other] = pairOf(descriptors, "stream");
    got(await one.send(bytesOf("abcdef")));
    assert.equal(text(got(await other.receive(4)).bytes), "abcd");
    assert.equal(text(got(await other.receive(4)).bytes), "ef");
    close(one, other);
  });

  it("descriptors come with the bytes they were sent with, and not with later ones", async () => {
    const [one, other] = pairOf(descriptors, "stream");
    const file = sealed("between");
    got(await one.send(bytesOf("before ")));
    got(await one.send(bytesOf("with"), [file]));
    got(await one.send(bytesOf(" after")));
    const first = got(await other.receive(1000));
    const rest = got(await other.receive(1000));
    assert.match(text(first.bytes), /^before (?:with)?$/);
    const withFile = first.descriptors.length === 1 ? first : rest;
    assert.deepEqual(
      withFile.descriptors.map(({ number }) => contentOf(number)),
      ["between"],
    );
    assert.equal(text(first.bytes) + text(rest.bytes) + (await remaining(other)), "before with after");
    closeAll([...first.descriptors, ...rest.descriptors, file]);
    close(one, other);

    async function remaining(channel: Channel): Promise<string> {
      one.close();
      let all = "";
      for (;;) {
        const { bytes } = got(await channel.receive(1000));
        if (bytes.length === 0) return all;
        all += text(bytes);
      }
    }
  });

  it("two messages with descriptors are two pieces", async () => {
    const [one, other] = pairOf(descriptors, "stream");
    const [first, second] = [sealed("1"), sealed("2")];
    got(await one.send(bytesOf("a"), [first]));
    got(await one.send(bytesOf("b"), [second]));
    for (const [bytes, content] of [
      ["a", "1"],
      ["b", "2"],
    ]) {
      const received = got(await other.receive(1000));
      assert.equal(text(received.bytes), bytes);
      assert.deepEqual(
        received.descriptors.map(({ number }) => contentOf(number)),
        [content],
      );
      closeAll(received.descriptors);
    }
    closeAll([first, second]);
    close(one, other);
  });

  it("megabytes, with descriptors at their start, to somebody who reads slowly", async () => {
    const [one, other] = pairOf(descriptors, "stream");
    const sent = Buffer.alloc(3_000_000);
    for (let index = 0; index < sent.length; index += 4) sent.writeUInt32LE(index, index);
    const file = sealed("large");
    const sending = one.send(sent, [file]);
    const pieces: Uint8Array[] = [];
    let count = 0;
    let length = 0;
    while (length < sent.length) {
      const { bytes, descriptors: received } = got(await other.receive(50_000));
      if (pieces.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      pieces.push(bytes);
      length += bytes.length;
      count += received.length;
      assert.ok(received.length === 0 || pieces.length === 1);
      closeAll(received);
    }
    got(await sending);
    assert.equal(count, 1);
    assert.ok(Buffer.concat(pieces).equals(sent));
    file.close();
    close(one, other);
  });

  it("nothing is sent as nothing", async () => {
    const [one, other] = pairOf(descriptors, "stream");
    got(await one.send(new Uint8Array(0)));
    got(await one.send(bytesOf("x")));
    assert.equal(text(got(await other.receive(10)).bytes), "x");
    close(one, other);
  });
});

describe("packets", () => {
  it("are cut to what is asked for, and the rest is lost", async () => {
    const [one, other] = pairOf(descriptors, "packets");
    got(await one.send(bytesOf("a long packet")));
    got(await one.send(bytesOf("next")));
    assert.equal(text(got(await other.receive(6)).bytes), "a long");
    assert.equal(text(got(await other.receive(100)).bytes), "next");
    close(one, other);
  });

  it("one of 100,000 bytes is whole", async () => {
    const [one, other] = pairOf(descriptors, "packets");
    got(await one.send(Buffer.alloc(100_000, "y")));
    assert.equal(got(await other.receive(200_000)).bytes.length, 100_000);
    close(one, other);
  });

  it("one that is larger than a socket holds", async () => {
    const [one, other] = pairOf(descriptors, "packets");
    assert.equal(errnoOf(await one.send(Buffer.alloc(50_000_000))), "EMSGSIZE");
    close(one, other);
  });

  it("an empty one cannot be sent, as it would look like the end", async () => {
    const [one, other] = pairOf(descriptors, "packets");
    assert.equal(errnoOf(await one.send(new Uint8Array(0))), "EINVAL");
    close(one, other);
  });

  it("an empty one with descriptors, from another process, leaves none open", {
    skip: pythonIsMissing,
    timeout: 20_000,
  }, async () => {
    const { channel, number } = inheritable("packets");
    const peer = python(
      `peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, 3)
peer.sendmsg([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 40))])`,
      { pass: [number] },
    );
    closeSync(number);
    await peer.ended;
    const before = countDescriptors();
    assert.deepEqual(got(await channel.receive(100)), {
      bytes: new Uint8Array(0),
      descriptors: [],
      areDescriptorsMissing: false,
    });
    assertNothingOpened(before, 40);
    channel.close();
  });
});

it("standard input and output as two pipes: no descriptors, no peer", async () => {
  const first = libc.pipe();
  const second = libc.pipe();
  assert.ok(typeof first !== "number" && typeof second !== "number");
  const one = got(descriptors.adoptPipes({ input: first[0], output: second[1] }));
  const other = got(descriptors.adoptPipes({ input: second[0], output: first[1] }));
  assert.deepEqual([one.carriesDescriptors, one.peer], [false, undefined]);
  const file = sealed("");
  assert.equal(errnoOf(await one.send(bytesOf("x"), [file])), "EINVAL");
  file.close();
  const large = Buffer.alloc(500_000, "z");
  const sending = one.send(large);
  let length = 0;
  while (length < large.length) length += got(await other.receive(30_000)).bytes.length;
  got(await sending);
  const waiting = one.receive(10);
  got(await other.send(bytesOf("answer")));
  assert.equal(text(got(await waiting).bytes), "answer");
  const end = one.receive(10);
  other.close();
  assert.equal(got(await end).bytes.length, 0);
  assert.equal(errnoOf(await one.send(bytesOf("x"))), "EPIPE");
  one.close();
  assert.equal(errnoOf(await one.receive(1)), "ECANCELED");
});

it("a regular file as input: epoll takes none, and it is always ready", async () => {
  const pipe = libc.pipe();
  assert.ok(typeof pipe !== "number");
  const channel = got(descriptors.adoptPipes({ input: openSync(import.meta.filename, "r"), output: pipe[1] }));
  assert.equal(text(got(await channel.receive(6)).bytes), "import");
  channel.close();
  ownDescriptor(pipe[0]).close();
});

/** Bun has one; Node if it is told so, which it can be at any time. */
declare const Bun: { gc(force: boolean): void } | undefined;
function findCollector(): () => void {
  if (typeof Bun !== "undefined") return () => Bun?.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
