import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Crew } from "../support/audit/crew.ts";
import { AuditRunner, assertLikeDirect, directVerdicts, startFleet } from "../support/audit/fleet.ts";
import { leftIn, opened } from "../support/audit-databases.ts";
import { startPostgres, withoutPostgres } from "../support/postgres.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const kinds = [
  { dialect: "sqlite", skip: undefined },
  { dialect: "postgres", skip: withoutPostgres },
] as const;

const executable = runtimes[1];
const perSecond = 400;
/**
 * Turns are given out at even distances, by the clock of the database; how much later a request is at the registry differs from one to the next: a
 * process that had no processor for a tenth of a second sends those of that time at once, each of three workers may, and the registry's second
 * begins anywhere.
 */
const tolerated = perSecond * 1.3;

for (const { dialect, skip } of kinds) {
  describe(`an audit whose workers are killed all the time: ${dialect}`, { skip }, () => {
    it("has one right result for each image", async () => {
      const [fleet, server] = await Promise.all([startFleet(4), dialect === "postgres" ? startPostgres() : undefined]);
      const folder = temporaryDirectory();
      const database = server === undefined ? join(folder, "audit.sqlite") : server.url(await server.createDatabase());
      const audit = new AuditRunner(executable, database);
      const references = fleet.registries.flatMap(({ address }) => [
        ...Array.from({ length: 300 }, (_, i) => `${address}/app-${i}:1.0`),
        ...Array.from({ length: 60 }, (_, i) => `${address}/app-${i}:1.1`),
        ...Array.from({ length: 20 }, (_, i) => `${address}/app-${i}:nowhere`),
      ]);
      const list = join(folder, "images.txt");
      writeFileSync(list, references.join("\n"));
      const rates = [`--rate=${perSecond}`, "--park=1", "--per-registry=3"];
      await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${join(folder, "evidence")}`, ...rates]);
      await audit.run("add", [`--images=${list}`, ...fleet.options]);
      const direct = await directVerdicts(executable, fleet, references);
      for (const registry of fleet.registries) await registry.countAnew();

      const [, failing, throttling] = fleet.registries;
      assert.ok(failing && throttling);
      await Promise.all([failing.behave("dead"), throttling.behave("throttled")]);
      const crew = new Crew({ command: audit.command("work", "--lease=2", "--jobs=4", ...fleet.options), count: 3 });
      const killing = (async () => {
        for (let second = 1; !crew.isDone && second < 200; second += 1) {
          await sleep(1000);
          if (second <= 20) crew.kill();
          if (second === 3) await server?.stop();
          if (second === 5) await server?.start();
          if (second === 4) await throttling.behave("well");
          if (second === 7) await failing.behave("well");
        }
      })();
      await Promise.all([crew.done(), killing]);

      assert.ok(crew.kills >= 5, `${crew.kills} were killed`);
      assertLikeDirect(await audit.results(), direct);
      const seen = await opened(database);
      assert.equal(await leftIn(seen), 0, "nothing is left to do");
      await seen.close();
      for (const registry of fleet.registries) {
        const { mostInSecond = 0 } = await registry.counts();
        assert.ok(mostInSecond <= tolerated, `${mostInSecond} requests in one second`);
      }
      await Promise.all([fleet.stop(), server?.stop()]);
    });
  });
}
