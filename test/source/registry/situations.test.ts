import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { differencesFrom } from "../../support/registry/compare.ts";
import { hasIpv6 } from "../../support/registry/fault-server.ts";
import { recordedSituations } from "../../support/registry/recorded.ts";
import { runAside } from "../../support/registry/run-aside.ts";
import { buildScene } from "../../support/registry/situation.ts";
import { situations } from "../../support/registry/situations/all.ts";
import { runtimes } from "../../support/run.ts";

/**
 * Where `verify-policy` does otherwise on purpose; each is stricter, or goes on where the reference gives up.
 * docs/verify-policy.md says so.
 */
const deliberate: ReadonlyMap<string, string> = new Map([
  ["the manifest comes with line feeds only", "a malformed answer"],
  ["the manifest comes with a folded header", "a malformed answer"],
  ["the manifest comes with a space before the colon", "a malformed answer"],
  ["the manifest comes with 2 MiB of headers", "more than a mebibyte of headers"],
  ["a mirror that never answers", "it waits for a minute, and goes on to the next location"],
]);

/** As long as a server says, but four times a minute at most. */
const slow = new Set([
  "a registry that wants to be asked again in a year",
  "a registry that wants to be asked again in 2099",
]);

const recorded = recordedSituations();
const isV6 = await hasIpv6();

for (const { name: runtime, command } of runtimes) {
  describe(`as containers/image in every situation (${runtime})`, { concurrency: 8 }, () => {
    for (const situation of situations) {
      const before = recorded[situation.name];
      const isWithoutIpv6 = situation.needs === "ipv6" && !isV6;
      const skip = slow.has(situation.name) ? "it takes four minutes" : isWithoutIpv6 && "there is no IPv6";
      const patience = before?.outcome === "hangs" ? ["--timeout=3"] : [];
      it(situation.name, { skip }, async () => {
        assert.ok(before !== undefined, "it was not recorded");
        const scene = await buildScene(situation);
        try {
          const ended = await runAside([...command, ...scene.args, ...patience], scene.env, { timeoutMs: 100_000 });
          const { verdict } = differencesFrom(before, ended, scene.requests(), scene.normalize);
          if (deliberate.has(situation.name)) assert.notDeepEqual(verdict, [], "it is as the reference now");
          else assert.deepEqual(verdict, []);
        } finally {
          await scene.stop();
        }
      });
    }
  });
}
