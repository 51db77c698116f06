import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type Connection, HttpBroken, type HttpRequest } from "../../../src/host/http/exchange.ts";
import { HttpClient } from "../../../src/host/http/http-client.ts";
import { maxHttpHeaderBytes, maxIdleConnections } from "../../../src/limits.ts";
import {
  type Answer,
  type FaultServer,
  headerOf,
  type ServerScript,
  startFaultServer,
} from "../../support/registry/fault-server.ts";
import { newTlsMaterial } from "../../support/registry/tls.ts";

const plain: Connection = { isUnverified: false };
const soon = { connectSeconds: 0.3, answerSeconds: 0.3, bodySeconds: 0.3 };
const patient = { connectSeconds: 20, answerSeconds: 20, bodySeconds: 20 };

/** Runs `ask` with a client and a server that are gone afterwards. */
async function withServer<T>(
  script: ServerScript,
  ask: (client: HttpClient, server: FaultServer, url: (path?: string) => URL) => Promise<T>,
  timeouts = patient,
): Promise<T> {
  const server = await startFaultServer(script);
  const client = new HttpClient(timeouts);
  const scheme = script.tls === undefined ? "http" : "https";
  try {
    return await ask(client, server, (path = "/") => new URL(`${scheme}://${server.address}${path}`));
  } finally {
    client.close();
    await server.stop();
  }
}

/** "200 BODY", or what kind of failure there was, and where. */
async function said(client: HttpClient, request: Partial<HttpRequest> & { readonly url: URL }): Promise<string> {
  const answer = await client.send({ method: "GET", headers: {}, connection: plain, ...request });
  if (!answer.ok) {
    const { problem } = answer;
    return problem.kind === "timeout" ? `timeout ${problem.phase}` : problem.kind;
  }
  let text = `${answer.value.status} `;
  try {
    for await (const piece of answer.value.body) text += Buffer.from(piece).toString();
    return text;
  } catch (error) {
    assert.ok(error instanceof HttpBroken, String(error));
    const { failure } = error;
    return `${text}, then ${failure.kind === "timeout" ? `timeout ${failure.phase}` : failure.kind}`;
  }
}

const one = (answer: Answer, connection?: ServerScript["connection"]): ServerScript => ({
  otherwise: answer,
  ...(connection === undefined ? {} : { connection }),
});
const bomb = `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(maxHttpHeaderBytes + 1)}\r\nContent-Length: 0\r\n\r\n`;
const gzipped = (body: Uint8Array, more: Partial<Answer> = {}): Answer => ({
  headers: { "Content-Encoding": "gzip" },
  body,
  ...more,
});

describe("an answer", { concurrency: 8 }, () => {
  const rows: readonly (readonly [string, ServerScript, string])[] = [
    ["with its length", one({ body: "hello" }), "200 hello"],
    ["in chunks", one({ body: "hello", chunked: true }), "200 hello"],
    ["that ends with the connection", one({ body: "hello", contentLength: "none" }), "200 hello"],
    ["of HTTP 1.0", one({ body: "hello", version: "1.0", contentLength: "none" }), "200 hello"],
    ["without a body", one({ status: 204 }), "204 "],
    ["with any status", one({ status: 599, body: "x" }), "599 x"],
    ["that redirects is not followed", one({ status: 302, headers: { Location: "/x" }, body: "x" }), "302 x"],
    [
      "after 100 Continue",
      one({ raw: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" }),
      "200 x",
    ],
    ["in gzip", one(gzipped(gzipSync("hello"))), "200 hello"],
    ["in gzip and chunks", one(gzipped(gzipSync("hello"), { chunked: true })), "200 hello"],
    ["that is not the gzip that it says", one(gzipped(Buffer.from("hello"))), "200 , then malformed"],
    ["in gzip that is cut", one(gzipped(gzipSync("hello").subarray(0, 12))), "200 h, then malformed"],
    [
      "in gzip with a wrong checksum",
      one(gzipped(Buffer.concat([gzipSync("hello").subarray(0, -8), Buffer.alloc(8)]))),
      "200 , then malformed",
    ],
    [
      "in another compression is as it was sent",
      one({ headers: { "Content-Encoding": "br" }, body: "hello" }),
      "200 hello",
    ],
    ["cut short", one({ body: "hello", contentLength: 9 }), "200 hello, then unreachable"],
    ["cut short by a reset", one({ body: "hello", contentLength: 9, ending: "reset" }), "200 hello, then unreachable"],
    [
      "with a last chunk that does not come",
      one({ body: "hello", chunked: "unfinished" }),
      "200 hello, then unreachable",
    ],
    ["longer than it says", one({ body: "hello", contentLength: 2 }), "200 he"],
    ["that is none", one({ raw: "SSH-2.0-OpenSSH\r\n" }), "malformed"],
    ["with a length that is none", one({ raw: "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello" }), "malformed"],
    [
      "with two lengths",
      one({ raw: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nhello" }),
      "malformed",
    ],
    [
      "with a chunk that is none",
      one({ raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" }),
      "200 , then unreachable",
    ],
    ["with too many headers", one({ raw: bomb }), "malformed"],
    ["with headers without end", one({ raw: `HTTP/1.1 200 OK\r\n${"X-A: b\r\n".repeat(400_000)}` }), "malformed"],
    ["of nothing", one({ raw: "" }), "unreachable"],
    ["of half a status line", one({ raw: "HTTP/1.1 20" }), "unreachable"],
    ["by nobody", one({}, "absent"), "unreachable"],
    ["by a reset", one({}, "reset"), "unreachable"],
    ["by garbage at once", one({}, "garbage"), "malformed"],
  ];
  for (const [what, script, expected] of rows) {
    it(what, async () => {
      const text = await withServer(script, (client, _, url) => said(client, { url: url() }));
      assert.equal(text, expected);
    });
  }

  it("every value of a header is there, by its name in small letters", async () => {
    await withServer(one({ headers: { "X-Two": ["a", "b"], Vary: "x" } }), async (client, _, url) => {
      const answer = await client.send({ method: "GET", url: url(), headers: {}, connection: plain });
      assert.ok(answer.ok);
      assert.deepEqual([answer.value.header("x-two"), answer.value.header("no")], [["a", "b"], []]);
      answer.value.discard();
    });
  });

  it("gzip without end is not unpacked further than it is read", async () => {
    const body = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await withServer(one(gzipped(body)), async (client, _, url) => {
      const answer = await client.send({ method: "GET", url: url(), headers: {}, connection: plain });
      assert.ok(answer.ok);
      let length = 0;
      for await (const piece of answer.value.body) {
        length += piece.length;
        if (length > 1_000_000) break;
      }
      assert.ok(length < 2_000_000);
    });
  });
});

describe("what is sent", { concurrency: 8 }, () => {
  it("path, query, host and headers, and gzip only where it can be unpacked", async () => {
    await withServer(one({}), async (client, server, url) => {
      await said(client, { url: url("/v2/a%20b?x=%2F&y"), headers: { accept: ["a/b", "c/d"] } });
      await said(client, { url: url(), headers: { range: "bytes=1-" } });
      await said(client, { url: url(), method: "HEAD" });
      const [first, second, third] = server.seen;
      assert.ok(first && second && third);
      assert.deepEqual(
        [first.method, first.target, headerOf(first, "host")],
        ["GET", "/v2/a%20b?x=%2F&y", server.address],
      );
      assert.deepEqual(
        first.headers
          .filter(([name]) => name.toLowerCase() === "accept")
          .map(([, value]) => value)
          .join(", "),
        "a/b, c/d",
      );
      assert.deepEqual(
        [first, second, third].map((request) => headerOf(request, "accept-encoding")),
        ["gzip", undefined, undefined],
      );
    });
  });

  it("a form", async () => {
    await withServer(one({ body: "x" }), async (client, server, url) => {
      assert.equal(await said(client, { url: url(), method: "POST", body: "a=ä" }), "200 x");
      assert.equal(server.seen[0]?.body, Buffer.from("a=ä").toString("latin1"));
    });
  });

  it("a header that would be two lines is no request", async () => {
    await withServer(one({}), async (client, server, url) => {
      assert.equal(
        await said(client, { url: url(), headers: { authorization: "Bearer x\r\nX-Evil: 1" } }),
        "malformed",
      );
      assert.deepEqual(server.seen, []);
    });
  });

  it("by a proxy: the whole address, and its credentials to it alone", async () => {
    await withServer(one({ body: "x" }), async (client, server) => {
      const proxy = new URL(`http://us%40er:p%3Ass@${server.address}`);
      const url = new URL("http://registry.example.com:5000/v2/");
      assert.equal(await said(client, { url, connection: { ...plain, proxy } }), "200 x");
      const [request] = server.seen;
      assert.ok(request);
      assert.deepEqual(
        [
          request.target,
          headerOf(request, "host"),
          headerOf(request, "proxy-authorization"),
          headerOf(request, "authorization"),
        ],
        [url.href, url.host, `Basic ${Buffer.from("us@er:p:ss").toString("base64")}`, undefined],
      );
    });
  });
});

describe("connections", { concurrency: 4 }, () => {
  const kept: Answer = { body: "x", ending: "keep" };
  const connectionsOf = async (script: ServerScript, count: number, connection = plain) =>
    withServer(script, async (client, server, url) => {
      for (let i = 0; i < count; i += 1) assert.equal(await said(client, { url: url(), connection }), "200 x");
      return server.connections();
    });
  const tls = newTlsMaterial();
  const trusting: Connection = { isUnverified: false, authorities: [tls.ca] };

  it("are kept", async () => assert.equal(await connectionsOf({ otherwise: kept }, 5), 1));
  it("are kept with TLS", async () => assert.equal(await connectionsOf({ otherwise: kept, tls }, 5, trusting), 1));
  it("that the server closes are not", async () =>
    assert.equal(await connectionsOf({ otherwise: { body: "x" } }, 3), 3));

  it("to many servers are kept up to a bound, and the latest are", async () => {
    let accepted = 0;
    const server = createServer((_, answer) => void answer.end("right"));
    server.on("connection", () => (accepted += 1));
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", () => resolve()));
    const { port } = server.address() as AddressInfo;
    const client = new HttpClient(patient);
    const ask = async (host: number) => {
      const url = new URL(`http://127.0.${1 + (host >> 7)}.${1 + (host & 127)}:${port}/`);
      assert.equal(await said(client, { url }), "200 right");
    };
    try {
      const hosts = maxIdleConnections + 40;
      for (let host = 0; host < hosts; host += 1) await ask(host);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
      assert.equal(open, maxIdleConnections);
      assert.equal(accepted, hosts);
      for (let host = hosts - 1; host >= hosts - 20; host -= 1) await ask(host);
      assert.equal(accepted, hosts);
      await ask(0);
      assert.equal(accepted, hosts + 1);
    } finally {
      client.close();
      server.close();
    }
  });

  it("a discarded answer gives its connection back, a large one does not", async () => {
    for (const [size, expected] of [
      [1000, 2],
      [1_000_000, 3],
    ] as const) {
      const script = { routes: { "/first": { ...kept, body: Buffer.alloc(size) } }, otherwise: kept };
      const count = await withServer(script, async (client, server, url) => {
        const first = await client.send({ method: "GET", url: url("/first"), headers: {}, connection: plain });
        assert.ok(first.ok);
        first.value.discard();
        // Somebody else's request takes long enough.
        const somebody = new HttpClient();
        assert.equal(await said(somebody, { url: url() }), "200 x");
        somebody.close();
        assert.equal(await said(client, { url: url() }), "200 x");
        return server.connections();
      });
      assert.equal(count, expected, `${size} bytes`);
    }
  });

  it("a kept one that is closed while it is used again is replaced, and the request sent once more", async () => {
    const script: ServerScript = { otherwise: [kept, { raw: "", ending: "reset" }, kept] };
    await withServer(script, async (client, server, url) => {
      assert.equal(await said(client, { url: url("/1") }), "200 x");
      assert.equal(await said(client, { url: url("/2") }), "200 x");
      assert.deepEqual(
        server.seen.map(({ target }) => target),
        ["/1", "/2", "/2"],
      );
    });
  });

  it("a new one that is closed is not tried again", async () => {
    await withServer({ otherwise: [{ raw: "", ending: "reset" }, kept] }, async (client, server, url) => {
      assert.equal(await said(client, { url: url() }), "unreachable");
      assert.equal(server.seen.length, 1);
    });
  });

  it("one that trusts no authority is not used by one that does, nor the other way round", async () => {
    await withServer({ otherwise: kept, tls }, async (client, server, url) => {
      const unverified: Connection = { isUnverified: true };
      assert.equal(await said(client, { url: url(), connection: unverified }), "200 x");
      assert.equal(await said(client, { url: url(), connection: { isUnverified: false, authorities: [] } }), "tls");
      assert.equal(await said(client, { url: url(), connection: trusting }), "200 x");
      assert.equal(server.seen.length, 2);
    });
  });

  const other = newTlsMaterial({ isForOtherHost: true });
  const expired = newTlsMaterial({ isExpired: true });
  const rows: readonly (readonly [string, ServerScript, Connection, string])[] = [
    ["trusted", { tls }, trusting, "200 x"],
    ["of an unknown authority", { tls }, { ...trusting, authorities: [other.ca] }, "tls"],
    ["of another host", { tls: other }, { ...trusting, authorities: [other.ca] }, "tls"],
    ["expired", { tls: expired }, { ...trusting, authorities: [expired.ca] }, "tls"],
    ["of another host, where that does not matter", { tls: other }, { isUnverified: true }, "200 x"],
    ["no TLS at all", { tls, connection: "garbage" }, trusting, "tls"],
    [
      "our own is wanted, and there",
      { tls: { ...tls, clientCa: other.ca } },
      { ...trusting, client: { certificate: other.cert, key: other.key } },
      "200 x",
    ],
    ["our own that is none", { tls }, { ...trusting, client: { certificate: "x", key: "y" } }, "tls"],
  ];
  for (const [what, script, connection, expected] of rows) {
    it(`certificate: ${what}`, async () => {
      const text = await withServer({ ...script, otherwise: kept }, (client, _, url) =>
        said(client, { url: url(), connection }),
      );
      assert.equal(text, expected);
    });
  }
});

describe("time", { concurrency: 8 }, () => {
  const rows: readonly (readonly [string, ServerScript, string])[] = [
    ["no TLS handshake", { tls: newTlsMaterial(), connection: "hang" }, "timeout connect"],
    ["no answer", one({}, "hang"), "timeout answer"],
    ["half the headers", one({ raw: "HTTP/1.1 200 OK\r\nX-A", ending: "hang" }), "timeout answer"],
    ["half the body", one({ body: "hello", contentLength: 9, ending: "hang" }), "200 hello, then timeout body"],
    ["no body", one({ contentLength: 9, ending: "hang" }), "200 , then timeout body"],
    ["half the gzip", one(gzipped(gzipSync("hello"), { cutAfter: 12, ending: "hang" })), "200 h, then timeout body"],
    ["a body in small pieces that go on", one({ body: "hello", slow: { bytes: 1, everyMs: 100 } }), "200 hello"],
  ];
  for (const [what, script, expected] of rows) {
    it(what, async () => {
      const connection: Connection = { isUnverified: true };
      const text = await withServer(script, (client, _, url) => said(client, { url: url(), connection }), soon);
      assert.equal(text, expected);
    });
  }
});

describe("an abort", { concurrency: 4 }, () => {
  const reason = new Error("interrupted");

  it("before", async () => {
    await withServer(one({ body: "x" }), async (client, server, url) => {
      await assert.rejects(said(client, { url: url(), signal: AbortSignal.abort(reason) }), reason);
      assert.deepEqual(server.seen, []);
    });
  });

  it("while nothing is answered", async () => {
    const controller = new AbortController();
    await withServer(one({ raw: "", ending: "hang" }), async (client, server, url) => {
      const asked = said(client, { url: url(), signal: controller.signal });
      const timer = setInterval(() => server.seen.length > 0 && controller.abort(reason), 5);
      await assert.rejects(asked, reason);
      clearInterval(timer);
    });
  });

  it("within the body", async () => {
    const controller = new AbortController();
    await withServer(one({ body: "hello", contentLength: 9, ending: "hang" }), async (client, _, url) => {
      const { signal } = controller;
      const answer = await client.send({ method: "GET", url: url(), headers: {}, connection: plain, signal });
      assert.ok(answer.ok);
      const { body } = answer.value;
      await assert.rejects(async () => {
        for await (const _piece of body) controller.abort(reason);
      }, HttpBroken);
    });
  });
});
