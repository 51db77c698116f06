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
  ["429 once from the lookaside is not tried again", "a lookaside is asked again, too"],
]);

const recorded = recordedSituations();
const isV6 = await hasIpv6();

for (const { name: runtime, command } of runtimes) {
  describe(`as containers/image in every situation (${runtime})`, { concurrency: 4 }, () => {
    for (const situation of situations) {
      const before = recorded[situation.name];
      const skip = situation.needs === "ipv6" && !isV6 ? "there is no IPv6" : false;
      it(situation.name, { skip }, async () => {
        assert.ok(before !== undefined, "it was not recorded");
        const scene = await buildScene(situation);
        try {
          const ended = await runAside([...command, ...scene.args], scene.env, 100_000);
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
