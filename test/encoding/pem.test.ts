import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodePemBlock } from "../../src/encoding/pem.ts";
import { testRows } from "../identity/rows.ts";

interface Row {
  readonly text: string;
  /** Type, number of headers, body and rest as text; absent if there is no block. */
  readonly block: readonly [string, number, string, string] | undefined;
  readonly why: string;
}

// Each row was run through Go's encoding/pem.
const rows: readonly Row[] = [
  { text: "-----BEGIN X-----\nQUJD\n-----END X-----\n", block: ["X", 0, "ABC", ""], why: "the plain form" },
  { text: "-----BEGIN X-----\nQUJD\n-----END X-----", block: ["X", 0, "ABC", ""], why: "no newline at the end" },
  { text: "-----BEGIN X-----\nQUJD\n-----END X-----\nmore", block: ["X", 0, "ABC", "more"], why: "text after it" },
  { text: "before\n-----BEGIN X-----\nQUJD\n-----END X-----\n", block: ["X", 0, "ABC", ""], why: "text before it" },
  { text: " -----BEGIN X-----\nQUJD\n-----END X-----\n", block: undefined, why: "BEGIN does not start the line" },
  { text: "\ufeff-----BEGIN X-----\nQUJD\n-----END X-----\n", block: undefined, why: "a byte order mark" },
  { text: "-----BEGIN X-----\r\nQU\r\nJD\r\n-----END X-----\r\n", block: ["X", 0, "ABC", ""], why: "CR LF" },
  { text: "-----BEGIN X----- \t\nQUJD\n-----END X----- \t\n", block: ["X", 0, "ABC", ""], why: "blanks at line ends" },
  { text: "-----BEGIN X-----\n Q U\tJ D \n-----END X-----\n", block: ["X", 0, "ABC", ""], why: "blanks in the body" },
  { text: "-----BEGIN X-----\nQ\nU\nJD\n-----END X-----\n", block: ["X", 0, "ABC", ""], why: "short lines" },
  { text: "-----BEGIN X-----\n-----END X-----\n", block: ["X", 0, "", ""], why: "an empty body" },
  { text: "-----BEGIN X-----\n\n-----END X-----\n", block: ["X", 0, "", ""], why: "a body of one empty line" },
  { text: "-----BEGIN -----\nQUJD\n-----END -----\n", block: ["", 0, "ABC", ""], why: "an empty type" },
  { text: "-----BEGIN X-----\nA: b\nC : d\n\nQUJD\n-----END X-----\n", block: ["X", 2, "ABC", ""], why: "headers" },
  {
    text: "-----BEGIN X-----\nA: b\nA: c\nQUJD\n-----END X-----\n",
    block: ["X", 1, "ABC", ""],
    why: "one header twice",
  },
  {
    text: "-----BEGIN X-----\nA: b\n-----END X-----\n",
    block: undefined,
    why: "no line between headers and END",
  },
  { text: "-----BEGIN X-----\nQUJD\n-----END Y-----\n", block: undefined, why: "another type at the end" },
  { text: "-----BEGIN X-----\nQUJD\n-----END X-----z\n", block: undefined, why: "text behind END" },
  { text: "-----BEGIN X-----\nQUJD\n-----END X----\n", block: undefined, why: "a dash short at END" },
  { text: "-----BEGIN X----\nQUJD\n-----END X-----\n", block: undefined, why: "a dash short at BEGIN" },
  { text: "-----BEGIN X-----QUJD\n-----END X-----\n", block: undefined, why: "the body on the line of BEGIN" },
  { text: "-----BEGIN X-----\nQUJD -----END X-----\n", block: undefined, why: "END does not start the line" },
  { text: "-----BEGIN X-----\nQUJ\n-----END X-----\n", block: undefined, why: "padding is missing" },
  { text: "-----BEGIN X-----\nQU-D\n-----END X-----\n", block: undefined, why: "a letter of URL-safe base64" },
  {
    text: "-----BEGIN X-----\nQU-D\n-----END X-----\n-----BEGIN Y-----\nQUJD\n-----END Y-----\n",
    block: ["Y", 0, "ABC", ""],
    why: "a broken block is passed over",
  },
  {
    text: "-----BEGIN X-----\nQUJD\n-----BEGIN Y-----\nQUJD\n-----END Y-----\n",
    block: ["Y", 0, "ABC", ""],
    why: "a BEGIN without END is passed over",
  },
  {
    text: "-----BEGIN X-----\nA: b\n-----END X: c\n\n-----BEGIN Y-----\nQUJD\n-----END Y-----\n",
    block: undefined,
    why: "headers that run over END: Go gives up",
  },
  { text: "", block: undefined, why: "nothing" },
  { text: "-----BEGIN X-----\n", block: undefined, why: "no END" },
];

describe("decodePemBlock", () => {
  testRows(
    rows,
    (row) => row.text,
    ({ text, block }) => {
      const found = decodePemBlock(Buffer.from(text));
      const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
      assert.deepEqual(found && [found.type, found.headers.size, asText(found.bytes), asText(found.rest)], block);
    },
  );

  test("what is written as PEM comes back, with anything before and after it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string(), (bytes, after) => {
        const body = Buffer.from(bytes).toString("base64");
        const found = decodePemBlock(Buffer.from(`x\n-----BEGIN A-----\n${body}\n-----END A-----\n${after}`));
        assert.deepEqual(found && Buffer.from(found.bytes), Buffer.from(bytes));
        assert.equal(found && Buffer.from(found.rest).toString(), Buffer.from(after).toString());
      }),
    );
  });

  test("pieces of PEM in any order never throw, and what is left is always shorter", () => {
    const piece = fc.constantFrom(
      "-----BEGIN X-----",
      "-----END X-----",
      "\n",
      "\r",
      "QUJD",
      "=",
      "A: b",
      "-",
      " ",
      ":",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = Buffer.from(pieces.join(""));
        const found = decodePemBlock(text);
        assert.ok(found === undefined || found.rest.length < text.length);
      }),
    );
  });

  for (const unit of ["-----BEGIN X-----\n", "\n-----END ", "\n-----BEGIN A-----\nQ-\n-----END B-----", "a:b\n"]) {
    test(`four megabytes of ${JSON.stringify(unit)} take no time to speak of`, () => {
      const startedAt = performance.now();
      assert.equal(decodePemBlock(Buffer.alloc(4 << 20, unit)), undefined);
      assert.ok(performance.now() - startedAt < 5000);
    });
  }
});
