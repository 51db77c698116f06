import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { KeyKind } from "../../src/crypto/key-kind.ts";
import { checkPolicy } from "../../src/inspect/check-policy.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { fail, ok } from "../../src/result.ts";
import { TrustStore } from "../../src/trust/trust-store.ts";
import type { TrustProblem, TrustRole } from "../../src/verdict/trust-problem.ts";
import { trustAdvice, trustMessage } from "../../src/words/trust-words.ts";
import { fixtures } from "../support/images.ts";
import { keyFileOf, keyFiles } from "../support/key-files.ts";
import { trustFiles } from "../support/trust-files.ts";

/* Under every field that names keys or certificates, a file of the wrong kind is told for what it is. */

const key = (path: string): Uint8Array => readFileSync(join(fixtures, "keys", path));
const good: Readonly<Record<string, Uint8Array>> = {
  "/good.gpg": key("gpg/release-rsa4096.gpg"),
  "/good.pub": key("sigstore/release.pub"),
  "/rekor.pub": key("rekor/rekor.pub"),
  "/ca.pem": key("pki/root.pem"),
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const gpg = (fields: object) => ({ type: "signedBy", keyType: "GPGKeys", ...fields });
const sigstore = (fields: object) => ({ type: "sigstoreSigned", ...fields });
const fulcio = (fields: object) =>
  sigstore({
    fulcio: { oidcIssuer: "https://issuer.example.com", subjectEmail: "a@example.com", ...fields },
    rekorPublicKeyPath: "/rekor.pub",
  });
const pki = (fields: object) => sigstore({ pki: { subjectEmail: "a@example.com", ...fields } });

/** The field, what is wanted there, and a requirement with these bytes in it. */
const fields: readonly {
  readonly field: string;
  readonly wanted: TrustRole;
  readonly requirement: (bytes: Uint8Array) => object;
}[] = [
  { field: "signedBy.keyPath", wanted: "openpgp", requirement: () => gpg({ keyPath: "/wrong" }) },
  { field: "signedBy.keyPaths", wanted: "openpgp", requirement: () => gpg({ keyPaths: ["/wrong"] }) },
  { field: "signedBy.keyData", wanted: "openpgp", requirement: (bytes) => gpg({ keyData: base64(bytes) }) },
  { field: "keyPath", wanted: "sigstore", requirement: () => sigstore({ keyPath: "/wrong" }) },
  { field: "keyPaths", wanted: "sigstore", requirement: () => sigstore({ keyPaths: ["/good.pub", "/wrong"] }) },
  { field: "keyData", wanted: "sigstore", requirement: (bytes) => sigstore({ keyData: base64(bytes) }) },
  {
    field: "keyDatas",
    wanted: "sigstore",
    requirement: (bytes) => sigstore({ keyDatas: [base64(key("sigstore/release.pub")), base64(bytes)] }),
  },
  {
    field: "rekorPublicKeyPath",
    wanted: "rekor",
    requirement: () => sigstore({ keyPath: "/good.pub", rekorPublicKeyPath: "/wrong" }),
  },
  {
    field: "rekorPublicKeyPaths",
    wanted: "rekor",
    requirement: () => sigstore({ keyPath: "/good.pub", rekorPublicKeyPaths: ["/rekor.pub", "/wrong"] }),
  },
  {
    field: "rekorPublicKeyData",
    wanted: "rekor",
    requirement: (bytes) => sigstore({ keyPath: "/good.pub", rekorPublicKeyData: base64(bytes) }),
  },
  {
    field: "rekorPublicKeyDatas",
    wanted: "rekor",
    requirement: (bytes) => sigstore({ keyPath: "/good.pub", rekorPublicKeyDatas: [base64(bytes)] }),
  },
  { field: "fulcio.caPath", wanted: "roots", requirement: () => fulcio({ caPath: "/wrong" }) },
  { field: "fulcio.caData", wanted: "roots", requirement: (bytes) => fulcio({ caData: base64(bytes) }) },
  { field: "pki.caRootsPath", wanted: "roots", requirement: () => pki({ caRootsPath: "/wrong" }) },
  { field: "pki.caRootsData", wanted: "roots", requirement: (bytes) => pki({ caRootsData: base64(bytes) }) },
  {
    field: "pki.caIntermediatesPath",
    wanted: "intermediates",
    requirement: () => pki({ caRootsPath: "/ca.pem", caIntermediatesPath: "/wrong" }),
  },
  {
    field: "pki.caIntermediatesData",
    wanted: "intermediates",
    requirement: (bytes) => pki({ caRootsPath: "/ca.pem", caIntermediatesData: base64(bytes) }),
  },
];

/** What can be used there, if it is sound. */
const right: Readonly<Record<TrustRole, readonly KeyKind[]>> = {
  openpgp: ["openpgp-key", "openpgp-private-key"],
  sigstore: ["pem-public-key"],
  rekor: ["pem-public-key"],
  roots: ["pem-certificate"],
  // None at all is none needed.
  intermediates: ["pem-certificate", "empty"],
};

const kinds = [...new Set(keyFiles.map(({ kind }) => kind))];

async function problemOf(requirement: object, bytes: Uint8Array): Promise<TrustProblem | undefined> {
  const policy = parsePolicy(Buffer.from(JSON.stringify({ default: [requirement] })), {});
  // "" as data is no value at all, and an error of the policy.
  if (!policy.ok) return undefined;
  const store = new TrustStore(trustFiles((path) => good[path] ?? bytes));
  const [parsed] = policy.value.default;
  assert.ok(parsed?.type === "signedBy" || parsed?.type === "sigstoreSigned");
  const loaded = await (parsed.type === "signedBy" ? store.keyring(parsed) : store.sigstore(parsed));
  assert.ok(!loaded.ok, "it can be used");
  return loaded.problem;
}

describe("what is wrong with a key file is told", () => {
  for (const { field, wanted, requirement } of fields) {
    for (const kind of kinds.filter((each) => !right[wanted].includes(each))) {
      it(`${field}: ${kind}`, async () => {
        const bytes = keyFileOf(kind);
        const problem = await problemOf(requirement(bytes), bytes);
        if (problem === undefined) return;
        assert.ok(problem.code === "policy.trust.invalid" || problem.code === "policy.trust.empty", problem.code);
        assert.deepEqual(problem.content, { wanted, found: kind });
        const host = {
          readFile: trustFiles((path) => good[path] ?? bytes),
          nowSeconds: Date.UTC(2026, 0, 1) / 1000,
          paths: { resolveFully: (path: string) => ok(path), open: (path: string) => fail({ path, errno: "ENOENT" }) },
          registries: ok({
            files: [],
            defaultDocker: undefined,
            docker: new Map(),
            missing: undefined,
            passedOver: [],
          }),
        };
        const policy = Buffer.from(JSON.stringify({ default: [requirement(bytes)] }));
        const { findings } = await checkPolicy(policy, host);
        const found = findings.flatMap(({ at: _at, path: _path, ...finding }) =>
          finding.code.startsWith("policy.") ? [finding] : [],
        );
        assert.deepEqual(found, [problem], "policy check says something else than the verdict");
        const said = trustMessage(problem);
        assert.ok(said.length > 10 && trustAdvice(problem).length > 10);
        if (kind !== "unknown") assert.doesNotMatch(said, /cannot be used|holds no key/);
      });
    }
  }
});

describe("a file of the right kind that is broken", () => {
  it("is told by what is wrong in it", async () => {
    const bytes = key("sigstore/garbage.pub");
    const problem = await problemOf(sigstore({ keyPath: "/wrong" }), bytes);
    assert.ok(problem?.code === "policy.trust.invalid");
    assert.match(trustMessage(problem), /cannot be used: /);
  });

  it("an RSA key for a log", async () => {
    const bytes = key("sigstore/rsa.pub");
    const problem = await problemOf(sigstore({ keyPath: "/good.pub", rekorPublicKeyPath: "/wrong" }), bytes);
    assert.ok(problem !== undefined);
    assert.match(trustMessage(problem), /a Rekor key must be an ECDSA key/);
  });
});

describe("what to do about a key file", () => {
  const rows: readonly { wanted: TrustRole; found: KeyKind; says: RegExp; not?: RegExp }[] = [
    { wanted: "openpgp", found: "pem-public-key", says: /sigstoreSigned/ },
    { wanted: "openpgp", found: "pem-certificate", says: /fulcio or pki/ },
    { wanted: "openpgp", found: "pem-private-key", says: /take it away/ },
    { wanted: "openpgp", found: "keybox", says: /gpg --no-default-keyring --keyring FILE --export/ },
    { wanted: "openpgp", found: "openpgp-newer-key", says: /version 4/, not: /download/ },
    { wanted: "openpgp", found: "ssh-public-key", says: /SSH/ },
    { wanted: "openpgp", found: "html", says: /download it again/ },
    { wanted: "openpgp", found: "empty", says: /download it again/ },
    { wanted: "openpgp", found: "base64", says: /encode it once/ },
    { wanted: "sigstore", found: "openpgp-key", says: /signedBy requirement with keyType GPGKeys/, not: /download/ },
    { wanted: "sigstore", found: "pem-private-key", says: /cosign\.pub/ },
    { wanted: "sigstore", found: "der-public-key", says: /openssl pkey -pubin -inform DER/ },
    { wanted: "sigstore", found: "pem-certificate", says: /openssl x509 -in FILE -noout -pubkey/ },
    { wanted: "rekor", found: "json", says: /in PEM/ },
    { wanted: "rekor", found: "unknown", says: /the log's public key/ },
    { wanted: "roots", found: "der-certificate", says: /openssl x509 -inform DER/ },
    { wanted: "roots", found: "pem-public-key", says: /keyPath or keyData instead of fulcio or pki/ },
    { wanted: "intermediates", found: "openpgp-key", says: /certificates there, in PEM/ },
  ];
  for (const { wanted, found, says, not } of rows) {
    it(`${wanted}: ${found}`, () => {
      const content = { wanted, found };
      const advice = trustAdvice({ code: "policy.trust.invalid", source: "/k", detail: "x", content });
      assert.match(advice, says);
      if (not !== undefined) assert.doesNotMatch(advice, not);
    });
  }
});

describe("what to do about a file that cannot be read", () => {
  const rows: readonly { source: string; isDirectory?: boolean; says: RegExp }[] = [
    { source: "/etc/pki/missing.gpg", says: /^put the file where the policy says it is/ },
    { source: "missing.gpg", says: /^write an absolute path in the policy: a relative one begins/ },
    { source: "~/missing.gpg", says: /~ is not expanded/ },
    { source: "$HOME/missing.gpg", says: /\$HOME are not expanded/ },
    { source: "/home/$USER/missing.gpg", says: /are not expanded/ },
    { source: "kbs:///default/cosign-key/1", says: /key broker .*image-rs/ },
    { source: "file:///etc/pki/missing.gpg", says: /without file:\/\/$/ },
    { source: "https://keys.example.com/vendor.gpg", says: /^download the key, check it/ },
    { source: "/etc/pki/rpm-gpg", isDirectory: true, says: /name each file in it, in keyPaths/ },
  ];
  for (const { source, isDirectory = false, says } of rows) {
    it(source, () => {
      const reason = isDirectory ? "is a directory" : "no such file or directory";
      assert.match(trustAdvice({ code: "policy.trust.unreadable", source, reason, isDirectory }), says);
    });
  }
});
