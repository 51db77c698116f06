import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hostPathResolver } from "../../src/host/path-resolver.ts";
import { parseIdentity } from "../../src/identity/identity.ts";

const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));

interface Case {
  readonly identity: string;
  readonly oracleOpenpgp: { readonly verdict: string };
}

/** Every identity of the recorded cases, with whether the reference could parse it. */
function recordedIdentities(): ReadonlyMap<string, boolean> {
  const cases = JSON.parse(readFileSync(`${fixtures}/cases.json`, "utf8")) as readonly Case[];
  return new Map(cases.map(({ identity, oracleOpenpgp }) => [identity, oracleOpenpgp.verdict !== "identityError"]));
}

/** The one difference that is meant: the reference wants the transport spelled out. */
const bareReference = "registry.example.com/vendor/app:1.0";

describe("identities of the recorded cases parse as in the reference", () => {
  const recorded = recordedIdentities();
  assert.ok(recorded.size > 50);
  for (const [identity, parses] of recorded) {
    test(JSON.stringify(identity), () => {
      const text = identity.replace("@FIXTURES@", fixtures);
      const expected = identity === bareReference ? true : parses;
      assert.equal(parseIdentity(text, hostPathResolver(undefined)).ok, expected);
    });
  }

  test("the bare reference is still refused by the reference", () => assert.equal(recorded.get(bareReference), false));
});
