import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import { acceptedFingerprint, judgeStandalone } from "../../src/judge/standalone.ts";
import { verdictDocument } from "../../src/report/document.ts";
import { untrusted } from "../../src/result.ts";
import { TrustStore } from "../../src/trust/trust-store.ts";
import { fixtureImage, fixtures } from "../support/images.ts";
import { trustFiles } from "../support/trust-files.ts";

const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";

async function judge(image: string, reference: string, fingerprints: readonly string[] | "any" = [release]) {
  const dockerReference = parseNormalizedNamed(reference);
  assert.ok(dockerReference.ok);
  const { manifest, signatures } = fixtureImage(image);
  const read: string[] = [];
  const trust = new TrustStore(
    trustFiles((path) => {
      read.push(path);
      return readFileSync(join(fixtures, "keys", "gpg", path));
    }),
  );
  const verdict = await judgeStandalone(
    {
      manifest,
      signature: untrusted(signatures[0] ?? new Uint8Array()),
      dockerReference: dockerReference.value,
      fingerprints,
      keyring: "release-rsa4096.gpg",
    },
    { trust, nowSeconds: Date.now() / 1000 },
  );
  return { verdict, read };
}

describe("judgeStandalone", () => {
  it("is told like a policy with one requirement, of which nobody wrote the policy", async () => {
    const { verdict, read } = await judge("gpg-release-oci", "registry.example.com/vendor/app:1.0");
    const { message, ...document } = verdictDocument(verdict);
    assert.match(
      message,
      /^Accepted: registry.example.com\/vendor\/app:1.0\nThe command line asks for a signature by a key in release-rsa4096.gpg/,
    );
    assert.equal(document.identity, "docker://registry.example.com/vendor/app:1.0");
    assert.deepEqual(document.policy, { path: null, transport: "", scope: "" });
    assert.equal(document.requirements[0]?.signatures[0]?.signer?.kind, "openpgp");
    assert.deepEqual(read, ["release-rsa4096.gpg"]);
    assert.equal(acceptedFingerprint(verdict, [release]), release);
    assert.equal(acceptedFingerprint(verdict, "any"), release);
  });

  // Each as signature/docker.go decides it; a digest in a reference is part of a text here, and not compared with the manifest.
  const rows: readonly { image: string; reference: string; code: string; why: string }[] = [
    {
      image: "gpg-payload-reference-short-name",
      reference: "docker.io/library/busybox:1.36",
      code: "signature.accepted",
      why: "normalized",
    },
    {
      image: "gpg-docker-hub-short-name",
      reference: "docker.io/library/busybox:1.36",
      code: "signature.accepted",
      why: "normalized",
    },
    { image: "gpg-docker-hub-short-name", reference: "busybox:1.36", code: "signature.accepted", why: "both are" },
    {
      image: "gpg-payload-reference-without-tag",
      reference: "registry.example.com/vendor/app:latest",
      code: "signature.identity.mismatch",
      why: "no default tag",
    },
    {
      image: "gpg-payload-sha512-digest",
      reference: "registry.example.com/vendor/app:1.0",
      code: "signature.digest.mismatch",
      why: "only SHA-256 is compared",
    },
    {
      image: "gpg-payload-not-json",
      reference: "registry.example.com/vendor/app:1.0",
      code: "signature.payload.malformed",
      why: "signed nonsense",
    },
  ];
  for (const { image, reference, code, why } of rows) {
    it(`${image} as ${reference}: ${why}`, async () => {
      const { verdict } = await judge(image, reference);
      assert.equal(verdict.requirements[0]?.signatures[0]?.code, code);
    });
  }

  it("no fingerprint, no acceptance", async () => {
    const { verdict } = await judge("gpg-release-oci", "registry.example.com/vendor/app:1.0", []);
    assert.equal(verdict.requirements[0]?.signatures[0]?.code, "signature.key.not-listed");
    assert.equal(acceptedFingerprint(verdict, []), undefined);
  });
});
