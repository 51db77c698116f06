import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import { identityMismatch } from "../../src/judge/identity-mismatch.ts";
import { matchesSignedIdentity, type ReferenceRule } from "../../src/judge/signed-identity.ts";
import { explain } from "../../src/report/explain.ts";
import type { IdentityMismatch } from "../../src/verdict/identity-mismatch.ts";
import { badSignature, rejected, signedBy, signers } from "../words/verdicts.ts";

const digest = `sha256:${"a".repeat(64)}`;

function reference(text: string) {
  const parsed = parseNormalizedNamed(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

const byDefault: ReferenceRule = { type: "matchRepoDigestOrExact" };
const remap = (prefix: string, signedPrefix: string): ReferenceRule => ({
  type: "remapIdentity",
  prefix,
  signedPrefix,
});
const exactReference = (text: string): ReferenceRule => ({ type: "exactReference", dockerReference: reference(text) });
const exactRepository = (text: string): ReferenceRule => ({
  type: "exactRepository",
  dockerRepository: reference(text),
});

interface Row {
  readonly rule: ReferenceRule;
  readonly identity: string;
  readonly signed: string;
  readonly cause: IdentityMismatch["cause"]["kind"];
  readonly remap?: IdentityMismatch["remap"];
  /** The type of the rule that would help. */
  readonly remedy?: string;
  /** What is said, white space taken together; and what must not be. */
  readonly said: RegExp;
  readonly not?: RegExp;
}

const rows: readonly Row[] = [
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "r.example/a/b" },
    ...{ cause: "no-tag", remedy: "matchRepository" },
    said: /for r\.example\/a\/b, which has no tag, not for r\.example\/a\/b:1 .*\{"type": "matchRepository"\} into the requirement/,
    not: /another image|mirror/,
  },
  {
    ...{ rule: { type: "matchExact" }, identity: "r.example/a/b:1", signed: "r.example/a/b" },
    ...{ cause: "no-tag", remedy: "matchRepository" },
    said: /matchRepository/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: `r.example/a/b@${digest}` },
    ...{ cause: "by-digest", remedy: "matchRepository" },
    said: /which has a digest and no tag, .*signed by digest.*matchRepository/,
    not: /another image/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "r.example/a/b:2" },
    ...{ cause: "other-tag", remedy: "matchRepository" },
    said: /for r\.example\/a\/b:2, not for r\.example\/a\/b:1 .*another version than you asked for.*whether you want "2".*older ones too.*matchRepository/,
    not: /mirror/,
  },
  {
    ...{ rule: { type: "matchExact" }, identity: `r.example/a/b@${digest}`, signed: "r.example/a/b:2" },
    ...{ cause: "other-tag", remedy: "matchRepoDigestOrExact" },
    said: /the one that was signed\. Instead of matchExact, write "signedIdentity": \{"type": "matchRepoDigestOrExact"\}/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "r.example/a/c:1" },
    cause: "other-repository",
    said: /another image than you asked for/,
    not: /mirror|signedIdentity/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "vendor.example/x/c:1" },
    cause: "other-host",
    said: /another image than you asked for/,
    not: /mirror|signedIdentity/,
  },
  {
    ...{ rule: byDefault, identity: "m.example/team/b:1", signed: "vendor.example/x/b:1" },
    ...{ cause: "other-host", remedy: "remapIdentity" },
    said: /another image .* Only if you know that m\.example\/team is a mirror of vendor\.example\/x, write .*"prefix": "m\.example\/team", "signedPrefix": "vendor\.example\/x"\}/,
  },
  {
    ...{ rule: byDefault, identity: "m.example/x/b:1", signed: "vendor.example/x/b:1" },
    ...{ cause: "other-host", remedy: "remapIdentity" },
    said: /"prefix": "m\.example", "signedPrefix": "vendor\.example"/,
  },
  {
    ...{ rule: byDefault, identity: "m.example/team/b:1", signed: "vendor.example/x/b:2" },
    cause: "other-host",
    said: /another image/,
    not: /mirror/,
  },
  {
    ...{ rule: byDefault, identity: "m.example/team/b:1", signed: "vendor.example/x/b" },
    ...{ cause: "other-host", remedy: "exactRepository" },
    said: /Only if you know .* mirror.*"exactRepository", "dockerRepository": "vendor\.example\/x\/b".*in a scope of its own for m\.example\/team\/b; remapIdentity cannot help/,
  },
  {
    ...{ rule: remap("m.example/team", "v.example/x"), identity: "m.example/team/b:1", signed: "v.example/x/b" },
    ...{ cause: "no-tag", remap: "applied", remedy: "exactRepository" },
    said: /no tag.*remapIdentity cannot help.*"exactRepository", "dockerRepository": "v\.example\/x\/b"/,
    not: /another image/,
  },
  {
    ...{ rule: remap("m.example/team", "v.example/x"), identity: "m.example/team/b:1", signed: "v.example/x/b:2" },
    ...{ cause: "other-tag", remap: "applied" },
    said: /not for v\.example\/x\/b:1 .*another version/,
    not: /mirror|signedIdentity/,
  },
  {
    ...{ rule: remap("m.example/tea", "v.example/x"), identity: "m.example/team/b:1", signed: "v.example/x/b:1" },
    ...{ cause: "other-host", remap: "not-applied", remedy: "remapIdentity" },
    said: /remapIdentity changes nothing here: m\.example\/team\/b does not begin with its prefix m\.example\/tea .*whole parts.*"prefix": "m\.example\/team"/,
  },
  {
    ...{ rule: remap("busybox", "v.example/x"), identity: "busybox:1", signed: "v.example/x:1" },
    ...{ cause: "other-host", remap: "not-applied" },
    said: /docker\.io\/library\/busybox does not begin with its prefix busybox/,
    not: /is a mirror/,
  },
  {
    ...{ rule: remap("m.example", "v"), identity: "m.example/b:1", signed: "v.example/b:1" },
    ...{ cause: "other-host", remap: "impossible", remedy: "remapIdentity" },
    said: /remapIdentity makes no reference of m\.example\/b: with v in place of m\.example/,
  },
  {
    ...{ rule: remap("m.example/team", "v.example/x"), identity: "m.example/team/b:1", signed: "m.example/team/b:1" },
    ...{ cause: "other-host", remap: "applied", remedy: "matchRepoDigestOrExact" },
    said: /for the name that you asked for, and the policy asks for another\. Instead of remapIdentity, write .*matchRepoDigestOrExact/,
  },
  {
    ...{ rule: exactReference("v.example/x/b:1"), identity: "m.example/b:1", signed: "v.example/x/b" },
    ...{ cause: "no-tag", remedy: "exactRepository" },
    said: /no tag.*"exactRepository", "dockerRepository": "v\.example\/x\/b"/,
  },
  {
    ...{ rule: exactRepository("v.example/x/b"), identity: "m.example/b:1", signed: "w.example/x/b:1" },
    cause: "other-host",
    said: /not for an image of v\.example\/x\/b .*another image/,
    not: /mirror/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "r.example/A/b:1" },
    cause: "no-reference",
    said: /which is no docker reference \(repository names are lower-case\).*No policy can take/,
    not: /mirror|another image/,
  },
  {
    ...{ rule: byDefault, identity: "r.example/a/b:1", signed: "" },
    cause: "no-reference",
    said: /for "", which is no docker reference \(it is empty\)/,
  },
  {
    ...{ rule: { type: "matchRepository" }, identity: "r.example/a/b:1", signed: "m.example/a/b:1" },
    ...{ cause: "other-host", remedy: "remapIdentity" },
    said: /mirror/,
  },
];

describe("a signature for another name: how it differs, and what would help", () => {
  for (const { rule, identity, signed, cause, remap: state, remedy, said, not } of rows) {
    const { type } = rule;
    const names = { identity: reference(identity), signedReference: signed };
    it(`${type} ${identity}, signed ${JSON.stringify(signed)}: ${cause}`, () => {
      assert.equal(matchesSignedIdentity(rule, names), false);
      const mismatch = identityMismatch(rule, names);
      assert.deepEqual([mismatch.cause.kind, mismatch.remap, mismatch.remedy?.type], [cause, state, remedy]);
      assert.ok(rule.type !== "sameReference" && signedBy.type === "signedBy");
      const rejection = { code: "signature.identity.mismatch", signedReference: signed, mismatch } as const;
      const problem = { code: "requirement.signature.not-accepted", count: 1 } as const;
      const requirement = { ...signedBy, signedIdentity: rule };
      const outcome = badSignature("signature-1", rejection, signers.openpgp);
      const verdict = {
        ...rejected(problem, { requirement, problem, signatures: [outcome] }),
        identity: {
          transport: "docker",
          text: `docker://${identity}`,
          dockerReference: names.identity,
          policyIdentity: identity,
          policyNamespaces: [],
        },
      };
      const text = explain(verdict).replace(/\s+/g, " ");
      assert.match(text, said);
      if (not !== undefined) assert.doesNotMatch(text.slice(text.indexOf("signature-1")), not);
      const isMendable = /See also: sealcheck policy explain --policy=\S+ -- \S+$/.test(text);
      assert.equal(isMendable, cause !== "no-reference");
    });
  }

  it("an image without a name, and a rule that goes by it", () => {
    for (const type of ["matchExact", "matchRepoDigestOrExact", "matchRepository"] as const) {
      const mismatch = identityMismatch({ type }, { identity: undefined, signedReference: "r.example/a:1" });
      assert.deepEqual(mismatch, {
        wanted: { kind: "none" },
        cause: { kind: "nameless-image" },
        remap: undefined,
        remedy: undefined,
      });
    }
  });

  it("standalone-verify has no policy that could be another one", () => {
    const rule = { type: "sameReference", dockerReference: reference("r.example/a:1") } as const;
    const mismatch = identityMismatch(rule, { identity: undefined, signedReference: "r.example/a" });
    assert.deepEqual([mismatch.cause.kind, mismatch.remedy], ["no-tag", undefined]);
  });

  it("what is advised works, and is never another tag of another name", () => {
    const parts = fc.constantFrom("a", "b", "library");
    const host = fc.constantFrom("docker.io", "m.example", "v.example:5000", "localhost");
    const end = fc.constantFrom("", ":1", ":2", `@${digest}`);
    const name = fc
      .tuple(host, fc.array(parts, { minLength: 1, maxLength: 3 }))
      .map(([domain, path]) => [domain, ...path].join("/"));
    const full = fc.tuple(name, end).map(([before, after]) => before + after);
    const rule: fc.Arbitrary<ReferenceRule> = fc.oneof(
      fc.constantFrom<ReferenceRule>({ type: "matchExact" }, byDefault, { type: "matchRepository" }),
      fc.tuple(name, name).map(([prefix, signedPrefix]) => remap(prefix, signedPrefix)),
      fc.tuple(host, host).map(([prefix, signedPrefix]) => remap(prefix, signedPrefix)),
      fc.tuple(name, fc.constantFrom(":1", ":2")).map(([before, after]) => exactReference(before + after)),
      name.map(exactRepository),
    );
    fc.assert(
      fc.property(rule, full, full, (given, identityText, signedReference) => {
        const names = { identity: reference(identityText), signedReference };
        fc.pre(!matchesSignedIdentity(given, names));
        const { remedy } = identityMismatch(given, names);
        if (remedy === undefined) return;
        assert.ok(matchesSignedIdentity(remedy, names), JSON.stringify(remedy));
        const signed = reference(signedReference);
        if (signed.tag !== undefined && names.identity.tag !== undefined && signed.tag !== names.identity.tag) {
          assert.equal(signed.name, names.identity.name);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
