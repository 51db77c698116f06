import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hostPathResolver } from "../../src/host/path-resolver.ts";
import { prepareVerifier, type VerifyRequest } from "../../src/index.ts";
import { maxTrustFileBytes } from "../../src/limits.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { verdictDocument } from "../../src/report/document.ts";
import { fail } from "../../src/result.ts";
import type { Verdict } from "../../src/verdict/verdict.ts";
import { fixtureImage, fixturePolicy, fixtures } from "../support/images.ts";

const image = "docker://registry.example.com/vendor/app:1.0";
const paths = hostPathResolver(undefined);
const key = (name: string) => join(fixtures, "keys", name);

interface Run extends Partial<VerifyRequest> {
  /** The requirements of every image, or the name of a policy among the fixtures. */
  readonly policy: object[] | string;
  readonly image?: string;
  readonly readFile?: (path: string) => Uint8Array;
  readonly now?: number;
}

async function run({
  policy,
  image: name = "unsigned",
  readFile = readFileSync,
  now,
  ...request
}: Run): Promise<Verdict> {
  const bytes = typeof policy === "string" ? fixturePolicy(policy) : Buffer.from(JSON.stringify({ default: policy }));
  const parsed = parsePolicy(bytes, { path: "/policy.json" });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const verifier = prepareVerifier(parsed.value, { readFile, now: () => now ?? Date.now() / 1000, paths });
  return verifier.verify({ identity: image, requireSigned: false, ...fixtureImage(name), ...request });
}

/** `outcome code`, and the codes of the signatures of the last requirement. */
function summary(verdict: Verdict): string {
  const signatures = verdict.requirements.at(-1)?.signatures.map(({ code }) => code) ?? [];
  return [verdict.outcome, verdict.code, ...signatures].join(" ");
}

const anything = { type: "insecureAcceptAnything" };
const reject = { type: "reject" };
const gpg = { type: "signedBy", keyType: "GPGKeys", keyPath: key("gpg/release-rsa4096.gpg") };
const sigstore = { type: "sigstoreSigned", keyPath: key("sigstore/release.pub") };
const refuseToRead = (path: string): never => {
  throw new Error(`read ${path}`);
};

describe("requirements", () => {
  const missing = key("gpg/none.gpg");
  const rows: [why: string, run: Run, expected: string][] = [
    ["anything goes", { policy: [anything] }, "accepted accepted"],
    ["nothing goes", { policy: [reject] }, "rejected requirement.reject"],
    ["all must be met", { policy: [anything, reject] }, "rejected requirement.reject"],
    ["the first that fails ends it", { policy: [reject, gpg], readFile: refuseToRead }, "rejected requirement.reject"],
    [
      "signedBaseLayer always refuses",
      { policy: [{ type: "signedBaseLayer", baseLayerIdentity: { type: "matchExact" } }] },
      "rejected requirement.unsupported",
    ],
    ["no signature", { policy: [sigstore], readFile: refuseToRead }, "rejected requirement.signature.missing"],
    [
      "only signatures of the other kind",
      { policy: [sigstore], image: "gpg-release-oci", readFile: refuseToRead },
      "rejected requirement.signature.missing signature.format.other",
    ],
    [
      "only attachments",
      { policy: [sigstore], image: "sigstore-attestation-mime-type" },
      "rejected requirement.signature.missing signature.mime-type.other",
    ],
    ["one good signature", { policy: [sigstore], image: "sigstore-key-tag" }, "accepted accepted signature.accepted"],
    [
      "the second of two",
      { policy: [sigstore], image: "sigstore-two-signatures-second-matches" },
      "accepted accepted signature.invalid signature.accepted",
    ],
    [
      "another key",
      { policy: [sigstore], image: "sigstore-second-key" },
      "rejected requirement.signature.not-accepted signature.invalid",
    ],
    [
      "an identity with another digest, even where anything goes",
      { policy: [anything], identity: `registry.example.com/vendor/app@sha256:${"0".repeat(64)}` },
      "rejected requirement.identity.digest-mismatch",
    ],
    [
      "sha512 is never computed",
      { policy: [anything], identity: `registry.example.com/vendor/app@sha512:${"0".repeat(128)}` },
      "rejected requirement.identity.digest-mismatch",
    ],
    [
      "requireSigned, and nothing was verified",
      { policy: [anything], requireSigned: true },
      "rejected requirement.signed.missing",
    ],
    [
      "requireSigned, and something was",
      { policy: [anything, sigstore], image: "sigstore-key-tag", requireSigned: true },
      "accepted accepted signature.accepted",
    ],
    [
      "a key file that is missing, but not needed",
      { policy: [{ ...gpg, keyPath: missing }] },
      "rejected requirement.signature.missing",
    ],
    [
      "a key file that is missing",
      { policy: [{ ...gpg, keyPath: missing }], image: "gpg-release-oci" },
      "error policy.trust.unreadable",
    ],
    [
      "a key file that is too large",
      { policy: [gpg], image: "gpg-release-oci", readFile: () => new Uint8Array(maxTrustFileBytes + 1) },
      "error policy.trust.too-large",
    ],
    [
      "a keyring without keys",
      { policy: [{ ...gpg, keyPath: key("gpg/empty-keyring.gpg") }], image: "gpg-release-oci" },
      "error policy.trust.empty",
    ],
    [
      "a kind of key that was never implemented",
      { policy: [{ ...gpg, keyType: "X509Certificates" }], image: "gpg-release-oci" },
      "error policy.trust.unsupported",
    ],
    [
      "a key file without key",
      { policy: [{ ...sigstore, keyPath: key("sigstore/garbage.pub") }], image: "sigstore-key-tag" },
      "error policy.trust.invalid",
    ],
    [
      "one bad key among several, though another one matches",
      {
        policy: [{ type: "sigstoreSigned", keyPaths: [key("sigstore/release.pub"), key("sigstore/garbage.pub")] }],
        image: "sigstore-key-tag",
      },
      "error policy.trust.invalid",
    ],
    [
      "a Rekor key that is not ECDSA",
      { policy: [{ ...sigstore, rekorPublicKeyPath: key("sigstore/rsa.pub") }], image: "sigstore-key-rekor" },
      "error policy.trust.invalid",
    ],
    [
      "a signature that is no signature spoils the others",
      { policy: [gpg], image: "gpg-valid-then-garbage", readFile: refuseToRead },
      "error image.signature.format",
    ],
    [
      "but nobody looks where anything goes",
      { policy: [anything], image: "gpg-valid-then-garbage" },
      "accepted accepted",
    ],
    ["nor where nothing does", { policy: [reject], image: "gpg-valid-then-garbage" }, "rejected requirement.reject"],
    [
      "signatures that could not be read",
      { policy: [gpg], signatures: fail({ code: "image.file.symlink", name: "signature-1" } as const) },
      "error image.file.symlink",
    ],
    [
      "which nobody looks at either",
      { policy: [anything], signatures: fail({ code: "image.file.symlink", name: "signature-1" } as const) },
      "accepted accepted",
    ],
    ["an empty signature", { policy: [gpg], signatures: [new Uint8Array()] }, "error image.signature.empty"],
    [
      "a signature that is too large",
      { policy: [gpg], signatures: [new Uint8Array(4 * 1024 * 1024 + 1)] },
      "error image.signature.too-large",
    ],
    [
      "too many signatures",
      { policy: [gpg], signatures: Array.from({ length: 1001 }, () => Uint8Array.of(0x90)) },
      "error image.signature.too-many",
    ],
    [
      "a manifest that is too large",
      { policy: [anything], manifest: new Uint8Array(4 * 1024 * 1024 + 1) },
      "error image.manifest.too-large",
    ],
    [
      "one that holds too many values",
      { policy: [anything], manifest: Buffer.from(`[${Array(250_000).fill("0")}]`) },
      "error image.manifest.too-large",
    ],
    [
      "a schema 1 manifest without digest",
      { policy: [gpg], manifest: Buffer.from('{"schemaVersion":1,"Signatures":[]}') },
      "error image.manifest.malformed",
    ],
    [
      "the same, where anything goes",
      { policy: [anything], manifest: Buffer.from('{"schemaVersion":1,"Signatures":[]}') },
      "accepted accepted",
    ],
    ["no identity", { policy: [anything], identity: "" }, "error identity.empty"],
    ["an unknown transport", { policy: [anything], identity: "nosuchtransport:x" }, "error identity.transport.unknown"],
    ["no reference", { policy: [anything], identity: "docker://UPPER" }, "error identity.reference.invalid"],
    ["a path that is not there", { policy: [anything], identity: "dir:/none/x" }, "error identity.path.unresolvable"],
    ["a bug", { policy: [anything], now: Number.NaN, signatures: undefined as never }, "error internal.error"],
  ];
  for (const [why, row, expected] of rows) {
    it(why, async () => assert.equal(summary(await run(row)), expected));
  }
});

describe("sigstore signatures: why not", () => {
  const rows: [image: string, policy: string, code: string][] = [
    ["sigstore-key-digest-identity", "sigstore-key.json", "signature.identity.mismatch"],
    ["sigstore-tampered-manifest", "sigstore-key.json", "signature.digest.mismatch"],
    ["sigstore-payload-tampered", "sigstore-key.json", "signature.invalid"],
    ["sigstore-payload-unknown-critical-field", "sigstore-key.json", "signature.payload.malformed"],
    ["sigstore-no-signature-annotation", "sigstore-key.json", "signature.annotation.missing"],
    ["sigstore-bad-base64-signature", "sigstore-key.json", "signature.base64.malformed"],
    ["sigstore-key-tag", "sigstore-rekor.json", "signature.annotation.missing"],
    ["sigstore-key-rekor-set-not-json", "sigstore-rekor.json", "signature.rekor.malformed"],
    ["sigstore-key-rekor-set-extra-field", "sigstore-rekor.json", "signature.rekor.malformed"],
    ["sigstore-key-rekor-set-tampered", "sigstore-rekor.json", "signature.rekor.untrusted"],
    ["sigstore-key-other-rekor", "sigstore-rekor.json", "signature.rekor.untrusted"],
    ["sigstore-key-rekor-set-of-other-signature", "sigstore-rekor.json", "signature.rekor.mismatch"],
    ["fulcio-no-set", "fulcio.json", "signature.annotation.missing"],
    ["fulcio-no-certificate", "fulcio.json", "signature.annotation.missing"],
    ["fulcio-certificate-swapped", "fulcio.json", "signature.rekor.mismatch"],
    ["fulcio-two-certificates", "fulcio.json", "signature.certificate.malformed"],
    ["fulcio-logged-after-expiry", "fulcio.json", "signature.certificate.expired"],
    ["fulcio-logged-before-validity", "fulcio.json", "signature.certificate.expired"],
    ["fulcio-other-ca", "fulcio.json", "signature.certificate.untrusted"],
    ["fulcio-tls-eku", "fulcio.json", "signature.certificate.constraint"],
    ["fulcio-no-issuer", "fulcio.json", "signature.certificate.issuer"],
    ["fulcio-inconsistent-issuers", "fulcio.json", "signature.certificate.issuer"],
    ["fulcio-other-issuer", "fulcio.json", "signature.certificate.issuer"],
    ["fulcio-other-email", "fulcio.json", "signature.certificate.email"],
    ["pki-expired-leaf", "pki-email.json", "signature.certificate.expired"],
    ["pki-other-root", "pki-email.json", "signature.certificate.untrusted"],
    ["pki-tls-eku", "pki-email.json", "signature.certificate.constraint"],
    ["pki-valid", "pki-other-email.json", "signature.certificate.email"],
    ["pki-valid", "pki-other-hostname.json", "signature.certificate.hostname"],
    ["pki-signature-by-other-key", "pki-email.json", "signature.invalid"],
  ];
  for (const [name, policy, code] of rows) {
    it(`${name} under ${policy}: ${code}`, async () => {
      assert.equal(summary(await run({ policy, image: name })), `rejected requirement.signature.not-accepted ${code}`);
    });
  }
});

describe("an accepted image says who signed it", () => {
  it("a key, and when it was logged", async () => {
    const verdict = await run({ policy: "sigstore-rekor.json", image: "sigstore-key-rekor" });
    const signature = verdict.requirements[0]?.signatures[0];
    assert.ok(signature?.accepted && signature.signer.kind === "key");
    assert.equal(signature.signer.source, key("sigstore/release.pub"));
    assert.equal(signature.signer.loggedAtSeconds, Date.parse("2024-02-01T12:01:00Z") / 1000);
  });
  it("a certificate, its issuer, and when it was logged", async () => {
    const verdict = await run({ policy: "fulcio.json", image: "fulcio-valid" });
    const signature = verdict.requirements[0]?.signatures[0];
    assert.ok(signature?.accepted && signature.signer.kind === "certificate");
    assert.deepEqual(signature.signer.emails, ["builder@vendor.example.com"]);
    assert.equal(signature.signer.oidcIssuer, "https://oauth.example.com/auth");
    assert.equal(signature.signer.loggedAtSeconds, Date.parse("2024-02-01T12:01:00Z") / 1000);
    assert.deepEqual(verdict.policy.scope, {
      kind: "transport",
      transport: "docker",
      scope: "registry.example.com/vendor",
    });
  });
});

it("the contract's JSON says which requirements are met", async () => {
  const { requirements } = verdictDocument(await run({ policy: [anything, reject] }));
  assert.deepEqual(
    requirements.map(({ code, satisfied }) => [code, satisfied]),
    [
      ["requirement.satisfied", true],
      ["requirement.reject", false],
    ],
  );
});

it("trust material is read once, for any number of images", async () => {
  const parsed = parsePolicy(Buffer.from(JSON.stringify({ default: [sigstore] })), {});
  assert.ok(parsed.ok);
  let reads = 0;
  const readFile = (path: string) => {
    reads += 1;
    return readFileSync(path);
  };
  const verifier = prepareVerifier(parsed.value, { readFile, now: () => 1.8e9, paths });
  const request = { identity: image, requireSigned: true, ...fixtureImage("sigstore-key-tag") };
  const verdicts = await Promise.all([1, 2, 3].map(() => verifier.verify(request)));
  assert.deepEqual(
    verdicts.map(({ outcome }) => outcome),
    ["accepted", "accepted", "accepted"],
  );
  assert.equal(reads, 1);
});

describe("a one-byte change of anything signed is never accepted", () => {
  for (const [name, policy] of [["sigstore-key-tag", "sigstore-key.json"]] as const) {
    it(name, async () => {
      const { manifest, signatures } = fixtureImage(name);
      const [blob] = signatures;
      assert.ok(blob);
      const parsed = parsePolicy(fixturePolicy(policy), {});
      assert.ok(parsed.ok);
      const verifier = prepareVerifier(parsed.value, { readFile: readFileSync, now: () => 1.8e9, paths });
      const verify = (changes: Partial<VerifyRequest>) =>
        verifier.verify({ identity: image, requireSigned: true, manifest, signatures, ...changes });
      assert.equal((await verify({})).outcome, "accepted");
      const { payload, annotations } = JSON.parse(Buffer.from(blob).toString().slice("\0sigstore-json\n".length));
      const bytes = Buffer.from(payload, "base64");
      for (let i = 0; i < bytes.length; i++) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
        const json = JSON.stringify({
          mimeType: "application/vnd.dev.cosign.simplesigning.v1+json",
          payload: changed.toString("base64"),
          annotations,
        });
        const verdict = await verify({ signatures: [Buffer.from(`\0sigstore-json\n${json}`)] });
        assert.equal(verdict.outcome, "rejected", `byte ${i} of the payload`);
      }
      for (let i = 0; i < manifest.length; i++) {
        const changed = Buffer.from(manifest);
        changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
        assert.equal((await verify({ manifest: changed })).outcome, "rejected", `byte ${i} of the manifest`);
      }
    });
  }
});
