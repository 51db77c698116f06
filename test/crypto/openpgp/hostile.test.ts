import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { WorkBudget } from "../../../src/crypto/budget.ts";
import { openPgpBackEnds } from "../../../src/crypto/openpgp/back-end.ts";
import { bunzip2 } from "../../../src/crypto/openpgp/bunzip2.ts";
import { type Keyring, loadKeyring } from "../../../src/crypto/openpgp/keyring.ts";
import { untrustedMessageInfo, verifyMessage } from "../../../src/crypto/openpgp/message.ts";
import { untrusted } from "../../../src/result.ts";

const fixtures = new URL("../../fixtures/", import.meta.url);
const goodKey = readFileSync(new URL("keys/gpg/subkey.gpg", fixtures));
const goodMessage = readFileSync(new URL("images/gpg-subkey/signature-1", fixtures));
const nowSeconds = Date.UTC(2026, 10, 23) / 1000;
/** Generous: each of these takes far less, and would take minutes if something grew without bound. */
const patience = { timeout: 20_000 };

/** A packet in the new format with a four-octet length. */
function packet(tag: number, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([Uint8Array.of(0xc0 | tag, 0xff), length, body]);
}

function compressed(body: Uint8Array): Buffer {
  return packet(8, Buffer.concat([Uint8Array.of(1), deflateRawSync(body)]));
}

describe("hostile messages and keyrings", () => {
  let keyring: Keyring;
  before(async () => {
    const loaded = await loadKeyring([goodKey], openPgpBackEnds);
    assert.ok(loaded.ok);
    keyring = loaded.value;
  });
  const verify = (message: Uint8Array) => verifyMessage({ message: untrusted(message), keyring, nowSeconds });

  async function codeOf(message: Uint8Array): Promise<string> {
    const verified = await verify(message);
    return verified.ok ? "accepted" : verified.problem.code;
  }

  test("the message they are made from is good", async () => assert.equal(await codeOf(goodMessage), "accepted"));

  test("any octets: no exception, and never accepted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (octets) => {
        untrustedMessageInfo(untrusted(octets));
        assert.notEqual(await codeOf(octets), "accepted");
        assert.ok(!(await loadKeyring([octets], openPgpBackEnds)).ok);
      }),
    );
  });

  test("any octet changed: no exception, and the content stays what was signed", patience, async () => {
    const signed = await verify(goodMessage);
    assert.ok(signed.ok);
    await fc.assert(
      fc.asyncProperty(fc.nat(goodMessage.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const octets = Buffer.from(goodMessage);
        octets[at] = (octets[at] ?? 0) ^ change;
        const verified = await verify(octets);
        assert.ok(!verified.ok || Buffer.compare(verified.value.content, signed.value.content) === 0);
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(goodKey.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const octets = Buffer.from(goodKey);
        octets[at] = (octets[at] ?? 0) ^ change;
        await loadKeyring([octets], openPgpBackEnds);
      }),
      { numRuns: 300 },
    );
  });

  test("a compression bomb", patience, async () => {
    assert.equal(await codeOf(compressed(Buffer.alloc(200 * 1024 * 1024))), "signature.openpgp.malformed");
  });

  test("compressed data in many layers", patience, async () => {
    let message: Uint8Array = goodMessage;
    for (let layer = 0; layer < 15; layer++) message = compressed(message);
    assert.equal(await codeOf(message), "accepted");
    for (let layer = 0; layer < 200; layer++) message = compressed(message);
    assert.equal(await codeOf(message), "signature.openpgp.malformed");
  });

  test("very many packets", patience, async () => {
    const markers = Buffer.concat(Array.from({ length: 50_000 }, () => packet(10, Buffer.from("PGP"))));
    assert.equal(await codeOf(Buffer.concat([markers, goodMessage])), "accepted");
    const signatures = Buffer.concat(Array.from({ length: 2000 }, () => goodMessage.subarray(-320)));
    assert.notEqual(await codeOf(Buffer.concat([goodMessage, signatures])), "accepted");
  });

  test("signatures within signatures", patience, async () => {
    let body: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 2000; depth++) {
      const subpacket = Buffer.concat([
        Uint8Array.of(0xff, 0, 0, (body.length + 1) >> 8, (body.length + 1) & 0xff, 32),
        body,
      ]);
      const length = Uint8Array.of(subpacket.length >> 8, subpacket.length & 0xff);
      body = Buffer.concat([Uint8Array.of(4, 0x19, 1, 8), length, subpacket, Buffer.alloc(4)]);
    }
    await loadKeyring([Buffer.concat([goodKey, packet(2, body)])], openPgpBackEnds);
    assert.notEqual(await codeOf(Buffer.concat([goodMessage, packet(2, body)])), "crash");
  });

  test("a key file with very many user ids and signatures", patience, async () => {
    const userIds = Buffer.concat(Array.from({ length: 3000 }, (_, index) => packet(13, Buffer.from(`user ${index}`))));
    const signature = goodKey.subarray(goodKey.length - 600);
    const loaded = await loadKeyring(
      [Buffer.concat([goodKey, userIds, ...Array.from({ length: 500 }, () => signature)])],
      openPgpBackEnds,
    );
    assert.ok(!loaded.ok || (loaded.value.gnupg?.keyblocks.length ?? 0) <= 1);
  });
});

const plenty = () => new WorkBudget(1e6);

describe("bunzip2", () => {
  const hello = Buffer.from("QlpoOTFBWSZTWZ5iW/4AAAKRAEAAAkSgACEUYGaCke8jRwu5IpwoSE8xLf8A", "base64");

  test("a stream, and what follows it", () => {
    const result = bunzip2(Buffer.concat([hello, Buffer.from("rest")]), 1000, plenty());
    assert.ok(typeof result !== "string");
    assert.equal(Buffer.from(result.output).toString(), "hello hello hello");
    assert.equal(result.consumed, hello.length);
    assert.equal(bunzip2(hello, 10, plenty()), "too-large");
    assert.equal(bunzip2(hello.subarray(0, -1), 1000, plenty()), "corrupt");
  });

  test("corrupt input never throws", () => {
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, octet) => {
        const input = Buffer.from(hello);
        input[at] = octet;
        bunzip2(input, 1000, plenty());
      }),
    );
  });
});
