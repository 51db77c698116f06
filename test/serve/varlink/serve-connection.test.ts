import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { errorText } from "../../../src/result.ts";
import { implement } from "../../../src/serve/varlink/implement.ts";
import { type Connection, errorReply, invalidParameter, reply } from "../../../src/serve/varlink/interface.ts";
import { org_varlink_service } from "../../../src/serve/varlink/interfaces/org-varlink-service.ts";
import { CallTooLong, type ConnectionOptions, serveConnection } from "../../../src/serve/varlink/serve-connection.ts";
import { createService } from "../../../src/serve/varlink/service.ts";
import { org_example_test } from "../../support/varlink/example.ts";
import { DescriptorTable, memoryChannels } from "../../support/varlink/memory-channel.ts";
import { type ClientReply, VarlinkClient } from "../../support/varlink/varlink-client.ts";

// Nothing else keeps the process here: a service's timers do not, and there is no socket.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

const own = "org.example.test";
const service = "org.varlink.service";

/** A connection to a service, and what happens in it. */
function connect(options: ConnectionOptions & { readonly capacity?: number } = {}) {
  const table = new DescriptorTable();
  const [server, client] = memoryChannels({ table, ...(options.capacity && { capacity: options.capacity }) });
  const log: string[] = [];
  const connections: Connection[] = [];
  const waiting = new Map<number, () => void>();
  const implementation = implement(org_example_test, {
    Echo: ({ parameters, connection }) => {
      connections.push(connection);
      log.push(`echo ${parameters.text.slice(0, 20)}`);
      return reply({ text: parameters.text.repeat(parameters.count ?? 1) });
    },
    Wait: async ({ parameters: { id }, signal }) => {
      log.push(`wait ${id}`);
      await new Promise<void>((resolve, reject) => {
        waiting.set(id, resolve);
        signal.addEventListener("abort", () => {
          log.push(`aborted ${id}: ${errorText(signal.reason)}`);
          reject(signal.reason);
        });
      });
      return reply({ id });
    },
    Fail: ({ parameters: { how } }) => {
      if (how === "bug") throw new Error("a bug");
      if (how === "error") return errorReply("Broken", { why: "so" });
      return how === "invalid" ? invalidParameter("how") : { kind: "permission-denied" };
    },
    Count: async function* ({ parameters: { to } }) {
      try {
        for (let value = 1; value < to; value++) yield reply({ value });
        return to === 0 ? errorReply("Broken", { why: "none" }) : reply({ value: to });
      } finally {
        log.push("counted");
      }
    },
    CountOrSum: async function* ({ parameters: { to } }) {
      try {
        yield reply({ value: 1 }, [table.open("closed for us")]);
        return reply({ value: to });
      } finally {
        log.push("counted");
      }
    },
    Take: ({ parameters: { indexes }, descriptors }) => {
      const taken = indexes.map((index) => {
        const descriptor = descriptors.take(index);
        if (descriptor === undefined) return "none";
        const what = table.whatIs(descriptor.number);
        descriptor.close();
        return what;
      });
      return reply({ taken, count: descriptors.count });
    },
    Give: ({ parameters: { names } }) => {
      return reply(
        {},
        names.map((name) => table.open(name)),
      );
    },
    Missing: "not-implemented",
  });
  const made = createService({
    info: { vendor: "Example", product: "Test", version: "1", url: "https://example.org/" },
    interfaces: [implementation],
    failureOf: (error) => {
      const message = error instanceof CallTooLong ? "too long" : errorText(error);
      return { name: "InternalFailure", parameters: { message } };
    },
    overLimit: (limit) => ({ error: `${own}.Broken`, parameters: { why: limit } }),
  });
  const end = serveConnection(server, made, options);
  const to = new VarlinkClient(client, [org_example_test, org_varlink_service]);
  return { to, end, table, server, client, log, waiting, connections };
}

/** Without what is empty. */
function shown({ parameters, error, continues, descriptors }: ClientReply): string {
  for (const descriptor of descriptors) descriptor.close();
  const name = error?.replace("org.example.test.", "").replace("org.varlink.service.", "service:");
  return `${name ? `${name} ` : ""}${JSON.stringify(parameters)}${continues === true ? " continues" : ""}`;
}

/** Until something is so that only happens some turns later. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    assert.ok(turns < 1000, "it did not happen");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("one call, one reply", () => {
  const rows: readonly (readonly [string, object | undefined, string])[] = [
    ["Echo", { text: "a" }, '{"text":"a"}'],
    ["Echo", { text: "a", count: 3 }, '{"text":"aaa"}'],
    ["Echo", { text: "a", count: null }, '{"text":"a"}'],
    ["Echo", { text: "a", count: "3" }, 'service:InvalidParameter {"parameter":"count"}'],
    ["Echo", { text: "a", cuont: 3 }, 'service:InvalidParameter {"parameter":"cuont"}'],
    ["Echo", { text: null }, 'service:InvalidParameter {"parameter":"text"}'],
    ["Echo", {}, 'service:InvalidParameter {"parameter":"text"}'],
    ["Echo", undefined, 'service:InvalidParameter {"parameter":"text"}'],
    ["Fail", { how: "error" }, 'Broken {"why":"so"}'],
    ["Fail", { how: "bug" }, 'InternalFailure {"message":"a bug"}'],
    ["Fail", { how: "invalid" }, 'service:InvalidParameter {"parameter":"how"}'],
    ["Fail", { how: "denied" }, "service:PermissionDenied {}"],
    ["Fail", { how: "else" }, 'service:InvalidParameter {"parameter":"how"}'],
    ["Missing", {}, 'service:MethodNotImplemented {"method":"org.example.test.Missing"}'],
    ["Nothing", {}, 'service:MethodNotFound {"method":"org.example.test.Nothing"}'],
    ["constructor", {}, 'service:MethodNotFound {"method":"org.example.test.constructor"}'],
    ["Count", { to: 3 }, "service:ExpectedMore {}"],
    ["CountOrSum", { to: 3 }, 'InternalFailure {"message":"several replies to a call without more"}'],
    [
      "Echo",
      { text: "a".repeat(9), count: 2_000_000 },
      'InternalFailure {"message":"a reply that is larger than a message may be"}',
    ],
  ];
  for (const [method, parameters, expected] of rows) {
    it(`${method} ${JSON.stringify(parameters)}`, async () => {
      const { to, end, table } = connect();
      // Whatever is wrong with one call, the next one is answered.
      for (let times = 0; times < 2; times++) {
        const answer = await to.call(`${own}.${method}`, parameters, { descriptors: [table.open("unused")] });
        assert.equal(shown(answer), expected);
      }
      to.channel.close();
      assert.deepEqual(await end, { kind: "end", isCutOff: false });
      assert.deepEqual(table.openOnes, ["unused", "unused"]);
    });
  }
  const names: readonly (readonly [string, string])[] = [
    ["org.example.other.Echo", 'service:InterfaceNotFound {"interface":"org.example.other"}'],
    ["org.example.test.sub.Echo", 'service:InterfaceNotFound {"interface":"org.example.test.sub"}'],
    ["Echo", 'service:InterfaceNotFound {"interface":""}'],
    ["", 'service:InterfaceNotFound {"interface":""}'],
    ["org.example.test.", 'service:MethodNotFound {"method":"org.example.test."}'],
    ["a".repeat(1e6), 'service:InterfaceNotFound {"interface":""}'],
    [`${"a.".repeat(1e6)}b`, `service:InterfaceNotFound {"interface":"${"a.".repeat(150)}"}`],
    [`${own}.${"a".repeat(1e6)}`, `service:MethodNotFound {"method":"${own}.${"a".repeat(283)}"}`],
    ["__proto__.constructor", 'service:InterfaceNotFound {"interface":"__proto__"}'],
  ];
  for (const [method, expected] of names) {
    it(JSON.stringify(method.slice(0, 60)), async () => {
      const { to } = connect();
      assert.equal(shown(await to.call(method, {})), expected);
    });
  }
  it("an upgrade is refused", async () => {
    const { to } = connect();
    const answer = await to.call(`${own}.Echo`, { text: "a" }, { upgrade: true });
    assert.equal(shown(answer), 'service:InvalidParameter {"parameter":"upgrade"}');
  });
});

describe("org.varlink.service", () => {
  it("GetInfo", async () => {
    const { to } = connect();
    assert.deepEqual((await to.call(`${service}.GetInfo`)).parameters, {
      vendor: "Example",
      product: "Test",
      version: "1",
      url: "https://example.org/",
      interfaces: [service, own],
    });
  });
  it("GetInterfaceDescription", async () => {
    const { to } = connect();
    for (const { name, text } of [org_example_test, org_varlink_service]) {
      const { parameters } = await to.call(`${service}.GetInterfaceDescription`, { interface: name });
      assert.deepEqual(parameters, { description: text });
    }
    const answer = await to.call(`${service}.GetInterfaceDescription`, { interface: "a.b" });
    assert.equal(shown(answer), 'service:InterfaceNotFound {"interface":"a.b"}');
  });
});

describe("several replies", () => {
  const rows: readonly (readonly [string, object, readonly string[]])[] = [
    ["Count", { to: 3 }, ['{"value":1} continues', '{"value":2} continues', '{"value":3}']],
    ["Count", { to: 1 }, ['{"value":1}']],
    ["Count", { to: 0 }, ['Broken {"why":"none"}']],
    ["CountOrSum", { to: 2 }, ['{"value":1} continues', '{"value":2}']],
    ["Echo", { text: "a" }, ['{"text":"a"}']],
    ["Echo", {}, ['service:InvalidParameter {"parameter":"text"}']],
  ];
  for (const [method, parameters, expected] of rows) {
    it(`${method} ${JSON.stringify(parameters)}`, async () => {
      const { to } = connect();
      assert.deepEqual((await to.callMore(`${own}.${method}`, parameters)).map(shown), expected);
    });
  }
  it("a peer that goes away ends them", async () => {
    const { to, end, log } = connect();
    await to.send(`${own}.Count`, { to: 1e9 }, { more: true });
    await to.reply();
    to.channel.close();
    assert.deepEqual(await end, { kind: "lost", errno: "EPIPE" });
    assert.deepEqual(log, ["counted"]);
  });
});

describe("oneway", () => {
  it("has no reply, whatever comes of it", async () => {
    const { to, log, table } = connect();
    await to.send(`${own}.Echo`, { text: "a" }, { oneway: true });
    await to.send(`${own}.Echo`, {}, { oneway: true });
    await to.send(`${own}.Fail`, { how: "bug" }, { oneway: true });
    await to.send(`${own}.Missing`, {}, { oneway: true });
    await to.send(`${own}.Count`, { to: 3 }, { oneway: true });
    await to.send(`${own}.CountOrSum`, { to: 3 }, { oneway: true });
    await to.send(`${own}.Give`, { names: ["x"] }, { oneway: true });
    await to.send("a.b.C", {}, { oneway: true });
    assert.equal(shown(await to.call(`${own}.Echo`, { text: "b" })), '{"text":"b"}');
    assert.deepEqual(log, ["echo a", "counted", "echo b"]);
    assert.deepEqual(table.openOnes, []);
  });
});

describe("descriptors", () => {
  it("are taken once, by whom they were sent to", async () => {
    const { to, table } = connect();
    const sent = ["x", "y"].map((name) => table.open(name));
    const answer = await to.call(`${own}.Take`, { indexes: [1, 1, 2, -1, 0.0] }, { descriptors: sent });
    assert.equal(shown(answer), '{"taken":["y","none","none","none","x"],"count":2}');
    assert.equal(shown(await to.call(`${own}.Take`, { indexes: [0] })), '{"taken":["none"],"count":0}');
    assert.deepEqual(table.openOnes, ["x", "y"]);
  });
  it("come with a reply", async () => {
    const { to, table } = connect();
    const { descriptors } = await to.call(`${own}.Give`, { names: ["x", "y"] });
    assert.deepEqual(
      descriptors.map(({ number }) => table.whatIs(number)),
      ["x", "y"],
    );
    assert.deepEqual(table.openOnes, ["x", "y"]);
  });
  it("nobody took are closed: of calls with errors, oneway, behind a stop, of half a message", async () => {
    const { to, table, end, waiting, log } = connect();
    const descriptors = [table.open("sent")];
    await to.send(`${own}.Fail`, { how: "bug" }, { descriptors });
    await to.send(`${own}.Echo`, { text: "a" }, { descriptors, oneway: true });
    await to.send("a.b.C", {}, { descriptors });
    await to.send(`${own}.Wait`, { id: 1 }, { descriptors });
    await to.send(`${own}.Echo`, { text: "b" }, { descriptors });
    await to.sendText('{"method":', descriptors);
    await until(() => waiting.has(1));
    to.channel.close();
    waiting.get(1)?.();
    assert.deepEqual(await end, { kind: "lost", errno: "EPIPE" });
    assert.deepEqual(table.openOnes, ["sent"]);
    assert.deepEqual(log, ["echo a", "wait 1"]);
  });
  it("more than there may be: the connection is closed", async () => {
    const { to, table, end } = connect();
    const descriptors = Array.from({ length: 17 }, () => table.open("sent"));
    assert.equal(shown(await to.call(`${own}.Take`, { indexes: [] }, { descriptors })), 'Broken {"why":"descriptors"}');
    assert.deepEqual(await end, { kind: "over-limit", limit: "descriptors" });
    assert.equal(table.openOnes.length, 17);
  });
});

describe("order", () => {
  it("calls that come at once are answered one after the other", async () => {
    const { to, waiting, log } = connect();
    await to.sendText(
      [1, 2, 3].map((id) => `{"method":"${own}.Wait","parameters":{"id":${id}}}\0`).join("") +
        `{"method":"${own}.Echo","parameters":{"text":"a"}}\0`,
    );
    for (const id of [1, 2, 3]) {
      await until(() => waiting.has(id));
      assert.deepEqual(log.length, id);
      waiting.get(id)?.();
      assert.equal(shown(await to.reply()), `{"id":${id}}`);
    }
    assert.equal(shown(await to.reply()), '{"text":"a"}');
  });

  it("a peer that sends no more gets all answers", async () => {
    const { to, client, end } = connect();
    for (const text of ["a", "b", "c"]) await to.send(`${own}.Echo`, { text });
    await to.sendText('{"method":');
    client.end();
    for (const text of ["a", "b", "c"]) assert.equal(shown(await to.reply()), `{"text":"${text}"}`);
    assert.equal(await to.replyOrEnd(), undefined);
    assert.deepEqual(await end, { kind: "end", isCutOff: true });
  });

  it("little is read while a call is answered", async () => {
    const { to, server, waiting } = connect({ capacity: 10_000_000 });
    await to.send(`${own}.Wait`, { id: 1 });
    await until(() => waiting.has(1));
    for (let calls = 0; calls < 100; calls++) await to.send(`${own}.Echo`, { text: "a".repeat(10_000) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(server.waitingBytes > 800_000, `${server.waitingBytes}`);
    waiting.get(1)?.();
    await to.reply();
    for (let calls = 0; calls < 100; calls++) await to.reply();
  });
});

describe("what closes a connection", () => {
  const rows: readonly (readonly [string, string, object])[] = [
    ["{}\0", "", { kind: "malformed", reason: "no method" }],
    ["\0", "", { kind: "malformed", reason: "an empty message" }],
    ["GET / HTTP/1.1\r\n\r\n\0", "", { kind: "malformed", reason: "not JSON" }],
    [`{"method":"${own}.Missing","more":null}\0`, "", { kind: "malformed", reason: "more has another type" }],
    [
      `{"method":"${own}.Echo","parameters":{"text":${"[".repeat(100)}${"]".repeat(100)}}}\0`,
      'Broken {"why":"depth"}',
      { kind: "over-limit", limit: "depth" },
    ],
    [`{"method":"${"x".repeat(16 * 1024 ** 2)}"}\0`, 'Broken {"why":"bytes"}', { kind: "over-limit", limit: "bytes" }],
    ["x".repeat(20 * 1024 ** 2), 'Broken {"why":"bytes"}', { kind: "over-limit", limit: "bytes" }],
  ];
  for (const [text, answer, expected] of rows) {
    it(JSON.stringify(text.slice(0, 60)), async () => {
      const { to, end, client, log } = connect({ capacity: 100_000, patience: { messageMilliseconds: 200 } });
      await to.send(`${own}.Echo`, { text: "a" });
      await to.sendText(text);
      // The answer to what came before is not lost.
      assert.equal(shown(await to.reply()), '{"text":"a"}');
      const last = await to.replyOrEnd();
      assert.equal(last === undefined ? "" : shown(last), answer);
      assert.equal(await to.replyOrEnd(), undefined);
      assert.deepEqual(await end, expected);
      assert.deepEqual(log, ["echo a"]);
      assert.deepEqual(await client.send(Buffer.from("x")), { ok: false, problem: { errno: "EPIPE" } });
    });
  }

  it("a peer that sends all of a message that is too large comes to read the answer", async () => {
    const { to, end } = connect({ capacity: 100_000 });
    for (let sent = 0; sent < 20 * 1024; sent += 64) await to.sendText("x".repeat(64 * 1024));
    await to.sendText("\0");
    assert.equal(shown(await to.reply()), 'Broken {"why":"bytes"}');
    assert.deepEqual(await end, { kind: "over-limit", limit: "bytes" });
  });

  it("a message may have exactly 16777216 bytes with its NUL", async () => {
    const { to, end } = connect();
    const around = `{"method":"${own}.Echo","parameters":{"text":"","count":0}}\0`;
    const text = around.replace('""', `"${"x".repeat(16_777_216 - around.length)}"`);
    assert.equal(text.length, 16_777_216);
    await to.sendText(text);
    assert.equal(shown(await to.reply()), '{"text":""}');
    await to.sendText(text.replace('"x', '"xx'));
    assert.equal(shown(await to.reply()), 'Broken {"why":"bytes"}');
    assert.deepEqual(await end, { kind: "over-limit", limit: "bytes" });
  });
});

describe("a peer that is gone", () => {
  it("aborts the call", async () => {
    const { to, client, end, waiting, log } = connect();
    await to.send(`${own}.Wait`, { id: 1 });
    await to.send(`${own}.Echo`, { text: "never" });
    await until(() => waiting.has(1));
    client.breakDown();
    assert.deepEqual(await end, { kind: "lost", errno: "ECONNRESET" });
    assert.deepEqual(log, ["wait 1", "aborted 1: the caller is gone"]);
  });
  it("ends what belongs to the connection", async () => {
    const { to, end, connections } = connect();
    await to.call(`${own}.Echo`, { text: "a" });
    await to.call(`${own}.Echo`, { text: "b" });
    const [first, second] = connections;
    assert.ok(first !== undefined && first === second);
    assert.equal(first.closed.aborted, false);
    to.channel.close();
    await end;
    assert.equal(first.closed.aborted, true);
  });
});

describe("patience", () => {
  it("with a peer that says nothing", async () => {
    const { to, end } = connect({ patience: { idleMilliseconds: 30 } });
    await to.call(`${own}.Echo`, { text: "a" });
    assert.deepEqual(await end, { kind: "idle" });
    assert.equal(await to.replyOrEnd(), undefined);
  });
  it("with a message that does not end, however it trickles", async () => {
    const { to, end } = connect({ patience: { messageMilliseconds: 60 } });
    const trickle = setInterval(() => void to.channel.send(Buffer.from(" ")), 5);
    assert.deepEqual(await end, { kind: "slow" });
    clearInterval(trickle);
  });
  it("is another with a message under way", async () => {
    const { to, end } = connect({ patience: { idleMilliseconds: 50, messageMilliseconds: 5_000 } });
    await to.sendText('{"method":');
    await new Promise((resolve) => setTimeout(resolve, 120));
    await to.sendText(`"${own}.Echo","parameters":{"text":"a"}}\0`);
    assert.equal(shown(await to.reply()), '{"text":"a"}');
    assert.deepEqual(await end, { kind: "idle" });
  });
  it("is not lost while a call is answered", async () => {
    const { to, waiting } = connect({ patience: { idleMilliseconds: 20, messageMilliseconds: 20 } });
    await to.send(`${own}.Wait`, { id: 1 });
    await to.sendText("{");
    await until(() => waiting.has(1));
    await new Promise((resolve) => setTimeout(resolve, 60));
    waiting.get(1)?.();
    assert.equal(shown(await to.reply()), '{"id":1}');
  });
  it("with a handler", async () => {
    const { to, log } = connect({ patience: { callMilliseconds: 20 } });
    const answer = await to.call(`${own}.Wait`, { id: 1 });
    assert.equal(shown(answer), 'InternalFailure {"message":"too long"}');
    assert.deepEqual(log, ["wait 1", "aborted 1: the call takes too long"]);
  });
  it("with a peer that does not read its reply", async () => {
    const { to, end } = connect({ patience: { replyMilliseconds: 20 }, capacity: 1000 });
    for (const text of ["a", "b"]) await to.send(`${own}.Echo`, { text, count: 10_000 });
    assert.deepEqual(await end, { kind: "lost", errno: "ECANCELED" });
  });
});

describe("stop", () => {
  it("answers the call under way, and no other", async () => {
    const stop = new AbortController();
    const { to, end, waiting, log } = connect({ stop: stop.signal });
    await to.send(`${own}.Wait`, { id: 1 });
    await to.send(`${own}.Echo`, { text: "never" });
    await until(() => waiting.has(1));
    stop.abort();
    waiting.get(1)?.();
    assert.equal(shown(await to.reply()), '{"id":1}');
    assert.equal(await to.replyOrEnd(), undefined);
    assert.deepEqual(await end, { kind: "stopped" });
    assert.deepEqual(log, ["wait 1"]);
  });
  it("closes an idle connection", async () => {
    const stop = new AbortController();
    const { to, end } = connect({ stop: stop.signal });
    await to.call(`${own}.Echo`, { text: "a" });
    stop.abort();
    assert.deepEqual(await end, { kind: "stopped" });
    assert.equal(await to.replyOrEnd(), undefined);
  });
  it("was said before", async () => {
    const { to, end } = connect({ stop: AbortSignal.abort() });
    assert.deepEqual(await end, { kind: "stopped" });
    assert.equal(await to.replyOrEnd(), undefined);
  });
});

it("each call of a method is told, and how it ended", async () => {
  const told: string[] = [];
  const { to, client, end, waiting } = connect({
    onCall: (method) => (outcome) => {
      told.push(`${method.slice(own.length + 1)} ${"error" in outcome ? outcome.error.slice(4) : outcome.kind}`);
    },
  });
  await to.call(`${own}.Echo`, { text: "a" });
  await to.call(`${own}.Echo`, {});
  await to.call(`${own}.Nothing`, {});
  await to.call(`${own}.Fail`, { how: "error" });
  await to.callMore(`${own}.Count`, { to: 3 });
  await to.send(`${own}.Wait`, { id: 1 });
  await until(() => waiting.has(1));
  client.breakDown();
  await end;
  assert.deepEqual(told, [
    "Echo reply",
    "Echo varlink.service.InvalidParameter",
    "Fail example.test.Broken",
    "Count reply",
    "Wait none",
  ]);
});

it("a bug in an interface without an error for that closes the connection", async () => {
  const made = createService({
    info: { vendor: "", product: "", version: "", url: "" },
    interfaces: [
      implement(
        { name: "a.b", text: "interface a.b\nmethod M() -> ()" },
        {
          M: () => {
            throw new Error("a bug");
          },
        },
      ),
    ],
    failureOf: () => ({ name: "InternalFailure", parameters: {} }),
    overLimit: () => ({ error: "a.b.C", parameters: {} }),
  });
  const [server, client] = memoryChannels();
  const end = serveConnection(server, made);
  const to = new VarlinkClient(client);
  await to.send("a.b.M");
  assert.equal(await to.replyOrEnd(), undefined);
  assert.deepEqual(await end, { kind: "failed", method: "a.b.M" });
});
