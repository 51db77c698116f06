import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "../../../src/host/sleep.ts";
import { retryDelay } from "../../../src/source/registry/retry.ts";

const now = Date.parse("2025-06-01T12:00:00Z");

/** Retry-After, and how many seconds that is where it would be 7 without it. */
const rows: readonly (readonly [string | undefined, number])[] = [
  [undefined, 7],
  ["", 7],
  ["0", 0],
  ["1", 1],
  ["60", 60],
  ["61", 60],
  ["31536000", 60],
  ["999999999999999999", 60],
  ["99999999999999999999999", 7],
  ["-1", 0],
  ["+5", 5],
  ["1.5", 7],
  ["1e3", 7],
  ["0x10", 7],
  ["5 ", 7],
  ["soon", 7],
  ["NaN", 7],
  ["Infinity", 7],
  ["Sun, 01 Jun 2025 12:00:30 GMT", 30],
  ["Sun, 01 Jun 2025 13:00:00 GMT", 60],
  ["Sun, 01 Jun 2025 12:00:00 GMT", 7],
  ["Sun, 01 Jun 2025 11:59:59 GMT", 7],
  ["Thu, 31 Dec 2099 23:59:59 GMT", 60],
  ["Sun, 99 Jun 2025 12:00:30 GMT", 7],
  ["2025-06-01T12:00:30Z", 7],
  ["12:00:30", 7],
];

describe("how long to wait before asking again", () => {
  for (const [header, expected] of rows) {
    it(`Retry-After: ${header}`, () => {
      assert.equal(
        retryDelay(header === undefined ? [] : [header], 7, () => now),
        expected,
      );
    });
  }

  it("what is waited without it has the same bound", () => {
    assert.deepEqual(
      [2, 4, 32, 64, 1e9].map((fallback) => retryDelay([], fallback, () => now)),
      [2, 4, 32, 60, 60],
    );
  });

  it("of two, the first", () =>
    assert.equal(
      retryDelay(["1", "2"], 7, () => now),
      1,
    ));
});

describe("waiting", () => {
  it("ends when nobody waits any more", async () => {
    const controller = new AbortController();
    const waiting = sleep(3600, controller.signal);
    controller.abort(new Error("interrupted"));
    await assert.rejects(waiting, /interrupted/);
    await assert.rejects(async () => sleep(3600, controller.signal), /interrupted/);
  });

  it("leaves nothing at the signal", async () => {
    const controller = new AbortController();
    await sleep(0, controller.signal);
    controller.abort(new Error("later"));
  });
});
