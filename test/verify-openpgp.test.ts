import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parsePolicy, prepareVerifier, readDirSource, type Verdict, type VerifierOptions } from "../src/index.ts";
import { fixtures } from "./support/images.ts";

/** Judges an image by a key of the fixtures, or by a policy that asks for nothing. */
async function judge(image: string, keyName: string | undefined, ...options: readonly unknown[]): Promise<Verdict> {
  const signedBy = { type: "signedBy", keyType: "GPGKeys", keyPath: join(fixtures, "keys", "gpg", `${keyName}.gpg`) };
  const requirement = keyName === undefined ? { type: "insecureAcceptAnything" } : signedBy;
  const policy = parsePolicy(Buffer.from(JSON.stringify({ default: [requirement] })), {});
  const source = readDirSource(join(fixtures, "images", image));
  assert.ok(policy.ok && source.ok);
  const nowhere = (path: string) => ({ ok: false, problem: { path, errno: "ENOENT" } }) as const;
  const host = {
    readFile: (path: string) => readFileSync(path),
    now: () => Date.UTC(2026, 10, 26) / 1000,
    paths: { resolveFully: nowhere, open: nowhere },
  };
  const verifier = prepareVerifier(policy.value, host, ...(options as [VerifierOptions?]));
  const { manifest, signatures } = source.value;
  return verifier.verify({
    identity: "registry.example.com/vendor/app:1.0",
    manifest,
    signatures,
    requireSigned: false,
  });
}

const sha1 = "gpg-payload-sha1";
const vendor = "release-rsa4096";

describe("the library's openPgp", () => {
  const rows: readonly { options: readonly unknown[]; outcome: string; asked: readonly string[] }[] = [
    { options: [], outcome: "rejected", asked: ["gnupg", "go", "sequoia"] },
    { options: [undefined], outcome: "rejected", asked: ["gnupg", "go", "sequoia"] },
    { options: [{}], outcome: "rejected", asked: ["gnupg", "go", "sequoia"] },
    { options: [{ openPgp: undefined }], outcome: "rejected", asked: ["gnupg", "go", "sequoia"] },
    { options: [{ openPgp: ["sequoia"] }], outcome: "rejected", asked: ["sequoia"] },
    { options: [{ openPgp: ["gnupg"] }], outcome: "accepted", asked: ["gnupg"] },
    { options: [{ openPgp: ["go", "gnupg", "go"] }], outcome: "accepted", asked: ["gnupg", "go"] },
    { options: [{ openPgp: ["sequoia", "go"] }], outcome: "rejected", asked: ["go", "sequoia"] },
  ];
  for (const { options, outcome, asked } of rows) {
    it(`${JSON.stringify(options)}: a signature with SHA-1 is ${outcome}`, async () => {
      const verdict = await judge(sha1, vendor, ...options);
      assert.equal(verdict.outcome, outcome);
      const opinions = verdict.requirements[0]?.signatures[0]?.opinions;
      assert.deepEqual(
        opinions?.map(({ backEnd }) => backEnd),
        asked,
      );
    });
  }

  const senseless: readonly { openPgp: unknown; why: string }[] = [
    { openPgp: [], why: "nobody would be asked" },
    { openPgp: ["gpgme"], why: "no such name" },
    { openPgp: ["gnupg", "gpgme"], why: "one of them is none" },
    { openPgp: ["all"], why: "a word of the command line" },
    { openPgp: "gnupg", why: "no list" },
    { openPgp: null, why: "neither a list nor absent" },
    { openPgp: ["gnupg", undefined], why: "a hole" },
    { openPgp: [["gnupg"]], why: "a list in a list, which reads the same as a text" },
    { openPgp: { length: 1, 0: "gnupg" }, why: "what only looks like a list" },
  ];
  for (const { openPgp, why } of senseless) {
    it(`${JSON.stringify(openPgp)} prepares nothing, whatever the policy asks for: ${why}`, async () => {
      for (const keyName of [vendor, undefined]) {
        await assert.rejects(judge("gpg-release-oci", keyName, { openPgp }), TypeError);
      }
    });
  }

  it("is what it was when the policy was prepared", async () => {
    const openPgp: ("gnupg" | "sequoia")[] = ["sequoia"];
    const judging = judge(sha1, vendor, { openPgp });
    openPgp[0] = "gnupg";
    assert.equal((await judging).outcome, "rejected");
  });
});
