import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DockerReference, parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import { matchesSignedIdentity } from "../../src/judge/signed-identity.ts";
import type { SignedIdentity } from "../../src/policy/policy.ts";

function reference(text: string): DockerReference {
  const parsed = parseNormalizedNamed(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

const digest = `sha256:${"1".repeat(64)}`;
const other = `sha256:${"2".repeat(64)}`;
const app = "r.example.com/v/app";

type Rows = readonly (readonly [identity: string | undefined, signed: string, matches: boolean, why: string])[];

const relative: Rows = [
  [`${app}:1`, `${app}:1`, true, "equal tags"],
  [`${app}:1`, `${app}:2`, false, "another tag"],
  [`${app}:1`, `r.example.com/v/other:1`, false, "another repository"],
  [`${app}:1`, `r.example.org/v/app:1`, false, "another host"],
  [`${app}:1`, app, false, "a signed name alone is for no image"],
  [`${app}:1`, `${app}@${digest}`, false, "signed by digest, asked for by tag"],
  [`${app}:1`, `${app}:1@${digest}`, false, "signed with more than was asked for"],
  [`${app}:1@${digest}`, `${app}:1@${digest}`, true, "tag and digest, equal"],
  [`${app}:1@${digest}`, `${app}:1`, false, "tag and digest, one missing"],
  [app, `${app}:1`, false, "an identity without tag (no default is added here)"],
  ["busybox:1", "docker.io/library/busybox:1", true, "normalized"],
  ["docker.io/library/busybox:1", "busybox:1", true, "the other way round"],
  [`${app}:1`, "", false, "nothing signed"],
  [`${app}:1`, "UPPER/case:1", false, "no reference at all"],
  [undefined, `${app}:1`, false, "an identity without docker reference"],
];

const byDigest: Rows = [
  [`${app}@${digest}`, `${app}@${digest}`, true, "equal digests"],
  [`${app}@${digest}`, `${app}:1`, true, "any signed tag"],
  [`${app}@${digest}`, `${app}@${other}`, true, "any signed digest (the manifest is compared elsewhere)"],
  [`${app}@${digest}`, app, false, "but not a name alone"],
  [`${app}@${digest}`, `r.example.com/v/other:1`, false, "another repository"],
];

const tables: readonly (readonly [SignedIdentity, Rows])[] = [
  [
    { type: "matchExact" },
    [
      ...relative,
      [`${app}@${digest}`, `${app}@${digest}`, true, "equal digests"],
      [`${app}@${digest}`, `${app}:1`, false, "a tag for a digest"],
      [`${app}@${digest}`, `${app}@${other}`, false, "another digest"],
    ],
  ],
  [{ type: "matchRepoDigestOrExact" }, [...relative, ...byDigest]],
  [
    { type: "matchRepository" },
    [
      [`${app}:1`, `${app}:2`, true, "any tag"],
      [`${app}:1`, app, true, "no tag"],
      [`${app}@${digest}`, `${app}:2`, true, "for a digest"],
      [app, `${app}:2`, true, "for a name alone"],
      [`${app}:1`, `${app}x:1`, false, "another repository"],
      ["busybox:1", "docker.io/library/busybox:2", true, "normalized"],
      [undefined, `${app}:1`, false, "an identity without docker reference"],
      [`${app}:1`, `${app}:`, false, "no reference at all"],
    ],
  ],
  [
    { type: "exactReference", dockerReference: reference(`${app}:1`) },
    [
      ["else.example.com/x:9", `${app}:1`, true, "whatever the identity"],
      [undefined, `${app}:1`, true, "even without docker reference"],
      [`${app}:2`, `${app}:2`, false, "not what the policy names"],
      [undefined, app, false, "a name alone"],
    ],
  ],
  [
    { type: "exactRepository", dockerRepository: reference(`${app}:ignored`) },
    [
      [undefined, `${app}:1`, true, "any tag; the policy's own is ignored"],
      [undefined, app, true, "no tag"],
      [undefined, "r.example.com/v/other:1", false, "another repository"],
    ],
  ],
  [
    { type: "remapIdentity", prefix: "mirror.example.org/m", signedPrefix: "r.example.com/v" },
    [
      ["mirror.example.org/m/app:1", `${app}:1`, true, "the prefix is replaced"],
      ["mirror.example.org/m/app:1", "mirror.example.org/m/app:1", false, "and then no longer matches itself"],
      [`mirror.example.org/m/app@${digest}`, `${app}:1`, true, "by digest, as matchRepoDigestOrExact"],
      ["mirror.example.org/mm/app:1", "r.example.com/vm/app:1", false, "only whole components are a prefix"],
      ["mirror.example.org/mm/app:1", "mirror.example.org/mm/app:1", true, "other names are as they are"],
      ["mirror.example.org/m:1", "r.example.com/v:1", true, "the whole name"],
      [undefined, `${app}:1`, false, "an identity without docker reference"],
    ],
  ],
  [
    { type: "remapIdentity", prefix: "mirror.example.org", signedPrefix: "docker.io" },
    [
      ["mirror.example.org/library/busybox:1", "busybox:1", true, "a canonical name"],
      ["mirror.example.org/busybox:1", "busybox:1", false, "docker.io/busybox is not canonical"],
    ],
  ],
  [
    { type: "remapIdentity", prefix: "mirror.example.org", signedPrefix: "index.docker.io" },
    [["mirror.example.org/library/busybox:1", "busybox:1", false, "index.docker.io is not canonical"]],
  ],
  [
    { type: "remapIdentity", prefix: "busybox", signedPrefix: "r.example.com/x" },
    [["busybox:1", "r.example.com/x:1", false, "short names are no prefix of docker.io/library/busybox"]],
  ],
];

for (const [rule, rows] of tables) {
  const name = "prefix" in rule ? `${rule.type} ${rule.prefix} → ${rule.signedPrefix}` : rule.type;
  describe(name, () => {
    for (const [identity, signedReference, expected, why] of rows) {
      it(`${identity} signed as ${JSON.stringify(signedReference)}: ${why}`, () => {
        const given = identity === undefined ? undefined : reference(identity);
        assert.equal(matchesSignedIdentity(rule, { identity: given, signedReference }), expected);
      });
    }
  });
}

describe("what matchExact accepts, matchRepoDigestOrExact accepts, and so does matchRepository", () => {
  for (const [identity, signedReference] of [...relative, ...byDigest]) {
    it(`${identity} signed as ${JSON.stringify(signedReference)}`, () => {
      const pair = { identity: identity === undefined ? undefined : reference(identity), signedReference };
      const [exact, repoDigest, repository] = (
        ["matchExact", "matchRepoDigestOrExact", "matchRepository"] as const
      ).map((type) => matchesSignedIdentity({ type }, pair));
      assert.ok(!exact || repoDigest);
      assert.ok(!repoDigest || repository);
    });
  }
});
