import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../../src/crypto/openpgp/back-end.ts";
import type { SignedBy } from "../../src/policy/policy.ts";
import { TrustStore } from "../../src/trust/trust-store.ts";
import { fixtures } from "../support/images.ts";
import { trustFiles } from "../support/trust-files.ts";

const vendor = readFileSync(join(fixtures, "keys", "gpg", "release-rsa4096.gpg"));
const garbage = readFileSync(join(fixtures, "keys", "gpg", "garbage-keyring.gpg"));
/** A packet of a type that was never assigned, behind the key. */
const unassigned = Buffer.concat([vendor, Buffer.from("\xcf\x03abc", "latin1")]);
/** A modification detection code, which no key has. */
const strayPacket = Buffer.concat([vendor, Buffer.from(`\xd3\x14${"x".repeat(20)}`, "latin1")]);

interface Row {
  readonly what: string;
  readonly files: readonly Uint8Array[];
  readonly asked?: readonly OpenPgpBackEnd[];
  readonly code: string;
  readonly source: string;
  readonly accepted: readonly OpenPgpBackEnd[];
}

/* Each as the reference was seen to judge it, build by build. */
const rows: readonly Row[] = [
  { what: "no keyring at all", files: [garbage], code: "policy.trust.invalid", source: "/0", accepted: [] },
  {
    what: "one of two is none: GnuPG goes on",
    files: [vendor, garbage],
    code: "policy.trust.invalid",
    source: "/1",
    accepted: ["gnupg"],
  },
  {
    what: "a packet of a type that nobody knows, which stops go-crypto",
    files: [unassigned],
    code: "policy.trust.invalid",
    source: "/0",
    accepted: ["gnupg", "sequoia"],
  },
  {
    what: "a packet that no key has",
    files: [strayPacket],
    code: "policy.trust.invalid",
    source: "/0",
    accepted: ["gnupg"],
  },
  {
    what: "the same, and only Sequoia is asked: of others nothing is said",
    files: [strayPacket],
    asked: ["sequoia"],
    code: "policy.trust.invalid",
    source: "/0",
    accepted: [],
  },
];

describe("of key files that are no keyring, it is told for whom", () => {
  for (const { what, files, asked = openPgpBackEnds, code, source, accepted } of rows) {
    it(what, async () => {
      const trust = new TrustStore(
        trustFiles((path) => files[Number(path.slice(1))] ?? Buffer.alloc(0)),
        asked,
      );
      const paths = files.map((_, i) => `/${i}`);
      const requirement: SignedBy = {
        type: "signedBy",
        keyType: "GPGKeys",
        keys: { kind: "paths", field: "keyPaths", paths },
        signedIdentity: { type: "matchRepository" },
      };
      const keyring = await trust.keyring(requirement);
      assert.ok(!keyring.ok);
      const { problem } = keyring;
      assert.equal(problem.code, code);
      assert.ok(problem.code === "policy.trust.invalid" || problem.code === "policy.trust.empty");
      assert.equal(problem.source, source);
      const refused = asked.filter((backEnd) => !accepted.includes(backEnd));
      assert.deepEqual(problem.builds, { refusedBy: refused, acceptedBy: accepted });
    });
  }
});
