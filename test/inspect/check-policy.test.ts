import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { RegistriesConfig } from "../../src/config/registries.ts";
import { WorkBudget } from "../../src/crypto/budget.ts";
import { frameAt } from "../../src/crypto/openpgp/frames.ts";
import { hostPathResolver } from "../../src/host/path-resolver.ts";
import { type CheckHost, checkPolicy } from "../../src/inspect/check-policy.ts";
import { type Finding, type LintCode, lints, severityOf } from "../../src/inspect/findings.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { fail, ok } from "../../src/result.ts";
import { TrustStore } from "../../src/trust/trust-store.ts";
import { findingWords } from "../../src/words/inspect-words.ts";
import { certificateDer, commonName, isCa, noonSeconds, pem } from "../support/certificates.ts";
import { fixturePolicy, fixtures } from "../support/images.ts";
import { trustFiles } from "../support/trust-files.ts";

const key = (path: string): Uint8Array => readFileSync(join(fixtures, "keys", path));
const noRegistries: RegistriesConfig = {
  files: [],
  defaultDocker: undefined,
  docker: new Map(),
  missing: undefined,
  passedOver: [],
};

const rsa1024 = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" });
const x25519 = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" });
const p224 = generateKeyPairSync("ec", { namedCurve: "secp224r1" }).publicKey.export({ type: "spki", format: "der" });
const day = 24 * 60 * 60;

/** The first packets of a keyring. */
function packets(octets: Uint8Array, count: number): Uint8Array {
  let at = 0;
  for (let i = 0; i < count; i++) at = frameAt(octets, at, new WorkBudget(1e6))?.end ?? octets.length;
  return octets.subarray(0, at);
}

/** A key whose user ID was changed after it was signed. */
function unboundKey(): Uint8Array {
  const octets = Buffer.from(key("gpg/unrelated.gpg"));
  const at = octets.indexOf("TEST KEY");
  octets[at] = 0x74;
  return octets;
}

const roots: Readonly<Record<string, Uint8Array | string>> = {
  "/root.pem": key("pki/root.pem"),
  "/expired.pem": pem("CERTIFICATE", certificateDer({ subject: commonName("root"), extensions: [isCa] })),
  "/weak.pem": pem("CERTIFICATE", certificateDer({ subject: commonName("weak"), extensions: [isCa], spki: p224 })),
  "/leaf.pem": key("pki/leaf.pem"),
  "/comment.pem": Buffer.concat([key("pki/root.pem"), key("rekor/rekor.pub")]),
};

const files: Readonly<Record<string, Uint8Array | string>> = {
  "/good.gpg": key("gpg/release-rsa4096.gpg"),
  "/expired.gpg": key("gpg/expired.gpg"),
  "/revoked.gpg": key("gpg/revoked.gpg"),
  "/only-part.gpg": Buffer.concat([
    key("gpg/release-rsa4096.gpg"),
    key("gpg/unrelated.gpg"),
    key("gpg/version-6.gpg"),
    key("gpg/reviewer.gpg"),
  ]),
  "relative.gpg": key("gpg/release-rsa4096.gpg"),
  "/certify-only.gpg": packets(key("gpg/subkey.gpg"), 3),
  "/rsa1024.gpg": key("gpg/rsa1024.gpg"),
  "/dsa2048.gpg": key("gpg/dsa2048.gpg"),
  "/unbound.gpg": Buffer.concat([key("gpg/release-rsa4096.gpg"), unboundKey()]),
  "/secret.asc": key("private-test-only/TEST-gpg-release-rsa4096.secret.asc"),
  "/cosign.pub": key("sigstore/release.pub"),
  "/cosign.key": "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
  "/two.pub": key("sigstore/two-keys-in-one-file.pub"),
  "/rsa1024.pub": rsa1024,
  "/x25519.pub": x25519,
  "/rekor.pub": key("rekor/rekor.pub"),
  ...roots,
};

const nowSeconds = Date.UTC(2026, 0, 1) / 1000;

function host(changes: Partial<CheckHost> = {}): CheckHost {
  return {
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) return fail({ kind: "unreadable", reason: "no such file or directory" });
      return ok(Buffer.from(content));
    },
    nowSeconds,
    paths: {
      resolveFully: (path) => ok(path.replace(/^\/link(?=\/|$)/, "/real")),
      open: (path) => fail({ path, errno: "ENOENT" }),
    },
    registries: ok(noRegistries),
    ...changes,
  };
}

const checked = (policy: unknown, changes: Partial<CheckHost> = {}) =>
  checkPolicy(Buffer.from(JSON.stringify(policy)), host(changes));
const check = async (policy: unknown, changes: Partial<CheckHost> = {}): Promise<readonly Finding[]> =>
  (await checked(policy, changes)).findings;

const reject = [{ type: "reject" }];
const accept = [{ type: "insecureAcceptAnything" }];
const named = { type: "matchRepository" };
const signedBy = (fields: object = {}) => ({ type: "signedBy", keyType: "GPGKeys", keyPath: "/good.gpg", ...fields });
const sigstore = (fields: object = {}) => ({
  type: "sigstoreSigned",
  keyPath: "/cosign.pub",
  signedIdentity: named,
  ...fields,
});
const fulcio = (fields: object = {}) => ({
  type: "sigstoreSigned",
  fulcio: { caPath: "/root.pem", oidcIssuer: "https://accounts.example.com", subjectEmail: "a@example.com", ...fields },
  rekorPublicKeyPath: "/rekor.pub",
  signedIdentity: named,
});
const pki = (fields: object = {}) => ({
  type: "sigstoreSigned",
  pki: { caRootsPath: "/root.pem", subjectEmail: "a@example.com", ...fields },
  signedIdentity: named,
});
const scoped = (scope: string, requirements: unknown, transport = "docker") => ({
  default: reject,
  transports: { [transport]: { [scope]: requirements } },
});
const one = (requirement: object) => scoped("registry.example.com", [requirement]);
const registries = (docker: RegistriesConfig["docker"]) => ({
  registries: ok({ ...noRegistries, files: ["/etc/containers/registries.d/default.yaml"], docker }),
});
const place = (useSigstoreAttachments: boolean | undefined, lookaside?: string) => ({
  file: "f",
  lookaside,
  useSigstoreAttachments,
});

/** The path at fault is given below the one scope, or from the root. */
interface Row {
  readonly code: LintCode;
  readonly policy: unknown;
  readonly path: readonly (string | number)[];
  readonly changes?: Partial<CheckHost>;
  readonly why: string;
}

const inScope = ["transports", "docker", "registry.example.com", 0];
const scopePath = (scope: string) => ["transports", "docker", scope];

const rows: readonly Row[] = [
  { code: "lint.default.accepts-anything", policy: { default: accept }, path: ["default"], why: "the default" },
  {
    code: "lint.default.accepts-anything",
    policy: scoped("", accept),
    path: scopePath(""),
    why: "the default of docker",
  },
  {
    code: "lint.transport.unknown",
    policy: scoped("x", reject, "dokcer"),
    path: ["transports", "dokcer"],
    why: "misspelt",
  },
  { code: "lint.scope.never-matches", policy: scoped("busybox", reject), path: scopePath("busybox"), why: "short" },
  {
    code: "lint.scope.never-matches",
    policy: scoped("/link/images", reject, "dir"),
    path: ["transports", "dir", "/link/images"],
    why: "identities are looked up by their real path",
  },
  {
    code: "lint.scope.host-case",
    policy: scoped("Registry.example.com", reject),
    path: scopePath("Registry.example.com"),
    why: "hosts are compared letter by letter",
  },
  {
    code: "lint.scope.redundant",
    policy: { default: reject, transports: { docker: { "a.example": reject, "a.example/b": reject } } },
    path: scopePath("a.example/b"),
    why: "the same as what is around it",
  },
  {
    code: "lint.scope.weaker",
    policy: { default: reject, transports: { docker: { "a.example": [signedBy()], "a.example/b": accept } } },
    path: scopePath("a.example/b"),
    why: "only the most specific counts",
  },
  {
    code: "lint.scope.official",
    policy: scoped("docker.io/nginx", reject),
    path: scopePath("docker.io/nginx"),
    why: "Docker's nginx is docker.io/library/nginx",
  },
  {
    code: "lint.scope.docker-daemon",
    policy: scoped("registry.example.com", reject, "docker-daemon"),
    path: ["transports", "docker-daemon", "registry.example.com"],
    why: "meant for the registry",
  },
  {
    code: "lint.scope.never-matches",
    policy: scoped("/var/lib/images", reject),
    path: scopePath("/var/lib/images"),
    why: "a path among names",
  },
  {
    code: "lint.transport.unknown",
    policy: scoped("x", reject, "dcoker"),
    path: ["transports", "dcoker"],
    why: "letters swapped",
  },
  {
    code: "lint.requirement.all-needed",
    policy: scoped("registry.example.com", [signedBy(), signedBy({ keyPath: "/rsa1024.gpg" })]),
    path: [...inScope.slice(0, -1), 1],
    why: "an old and a new key",
  },
  {
    code: "lint.requirement.all-needed",
    policy: scoped("registry.example.com", [signedBy(), sigstore()]),
    path: [...inScope.slice(0, -1), 1],
    why: "one of each kind",
  },
  {
    code: "lint.requirement.all-needed",
    policy: scoped("registry.example.com", [sigstore(), sigstore(), fulcio()]),
    path: [...inScope.slice(0, -1), 1],
    why: "said once of three",
  },
  {
    code: "lint.requirement.pointless",
    policy: scoped("registry.example.com", [...accept, signedBy()]),
    path: inScope,
    why: "all must be met",
  },
  {
    code: "lint.requirement.pointless",
    policy: scoped("registry.example.com", [...reject, signedBy()]),
    path: inScope,
    why: "nothing else counts",
  },
  {
    code: "lint.requirement.unsupported",
    policy: one({ type: "signedBaseLayer", baseLayerIdentity: named }),
    path: inScope,
    why: "never implemented",
  },
  {
    code: "lint.identity.exact",
    policy: one(signedBy({ signedIdentity: { type: "matchExact" } })),
    path: [...inScope, "signedIdentity"],
    why: "pulled by digest, signed for a tag",
  },
  {
    code: "lint.identity.exact-digest",
    policy: scoped(`a.example/b@sha256:${"0".repeat(64)}`, [signedBy({ signedIdentity: { type: "matchExact" } })]),
    path: [...scopePath(`a.example/b@sha256:${"0".repeat(64)}`), 0, "signedIdentity"],
    why: "the scope is a digest",
  },
  {
    code: "lint.identity.by-digest",
    policy: one({ type: "sigstoreSigned", keyPath: "/cosign.pub" }),
    path: inScope,
    why: "cosign names the repository only",
  },
  {
    code: "lint.identity.remaps-nothing",
    policy: one(
      signedBy({ signedIdentity: { type: "remapIdentity", prefix: "mirror.example", signedPrefix: "a.example" } }),
    ),
    path: [...inScope, "signedIdentity"],
    why: "another host",
  },
  {
    code: "lint.identity.remaps-nothing",
    policy: one(
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "busybox", signedPrefix: "docker.io/library/busybox" },
      }),
    ),
    path: [...inScope, "signedIdentity"],
    why: "short names are no prefix of a full one",
  },
  {
    code: "lint.identity.remaps-nothing",
    policy: one(
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com", signedPrefix: "registry.example.com" },
      }),
    ),
    path: [...inScope, "signedIdentity"],
    why: "the same on both sides",
  },
  {
    code: "lint.identity.remap-by-digest",
    policy: one(
      sigstore({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com", signedPrefix: "a.example" },
      }),
    ),
    path: [...inScope, "signedIdentity"],
    why: "cosign names the repository only",
  },
  {
    code: "lint.identity.tag-ignored",
    policy: one(signedBy({ signedIdentity: { type: "exactRepository", dockerRepository: "a.example/b:1" } })),
    path: [...inScope, "signedIdentity"],
    why: "a repository has no tag",
  },
  {
    code: "lint.identity.none",
    policy: scoped("/images", [signedBy()], "dir"),
    path: ["transports", "dir", "/images", 0],
    why: "a directory has no docker reference",
  },
  ...[
    "https://github.com/org/repo/.github/workflows/x.yml@refs/heads/main",
    ".*@example.com",
    "*@example.com",
    "mailto:a@example.com",
    "example.com",
  ].map((subjectEmail) => ({
    code: "lint.subject.email" as const,
    policy: one(fulcio({ subjectEmail })),
    path: [...inScope, "fulcio", "subjectEmail"],
    why: subjectEmail,
  })),
  {
    code: "lint.subject.email",
    policy: one(pki({ subjectEmail: "spiffe://a/b" })),
    path: [...inScope, "pki", "subjectEmail"],
    why: "pki compares email addresses too",
  },
  ...["https://builder.example.com", "*.example.com", "builder example"].map((subjectHostname) => ({
    code: "lint.subject.hostname" as const,
    policy: one(pki({ subjectHostname })),
    path: [...inScope, "pki", "subjectHostname"],
    why: subjectHostname,
  })),
  ...["accounts.google.com", "https://accounts.*"].map((oidcIssuer) => ({
    code: "lint.subject.issuer" as const,
    policy: one(fulcio({ oidcIssuer })),
    path: [...inScope, "fulcio", "oidcIssuer"],
    why: oidcIssuer,
  })),
  {
    code: "lint.rekor.off",
    policy: one(sigstore({ rekorPublicKeyPath: "" })),
    path: [...inScope, "rekorPublicKeyPath"],
    why: "empty",
  },
  {
    code: "lint.rekor.off",
    policy: one(sigstore({ rekorPublicKeyData: null })),
    path: [...inScope, "rekorPublicKeyData"],
    why: "null",
  },
  {
    code: "lint.keyring.no-usable-key",
    policy: one(signedBy({ keyPath: "/revoked.gpg" })),
    path: [...inScope, "keyPath"],
    why: "its only key is revoked",
  },
  {
    code: "lint.key.expired",
    policy: one(signedBy({ keyPaths: ["/good.gpg", "/expired.gpg"], keyPath: undefined })),
    path: [...inScope, "keyPaths", 1],
    why: "the second of two",
  },
  {
    code: "lint.key.expires-soon",
    policy: one(signedBy({ keyPath: "/expired.gpg" })),
    changes: { nowSeconds: Date.UTC(2024, 1, 1) / 1000 },
    path: [...inScope, "keyPath"],
    why: "a month before its end",
  },
  {
    code: "lint.key.revoked",
    policy: one(signedBy({ keyPath: "/revoked.gpg" })),
    path: [...inScope, "keyPath"],
    why: "revoked",
  },
  {
    code: "lint.key.unusable",
    policy: one(signedBy({ keyPath: "/certify-only.gpg" })),
    path: [...inScope, "keyPath"],
    why: "only its subkeys could sign",
  },
  {
    code: "lint.key.left-out",
    policy: one(signedBy({ keyPath: "/unbound.gpg" })),
    path: [...inScope, "keyPath"],
    why: "its user ID is not signed",
  },
  {
    code: "lint.key.not-read",
    policy: one(signedBy({ keyPath: "/only-part.gpg" })),
    path: [...inScope, "keyPath"],
    why: "GnuPG stops at a subkey of version 6",
  },
  {
    code: "lint.key.relative-path",
    policy: one(signedBy({ keyPath: "relative.gpg" })),
    path: [...inScope, "keyPath"],
    why: "it begins wherever podman is started",
  },
  {
    code: "lint.file.writable",
    policy: one(signedBy()),
    changes: { isWritableByAll: (path) => path === "/good.gpg" },
    path: [...inScope, "keyPath"],
    why: "a key that everybody can exchange",
  },
  {
    code: "lint.file.writable",
    policy: { default: reject },
    changes: { policyPath: "/p.json", isWritableByAll: (path) => path === "/p.json" },
    path: [],
    why: "the policy itself",
  },
  {
    code: "lint.key.refused-by-build",
    policy: one(signedBy({ keyPath: "/rsa1024.gpg" })),
    path: [...inScope, "keyPath"],
    why: "RSA 1024 in OpenPGP, which Sequoia refuses",
  },
  {
    code: "lint.key.weak",
    policy: one(signedBy({ keyPath: "/dsa2048.gpg" })),
    path: [...inScope, "keyPath"],
    why: "DSA in OpenPGP, which Sequoia refuses only from 2030 on",
  },
  {
    code: "lint.key.weak",
    policy: one(sigstore({ keyPath: "/rsa1024.pub" })),
    path: [...inScope, "keyPath"],
    why: "RSA 1024 for sigstore",
  },
  {
    code: "lint.key.private",
    policy: one(signedBy({ keyPath: "/secret.asc" })),
    path: [...inScope, "keyPath"],
    why: "gpg --export-secret-keys",
  },
  {
    code: "lint.key.private",
    policy: one(sigstore({ keyPath: "/cosign.key" })),
    path: [...inScope, "keyPath"],
    why: "cosign.key for cosign.pub",
  },
  {
    code: "lint.key.unsupported",
    policy: one(sigstore({ keyPath: "/x25519.pub" })),
    path: [...inScope, "keyPath"],
    why: "X25519 signs nothing",
  },
  {
    code: "lint.key.second-ignored",
    policy: one(sigstore({ keyPath: "/two.pub" })),
    path: [...inScope, "keyPath"],
    why: "only the first PEM block is read",
  },
  {
    code: "lint.certificate.expired",
    policy: one(pki({ caRootsPath: "/expired.pem" })),
    path: [...inScope, "pki", "caRootsPath"],
    why: "its end is past",
  },
  {
    code: "lint.certificate.expires-soon",
    policy: one(pki({ caRootsPath: "/expired.pem" })),
    changes: { nowSeconds: Date.UTC(2024, 11, 1) / 1000 },
    path: [...inScope, "pki", "caRootsPath"],
    why: "within 90 days",
  },
  {
    code: "lint.certificate.not-yet-valid",
    policy: one(pki({ caRootsPath: "/expired.pem" })),
    changes: { nowSeconds: noonSeconds - 1000 * day },
    path: [...inScope, "pki", "caRootsPath"],
    why: "before its beginning",
  },
  {
    code: "lint.certificate.weak",
    policy: one(pki({ caRootsPath: "/weak.pem" })),
    path: [...inScope, "pki", "caRootsPath"],
    why: "ECDSA P-224",
  },
  {
    code: "lint.certificate.not-ca",
    policy: one(fulcio({ caPath: "/leaf.pem" })),
    path: [...inScope, "fulcio", "caPath"],
    why: "vouches for itself only",
  },
  {
    code: "lint.certificate.skipped",
    policy: one(pki({ caRootsPath: "/comment.pem" })),
    path: [...inScope, "pki", "caRootsPath"],
    why: "a public key among certificates",
  },
  {
    code: "lint.registries.no-attachments",
    policy: one(sigstore()),
    changes: registries(new Map([["registry.example.com", place(undefined, "https://sigs.example.com")]])),
    path: scopePath("registry.example.com"),
    why: "the section says nothing of attachments",
  },
  {
    code: "lint.registries.no-lookaside",
    policy: one(signedBy()),
    changes: registries(new Map([["other.example", place(true, "https://sigs.example.com")]])),
    path: scopePath("registry.example.com"),
    why: "another registry's",
  },
  {
    code: "lint.registries.missing",
    policy: { default: reject },
    changes: { registries: ok({ ...noRegistries, missing: "/nowhere.d" }) },
    path: [],
    why: "no such directory",
  },
  {
    code: "lint.registries.passed-over",
    policy: { default: reject },
    changes: { registries: ok({ ...noRegistries, passedOver: ["/d/a.yml"] }) },
    path: [],
    why: ".yml is not .yaml",
  },
  {
    code: "lint.registries.unusable",
    policy: { default: reject },
    changes: { registries: fail({ path: "/etc/containers/registries.d/x.yaml", reason: "not YAML" }) },
    path: [],
    why: "tools that download fail",
  },
];

describe("checkPolicy finds", () => {
  for (const { code, policy, path, changes, why } of rows) {
    it(`${code}: ${why}`, async () => {
      const findings = await check(policy, changes);
      const found = findings.filter((finding) => finding.code === code);
      assert.deepEqual(
        found.map((finding) => finding.path),
        [path],
        JSON.stringify(findings),
      );
      assert.equal(severityOf(code), lints[code].severity);
    });
  }

  it("every lint that is published", () => {
    assert.deepEqual(
      Object.keys(lints).filter((code) => !rows.some((row) => row.code === code)),
      [],
    );
  });
});

describe("checkPolicy has nothing to say of", () => {
  const good: Readonly<Record<string, unknown>> = {
    "a signedBy requirement": one(signedBy()),
    "a sigstore key": one(sigstore()),
    "a sigstore key with Rekor": one(sigstore({ rekorPublicKeyPath: "/rekor.pub" })),
    fulcio: one(fulcio()),
    pki: one(pki()),
    "an IP address": one(pki({ subjectHostname: "[::1]" })),
    "remapIdentity of the scope": one(
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com", signedPrefix: "a.example" },
      }),
    ),
    "remapIdentity of a part of the scope": one(
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com/mirror", signedPrefix: "a.example" },
      }),
    ),
    "remapIdentity of what is around the scope": scoped("registry.example.com/a/b:1", [
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: "registry.example.com/a", signedPrefix: "a.example" },
      }),
    ]),
    "remapIdentity under a wildcard": scoped("*.example.com", [
      signedBy({ signedIdentity: { type: "remapIdentity", prefix: "a.example.com/x", signedPrefix: "a.example" } }),
    ]),
    "exactRepository for a directory": scoped(
      "/images",
      [signedBy({ signedIdentity: { type: "exactRepository", dockerRepository: "a.example/b" } })],
      "dir",
    ),
    "a default of docker-daemon that accepts anything": scoped("", accept, "docker-daemon"),
    "rejecting everything": { default: reject },
  };
  for (const [name, policy] of Object.entries(good)) {
    it(name, async () => assert.deepEqual(await check(policy), []));
  }

  it("a relative path where the policy is in the working directory", async () => {
    const policy = one(signedBy({ keyPath: "relative.gpg" }));
    const { findings, relativeFiles } = await checked(policy, { isInWorkingDirectory: true });
    assert.deepEqual({ findings, relativeFiles }, { findings: [], relativeFiles: ["relative.gpg"] });
  });

  it("attachments that are on for the scope, for all, or for a part of it", async () => {
    for (const name of ["registry.example.com", "*.example.com", "registry.example.com/part"]) {
      assert.deepEqual(await check(one(sigstore()), registries(new Map([[name, place(true)]]))), [], name);
    }
  });
});

describe("checkPolicy reports errors of trust material where they are", () => {
  const errors: readonly { code: string; policy: unknown; path: readonly (string | number)[]; why: string }[] = [
    {
      code: "policy.trust.unreadable",
      policy: one(signedBy({ keyPath: "/nowhere.gpg" })),
      path: [...inScope, "keyPath"],
      why: "missing",
    },
    {
      code: "policy.trust.invalid",
      policy: one(sigstore({ keyPath: "/cosign.key" })),
      path: [...inScope, "keyPath"],
      why: "a private key",
    },
    {
      code: "policy.trust.invalid",
      policy: one(sigstore({ keyPath: undefined, keyPaths: ["/cosign.pub", "/good.gpg"] })),
      path: [...inScope, "keyPaths", 1],
      why: "one bad key stops all",
    },
    {
      code: "policy.trust.invalid",
      policy: one(fulcio({ caPath: "/cosign.pub" })),
      path: [...inScope, "fulcio", "caPath"],
      why: "no certificate",
    },
    {
      code: "policy.trust.empty",
      policy: one(signedBy({ keyPath: undefined, keyPaths: [] })),
      path: [...inScope, "keyPaths"],
      why: "parses, and no key is imported",
    },
    {
      code: "policy.trust.unsupported",
      policy: one(signedBy({ keyType: "X509Certificates" })),
      path: [...inScope, "keyType"],
      why: "never implemented",
    },
  ];
  for (const { code, policy, path, why } of errors) {
    it(`${code}: ${why}`, async () => {
      const found = (await check(policy)).filter((finding) => severityOf(finding.code) === "error");
      assert.deepEqual(
        found.map((finding) => [finding.code, finding.path]),
        [[code, path]],
      );
    });
  }
});

describe("the policies of test/fixtures", () => {
  const machine = host({
    readFile: trustFiles((path) => readFileSync(path)),
    paths: hostPathResolver(undefined),
    nowSeconds: Date.UTC(2024, 1, 15) / 1000,
  });
  for (const name of readdirSync(join(fixtures, "policies"))) {
    it(`${name}: an error exactly where a verification has one`, async () => {
      const bytes = fixturePolicy(name);
      const { findings } = await checkPolicy(bytes, machine);
      for (const finding of findings) assert.ok(findingWords(finding).message.length > 10);
      const errors = findings.filter(({ code }) => severityOf(code) === "error").map(({ code }) => code);
      const policy = parsePolicy(bytes, {});
      if (!policy.ok) {
        assert.deepEqual(
          errors,
          policy.problem.map(({ code }) => code),
        );
        return;
      }
      const store = new TrustStore(trustFiles((path) => readFileSync(path)));
      const expected = new Set<string>();
      const sections = [
        policy.value.default,
        ...[...policy.value.transports.values()].flatMap((all) => [...all.values()]),
      ];
      for (const requirement of sections.flat()) {
        if (requirement.type !== "signedBy" && requirement.type !== "sigstoreSigned") continue;
        const loaded = await (requirement.type === "signedBy"
          ? store.keyring(requirement)
          : store.sigstore(requirement));
        if (!loaded.ok) expected.add(loaded.problem.code);
      }
      assert.deepEqual([...new Set(errors)].sort(), [...expected].sort());
    });
  }
});
