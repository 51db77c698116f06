import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isGoTime } from "../../src/encoding/go-time.ts";

describe("isGoTime", () => {
  const rows: readonly (readonly [text: string, isTime: boolean])[] = [
    ["2024-02-29T12:34:56Z", true],
    ["2024-02-29T12:34:56.123456789012Z", true],
    ["2024-02-29T12:34:56,5Z", true],
    ["2024-02-29T7:34:56Z", true],
    ["2024-02-29T12:34:56+24:60", true],
    ["0000-01-01T00:00:00-00:00", true],
    ["2000-02-29T00:00:00Z", true],
    ["1900-02-29T00:00:00Z", false],
    ["2023-02-29T00:00:00Z", false],
    ["2024-04-31T00:00:00Z", false],
    ["2024-00-01T00:00:00Z", false],
    ["2024-13-01T00:00:00Z", false],
    ["2024-01-00T00:00:00Z", false],
    ["2024-01-01T24:00:00Z", false],
    ["2024-01-01T00:60:00Z", false],
    ["2024-01-01T00:00:60Z", false],
    ["2024-01-01T00:00:00.Z", false],
    ["2024-01-01T00:00:00+25:00", false],
    ["2024-01-01T00:00:00+00:61", false],
    ["2024-01-01T00:00:00+0000", false],
    ["2024-01-01T00:00:00", false],
    ["2024-01-01t00:00:00Z", false],
    ["2024-01-01 00:00:00Z", false],
    ["2024-01-01T00\\u003a00:00Z", false],
    ["", false],
  ];
  for (const [text, isTime] of rows) it(text, () => assert.equal(isGoTime(text), isTime));
});
