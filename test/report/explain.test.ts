import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explain } from "../../src/report/explain.ts";
import type { Verdict } from "../../src/verdict/verdict.ts";
import {
  accepted,
  badSignature,
  errored,
  forAnotherName,
  fulcio,
  goodSignature,
  hex,
  met,
  notMet,
  pki,
  refused,
  rejected,
  signedBy,
  signers,
} from "../words/verdicts.ts";

const anything = { type: "insecureAcceptAnything" } as const;
const noSignature = { code: "requirement.signature.missing", others: 0 } as const;
const noKeyFile = {
  code: "policy.trust.unreadable",
  source: "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release",
  reason: "no such file or directory",
} as const;

const rows: readonly { name: string; verdict: Verdict; words: string }[] = [
  {
    name: "another key, and another image",
    verdict: refused(
      signedBy,
      badSignature("signature-1", { code: "signature.key.unknown", untrustedKeyId: "199E2F91FD431D51" }),
      badSignature("signature-2", forAnotherName("registry.redhat.io/rhel9/thunderbird:latest")),
    ),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", asks for a signature by a key
in /etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release.
  signature-1: made by another key; it claims to be by 199E 2F91 FD43 1D51
  signature-2: valid, but for registry.redhat.io/rhel9/thunderbird:latest, not for
    registry.redhat.io/rhel9/firefox:latest
Next: You may have been given another image than you asked for. Check the name that you asked for,
  and download it again.
See also: sealcheck policy explain --policy=/etc/containers/policy.json -- registry.redhat.io/rhel9/firefox:latest`,
  },
  {
    name: "accepted by an OpenPGP key",
    verdict: accepted(met(signedBy, goodSignature("signature-1", signers.openpgp))),
    words: `
Accepted: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", asks for a signature by a key
in /etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release.
  signature-1: signed by key D20A 9D88 224A DAF5 CBFF 7896 3ED8 CDB9 2085 8415
    "Release <release@example.com>", on 2024-02-01T12:00:00Z
Manifest: sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2, 406 bytes, application/vnd.oci.image.manifest.v1+json`,
  },
  {
    name: "accepted without any check",
    verdict: accepted(met(anything)),
    words: `
Accepted: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", accepts any image, signed or
not.
NO signature was checked: any image is accepted there (insecureAcceptAnything).
Manifest: sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2, 406 bytes, application/vnd.oci.image.manifest.v1+json`,
  },
  {
    name: "the second of two requirements, with a certificate, met",
    verdict: accepted(met(anything), met(fulcio, goodSignature("signature-1", signers.certificate))),
    words: `
Accepted: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", has several requirements, and
all must be met:
  1. met: it accepts any image, signed or not.
  2. met: it asks for a sigstore signature with a certificate for builder@vendor.example.com,
     identified by https://oauth.example.com/auth, under the Fulcio CA in /etc/pki/fulcio.pem, for
     any image of this repository, logged by Rekor (public key in the policy's rekorPublicKeyData).
     signature-1: signed with a certificate for builder@vendor.example.com (subject "CN=builder"),
       identified by https://oauth.example.com/auth, issued by "CN=Test Fulcio,O=example", logged by
       Rekor on 2024-02-01T12:01:00Z (certificate SHA-256
       592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2)
Manifest: sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2, 406 bytes, application/vnd.oci.image.manifest.v1+json`,
  },
  {
    name: "no signature, and a pki requirement with remapIdentity",
    verdict: rejected(noSignature, notMet(pki, noSignature)),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", asks for a sigstore signature
with a certificate for email signer@corp.example.com and host builder.corp.example.com, under the CA
in /etc/pki/roots.pem, for this reference with registry.example.com in place of mirror.example.com.
The image has no signature.
Next: If the image is signed, download it again with its signatures: they come along only from where
  registries.d says that they are (lookaside, or use-sigstore-attachments; see
  containers-registries.d(5)). They are the files signature-1, signature-2, … without a gap. The
  bundles that cosign 3 makes never come along, as containers/image does not read them: the
  publisher has to sign in the older form, with \`cosign sign --new-bundle-format=false
  --use-signing-config=false\`.
See also: sealcheck policy explain --policy=/etc/containers/policy.json -- registry.redhat.io/rhel9/firefox:latest`,
  },
  {
    name: "the policy rejects everything",
    verdict: rejected({ code: "requirement.reject" }, notMet({ type: "reject" }, { code: "requirement.reject" })),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", rejects every image.
Next: If this image is to be allowed, add a scope for it to /etc/containers/policy.json, with a
  requirement that checks its signatures.
See also: sealcheck policy explain --policy=/etc/containers/policy.json -- registry.redhat.io/rhel9/firefox:latest`,
  },
  {
    name: "--require-signed, and nothing is checked",
    verdict: rejected({ code: "requirement.signed.missing" }, met(anything)),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", accepts any image, signed or
not.
A signature is required (--require-signed), and nothing in the policy checks one of this image.
Next: Add a scope with signedBy or sigstoreSigned for this image to /etc/containers/policy.json.
See also: sealcheck policy explain --policy=/etc/containers/policy.json -- registry.redhat.io/rhel9/firefox:latest`,
  },
  {
    name: "the digest of the identity is another",
    verdict: rejected({
      code: "requirement.identity.digest-mismatch",
      expected: { algorithm: "sha256", hex: "0".repeat(64) },
      actual: { algorithm: "sha256", hex },
      isInstance: false,
    }),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
The identity asks for the manifest
sha256:0000000000000000000000000000000000000000000000000000000000000000, and this one is
sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2.
Next: The digest may be that of a multi-architecture index (list), of which skopeo took the image
  for one architecture, which has a digest of its own. If \`skopeo inspect --raw
  docker://registry.redhat.io/rhel9/firefox@sha256:0000000000000000000000000000000000000000000000000000000000000000\`
  lists sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2, give that one with
  --identity. Otherwise you have been given another image: download it again by that digest.`,
  },
  {
    name: "a registry as the source",
    verdict: errored({ code: "usage.source.registry", source: "docker://registry.redhat.io/rhel9/firefox:latest" }),
    words: `
Not verified
docker://registry.redhat.io/rhel9/firefox:latest is a registry. What was verified must be what gets
installed, and a registry can give something else the next time it is asked, so only an image on
disk is verified.
Next: Download it with \`skopeo copy docker://registry.redhat.io/rhel9/firefox:latest dir:DIR\`,
  verify DIR with --identity docker://registry.redhat.io/rhel9/firefox:latest, and install from DIR.`,
  },
  {
    name: "a source that no shell command should repeat",
    verdict: errored({ code: "usage.source.unsupported", source: "sif:$(reboot)", transport: "sif" }),
    words: `
Not verified
"sif:$(reboot)" is of transport "sif", and images are read from dir:, oci:, oci-archive:,
docker-archive: and containers-storage: only.
Next: This format has no place for signatures, so that a copy in it has none. Copy the image from
  its registry, \`skopeo copy docker://NAME dir:DIR\`, carry DIR as it is, and verify that.`,
  },
  {
    name: "a key file that is not there",
    verdict: errored(noKeyFile, notMet(signedBy, noKeyFile)),
    words: `
Not verified: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", asks for a signature by a key
in /etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release.
/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release cannot be read: no such file or directory.
Next: Put the file where the policy says it is, readable for whoever verifies, or correct the path
  in the policy.
See also: sealcheck policy explain --policy=/etc/containers/policy.json -- registry.redhat.io/rhel9/firefox:latest`,
  },
  {
    name: "an invalid policy, with all its problems",
    verdict: errored({
      code: "policy.key.unknown",
      problems: [
        {
          code: "policy.key.unknown",
          key: "keypath",
          known: ["type", "keyType", "keyPath"],
          nearest: "keyPath",
          at: { offset: 200, line: 12, column: 9 },
          path: ["transports", "docker", "registry.redhat.io", 0, "keypath"],
        },
        {
          code: "policy.sources.none",
          known: ["keyPath", "keyData"],
          at: { offset: 9, line: 2, column: 3 },
          path: ["default", 0],
        },
      ],
    }),
    words: `
Not verified
The policy /etc/containers/policy.json is not valid, and nothing can be judged by it. 2 problems:
  /etc/containers/policy.json:12:9: .transports.docker["registry.redhat.io"][0].keypath
    unknown key "keypath"; did you mean "keyPath"? Known here: "type", "keyType" and "keyPath".
  /etc/containers/policy.json:2:3: .default[0]
    names no key or certificate; add "keyPath" or "keyData"
Next: Correct the policy; containers-policy.json(5) describes it.
See also: sealcheck policy check --policy=/etc/containers/policy.json`,
  },
];

describe("explain: the verdict, why, and what to do next", () => {
  for (const { name, verdict, words } of rows) {
    it(name, () => assert.equal(`\n${explain(verdict)}`, words));
  }
});

describe("explain", () => {
  it("colours the outcome only if asked", () => {
    const verdict = accepted(met(anything));
    assert.match(explain(verdict, { colour: true }), /^\u{1b}\[1;32mAccepted\u{1b}\[0m: /u);
    assert.doesNotMatch(explain(verdict), /\u{1b}/u);
  });

  it("lists the first signatures of very many, and the accepted one", () => {
    const bad = Array.from({ length: 120 }, (_, index) =>
      badSignature(`signature-${index + 1}`, { code: "signature.base64.malformed" }),
    );
    const said = explain(accepted(met(signedBy, ...bad, goodSignature("signature-121", signers.openpgp))));
    assert.match(said, /signature-20: .*\n {2}… and 100 signatures more\n {2}signature-121: signed by key D20A/);
    assert.ok(said.length < 3_000);
  });

  it("escapes what comes from signatures, keys, policies and paths", () => {
    const hostile = "x\n\u{1b}[2JAccepted: y\u{202e}";
    const signer = { ...signers.openpgp, userId: hostile };
    const verdicts: readonly Verdict[] = [
      accepted(met(signedBy, goodSignature(hostile, signer))),
      accepted(
        met(fulcio, goodSignature("signature-1", { ...signers.certificate, subject: hostile, issuer: hostile })),
      ),
      refused(
        signedBy,
        badSignature("signature-1", forAnotherName(hostile)),
        badSignature("signature-2", { code: "signature.mime-type.other", untrustedMimeType: hostile }),
        badSignature("signature-3", { code: "signature.key.unknown", untrustedKeyId: hostile }),
        badSignature("signature-4", { code: "signature.invalid", detail: hostile }),
      ),
      errored({ code: "policy.unreadable", path: hostile, reason: hostile }),
      errored({ code: "image.version.unsupported", untrustedVersion: hostile }),
      errored({ code: "internal.error", detail: hostile }),
    ];
    for (const verdict of verdicts) {
      const said = explain(verdict);
      assert.doesNotMatch(said, /[\u{1b}\u{202e}]/u);
      assert.equal(said.match(/^Accepted/gm)?.length ?? 0, verdict.outcome === "accepted" ? 1 : 0);
    }
  });
});
