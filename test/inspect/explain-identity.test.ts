import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { hostPathResolver } from "../../src/host/path-resolver.ts";
import { parseIdentity } from "../../src/identity/identity.ts";
import { diffPolicies, isDifferent } from "../../src/inspect/diff-policies.ts";
import { type Explanation, explainIdentity } from "../../src/inspect/explain-identity.ts";
import { MaterialReader } from "../../src/inspect/material.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { explanationText } from "../../src/report/inspect-explain.ts";
import { fixturePolicy, fixtures } from "../support/images.ts";
import { trustFiles } from "../support/trust-files.ts";

const nowSeconds = Date.UTC(2024, 1, 15) / 1000;
const materials = new MaterialReader({ readFile: trustFiles((path) => readFileSync(path)), nowSeconds });
const key = (path: string): string => `${fixtures}/keys/${path}`;

function policyOf(value: unknown): Policy {
  const parsed = parsePolicy(value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)), {});
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function identityOf(text: string) {
  const identity = parseIdentity(text, hostPathResolver(undefined));
  assert.ok(identity.ok);
  return identity.value;
}

const explain = (policy: unknown, identity: string): Promise<Explanation> =>
  explainIdentity(policyOf(policy), identityOf(identity), { materials, registries: undefined });

const signedBy = (fields: object = {}) => ({
  type: "signedBy",
  keyType: "GPGKeys",
  keyPath: key("gpg/release-rsa4096.gpg"),
  ...fields,
});
const everywhere = (...requirements: readonly object[]) => ({ default: requirements });
const tagged = "registry.example.com/app:1.0";
const digested = `registry.example.com/app@sha256:${"0".repeat(64)}`;

describe("explainIdentity", () => {
  it("tells each scope that is looked up, and which decides", async () => {
    const { candidates, scope } = await explain(fixturePolicy("rhel-like.json"), "registry.example.com/public/x:1");
    assert.deepEqual(
      candidates.map(({ scope: name, state }) => `${name} ${state}`),
      [
        "registry.example.com/public/x:1 missing",
        "registry.example.com/public/x missing",
        "registry.example.com/public decides",
        "registry.example.com skipped",
        "*.example.com skipped",
        "*.com skipped",
        " skipped",
      ],
    );
    assert.deepEqual(scope, { kind: "transport", transport: "docker", scope: "registry.example.com/public" });
  });

  const rows: readonly { why: string; requirement: object; identity: string; possible: string; names: unknown }[] = [
    {
      why: "a tag",
      requirement: signedBy(),
      identity: tagged,
      possible: "with-signature",
      names: { kind: "exact", reference: tagged },
    },
    {
      why: "a digest",
      requirement: signedBy(),
      identity: digested,
      possible: "with-signature",
      names: { kind: "repository", name: "registry.example.com/app", bare: false },
    },
    {
      why: "matchRepository",
      requirement: signedBy({ signedIdentity: { type: "matchRepository" } }),
      identity: tagged,
      possible: "with-signature",
      names: { kind: "repository", name: "registry.example.com/app", bare: true },
    },
    {
      why: "matchExact",
      requirement: signedBy({ signedIdentity: { type: "matchExact" } }),
      identity: digested,
      possible: "with-signature",
      names: { kind: "exact", reference: digested },
    },
    {
      why: "remapIdentity",
      requirement: signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com", signedPrefix: "a.example/b" },
      }),
      identity: tagged,
      possible: "with-signature",
      names: { kind: "exact", reference: "a.example/b/app:1.0" },
    },
    {
      why: "a directory, which has no name",
      requirement: signedBy(),
      identity: "dir:/tmp",
      possible: "never-name",
      names: { kind: "none" },
    },
    {
      why: "an expired key",
      requirement: signedBy({ keyPath: key("gpg/revoked.gpg") }),
      identity: tagged,
      possible: "never-keys",
      names: { kind: "exact", reference: tagged },
    },
    {
      why: "a missing key",
      requirement: signedBy({ keyPath: "/nowhere" }),
      identity: tagged,
      possible: "never-keys",
      names: { kind: "exact", reference: tagged },
    },
    {
      why: "a key type that was never implemented",
      requirement: signedBy({ keyType: "X509Certificates" }),
      identity: tagged,
      possible: "never-keys",
      names: { kind: "exact", reference: tagged },
    },
    {
      why: "a workflow for an email address",
      requirement: {
        type: "sigstoreSigned",
        fulcio: {
          caPath: key("fulcio/root.pem"),
          oidcIssuer: "https://token.actions.githubusercontent.com",
          subjectEmail: "https://github.com/org/repo/.github/workflows/x.yml@refs/heads/main",
        },
        rekorPublicKeyPath: key("rekor/rekor.pub"),
      },
      identity: tagged,
      possible: "never-subject",
      names: { kind: "exact", reference: tagged },
    },
    { why: "reject", requirement: { type: "reject" }, identity: tagged, possible: "never-rejects", names: undefined },
    {
      why: "accept",
      requirement: { type: "insecureAcceptAnything" },
      identity: tagged,
      possible: "always",
      names: undefined,
    },
    {
      why: "signedBaseLayer",
      requirement: { type: "signedBaseLayer", baseLayerIdentity: { type: "matchExact" } },
      identity: tagged,
      possible: "never-unsupported",
      names: undefined,
    },
  ];
  for (const { why, requirement, identity, possible, names } of rows) {
    it(why, async () => {
      const explanation = await explain(everywhere(requirement), identity);
      const [explained] = explanation.requirements;
      assert.equal(explained?.possible, possible);
      assert.deepEqual(explained.names, names);
      const text = explanationText("policy.json", explanation, nowSeconds);
      assert.match(text, possible.startsWith("never") ? /impossible/ : /To be accepted/);
    });
  }

  const sigstore = (signedIdentity?: object) => ({
    type: "sigstoreSigned",
    keyPath: key("sigstore/release.pub"),
    ...(signedIdentity === undefined ? {} : { signedIdentity }),
  });
  const remapped = { type: "remapIdentity", prefix: "registry.example.com", signedPrefix: "a.example" };
  const withoutTag = /names the repository without a tag, as cosign makes them, is refused/;
  const cosign: readonly { why: string; requirement: object; isSaid: boolean }[] = [
    { why: "the default", requirement: sigstore(), isSaid: true },
    { why: "remapIdentity", requirement: sigstore(remapped), isSaid: true },
    { why: "matchRepository", requirement: sigstore({ type: "matchRepository" }), isSaid: false },
    { why: "signedBy", requirement: signedBy({ signedIdentity: remapped }), isSaid: false },
  ];
  for (const { why, requirement, isSaid } of cosign) {
    it(`tells${isSaid ? "" : " nothing"} of signatures without tag: ${why}`, async () => {
      const text = explanationText("p", await explain(everywhere(requirement), tagged), nowSeconds);
      assert.equal(withoutTag.test(text.replaceAll(/\s+/g, " ")), isSaid, text);
    });
  }

  const requirements = [signedBy()];
  const scoped = (transport: string, scope: string) => ({
    default: [{ type: "reject" }],
    transports: { [transport]: { [scope]: requirements } },
  });
  const passedBy: readonly { identity: string; policy: object; said: RegExp | undefined }[] = [
    {
      identity: tagged,
      policy: scoped("dcoker", "registry.example.com"),
      said: /Not looked up: scope "registry\.example\.com" of transport "dcoker", which does not exist\./,
    },
    {
      identity: tagged,
      policy: scoped("docker-daemon", "registry.example.com/app"),
      said: /Not looked up: scope "registry\.example\.com\/app" of transport docker-daemon: this image is of another/,
    },
    {
      identity: "docker://nginx:1",
      policy: scoped("docker", "docker.io/nginx"),
      said: /Not looked up: scope "docker\.io\/nginx"; for this image, write "docker\.io\/library\/nginx"\./,
    },
    {
      identity: "docker://nginx:1",
      policy: scoped("docker", "docker.io/nginx:1"),
      said: /for this image, write "docker\.io\/library\/nginx:1"\./,
    },
    { identity: "docker.io/nginx/app:1", policy: scoped("docker", "docker.io/nginx"), said: undefined },
    { identity: tagged, policy: scoped("docker-daemon", ""), said: undefined },
    { identity: "dir:/tmp", policy: scoped("oci", "/tmp"), said: undefined },
  ];
  for (const { identity, policy, said } of passedBy) {
    it(`${identity} and ${JSON.stringify((policy as { transports: object }).transports).slice(0, 40)}`, async () => {
      const text = explanationText("p", await explain(policy, identity), nowSeconds).replaceAll(/\s+/g, " ");
      if (said === undefined) assert.doesNotMatch(text, /Not looked up/);
      else assert.match(text, said);
    });
  }

  it("names keys that are in the file and not read, and files that anybody can change", async () => {
    const bytes = Buffer.concat(
      ["release-rsa4096.gpg", "unrelated.gpg", "version-6.gpg"].map((name) => readFileSync(key(`gpg/${name}`))),
    );
    const reader = new MaterialReader({ readFile: trustFiles(() => bytes), nowSeconds, isWritableByAll: () => true });
    const policy = policyOf(everywhere(signedBy({ keyPath: "k.gpg" })));
    const explanation = await explainIdentity(policy, identityOf(tagged), { materials: reader, registries: undefined });
    const text = explanationText("policy.json", explanation, nowSeconds);
    assert.match(text, /A relative path: it begins at the directory/);
    assert.match(text, /Every user of this machine can change that file/);
    assert.match(text, /In the file, but not read by GnuPG:\n +19D9 C11A .* it stops at another key/);
    assert.match(text, /"Vendor Next \(TEST KEY\) <next@vendor\.example>", of version 6/);
  });

  it("names each key with its owner, and what it is worth", async () => {
    const policy = everywhere(
      signedBy({ keyPath: undefined, keyPaths: [key("gpg/subkey.gpg"), key("gpg/revoked.gpg")] }),
    );
    const text = explanationText("policy.json", await explain(policy, tagged), nowSeconds);
    assert.match(text, /75ED 208B 03CC 0440 D8FF F20A 24FB 5CF8 B777 A8EB {2}RSA 3072, does not sign/);
    assert.match(text, /"Example Subkey Signer \(TEST KEY\) <subkey@vendor\.example\.com>"/);
    assert.match(text, /subkey 0986 CEBA 1076 DDF1 7586 B271 B179 6E09 5512 22BF {2}RSA 2048, verifies signatures/);
    assert.match(text, /1 key of no use:\n.*revoked/);
  });
});

describe("diffPolicies", () => {
  const same = (requirement: object) => everywhere(requirement);
  const other = { signedIdentity: { type: "matchRepository" } };
  const rows: readonly { why: string; older: unknown; newer: unknown; scope: boolean; requirements: boolean }[] = [
    { why: "the same", older: same(signedBy()), newer: same(signedBy()), scope: false, requirements: false },
    {
      why: "another signedIdentity",
      older: same(signedBy()),
      newer: same(signedBy(other)),
      scope: false,
      requirements: true,
    },
    {
      why: "another key",
      older: same(signedBy()),
      newer: same(signedBy({ keyPath: key("gpg/subkey.gpg") })),
      scope: false,
      requirements: true,
    },
    {
      why: "the same key as data",
      older: same(signedBy()),
      newer: same(
        signedBy({ keyPath: undefined, keyData: readFileSync(key("gpg/release-rsa4096.gpg")).toString("base64") }),
      ),
      scope: false,
      requirements: false,
    },
    {
      why: "keys in another order",
      older: same(signedBy({ keyPath: undefined, keyPaths: [key("gpg/subkey.gpg"), key("gpg/revoked.gpg")] })),
      newer: same(signedBy({ keyPath: undefined, keyPaths: [key("gpg/revoked.gpg"), key("gpg/subkey.gpg")] })),
      scope: false,
      requirements: false,
    },
    {
      why: "the same missing key",
      older: same(signedBy({ keyPath: "/a" })),
      newer: same(signedBy({ keyPath: "/a" })),
      scope: false,
      requirements: false,
    },
    {
      why: "other missing keys",
      older: same(signedBy({ keyPath: "/a" })),
      newer: same(signedBy({ keyPath: "/b" })),
      scope: false,
      requirements: true,
    },
    {
      why: "one requirement more",
      older: same(signedBy()),
      newer: everywhere(signedBy(), signedBy(other)),
      scope: false,
      requirements: true,
    },
    {
      why: "a scope that asks for the same",
      older: same(signedBy()),
      newer: { default: [signedBy()], transports: { docker: { "registry.example.com": [signedBy()] } } },
      scope: true,
      requirements: false,
    },
    {
      why: "Rekor",
      older: same({ type: "sigstoreSigned", keyPath: key("sigstore/release.pub") }),
      newer: same({
        type: "sigstoreSigned",
        keyPath: key("sigstore/release.pub"),
        rekorPublicKeyPath: key("rekor/rekor.pub"),
      }),
      scope: false,
      requirements: true,
    },
    {
      why: "another email address",
      older: same({
        type: "sigstoreSigned",
        pki: { caRootsPath: key("pki/root.pem"), subjectEmail: "a@example.com" },
      }),
      newer: same({
        type: "sigstoreSigned",
        pki: { caRootsPath: key("pki/root.pem"), subjectEmail: "b@example.com" },
      }),
      scope: false,
      requirements: true,
    },
  ];
  for (const { why, older, newer, scope, requirements } of rows) {
    it(why, async () => {
      const sides = [older, newer].map((value) => ({ policy: policyOf(value), materials }));
      const [before, after] = sides;
      assert.ok(before && after);
      const [difference] = await diffPolicies(before, after, [identityOf(tagged)]);
      assert.ok(difference);
      assert.equal(difference.isScopeDifferent, scope);
      assert.equal(difference.areRequirementsDifferent, requirements);
      assert.equal(isDifferent(difference), scope || requirements);
    });
  }
});

it("docs/policy-tools.md has exactly the published findings", async () => {
  const { lints } = await import("../../src/inspect/findings.ts");
  const text = readFileSync(new URL("../../docs/policy-tools.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(lint\.[a-z.-]+)` +\| ([a-z]+) +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
  assert.deepEqual(
    rows,
    Object.entries(lints).map(([code, { severity, meaning }]) => [code, severity, meaning]),
  );
});
