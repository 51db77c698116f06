/** How GnuPG takes messages and key files apart; what each of these rules is good for is in the recorded verdicts beside this file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { WorkBudget } from "../../../src/crypto/budget.ts";
import { ArmorSource, controlMark } from "../../../src/crypto/openpgp/gnupg/armor.ts";
import { DecompressFilter } from "../../../src/crypto/openpgp/gnupg/decompress.ts";
import { readGpgMessage } from "../../../src/crypto/openpgp/gnupg/message.ts";
import { PartsFilter } from "../../../src/crypto/openpgp/gnupg/parts.ts";
import { type Filter, GpgRun, GpgStream } from "../../../src/crypto/openpgp/gnupg/stream.ts";
import { loadKeyring } from "../../../src/crypto/openpgp/keyring.ts";
import { packet } from "../../attacks/packets.ts";

const text = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString("latin1");
const budget = () => new WorkBudget(1e9);

/** All that a stream gives, with `|` for each end that is met, until nothing comes any more. */
function drain(stream: GpgStream): string {
  let all = "";
  for (let ends = 0; ends < 3; ) {
    const octets = stream.read(100_000);
    if (octets === undefined) ends++;
    else ends = 0;
    all += octets === undefined ? "|" : text(octets);
  }
  return all.slice(0, -2);
}

describe("a stream of filters", () => {
  /** Gives these pieces one by one. */
  const pieces = (...given: readonly [string, "more" | "end" | "error"][]): Filter => {
    const left = [...given];
    return {
      fill: () => {
        const [octets, next] = left.shift() ?? ["", "error"];
        return { octets: Buffer.from(octets), next };
      },
    };
  };

  test("each end is met once, and then comes what is below", () => {
    const stream = new GpgStream(Buffer.from("below"));
    stream.push(pieces(["a", "more"], ["b", "end"]));
    assert.equal(drain(stream), "ab" + "below|");
  });

  test("a read that is short has met the end; the next one is below", () => {
    const stream = new GpgStream(Buffer.from("below"));
    stream.push(pieces(["ab", "end"]));
    assert.equal(text(stream.read(5)), "ab");
    assert.equal(text(stream.read(5)), "below");
    stream.push(pieces(["ab", "end"]));
    assert.equal(text(stream.read(2)), "ab");
    assert.equal(stream.read(5), undefined);
  });

  test("an end counts as 0xff for whoever wants an octet", () => {
    const stream = new GpgStream(Buffer.from("cd"));
    stream.push(pieces(["ab", "end"]));
    assert.equal(text(stream.take(7)), "ab\xffcd\xff\xff");
  });

  test("after an error nothing comes, not even from below", () => {
    const stream = new GpgStream(Buffer.from("below"));
    stream.push(pieces(["a", "more"], ["b", "error"]));
    assert.equal(text(stream.read(1)), "a");
    assert.equal(stream.hasError, false);
    assert.equal(text(stream.read(1)), "b");
    assert.equal(stream.hasError, true);
    assert.equal(drain(stream), "|");
  });

  test("a look ahead changes nothing", () => {
    const stream = new GpgStream(Buffer.from("below"));
    stream.push(pieces(["a", "more"], ["", "more"], ["b", "more"], ["c", "end"]));
    assert.equal(text(stream.peekToEnd()), "a");
    assert.equal(text(stream.read(1)), "a");
    assert.equal(stream.read(1), undefined);
    assert.equal(text(stream.peekToEnd()), "bc");
    assert.equal(text(stream.read(2)), "bc");
    assert.equal(stream.read(1), undefined);
    assert.equal(text(stream.read(9)), "below");
  });
});

describe("bodies in parts", () => {
  for (const [rest, expected, why] of [
    ["ab\x02cdrest", "ab" + "cd" + "rest|", "a part of two octets and a last one; the reader goes on behind it"],
    ["ab\x00rest", "ab" + "rest|", "the last part may be empty"],
    ["ab\xe1cd\x01erest", "abcde" + "rest|", "more than one part"],
    ["ab\xff\x00\x00\x00\x01crest", "abc" + "rest|", "a last length of five octets"],
    ["ab\x09cd", "ab|", "what is there of a part that is cut is lost"],
    ["ab", "ab|", "no last part"],
    ["a", "|", "the first part is cut"],
  ] as const) {
    test(why, () => {
      const stream = new GpgStream(Buffer.from(rest, "latin1"));
      stream.push(new PartsFilter(0xe1));
      assert.equal(drain(stream), expected);
    });
  }
});

describe("compressed data", () => {
  const inflate = (algorithm: number, input: Uint8Array) => {
    const run = new GpgRun();
    const stream = new GpgStream(input, run);
    stream.push(new DecompressFilter(algorithm, run, budget()));
    return { all: drain(stream), ...run };
  };
  const raw = deflateRawSync("content");
  const behind = Buffer.alloc(5000, "x");

  test("of the piece of 2048 octets in which the stream ends, the rest is lost", () => {
    const { all } = inflate(1, Buffer.concat([raw, behind]));
    assert.equal(all, `content${"x".repeat(raw.length + behind.length - 2048)}|`);
    assert.equal(inflate(1, Buffer.concat([raw, behind.subarray(0, 2000)])).all, "content|");
  });

  test("a stream that is cut gives what it has, and then nothing, but it does not end", () => {
    const zlib = deflateSync("content");
    assert.equal(inflate(2, zlib.subarray(0, -2)).all, "content|");
    assert.equal(inflate(2, zlib.subarray(0, -2)).hasExited, false);
  });

  test("at a fault in the stream gpg dies", () => {
    const zlib = deflateSync("content");
    zlib[zlib.length - 1] = (zlib.at(-1) ?? 0) ^ 1;
    assert.deepEqual((({ all, hasExited }) => ({ all, hasExited }))(inflate(2, zlib)), { all: "|", hasExited: true });
  });

  test("but it has read what came out before, in buffers of 8192 octets", () => {
    const zlib = deflateSync(Buffer.alloc(20_000, "y"), { level: 0 });
    zlib[zlib.length - 1] = (zlib.at(-1) ?? 0) ^ 1;
    assert.equal(inflate(2, zlib).all, `${"y".repeat(16_384)}|`);
  });

  test("more than is allowed, all layers together, is too much", () => {
    const bomb = deflateRawSync(Buffer.alloc(9 * 1024 * 1024));
    assert.equal(inflate(1, bomb).isTooCostly, true);
  });
});

describe("armour", () => {
  const body = (octets: string) => Buffer.from(octets, "latin1").toString("base64");
  const block = (kind: string, inner: string) => `-----BEGIN PGP ${kind}-----\n\n${inner}\n-----END PGP ${kind}-----\n`;
  // CRC-24 of "abc" and of nothing.
  const good = block("MESSAGE", `${body("abc")}\n=uhx7`);
  const keys = block("PUBLIC KEY BLOCK", `${body("abc")}\n=uhx7`);
  const dearmor = (file: string, onlyKeys = false) => {
    const run = new GpgRun();
    const octets = Buffer.from(file, "latin1");
    const source = new ArmorSource(octets, run, new WorkBudget(1e6), { onlyKeys, mark: controlMark(octets) });
    const all = drain(new GpgStream(source, run));
    if (!run.hasExited) source.close();
    return { all, saidNoData: run.saidNoData, hasExited: run.hasExited };
  };

  for (const [file, expected, why] of [
    [good, "abc|", "a block"],
    [`text\n${good}text\n${good}`, "abcabc|", "blocks with text between them"],
    [good.replace("MESSAGE", "SOMETHING"), "|", "no kind that GnuPG knows"],
    [good.replace("-----\n\n", "-----\nComment: x\n\n"), "abc|", "a header"],
    [good.replace("-----\n\n", "----- \t\n \n"), "abc|", "blanks"],
    [good.replace("-----\n\n", "-----\f\n\n"), "|", "a form feed is no blank"],
    [good.replaceAll("\n", "\r\n"), "abc|", "lines of DOS"],
    [good.replace("YWJj", "Y W-J.j"), "abc|", "what is no letter is passed over"],
    [good.replace("=uhx7", "=AAAA"), "abc|", "a wrong checksum, told by an error"],
    [good.replace("=uhx7", "=3Duhx7"), "abc|", "a checksum as quoted printable"],
    ["\xc6\x03\x04ab", "\xc6\x03\x04ab|", "no armour"],
  ] as const) {
    test(why, () => assert.equal(dearmor(file).all, expected));
  }

  test("without a pad character there are no valid data, whatever there is", () => {
    assert.equal(dearmor(good).saidNoData, false);
    assert.equal(dearmor(good.replace("\n=uhx7", "")).saidNoData, true);
    assert.equal(dearmor(good.replace("=uhx7", "=")).saidNoData, false);
    assert.equal(dearmor("no armour at all\n").saidNoData, true);
    assert.equal(dearmor("\xc6\x03\x04ab").saidNoData, false);
  });

  test("in a key file only blocks of keys count", () => {
    assert.equal(dearmor(good, true).all, "|");
    assert.equal(dearmor(`${good}${keys}`, true).all, "abc|");
  });

  test("a line of 20,000 octets is cut, in binary files too", () => {
    const binary = (count: number) => `\xcc${"\x01".repeat(count - 2)}\nrest`;
    assert.equal(dearmor(binary(19_999)).all.length, 19_999 + "rest|".length);
    assert.equal(dearmor(binary(20_000)).all.length, 19_999 + "rest|".length);
    assert.equal(dearmor(binary(30_000)).all.slice(-8), "\x01\x01\nrest|");
  });

  const clear =
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -x  \ny\n-----BEGIN PGP SIGNATURE-----\n\nYWJj\n=uhx7\n";

  test("a clear-signed text becomes a literal packet in parts, and the signature follows", () => {
    assert.ok(dearmor(clear).all.endsWith("\xcb\xe1t\0\xe2\0\0\0\0\x05-x\ny\nabc|"));
  });

  test("gpg dies of a header of the signature that is none", () => {
    assert.equal(dearmor(clear.replace("SIGNATURE-----\n\n", "SIGNATURE-----\nx\n\n")).hasExited, true);
  });
});

describe("messages", () => {
  const latin1Packet = (tag: number, content: string | Uint8Array) =>
    packet(tag, typeof content === "string" ? Buffer.from(content, "latin1") : content);
  const O = latin1Packet(4, `\x03\0\x08\x01${"\0".repeat(8)}\x01`);
  const S = latin1Packet(2, "\x04\0\x01\x08\0\0\0\0ab\0\x08\xff\0\0\0");
  const S10 = latin1Packet(2, "\x04\0\x01\x0a\0\0\0\0ab\0\x08\xff\0\0\0");
  const timed = latin1Packet(2, "\x04\0\x01\x08\0\x06\x05\x02\0\0\0\0\0\0ab\0\x08\xff");
  const T = latin1Packet(2, "\x04\x01\x01\x08\0\0\0\0ab\0\x08\xff\0\0\0");
  const P = latin1Packet(11, "b\0\0\0\0\0content");
  const U = latin1Packet(13, "user");
  const K = latin1Packet(14, "#comment");
  const zip = (...packets: Uint8Array[]) =>
    latin1Packet(8, Buffer.concat([Uint8Array.of(1), deflateRawSync(Buffer.concat(packets))]));
  const none = (...packets: Uint8Array[]) => latin1Packet(8, Buffer.concat([Uint8Array.of(0), ...packets]));

  for (const [why, packets, expected] of [
    ["the usual", [O, P, S], "content"],
    ["the signature first", [S, P], "content"],
    ["the content first", [P, S], "signature.openpgp.not-signed"],
    ["on both sides", [S, P, S], "signature.openpgp.not-signed"],
    ["no content", [S], "signature.openpgp.not-signed"],
    ["no signature", [O, P], "signature.openpgp.not-signed"],
    ["a one-pass packet too many", [O, O, P, S], "signature.openpgp.not-signed"],
    ["two of each", [O, O, P, S, S], "signature.openpgp.several"],
    ["two alike first", [S, S, P], "signature.openpgp.several"],
    ["two of different types first: one is looked at", [S, T, P], "content"],
    ["two of different hashes first: one is looked at", [S, S10, P], "content"],
    ["something in front of the content", [O, U, P, S], "signature.openpgp.not-signed"],
    ["something behind", [O, P, S, U, O], "content"],
    ["a second signature behind a user id is not looked at", [O, P, S, U, S], "content"],
    ["a second signature behind a subkey is", [O, P, S, K, S], "signature.openpgp.several"],
    ["a user id in front is dropped", [U, O, P, S], "content"],
    ["a second content", [O, P, S, P], "signature.openpgp.trailing-data"],
    [
      "encrypted data in front count as content",
      [latin1Packet(9, "x".repeat(20)), O, P, S],
      "signature.openpgp.trailing-data",
    ],
    ["encrypted data behind do not matter", [O, P, S, latin1Packet(9, "x".repeat(20))], "content"],
    ["unless they are too short", [O, P, S, latin1Packet(9, "x".repeat(9))], "signature.openpgp.trailing-data"],
    ["a comment", [latin1Packet(61, "x".repeat(65_536 - 1)), O, P, S], "content"],
    ["a signature cut in its subpackets is the end", [O, P, S, timed.subarray(0, 14)], "content"],
    ["an unknown packet", [O, latin1Packet(60, "x"), P, S], "content"],
    ["a marker that is none", [O, P, S, latin1Packet(10, "PGX")], "signature.openpgp.trailing-data"],
    ["octets behind", [O, P, S, Buffer.from("x")], "signature.openpgp.trailing-data"],
    ["in a layer", [zip(O, P, S)], "content"],
    ["in two", [zip(zip(O, P, S))], "content"],
    ["in a layer without compression", [none(O, P, S)], "content"],
    ["the content alone in a layer", [O, zip(P), S], "signature.openpgp.not-signed"],
    ["an empty layer behind", [zip(O, P, S), zip()], "content"],
    ["a layer of a trust packet", [O, P, S, zip(latin1Packet(12, "\0"))], "signature.openpgp.trailing-data"],
    ["a layer of a packet with tag 0", [O, P, S, zip(latin1Packet(0, "x"))], "signature.openpgp.trailing-data"],
    ["an unknown compression", [O, P, S, latin1Packet(8, "\x09x")], "signature.openpgp.malformed"],
    ["a key packet", [O, P, S, latin1Packet(6, "\x04\0\0\0\0\x09xxxxxx")], "signature.openpgp.trailing-data"],
    [
      "a secret key ends the message before it, and hides what follows",
      [O, P, S, latin1Packet(5, "\x04\0\0\0\0\x09xxxxxx"), S],
      "content",
    ],
    ["the empty body of a key has no end", [O, P, S, latin1Packet(6, ""), Buffer.from("whatever")], "content"],
    ["a control packet", [O, P, S, latin1Packet(63, "x".repeat(30))], "signature.openpgp.trailing-data"],
    ["nothing", [], "signature.openpgp.malformed"],
  ] as const) {
    test(why, () => {
      const read = readGpgMessage(Buffer.concat(packets), budget());
      assert.equal(read.ok ? text(read.value.content) : read.problem.code, expected);
    });
  }

  test("too many layers", () => {
    let message: Uint8Array = Buffer.concat([O, P, S]);
    for (let depth = 0; depth < 31; depth++) message = zip(message);
    assert.ok(readGpgMessage(message, budget()).ok);
    assert.ok(!readGpgMessage(zip(message), budget()).ok);
  });

  test("a literal packet that is longer than its layer goes on in the next one", () => {
    const long = Buffer.from(latin1Packet(11, "b\0\0\0\0\0content"));
    long.writeUInt16BE(long.readUInt16BE(4) + 2, 4);
    const layer = zip(O, long);
    // The rest of the piece is lost: what is below begins 2048 octets behind the beginning of the stream.
    const message = Buffer.concat([layer, Buffer.alloc(2048 - layer.length + 7), Buffer.from("!?"), S]);
    const read = readGpgMessage(message, budget());
    assert.equal(read.ok && text(read.value.content), "content!?");
  });

  test("of texts the carriage returns are taken away, but they are signed", () => {
    for (const [format, expected] of [
      ["b", "a\r\nb"],
      ["t", "a\nb"],
      ["u", "a\nb"],
      ["m", "a\r\nb"],
    ] as const) {
      const read = readGpgMessage(Buffer.concat([O, latin1Packet(11, `${format}\0\0\0\0\0a\r\nb`), S]), budget());
      assert.equal(read.ok && text(read.value.content), expected);
      assert.equal(read.ok && text(read.value.signed), "a\r\nb");
    }
  });

  test("only hashes that were announced, or are those of a signature before the content", () => {
    const hashes = (...packets: Uint8Array[]) => {
      const read = readGpgMessage(Buffer.concat(packets), budget());
      return read.ok && read.value.hashes;
    };
    assert.deepEqual(hashes(O, P, S10), [8]);
    assert.deepEqual(hashes(S10, P), [10]);
  });
});

describe("key files", () => {
  const fixtures = new URL("../../fixtures/keys/gpg/", import.meta.url);
  const key = readFileSync(new URL("release-rsa4096.gpg", fixtures));
  const other = readFileSync(new URL("unrelated.gpg", fixtures));
  const count = async (...files: Uint8Array[]) => {
    const keyring = await loadKeyring(files, ["gnupg"]);
    return keyring.ok ? keyring.value.gnupg?.keyblocks.length : keyring.problem.code;
  };
  test("what is not understood is passed over, or ends the file", async () => {
    assert.equal(await count(key), 1);
    assert.equal(await count(Buffer.concat([key, packet(60, "x"), other])), 2);
    assert.equal(await count(Buffer.concat([packet(11, Buffer.concat([Buffer.from("b\0\0\0\0\0"), other])), key])), 1);
    assert.equal(await count(Buffer.concat([key, packet(61, Buffer.alloc(65_537)), other])), 2);
    assert.equal(await count(Buffer.concat([key, packet(10, "PGX"), other])), "policy.trust.empty");
    assert.equal(
      await count(Buffer.concat([packet(8, Buffer.concat([Uint8Array.of(1), deflateRawSync(key)])), other])),
      1,
    );
  });

  test("an end in the middle ends a key, and the file goes on", async () => {
    const first = packet(8, Buffer.concat([Uint8Array.of(1), deflateRawSync(key)]));
    assert.equal(await count(Buffer.concat([first, Buffer.alloc(2048 + 6 - first.length + 1), other])), 2);
  });

  test("a file that cannot be read is no error, if another one can", async () => {
    assert.equal(await count(Buffer.from("<html>"), key, new Uint8Array(0)), 1);
    assert.equal(await count(Buffer.from("<html>")), "policy.trust.empty");
  });

  test("what holds more compressed data than is read is refused", async () => {
    const bomb = packet(8, Buffer.concat([Uint8Array.of(1), deflateRawSync(Buffer.alloc(9 * 1024 * 1024))]));
    assert.equal(await count(key, bomb), "policy.trust.invalid");
  });
});
