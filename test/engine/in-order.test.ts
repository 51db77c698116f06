import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inOrder } from "../../src/engine/in-order.ts";

const double = async (n: number): Promise<number> => {
  await sleep(n % 3);
  return 2 * n;
};
const run = (requests: Iterable<number> | AsyncIterable<number>, concurrency = 4, signal?: AbortSignal) =>
  inOrder(requests, { concurrency, signal }, double);

async function taken(results: AsyncIterable<number>): Promise<{ seen: number[]; failure?: unknown }> {
  const seen: number[] = [];
  try {
    for await (const result of results) seen.push(result);
  } catch (failure) {
    return { seen, failure };
  }
  return { seen };
}

describe("work for many", () => {
  it("hands a result over before it needs another request", async () => {
    let last = 0;
    async function* ofTheLast() {
      for (let n = 1; n <= 5; n += 1) {
        yield n;
        while (last !== 2 * n) await sleep(1);
      }
    }
    for await (const result of run(ofTheLast())) last = result;
    assert.equal(last, 10);
  });

  it("hands over what came before the requests failed", async () => {
    function* failing() {
      yield* [1, 2, 3];
      throw "no more";
    }
    assert.deepEqual(await taken(run(failing())), { seen: [2, 4, 6], failure: "no more" });
  });

  it("stops where the work fails, and closes the requests", async () => {
    let isClosed = false;
    function* requests() {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        isClosed = true;
      }
    }
    const work = async (n: number) => (n === 5 ? Promise.reject("bad") : n);
    const results = inOrder(requests(), { concurrency: 3, signal: undefined }, work);
    assert.deepEqual(await taken(results), { seen: [0, 1, 2, 3, 4], failure: "bad" });
    assert.ok(isClosed);
  });

  it("closes the requests when nobody wants more", async () => {
    let isClosed = false;
    async function* requests() {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        isClosed = true;
      }
    }
    for await (const result of run(requests())) if (result === 20) break;
    assert.ok(isClosed);
  });

  it("does not wait for a request that never comes, when nobody wants more", async () => {
    async function* requests() {
      yield 1;
      await new Promise(() => undefined);
    }
    for await (const result of run(requests())) {
      assert.equal(result, 2);
      break;
    }
  });

  it("is aborted also while it waits for a request", async () => {
    const controller = new AbortController();
    async function* requests() {
      yield 1;
      await new Promise(() => undefined);
    }
    const results = taken(run(requests(), 4, controller.signal));
    await sleep(20);
    controller.abort("enough");
    assert.deepEqual(await results, { seen: [2], failure: "enough" });
  });
});
