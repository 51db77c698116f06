import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { ownDescriptor } from "../../../src/host/descriptors/descriptor.ts";
import { bytesOf, got, loadedLibc, openedDescriptors, text } from "../../support/descriptors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const descriptors = await openedDescriptors();
const libc = await loadedLibc();

const pairOfNumbers = (found: number | readonly [number, number]): readonly [number, number] => {
  assert.ok(typeof found !== "number");
  return found;
};
const pipe = () => pairOfNumbers(libc.pipe());

/** A socket of the network, as the runtime opens one. */
async function networkSocket(): Promise<{ readonly number: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const handle = (server as unknown as { _handle?: { fd?: number } })._handle;
  return { number: handle?.fd ?? -1, close: () => server.close() };
}

function closed(): number {
  const number = openSync("/dev/null", "r");
  closeSync(number);
  return number;
}

const listening = (): number => {
  const number = libc.socket(1);
  assert.ok(libc.bind(number, bytesOf(`${temporaryDirectory()}/s`)) >= 0 && libc.listen(number, 1) >= 0);
  return number;
};
const connected = (type = 1): number => {
  const [one, other] = pairOfNumbers(libc.socketPair(type));
  kept.push(other);
  return one;
};
const kept: number[] = [];

const rows = [
  ["-1", () => -1, "not-open EBADF", "not-open EBADF"],
  ["no whole number", () => 1.5, "not-open EBADF", "not-open EBADF"],
  ["not a number", () => Number.NaN, "not-open EBADF", "not-open EBADF"],
  ["2^32 + 3", () => 2 ** 32 + 3, "not-open EBADF", "not-open EBADF"],
  ["a closed one", closed, "not-open EBADF", "not-open EBADF"],
  ["a file", () => openSync(import.meta.filename, "r"), "not-a-socket ENOTSOCK", "not-a-socket ENOTSOCK"],
  ["a directory", () => openSync("/", "r"), "not-a-socket ENOTSOCK", "not-a-socket ENOTSOCK"],
  ["a device", () => openSync("/dev/null", "r"), "not-a-socket ENOTSOCK", "not-a-socket ENOTSOCK"],
  ["a pipe", () => pipe()[0], "not-a-socket ENOTSOCK", "not-a-socket ENOTSOCK"],
  ["an epoll", () => libc.epoll(), "not-a-socket ENOTSOCK", "not-a-socket ENOTSOCK"],
  ["datagrams", () => connected(2), "other-type EPROTOTYPE", "other-type EPROTOTYPE"],
  ["a stream that nobody is connected to", () => libc.socket(1), "not-connected ENOTCONN", "not-listening EINVAL"],
  ["packets that nobody is connected to", () => libc.socket(5), "not-connected ENOTCONN", "not-listening EINVAL"],
  ["a stream that listens", listening, "listening EINVAL", "ok"],
  ["a connected stream", connected, "ok", "not-listening EINVAL"],
  ["connected packets", () => connected(5), "ok", "not-listening EINVAL"],
] as const;

describe("what was inherited", () => {
  for (const [name, open, asChannel, asListener] of rows) {
    it(name, () => {
      for (const [adopt, expected] of [
        [descriptors.adopt, asChannel],
        [descriptors.adoptListener, asListener],
      ] as const) {
        const number = open();
        const adopted = adopt(number);
        assert.equal(adopted.ok ? "ok" : `${adopted.problem.kind} ${adopted.problem.errno}`, expected);
        if (adopted.ok) adopted.value.close();
        // What is refused is still whoever's it was.
        else if (adopted.problem.kind !== "not-open") {
          fstatSync(number);
          closeSync(number);
        }
      }
    });
  }

  it("a socket of the network", async (context) => {
    const { number, close } = await networkSocket();
    if (number < 0) {
      close();
      context.skip?.("this runtime does not say the number of its sockets");
      return;
    }
    const adopted = descriptors.adoptListener(number);
    assert.equal(adopted.ok ? "ok" : adopted.problem.kind, "other-domain");
    close();
  });

  it("no program started later inherits it", () => {
    const number = connected();
    const channel = got(descriptors.adopt(number));
    const { stdout } = spawnSync("sh", ["-c", `test -e /proc/self/fd/${number} && echo open || echo closed`], {
      encoding: "utf8",
    });
    assert.equal(stdout, "closed\n");
    channel.close();
  });

  it("pipes that are not open", () => {
    const adopted = descriptors.adoptPipes({ input: closed(), output: 1 });
    assert.equal(adopted.ok ? "ok" : adopted.problem.kind, "not-open");
  });

  it("standard output stays open when what took it is closed", () => {
    const [input, output] = pipe();
    got(descriptors.adoptPipes({ input, output: 1 })).close();
    fstatSync(1);
    closeSync(output);
  });

  it("a listener that was inherited takes connections", async () => {
    const number = libc.socket(1);
    const path = bytesOf(`${temporaryDirectory()}/s`);
    assert.ok(libc.bind(number, path) >= 0 && libc.listen(number, 5) >= 0);
    const listener = got(descriptors.adoptListener(number));
    const client = libc.socket(1);
    const accepting = listener.accept();
    assert.ok(libc.connect(client, path) >= 0);
    const accepted = got(await accepting);
    libc.send(client, bytesOf("hello"));
    assert.equal(text(got(await accepted.receive(10)).bytes), "hello");
    ownDescriptor(client).close();
    accepted.close();
    listener.close();
  });
});
