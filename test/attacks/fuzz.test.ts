/** The oracles of `make fuzz` hold for its seeds and for some changes of them; a longer search is `make fuzz`. */
import { describe, it } from "node:test";
import { mutate } from "../../fuzz/mutate.ts";
import { Random } from "../../fuzz/random.ts";
import { targets } from "../../fuzz/targets.ts";

const changesEach = 150;

describe("fuzzing", () => {
  for (const { name, seeds, words, check } of targets) {
    it(`${name}: ${seeds.length} seeds and ${changesEach} changes of them`, { timeout: 60_000 }, async () => {
      for (const seed of seeds) await check(seed);
      const random = new Random(1);
      for (let i = 0; i < changesEach; i++) await check(mutate(random.pick(seeds), random, seeds, words));
    });
  }
});
