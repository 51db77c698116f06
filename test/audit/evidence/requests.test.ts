import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collected, judgedDirectly, MemoryStore, questionOf } from "../../support/audit/in-process.ts";
import {
  catalogueScene,
  host,
  imageIndex,
  registryOf,
  signedImage,
  unsignedImage,
} from "../../support/registry/catalogue.ts";

const images = {
  "vendor/good": signedImage("vendor/good"),
  "vendor/plain": unsignedImage("vendor/plain"),
  "vendor/multi": imageIndex("vendor/multi", {
    "linux/amd64": { isSigned: true },
    "linux/arm64": { isSigned: true },
  }),
};

/** No more than the command asks for itself, where the policy looks at everything, and accepts. */
describe("to collect takes the same requests", () => {
  for (const repository of ["vendor/good", "vendor/multi", "vendor/nowhere"]) {
    for (const kind of ["all", "one"] as const) {
      it(`${repository}, ${kind}`, async () => {
        const requests: (readonly string[])[] = [];
        for (const isDirect of [true, false]) {
          const scene = await catalogueScene({ A: registryOf(images) });
          const platform =
            kind === "all"
              ? ({ kind } as const)
              : ({ kind, platform: { os: "linux", architecture: "arm64", variant: "" } } as const);
          const asked = { ...questionOf(scene), reference: `docker://${host}/${repository}:1.0`, platform };
          try {
            if (isDirect) await judgedDirectly(scene, asked, { kind: "file", path: scene.question.policy });
            else await collected(scene, asked, new MemoryStore());
            requests.push(Object.values(scene.requests()).flat().toSorted());
          } finally {
            await scene.stop();
          }
        }
        assert.deepEqual(requests[1], requests[0]);
        assert.ok((requests[0]?.length ?? 0) > 1);
      });
    }
  }
});
