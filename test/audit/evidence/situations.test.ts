import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { isComplete } from "../../../src/audit/evidence/is-complete.ts";
import type { PolicyChoice } from "../../../src/engine/read-policy.ts";
import {
  collected,
  judgedDirectly,
  judgedLater,
  MemoryStore,
  type Question,
  questionOf,
} from "../../support/audit/in-process.ts";
import { fixtures } from "../../support/images.ts";
import { hasIpv6 } from "../../support/registry/fault-server.ts";
import { buildScene, type Scene, type Situation } from "../../support/registry/situation.ts";
import { situations } from "../../support/registry/situations/all.ts";
import {
  acceptAnything,
  gpgPolicy,
  rejectEverything,
  sigstorePolicy,
} from "../../support/registry/situations/common.ts";

/** What a registry wishes is waited for, and what never answers is waited for by both. */
const slow = new Set([
  "a registry that wants to be asked again in a year",
  "a registry that wants to be asked again in 2099",
]);

const policies = {
  "that accepts anything": acceptAnything,
  "that rejects everything": rejectEverything,
  "that wants sigstore": sigstorePolicy(""),
  "that wants OpenPGP": gpgPolicy(""),
};

const isV6 = await hasIpv6();

/** The same image, whose source is asked by nobody else. */
async function inScene<T>(situation: Situation, work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = await buildScene(situation);
  try {
    return await work(scene);
  } finally {
    await scene.stop();
  }
}

/** Ports and folders are others in each scene. */
const shown = (scene: Scene, document: object) => JSON.parse(scene.normalize(JSON.stringify(document)));

/** The policy of a scene, or another in its place. */
function policyAt({ question }: Scene, text?: string): PolicyChoice {
  const path = question.policy;
  if (text !== undefined) {
    writeFileSync(path, text.replaceAll("@FIXTURES@", fixtures).replaceAll("@DIR@", dirname(path)));
  }
  return { kind: "file", path };
}

/** All of them take three minutes, and each is also run by the command itself: one of four, unless EVERY_SITUATION is set. */
const { EVERY_SITUATION: isEvery } = process.env;
const chosen = isEvery ? situations : situations.filter((_, at) => at % 4 === 0);

describe("what was fetched once is judged as the image itself, in every situation", { concurrency: 8 }, () => {
  for (const situation of chosen) {
    const isWithoutIpv6 = situation.needs === "ipv6" && !isV6;
    const skip = slow.has(situation.name) ? "it takes four minutes" : isWithoutIpv6 && "there is no IPv6";
    const asking = (scene: Scene): Question => ({
      ...questionOf(scene),
      blobs: situation.blobs === "full" ? "all" : "head",
    });
    it(situation.name, { skip }, async () => {
      const store = new MemoryStore();
      let evidence: Awaited<ReturnType<typeof collected>>;
      const scene = await inScene(situation, async (scene) => {
        evidence = await collected(scene, asking(scene), store);
        return scene;
      });
      if (evidence === undefined) return;
      // Of no image, every policy says the same; and to wait for those that do not answer takes long enough once.
      const others = evidence.kind === "problem" || !isComplete(evidence) ? {} : policies;
      for (const [name, policy] of Object.entries({ "of its own": undefined, ...others })) {
        const direct = await inScene(situation, async (scene) =>
          shown(scene, await judgedDirectly(scene, asking(scene), policyAt(scene, policy))),
        );
        const later = await judgedLater(evidence, asking(scene), policyAt(scene, policy), store);
        assert.deepEqual(shown(scene, later), direct, `by a policy ${name}`);
      }
    });
  }
});
