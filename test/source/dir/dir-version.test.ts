import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSupportedDirVersion } from "../../../src/source/dir/dir-version.ts";

// Verdicts of the reference: image/v5: directory/version.go parseVersion, isGreaterThan (limit 1.2).
const rows: readonly { readonly text: string; readonly expected: boolean; readonly why: string }[] = [
  { text: "Directory Transport Version: 1.1\n", expected: true, why: "what is written for sha256" },
  { text: "Directory Transport Version: 1.2\n", expected: true, why: "the newest" },
  { text: "Directory Transport Version: 1.0\n", expected: true, why: "older" },
  { text: "Directory Transport Version: 0.99\n", expected: true, why: "the major number counts first" },
  { text: "Directory Transport Version: -1.1\n", expected: true, why: "an integer" },
  { text: "Directory Transport Version: 1.-1\n", expected: true, why: "an integer, too" },
  { text: "Directory Transport Version: -9223372036854775808.0\n", expected: true, why: "the least of Go's integers" },
  { text: "Directory Transport Version: 0.9223372036854775807\n", expected: true, why: "the greatest" },
  { text: "Directory Transport Version: 0.9223372036854775808\n", expected: false, why: "too great for Go" },
  { text: "Directory Transport Version: -9223372036854775809.0\n", expected: false, why: "too small for Go" },
  { text: "Directory Transport Version: 1.3\n", expected: false, why: "newer" },
  { text: "Directory Transport Version: 1.10\n", expected: false, why: "ten is more than two" },
  { text: "Directory Transport Version: 2.0\n", expected: false, why: "newer" },
  { text: "Directory Transport Version: 1.1", expected: false, why: "no newline" },
  { text: "Directory Transport Version: 1.1\n\n", expected: false, why: "something after it" },
  { text: "Directory Transport Version: 1.1\r\n", expected: false, why: "another line end" },
  { text: "Directory Transport Version: 1.1 \n", expected: false, why: "a blank" },
  { text: "Directory Transport Version:  1.1\n", expected: false, why: "a blank before, which Sscanf would skip" },
  { text: "Directory Transport Version: 01.1\n", expected: false, why: "not as Go prints it" },
  { text: "Directory Transport Version: +1.1\n", expected: false, why: "not as Go prints it" },
  { text: "Directory Transport Version: -0.1\n", expected: false, why: "not as Go prints it" },
  { text: "Directory Transport Version: 1\n", expected: false, why: "one number" },
  { text: "Directory Transport Version: 1.1.1\n", expected: false, why: "three numbers" },
  { text: "Directory Transport Version: 1.\n", expected: false, why: "a number is empty" },
  { text: "Directory Transport Version: 0x1.1\n", expected: false, why: "hexadecimal" },
  { text: "Directory Transport Version: 1_0.1\n", expected: false, why: "not as Go prints it" },
  { text: "directory Transport Version: 1.1\n", expected: false, why: "letter case" },
  { text: "\u{feff}Directory Transport Version: 1.1\n", expected: false, why: "a byte order mark" },
  { text: "", expected: false, why: "empty" },
];

describe("isSupportedDirVersion", () => {
  for (const { text, expected, why } of rows) {
    it(`${JSON.stringify(text)}: ${why}`, () => assert.equal(isSupportedDirVersion(text), expected));
  }
});
