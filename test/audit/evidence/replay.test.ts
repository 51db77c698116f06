import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreFailed } from "../../../src/audit/evidence/evidence.ts";
import { replay } from "../../../src/audit/evidence/replay.ts";
import { errorText } from "../../../src/result.ts";
import {
  collected,
  engineFor,
  judgedDirectly,
  judgedLater,
  MemoryStore,
  questionOf,
} from "../../support/audit/in-process.ts";
import { catalogueScene, host, imageIndex, registryOf, signedImage } from "../../support/registry/catalogue.ts";
import { digestOf, without } from "../../support/registry/content.ts";
import { acceptAnything, rejectEverything } from "../../support/registry/situations/common.ts";

const images = {
  "vendor/good": signedImage("vendor/good"),
  "vendor/multi": imageIndex("vendor/multi", {
    "linux/amd64": { isSigned: true },
    "linux/arm64": { isSigned: true },
  }),
};

/** The evidence of an image, and the scene, whose policy and key are files that stay. */
async function fetched(repository: keyof typeof images) {
  const scene = await catalogueScene({ A: registryOf(images) });
  const store = new MemoryStore();
  try {
    const reference = `docker://${host}/${repository}:1.0`;
    const asked = { ...questionOf(scene), reference, platform: { kind: "all" } as const };
    const evidence = await collected(scene, asked, store);
    assert.ok(evidence?.kind === "image");
    return { evidence, asked, store, scene, policy: { kind: "file", path: scene.question.policy } as const };
  } finally {
    await scene.stop();
  }
}

class FailingStore extends MemoryStore {
  override async get(): Promise<Uint8Array> {
    throw new StoreFailed("the disk is broken");
  }
}

describe("without what was kept there is no verdict", () => {
  for (const repository of ["vendor/good", "vendor/multi"] as const) {
    it(`${repository}: any content that is gone, but for what the policy does not ask for`, async () => {
      const { evidence, asked, store, policy } = await fetched(repository);
      const whole = await judgedLater(evidence, asked, policy, store);
      assert.equal(whole.outcome, "accepted");
      for (const [key, bytes] of [...store.contents]) {
        store.contents.delete(key);
        await assert.rejects(judgedLater(evidence, asked, policy, store), StoreFailed, key);
        store.contents.set(key, bytes);
      }
      assert.deepEqual(await judgedLater(evidence, asked, policy, store), whole);
    });
  }

  it("signatures are read only where the policy asks for them", async () => {
    const { evidence, asked, store } = await fetched("vendor/good");
    assert.ok("found" in evidence.manifest && evidence.signatures !== undefined && "found" in evidence.signatures);
    for (const key of evidence.signatures.found) store.contents.delete(key);
    for (const [text, outcome] of [
      [acceptAnything, "accepted"],
      [rejectEverything, "rejected"],
    ] as const) {
      assert.equal((await judgedLater(evidence, asked, { kind: "text", text }, store)).outcome, outcome);
    }
  });

  it("a store that fails is no verdict, whatever the engine makes of it", async () => {
    const { evidence, asked, store, policy } = await fetched("vendor/good");
    const failing = new FailingStore();
    await assert.rejects(judgedLater(evidence, asked, policy, failing), /the disk is broken/);

    // Who asks the engine himself has to look: within a policy a throw is taken for a bug.
    assert.ok(evidence.signatures !== undefined && "found" in evidence.signatures);
    for (const key of evidence.signatures.found) store.contents.delete(key);
    const { image, blobMemo, failure } = replay(evidence, store);
    const request = { identity: `docker://${host}/vendor/good:1.0`, policy, requireSigned: false, image, blobMemo };
    const { verdict } = await engineFor().judge({ ...request, platform: asked.platform, isForCopy: true });
    assert.equal(verdict.code, "internal.error");
    assert.match(errorText(failure()), /is not among what was kept/);
  });

  const rows: readonly (readonly [string, "vendor/good" | "vendor/multi", object])[] = [
    ["no signatures", "vendor/good", { signatures: undefined }],
    ["no instances", "vendor/multi", { instances: new Map() }],
    ["no finding of a blob", "vendor/good", { blobs: { mode: "head", list: [] } }],
  ];
  for (const [what, repository, changes] of rows) {
    it(`evidence that does not answer: ${what}`, async () => {
      const { evidence, asked, store, policy } = await fetched(repository);
      const changed = { ...evidence, ...changes };
      await assert.rejects(judgedLater(changed, asked, policy, store), StoreFailed);
    });
  }
});

describe("blobs are as they were found", () => {
  const blob = Buffer.from("only in this image");
  const whole = signedImage("vendor/good", { layers: [blob] });
  const path = `/v2/vendor/good/blobs/${digestOf(blob)}`;
  const lacking = { ...whole, content: without(whole.content, digestOf(blob)) };
  const rows = [
    ["there", "head", registryOf({ "vendor/good": whole }), "accepted"],
    ["missing", "head", registryOf({ "vendor/good": lacking }), "image.blob.missing"],
    [
      "of another size",
      "head",
      registryOf({ "vendor/good": whole }, { [path]: { body: "short" } }),
      "image.blob.corrupt",
    ],
    ["not to be had", "head", registryOf({ "vendor/good": whole }, { [path]: { status: 403 } }), "source.unauthorized"],
    ["missing", "all", registryOf({ "vendor/good": lacking }), "image.blob.missing"],
    [
      "of other bytes",
      "all",
      registryOf({ "vendor/good": whole }, { [path]: { body: "ONLY in this image" } }),
      "image.blob.corrupt",
    ],
    ["missing", "none", registryOf({ "vendor/good": lacking }), "accepted"],
  ] as const;
  for (const [what, blobs, A, code] of rows) {
    it(`${blobs}: ${what}`, async () => {
      const scene = await catalogueScene({ A });
      const reference = `docker://${host}/vendor/good:1.0`;
      const asked = { ...questionOf(scene), reference, platform: { kind: "all" } as const, blobs };
      const policy = { kind: "file", path: scene.question.policy } as const;
      const store = new MemoryStore();
      try {
        const direct = await judgedDirectly(scene, asked, policy);
        const evidence = await collected(scene, asked, store);
        assert.ok(evidence !== undefined);
        const later = await judgedLater(evidence, asked, policy, store);
        assert.equal(direct.code, code);
        assert.deepEqual(JSON.parse(JSON.stringify(later)), JSON.parse(JSON.stringify(direct)));
      } finally {
        await scene.stop();
      }
    });
  }
});
