import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import type { Turn } from "../../src/engine/host-queue.ts";
import { type ByHostBounds, inOrderByHost } from "../../src/engine/in-order-by-host.ts";

interface Item {
  readonly order: number;
  readonly host: string;
}

/** Work that ends when the test says so. */
interface Open {
  readonly item: Item;
  readonly turn: Turn;
  end(): void;
  fail(reason: unknown): void;
}

/** A run whose every answer is given by hand. `hosts` has a letter for each item: its host. */
class Run {
  readonly open: Open[] = [];
  readonly started: number[] = [];
  readonly handedOver: number[] = [];
  readonly results: AsyncGenerator<{ readonly item: Item; readonly result: number }>;
  ended = 0;
  failure: unknown;
  isOver = false;
  taken = 0;

  constructor(hosts: string, bounds: Partial<ByHostBounds<number>> = {}) {
    const run = this;
    function* items() {
      for (const [order, host] of [...hosts].entries()) {
        run.taken = order + 1;
        yield { order, host };
      }
    }
    const judge = (item: Item, turn: Turn) =>
      new Promise<number>((resolve, reject) => {
        this.started.push(item.order);
        const done = (settle: () => void) => () => {
          this.open.splice(this.open.indexOf(open), 1);
          this.ended += 1;
          settle();
        };
        const open: Open = {
          ...{ item, turn, end: done(() => resolve(item.order)) },
          fail: (reason) => done(() => reject(reason))(),
        };
        this.open.push(open);
      });
    const all = { perHost: 2, total: 4, bytesOf: () => 1, ...bounds };
    this.results = inOrderByHost(items(), ({ host }) => host, judge, all);
  }

  /** Takes all results. */
  async consume(): Promise<void> {
    try {
      for await (const { item, result } of this.results) {
        assert.equal(item.order, result);
        this.handedOver.push(result);
      }
    } catch (failure) {
      this.failure = failure;
    }
    this.isOver = true;
  }

  of(host: string): readonly Open[] {
    return this.open.filter(({ item }) => item.host === host);
  }

  /** Ends one of a host, and lets come what comes of it. */
  async end(host: string): Promise<void> {
    this.of(host)[0]?.end();
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}

const counts = (length: number) => Array.from({ length }, (_, order) => order);

describe("judging by host, whatever ends when", () => {
  const anyRun = fc.record({
    hosts: fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 }),
    perHost: fc.integer({ min: 1, max: 4 }),
    total: fc.integer({ min: 1, max: 6 }),
    ahead: fc.integer({ min: 1, max: 12 }),
    aheadBytes: fc.integer({ min: 1, max: 12 }),
    choices: fc.infiniteStream(fc.nat(1000)),
  });

  it("the order and all bounds are kept, and each is judged once", async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ hosts, choices, ...bounds }) => {
        const run = new Run(hosts, bounds);
        void run.consume();
        for (;;) {
          await settled();
          assert.ok(run.open.length <= bounds.total, "total");
          for (const host of "abc") assert.ok(run.of(host).length <= bounds.perHost, host);
          assert.ok(run.taken <= run.handedOver.length + bounds.ahead, "ahead");
          const held = run.ended - run.handedOver.length;
          assert.ok(held < bounds.aheadBytes + bounds.total, `${held} are held`);
          if (run.isOver) break;
          assert.ok(run.open.length > 0, "it does not stand still");
          const choice = choices.next().value;
          const chosen = run.open[choice % run.open.length];
          if (choice % 7 === 0) chosen?.turn.throttled();
          chosen?.end();
        }
        assert.equal(run.failure, undefined);
        assert.deepEqual(run.handedOver, counts(hosts.length));
        assert.deepEqual(
          run.started.toSorted((one, other) => one - other),
          counts(hosts.length),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("nothing is started after it was aborted", async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(20), async ({ hosts, choices, ...bounds }, steps) => {
        const controller = new AbortController();
        const run = new Run(hosts, { ...bounds, signal: controller.signal });
        void run.consume();
        for (let step = 0; step < steps; step += 1) {
          await settled();
          run.open[choices.next().value % run.open.length]?.end();
        }
        controller.abort("enough");
        const before = run.started.length;
        await settled();
        while (run.open.length > 0) {
          run.open[0]?.end();
          await settled();
        }
        assert.equal(run.started.length, before);
        assert.ok(run.isOver);
        assert.deepEqual(run.handedOver, counts(run.handedOver.length));
        if (run.handedOver.length < hosts.length) assert.equal(run.failure, "enough");
      }),
      { numRuns: 100 },
    );
  });
});

describe("a host that does not answer", () => {
  it("holds up nobody else, as far as others may run ahead", async () => {
    const run = new Run(`${"s".repeat(5)}${"ab".repeat(20)}`, { perHost: 2, total: 4, ahead: 30 });
    void run.consume();
    await settled();
    while (run.of("a").length + run.of("b").length > 0) {
      await run.end("a");
      await run.end("b");
    }
    assert.deepEqual(run.handedOver, []);
    assert.equal(run.started.length, 2 + 25, "two of the slow host, and all others of the first thirty");
    assert.equal(run.taken, 30);
    await run.end("s");
    assert.deepEqual(run.handedOver, [0]);
    assert.equal(run.taken, 31);
  });

  it("when too much waits for it, only what the others wait for is judged", async () => {
    const run = new Run("sababab", { perHost: 1, total: 3, aheadBytes: 2 });
    void run.consume();
    await settled();
    assert.deepEqual(run.started, [0, 1, 2]);
    await run.end("a");
    assert.deepEqual(run.started, [0, 1, 2, 3], "one waits");
    await run.end("b");
    assert.deepEqual(run.started, [0, 1, 2, 3], "two wait");
    await run.end("a");
    assert.deepEqual(run.started, [0, 1, 2, 3], "three wait");
    await run.end("s");
    assert.deepEqual(run.handedOver, [0, 1, 2, 3]);
    assert.deepEqual(run.started, [0, 1, 2, 3, 4, 5]);
  });

  it("its share is left to others in turn, not in the order of the list", async () => {
    const run = new Run("aaaaaabc", { perHost: 3, total: 3 });
    void run.consume();
    await settled();
    assert.deepEqual(run.started, [0, 1, 2]);
    await run.end("a");
    await run.end("a");
    await run.end("a");
    assert.ok(run.started.includes(6) && run.started.includes(7), String(run.started));
  });
});

describe("a host that throttles", () => {
  const limitOf = async (run: Run): Promise<number> => {
    await settled();
    return run.of("a").length;
  };

  it("is asked by half as many, and then by more again", async () => {
    const run = new Run("a".repeat(100), { perHost: 8, total: 20 });
    void run.consume();
    assert.equal(await limitOf(run), 8);
    // All eight hear of it at once: that is one throttling.
    for (const open of run.of("a")) open.turn.throttled();
    for (let n = 0; n < 8; n += 1) await run.end("a");
    assert.equal(await limitOf(run), 4);
    const limits: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      await run.end("a");
      limits.push(await limitOf(run));
    }
    // After four that ended well there are five, after five more six, …
    const expected = [4, 4, 4, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 8];
    assert.deepEqual(limits, expected);
  });

  it("again and again is asked by one in the end, and others are not slowed", async () => {
    const run = new Run(`${"a".repeat(30)}${"b".repeat(30)}`, { perHost: 8, total: 20 });
    void run.consume();
    await settled();
    for (let n = 0; n < 4; n += 1) {
      for (const open of run.of("a")) open.turn.throttled();
      await settled();
    }
    for (let n = 0; n < 8; n += 1) await run.end("a");
    assert.equal(run.of("a").length, 1);
    assert.equal(run.of("b").length, 8);
    // One that is throttled and ends does not count as well.
    run.of("a")[0]?.turn.throttled();
    await run.end("a");
    assert.equal(run.of("a").length, 1);
    await run.end("a");
    assert.equal(run.of("a").length, 2);
  });
});

describe("what goes wrong", () => {
  it("a judge that throws ends it in its turn", async () => {
    const run = new Run("aab", { perHost: 3 });
    void run.consume();
    await settled();
    run.open[1]?.fail("a bug");
    await settled();
    assert.equal(run.isOver, false);
    await run.end("a");
    assert.deepEqual([run.handedOver, run.failure, run.isOver], [[0], "a bug", true]);
  });

  it("who takes no more starts no more", async () => {
    const run = new Run("a".repeat(9), { perHost: 2 });
    const first = run.results.next();
    await settled();
    run.open[0]?.end();
    await first;
    await settled();
    const before = run.started.length;
    await run.results.return(undefined);
    for (const open of [...run.open]) open.end();
    await settled();
    assert.equal(run.started.length, before);
  });

  for (const bounds of [{ perHost: 0 }, { total: 0 }, { perHost: 1.5 }, { total: Number.NaN }, { ahead: 0 }]) {
    it(JSON.stringify(bounds), async () => {
      await assert.rejects(new Run("a", bounds).results.next(), TypeError);
    });
  }
});

it("a hundred thousand references behind a slow first one take little memory and time", {
  timeout: 60_000,
}, async () => {
  let [mostAhead, taken, handedOver] = [0, 0, 0];
  function* items() {
    for (; taken < 100_000; taken += 1) {
      mostAhead = Math.max(mostAhead, taken + 1 - handedOver);
      yield taken;
    }
  }
  const results = inOrderByHost(
    items(),
    (n) => `host-${n % 37}`,
    async (n) => {
      // The first answers when the others have waited for it for long.
      if (n === 0) for (let turn = 0; turn < 200; turn += 1) await nextTurn();
      return n;
    },
    { perHost: 6, total: 64, bytesOf: () => 100 },
  );
  for await (const { result } of results) {
    assert.equal(result, handedOver);
    handedOver += 1;
  }
  assert.equal(handedOver, 100_000);
  assert.equal(mostAhead, 10_000);
});
