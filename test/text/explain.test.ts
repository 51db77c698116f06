import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../src/judge/verdict.ts";
import { explain } from "../../src/text/explain.ts";
import {
  accepted,
  badSignature,
  errored,
  fulcio,
  goodSignature,
  met,
  notMet,
  pki,
  refused,
  rejected,
  signedBy,
  signers,
} from "./verdicts.ts";

const anything = { type: "insecureAcceptAnything" } as const;
const at = { offset: 200, line: 12, column: 9 };

const rows: readonly { name: string; verdict: Verdict; words: string }[] = [
  {
    name: "another key, and another image",
    verdict: refused(
      signedBy,
      badSignature("signature-1", { code: "signature.key.unknown", untrustedKeyId: "199E2F91FD431D51" }),
      badSignature("signature-2", {
        code: "signature.identity.mismatch",
        signedReference: "registry.redhat.io/rhel9/thunderbird:latest",
      }),
    ),
    words: `
Rejected: registry.redhat.io/rhel9/firefox:latest
Policy /etc/containers/policy.json, scope docker "registry.redhat.io", asks for a signature by a key
in /etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release.
  signature-1: made by another key, 199E 2F91 FD43 1D51
  signature-2: valid, but for registry.redhat.io/rhel9/thunderbird:latest, not for this image
Next: Give the name that the image was published under as the identity instead of
  docker://registry.redhat.io/rhel9/firefox:latest. If it comes from a mirror, the policy can allow
  that with signedIdentity; see containers-policy.json(5).`,
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
];

describe("explain", () => {
  for (const { name, verdict, words } of rows) {
    it(name, () => assert.equal(`\n${explain(verdict)}`, words));
  }
});
