import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import {
  maxConnectionsOfUser,
  maxMessageBytes,
  maxMessageDepth,
  maxMessageDescriptors,
  maxMessageValues,
} from "../../../src/limits.ts";
import { runtimes } from "../../support/run.ts";
import { fixturePolicyFile, makeFifo, temporaryDirectory } from "../../support/temporary.ts";
import {
  endRunning,
  type Piece,
  RunningService,
  type ServiceClient,
  until,
} from "../../support/varlink/running-service.ts";
import { base64, identity, parameters, signed } from "../../support/varlink/signed-call.ts";

const policy = `--policy=${fixturePolicyFile("sigstore-rsa.json")}`;
const nobody = 65534;
const needsRoot = process.getuid?.() === 0 ? false : "only root can be somebody else";

const call = (method: string, more: object = {}): string => `${JSON.stringify({ method, ...more })}\0`;
const status = call("dev.sealcheck.Verify.GetStatus");
const bytes = (...octets: readonly number[]): Piece => ({ base64: base64(Buffer.from(octets)) });
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const emptyDirectory = temporaryDirectory();
const fifo = join(temporaryDirectory(), "pipe");
makeFifo(fifo);

/** What gets no answer, as there is no telling what it is. The connection is closed. */
const malformed: readonly (readonly [string, readonly Piece[]])[] = [
  ["half a call", [{ text: status.slice(0, 20) }]],
  ["a call without its NUL", [{ text: status.slice(0, -1) }]],
  ["a NUL", [{ text: "\0" }]],
  ["a million of them", [{ text: "\0", times: 1_000_000 }]],
  ["words", [{ text: "hello\0" }]],
  ["a request of HTTP", [{ text: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" }]],
  ["octets", [bytes(0xff, 0xfe, 0x80, 0x0a, 0)]],
  ["half a character", [bytes(0x22, 0xe2, 0x82, 0x22, 0)]],
  ["a byte order mark", [bytes(0xef, 0xbb, 0xbf), { text: status }]],
  ["null", [{ text: "null\0" }]],
  ["a number", [{ text: "1\0" }]],
  ["a list of calls", [{ text: `[${status.slice(0, -1)}]\0` }]],
  ["no method", [{ text: "{}\0" }]],
  ["a method that is no text", [{ text: '{"method":1}\0' }]],
  ["parameters that are no object", [{ text: call("x.Y", { parameters: [] }) }]],
  ["an unknown key", [{ text: call("x.Y", { id: 1 }) }]],
  ["a key twice", [{ text: '{"method":"x.Y","method":"x.Z"}\0' }]],
  ["a flag that is no boolean", [{ text: call("x.Y", { more: 1 }) }]],
  ["flags that contradict each other", [{ text: call("x.Y", { more: true, oneway: true }) }]],
  ["descriptors with half a message", [{ text: status.slice(0, 9), open: [signed, signed] }]],
  ["descriptors with a NUL", [{ text: "\0", open: [signed] }]],
  ["a reply", [{ text: '{"parameters":{}}\0' }]],
  ["an error", [{ text: '{"error":"x.Y"}\0' }]],
];

/** What is too much of something is told, and the connection is closed. */
const overLimits: readonly (readonly [string, readonly Piece[]])[] = [
  ["bytes", [{ text: " ", times: maxMessageBytes }, { text: "\0" }]],
  ["bytes", [{ text: "a", times: maxMessageBytes + 5_000_000 }]],
  ["depth", [{ text: `{"method":"x.Y","parameters":{"x":${nested(maxMessageDepth + 1)}}}\0` }]],
  ["depth", [{ text: nested(100_000) }, { text: "\0" }]],
  [
    "values",
    [{ text: '{"method":"x.Y","parameters":{"x":[1' }, { text: ",1", times: maxMessageValues }, { text: "]}}\0" }],
  ],
  ["descriptors", [{ text: status, open: Array(maxMessageDescriptors + 1).fill(signed) }]],
  ["descriptors", [{ text: status, open: Array(253).fill(signed) }]],
];

for (const runtime of runtimes) {
  describe(`peers of every kind, ${runtime.name}`, () => {
    let service: RunningService;
    let client: ServiceClient;
    let open: number;
    before(async () => {
      service = await RunningService.start(runtime, [policy], { abstract: true });
      client = service.connect();
      await client.call("Verify.VerifyDirectory", { identity, directory_fd_index: 0 }, { open: [signed] });
      open = await service.settled();
    });
    /** Whatever somebody did, nothing of it is left, and others have their answers. */
    afterEach(async () => {
      const answer = await client.call("Verify.VerifyBytes", parameters);
      assert.equal(answer.parameters?.verdict?.outcome, "accepted");
      await service.assertFreed(client, { most: open });
    });
    after(async () => {
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });
    after(endRunning);

    for (const [name, pieces] of malformed) {
      it(`${name}: no answer, and the end`, async () => {
        const peer = service.connect();
        const { replies } = await peer.send([{ text: status }, ...pieces], { shut: true, read: "end" });
        assert.equal(replies.length, 2);
        assert.equal(typeof replies[0]?.parameters?.metrics, "object", "what was right is answered");
        assert.equal(replies[1], null);
        peer.close();
      });

      it(`${name}: and then it dies`, async () => {
        const peer = service.connect();
        await peer.send(pieces);
        peer.close();
      });
    }

    for (const [limit, pieces] of overLimits) {
      it(`too much, ${limit}: it is told, and the end`, async () => {
        const peer = service.connect();
        const { replies } = await peer.send([...pieces, { text: status }], { shut: true, read: "end" });
        assert.equal(replies.length, 2, JSON.stringify(replies));
        assert.equal(replies[0]?.error, "dev.sealcheck.Verify.LimitReached");
        assert.equal(replies[0]?.parameters?.code, `limit.message.${limit}`);
        assert.equal(replies[1], null);
        peer.close();
      });
    }

    it("descriptors in the middle of a message: they are no part of it", async () => {
      const peer = service.connect();
      await peer.send([{ text: status.slice(0, 9) }]);
      const { replies } = await peer.send([{ text: status.slice(9), open: [signed] }], { shut: true, read: "end" });
      // Whether they came in its middle is not known if the kernel gave both pieces at once.
      assert.ok(replies.length <= 2);
      assert.equal(replies.at(-1), null);
      peer.close();
    });

    it("as much as there may be", async () => {
      const peer = service.connect();
      const blanks = { text: " ", times: maxMessageBytes - status.length };
      const most = { text: status, open: Array(maxMessageDescriptors).fill(signed) };
      const { replies } = await peer.send([blanks, { text: status }, most, most], { read: 3 });
      for (const reply of replies) assert.equal(typeof reply?.parameters?.metrics, "object", JSON.stringify(reply));
      peer.close();
    });

    it("a call in many pieces", async () => {
      const peer = service.connect();
      const pieces = [...call("dev.sealcheck.Verify.VerifyBytes", { parameters })].map((text) => ({ text }));
      const { replies } = await peer.send(pieces, { read: 1 });
      assert.equal(replies[0]?.parameters?.verdict?.outcome, "accepted");
      peer.close();
    });

    it("descriptors that nobody asked for are closed: of every call, and every error", async () => {
      const peer = service.connect();
      const files = [signed, join(signed, "manifest.json"), "/dev/null", emptyDirectory];
      for (let round = 0; round < 20; round += 1) {
        for (const method of [
          "org.varlink.service.GetInfo",
          "dev.sealcheck.Verify.GetStatus",
          "dev.sealcheck.Verify.VerifyBytes",
          "dev.sealcheck.Verify.Nothing",
          "no.such.Interface",
        ]) {
          await peer.send([{ text: call(method), open: files }], { read: 1 });
          await peer.send([{ text: call(method, { oneway: true }), open: files }]);
        }
        const two = { identity, directory_fd_index: round % files.length };
        await peer.call("Verify.VerifyDirectory", two, { open: files });
        await peer.call("Verify.VerifyDirectory", { ...two, options: 1 }, { open: files });
        await peer.call("Image.Open", { ...two, reference: "dir:/" }, { open: files });
      }
      await peer.call("Verify.GetStatus");
      // Those of a connection that stays are closed too.
      await service.assertFreed(client, { most: open + 1, connected: 2 });
      peer.close();
    });

    for (const [name, path] of [
      ["a file", join(signed, "manifest.json")],
      ["a device", "/dev/null"],
      ["a named pipe", fifo],
    ] as const) {
      it(`${name} in place of a directory`, async () => {
        const peer = service.connect();
        const ask = { identity, directory_fd_index: 0 };
        for (const method of ["Verify.VerifyDirectory", "Image.Open"]) {
          const answer = await peer.call(method, ask, { open: [path], pathOnly: true });
          assert.match(`${answer.error}`, /\.NotPermitted$/);
        }
        peer.close();
      });
    }

    it("a peer that never reads keeps nobody waiting, and what it sent is not kept", async () => {
      const peer = service.connect();
      // More than two sockets hold, of calls and of replies: it is stuck in writing.
      const description = call("org.varlink.service.GetInterfaceDescription", {
        parameters: { interface: "dev.sealcheck.Verify" },
      });
      await peer.call("Verify.GetStatus");
      peer.tell({ pieces: [{ text: description, times: 50_000 }] });
      const calls = async () => (await client.call("Verify.GetStatus")).parameters?.metrics?.calls ?? 0;
      const first = await calls();
      // Nothing is done for it any more, and only these calls are counted.
      for (let [last, quiet] = [first, 0]; quiet < 20 || last - first < 100; ) {
        const now = await calls();
        quiet = now === last + 1 ? quiet + 1 : 0;
        assert.ok(now - first < 50_000, "all of it was taken");
        last = now;
      }
      const answer = await client.call("Verify.VerifyBytes", parameters);
      assert.equal(answer.parameters?.verdict?.outcome, "accepted");
      peer.close();
    });

    it("a peer that dies in the middle of many replies", async () => {
      const peers = Array.from({ length: 5 }, () => service.connect());
      const requests = Array(1000).fill(parameters);
      for (const peer of peers) {
        const text = call("dev.sealcheck.Verify.VerifyMany", { parameters: { requests }, more: true });
        const { replies } = await peer.send([{ text }], { read: 1 });
        assert.equal(replies[0]?.continues, true);
        peer.close();
      }
    });

    it("a peer that dies while its images are open, and is judged for", async () => {
      for (let round = 0; round < 5; round += 1) {
        const peer = service.connect();
        const ask = { identity, directory_fd_index: 0 };
        const { parameters: opened } = await peer.call("Image.Open", ask, { open: [signed] });
        assert.equal(opened?.image, 1);
        const text = call("dev.sealcheck.Image.Open", { parameters: ask });
        await peer.send([
          { text, open: [signed] },
          { text, open: [signed] },
        ]);
        peer.close();
      }
    });

    it("hundreds of connections, opened and closed", async () => {
      const peer = service.connect();
      for (let round = 0; round < 5; round += 1) {
        assert.equal(await peer.connectMore(100), 100);
        await peer.dropMore();
      }
      peer.close();
    });

    it(`${maxConnectionsOfUser} connections of one user, and no more, while root has others`, {
      skip: needsRoot,
    }, async () => {
      const peer = service.connect(nobody);
      assert.equal(typeof (await peer.call("Verify.GetStatus")).parameters, "object");
      assert.equal(await peer.connectMore(maxConnectionsOfUser + 20), maxConnectionsOfUser - 1);
      assert.equal(typeof (await peer.call("Verify.GetStatus")).parameters, "object");
      const own = service.connect();
      assert.equal(await own.connectMore(10), 10);
      await own.dropMore();
      await peer.dropMore();
      await until(() => service.descriptors() <= open + 2);
      assert.equal(await peer.connectMore(10), 10);
      assert.equal(service.stderr.match(/A connection was closed, as there are too many\./g)?.length, 21);
      assert.match(service.stderr, new RegExp(`asked by user ${nobody}, process \\d+\\)`));
      peer.close();
      own.close();
    });
  });

  describe(`--max-connections, ${runtime.name}`, () => {
    it("those behind are closed at once, and there is room again when others have gone", async () => {
      const service = await RunningService.start(runtime, [policy, "--max-connections=5"], { abstract: true });
      const client = service.connect();
      await client.call("Verify.GetStatus");
      assert.equal(await client.connectMore(10), 4);
      const { parameters: told } = await client.call("Verify.GetStatus");
      assert.equal(told?.metrics?.connections, 5);
      const refused = () => service.stderr.match(/A connection was closed, as there are too many\./g)?.length;
      await until(() => refused() === 6);
      await client.dropMore();
      while ((await client.call("Verify.GetStatus")).parameters?.metrics?.connections !== 1);
      assert.equal(await client.connectMore(4), 4);
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
      assert.equal(refused(), 6);
    });
  });
}
