import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkBudget } from "../../../src/crypto/budget.ts";
import { bunzip2Start } from "../../../src/crypto/openpgp/bunzip2.ts";

/** Streams that no bzip2 writes: what comes out, and how it ends, in Go's compress/bzip2 (1.26) and in libbz2's way. */
const rows: readonly [name: string, hex: string, go: [string, string], libbz2: [string, string]][] = [
  [
    "a code that is not complete",
    "425a68313141592653594036a3360000118100300020003080a9a46231c5dc914e1424100da8cd80",
    ["end", "abababababababababababababababababababababababababababababababababababab"],
    ["corrupt", ""],
  ],
  [
    "a level with one side only",
    "425a68313141592653590577368a0000020100700020002926419842b8bb9229c284802bb9b450",
    ["end", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"],
    ["corrupt", ""],
  ],
  [
    "too few codes, some of them read",
    "425a683131415926535967cd5ac2000047c10040003000200030cc29aa69d50d0d0f17724538509067cd5ac2",
    [
      "end",
      "aaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaab",
    ],
    ["corrupt", ""],
  ],
  [
    "the check of the block is wrong, after it came out",
    "425a6831314159265359e993fced00000001003000200021108039772452",
    ["corrupt", "aaa"],
    ["corrupt", ""],
  ],
  [
    "bits that are a code to libbz2 only",
    "425a683131415926535919939b6b00000001002800200021184682ee48",
    ["corrupt", ""],
    ["corrupt", "ac"],
  ],
  [
    "bits that are a code to Go only",
    "425a6831314159265359198736d60000000200400040044230891772429c28480cc9cb5800",
    ["corrupt", "PP"],
    ["cut", ""],
  ],
  [
    "more codes than there is room for",
    "425a6831314159265359e993fdcd0000000100300020002100b0ac5dc914e14243a64ff73400",
    ["corrupt", ""],
    ["end", "ab"],
  ],
  [
    "not complete and cut",
    "425a6831314159265359e993fdcd000000010030002000250082b17720",
    ["cut", "ab"],
    ["corrupt", ""],
  ],
];

for (const [name, hex, go, libbz2] of rows) {
  test(`bzip2: ${name}`, () => {
    const read = (asGo: boolean) => {
      const { ending, output } = bunzip2Start(Buffer.from(hex, "hex"), 1000, new WorkBudget(1e6), { asGo });
      return [ending, Buffer.from(output).toString("latin1")];
    };
    assert.deepEqual({ go: read(true), libbz2: read(false) }, { go, libbz2 });
  });
}
