import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { collected, judgedDirectly, judgedLater, MemoryStore, questionOf } from "../../support/audit/in-process.ts";
import { fixtures } from "../../support/images.ts";
import { fixtureContent } from "../../support/registry/content.ts";
import { buildScene, type Scene } from "../../support/registry/situation.ts";
import { atA, primary } from "../../support/registry/situations/common.ts";
import { fixturePolicyFile } from "../../support/temporary.ts";

const policies = [
  ...["accept-anything-and-gpg", "both-gpg-and-sigstore", "gpg-release-ed25519", "gpg-unrelated", "gpg-expired"],
  ...["fulcio", "identity-match-repository", "sigstore-key", "sigstore-rekor", "strict-mirror", "scopes"],
  ...["invalid-not-json", "gpg-does-not-exist"],
].map((name) => ({ name, path: fixturePolicyFile(`${name}.json`) }));

const images = readdirSync(join(fixtures, "images"));
const places = {
  "default.yaml": "default-docker:\n  lookaside: file://@DIR@/sigs\n  use-sigstore-attachments: true\n",
};

/** Both are asked in the same scene, whose servers know no turns. */
async function compare(scene: Scene, reference: string): Promise<void> {
  const store = new MemoryStore();
  for (const blobs of ["head", "none"] as const) {
    const asked = { ...questionOf(scene), reference, platform: { kind: "all" }, blobs, requireSigned: false } as const;
    // What lies on this machine is read, as verify-policy does.
    const evidence = await collected(scene, asked, store);
    assert.ok(evidence !== undefined);
    for (const { name, path } of blobs === "none" ? policies.slice(0, 2) : policies) {
      const policy = { kind: "file", path } as const;
      const direct = await judgedDirectly(scene, asked, policy);
      const later = await judgedLater(evidence, asked, policy, store);
      assert.deepEqual(JSON.parse(JSON.stringify(later)), JSON.parse(JSON.stringify(direct)), `${name}, ${blobs}`);
    }
  }
}

describe("an image that was fetched once is judged as itself", { concurrency: 8 }, () => {
  for (const name of images.filter((each) => /^[a-z]/.test(each) && !/^(manifest-|missing-)/.test(each))) {
    it(`in a registry: ${name}`, async () => {
      // What is no JSON cannot be attached.
      const content = fixtureContent(name, name === "sigstore-corrupt-json" ? { sigstore: "lookaside" } : {});
      const files = [...content.lookaside].map(([path, bytes]) => [`sigs/vendor/app@${path}`, bytes] as const);
      const scene = await buildScene({
        name,
        servers: { A: primary(content) },
        policy: "{}",
        registriesConf: atA(),
        registriesD: places,
        platform: "all",
        files: Object.fromEntries(files),
      });
      try {
        await compare(scene, questionOf(scene).reference);
      } finally {
        await scene.stop();
      }
    });
  }

  const local = [
    ...images.map((name) => `dir:${join(fixtures, "images", name)}`),
    ...["app-oci", "flatpak-oci", "multi-oci"].map((name) => `oci:${join(fixtures, "layouts", name)}`),
    `oci-archive:${join(fixtures, "layouts", "app.oci.tar")}`,
    `docker-archive:${join(fixtures, "layouts", "app.docker.tar")}`,
    `oci:${join(fixtures, "layouts", "multi-oci")}:not-there`,
  ];
  for (const reference of local) {
    it(reference.replace(fixtures, ""), async () => {
      const scene = await buildScene({ name: reference, servers: {}, policy: "{}", registriesConf: null });
      await compare(scene, reference);
    });
  }
});
