import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MessageFramer } from "../../../src/serve/varlink/message-framer.ts";
import { DescriptorTable } from "../../support/varlink/memory-channel.ts";

/** A piece: its text, with "|" for NUL, and what descriptors it brings. */
type Piece = readonly [string, ...string[]];

const limits = { maxBytes: 8, maxDescriptors: 2 };

/** What comes out of the pieces: "text+descriptors", or the problem; then what is left over. */
function framed(pieces: readonly Piece[], table = new DescriptorTable()): readonly string[] {
  const framer = new MessageFramer(limits);
  for (const [text, ...names] of pieces) {
    framer.add({
      bytes: Buffer.from(text.replaceAll("|", "\0"), "latin1"),
      descriptors: names.filter((name) => name !== "missing").map((name) => table.open(name)),
      areDescriptorsMissing: names.includes("missing"),
    });
  }
  const result: string[] = [];
  for (let next = framer.take(); next !== undefined; next = framer.take()) {
    if (next.kind === "problem") {
      result.push(next.problem.kind === "malformed" ? next.problem.reason : `too many ${next.problem.limit}`);
    } else {
      const names = next.descriptors.map(({ number }) => `+${table.whatIs(number)}`);
      result.push(Buffer.from(next.untrustedBytes).toString("latin1") + names.join(""));
      for (const descriptor of next.descriptors) descriptor.close();
    }
  }
  if (framer.unfinishedBytes > 0) result.push(`${framer.unfinishedBytes} unfinished`);
  framer.close();
  assert.deepEqual(table.openOnes, []);
  return result;
}

describe("messages, and the descriptors that come with them", () => {
  const rows: readonly (readonly [readonly Piece[], readonly string[]])[] = [
    [[["ab|"]], ["ab"]],
    [[["ab|cd|e"]], ["ab", "cd", "1 unfinished"]],
    [
      [["a"], ["b"], ["|"], ["c"], ["|d"]],
      ["ab", "c", "1 unfinished"],
    ],
    [[["ab"], [""], ["|"]], ["ab"]],
    // With the first byte, in a sendmsg of their own.
    [[["ab|", "x"]], ["ab+x"]],
    [[["a", "x"], ["b|"]], ["ab+x"]],
    [
      [["a", "x", "y"], ["b|cd|"]],
      ["ab+x+y", "cd"],
    ],
    [
      [
        ["ab|", "x"],
        ["cd|", "y"],
      ],
      ["ab+x", "cd+y"],
    ],
    // Bytes that were sent earlier come along.
    [[["ab|cd|", "x"]], ["ab", "cd+x"]],
    [
      [["ab|c", "x"], ["d|"]],
      ["ab", "cd+x"],
    ],
    [
      [["a"], ["b|cd|", "x"]],
      ["ab", "cd+x"],
    ],
    [
      [["a"], ["b|c|d", "x"], ["e|", "y"]],
      ["ab", "c", "descriptors in the middle of a message"],
    ],
    // Not with the first byte.
    [[["a"], ["b|", "x"]], ["descriptors in the middle of a message"]],
    [[["a"], ["b", "x"], ["|"]], ["descriptors in the middle of a message"]],
    [[["a", "x"], ["b", "y"], ["|"]], ["descriptors in the middle of a message"]],
    // Too many, or some lost.
    [[["a|b|", "x", "y", "z"]], ["a", "too many descriptors"]],
    [
      [["a|b", "x", "y", "z"], ["c|d|"]],
      ["a", "too many descriptors"],
    ],
    [
      [["a"], ["b|c|", "x", "y", "z"]],
      ["ab", "too many descriptors"],
    ],
    [[["a"], ["b|", "x", "y", "z"]], ["too many descriptors"]],
    [[["a||b|", "x", "y", "z"]], ["a", "an empty message"]],
    [
      [["a|"], ["b|", "missing"], ["c|"]],
      ["a", "too many descriptors"],
    ],
    [[["a|", "x", "missing"]], ["too many descriptors"]],
    // What is never finished, or comes without bytes.
    [[["ab", "x"]], ["2 unfinished"]],
    [[["", "x"]], []],
    // Sizes.
    [[["1234567|"]], ["1234567"]],
    [[["1234567"], ["|"]], ["1234567"]],
    [[["12345678|"]], ["too many bytes"]],
    [[["a|12345678", "x"]], ["a", "too many bytes"]],
    [[["a|12345678|b|", "x"]], ["a", "too many bytes"]],
    [[["12345", "x"], ["678|b|"]], ["too many bytes"]],
    [[["12345678"], ["9|"], ["a|", "x"]], ["too many bytes"]],
    [[["a||b|", "x"]], ["a", "an empty message"]],
    [[["|", "x"]], ["an empty message"]],
  ];
  for (const [pieces, expected] of rows) {
    it(pieces.map((piece) => piece.join("+")).join("  "), () => assert.deepEqual(framed(pieces), expected));
  }
});

it("it is known when the end of a message that is too large is over", () => {
  const framer = new MessageFramer(limits);
  const states = ["1234567", "8", "9", "|a|", "b"].map((text) => {
    framer.add({ bytes: Buffer.from(text.replaceAll("|", "\0")), descriptors: [], areDescriptorsMissing: false });
    return framer.isInsideRefused;
  });
  assert.deepEqual(states, [false, true, true, false, false]);
});

it("what was given is copied: it may lie in a buffer that is used again", () => {
  const framer = new MessageFramer(limits);
  const buffer = Buffer.from("ab\0cd");
  framer.add({ bytes: buffer, descriptors: [], areDescriptorsMissing: false });
  buffer.fill(0);
  framer.add({ bytes: buffer.subarray(0, 1), descriptors: [], areDescriptorsMissing: false });
  const taken = [framer.take(), framer.take()];
  assert.deepEqual(
    taken.map((next) => next?.kind === "message" && Buffer.from(next.untrustedBytes).toString()),
    ["ab", "cd"],
  );
});

it("however the stream is cut, the messages are the same", () => {
  const text = fc.string({ minLength: 1, maxLength: 7, unit: fc.constantFrom("a", "b", "{") });
  fc.assert(
    fc.property(fc.array(text), text, fc.array(fc.nat(60)), (messages, rest, cuts) => {
      const stream = messages.map((message) => `${message}|`).join("") + rest;
      const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
      const pieces = places.slice(1).map((end, index): Piece => [stream.slice(places[index], end)]);
      assert.deepEqual(framed(pieces), [...messages, `${rest.length} unfinished`]);
    }),
  );
});

it("however the kernel hands them over, descriptors come to the message that they were sent with", () => {
  const message = fc.record({
    text: fc.string({ minLength: 1, maxLength: 7, unit: fc.constantFrom("a", "b") }),
    descriptors: fc.integer({ min: 0, max: 2 }),
    /** How much of it goes with the descriptors. */
    first: fc.nat(7),
  });
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.nat(12)), (messages, sizes) => {
      const names = ({ descriptors }: { descriptors: number }, index: number) =>
        ["x", "y"].slice(0, descriptors).map((name) => name + index);
      const sent = messages.flatMap((each, index): Piece[] => {
        const whole = `${each.text}|`;
        const at = 1 + (each.first % whole.length);
        return [[whole.slice(0, at), ...names(each, index)], [whole.slice(at)]];
      });
      const expected = messages.map((each, index) =>
        [each.text, ...names(each, index).map((name) => `+${name}`)].join(""),
      );
      assert.deepEqual(framed(asReceived(sent, sizes)), expected);
    }),
  );
});

/** unix_stream_read_generic: bytes of several sends are put together, up to those with descriptors. */
function asReceived(sent: readonly Piece[], sizes: Iterator<number>): readonly Piece[] {
  const left = sent.filter(([text]) => text !== "");
  const received: Piece[] = [];
  while (left.length > 0) {
    let room = 1 + (sizes.next().value ?? 0);
    let text = "";
    let names: readonly string[] = [];
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [bytes, ...with_] = next;
      text += bytes.slice(0, room);
      names = with_;
      if (bytes.length > room) left.unshift([bytes.slice(room)]);
      room = Math.max(0, room - bytes.length);
      if (room === 0 || names.length > 0) break;
    }
    received.push([text, ...names]);
  }
  return received;
}
