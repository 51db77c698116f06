import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BackEndOpinion, OpenPgpBackEnd } from "../../src/crypto/openpgp/back-end.ts";
import type { OpenPgpProblem } from "../../src/crypto/openpgp/problems.ts";
import { explain } from "../../src/report/explain.ts";
import type { SignatureOutcome, Verdict } from "../../src/verdict/verdict.ts";
import { badSignature, errored, notMet, refused, signedBy } from "../words/verdicts.ts";

/* What an administrator reads where the builds of podman do not agree: who refuses, who accepts, and what can be done. */

const facts = { fingerprint: "D20A9D88224ADAF5CBFF78963ED8CDB920858415", userId: "Release <release@example.com>" };
const sha1: OpenPgpProblem = { code: "signature.hash.weak", ...facts, detail: "SHA-1" };
const rsa1024: OpenPgpProblem = { code: "signature.key.weak", ...facts, detail: "RSA of 1024 bits" };
const malformed = (detail: string): OpenPgpProblem => ({ code: "signature.openpgp.malformed", detail });
const trailing: OpenPgpProblem = { code: "signature.openpgp.trailing-data", detail: "" };
const revoked: OpenPgpProblem = { code: "signature.key.revoked", ...facts, detail: "" };
const expired: OpenPgpProblem = { code: "signature.key.expired", ...facts, atSeconds: 1_709_251_200 };

/** A signature of which the back ends that were asked say this; the first problem is that of the signature. */
function signature(said: { readonly [Name in OpenPgpBackEnd]?: OpenPgpProblem | "accepted" }): SignatureOutcome {
  const opinions = Object.entries(said).map(
    ([backEnd, problem]): BackEndOpinion => ({
      backEnd: backEnd as OpenPgpBackEnd,
      problem: problem === "accepted" ? undefined : problem,
    }),
  );
  const [problem] = opinions.flatMap((opinion) => opinion.problem ?? []);
  assert.ok(problem);
  return { ...badSignature("signature-1", problem), opinions };
}

const of = (said: Parameters<typeof signature>[0]): Verdict => refused(signedBy, signature(said));
const keyFile = { code: "policy.trust.invalid", source: "/k.gpg", detail: "it is cut short" } as const;

const rows: readonly { what: string; verdict: Verdict; said: readonly RegExp[]; not?: RegExp }[] = [
  {
    what: "SHA-1, which only Sequoia refuses",
    verdict: of({ gnupg: "accepted", go: "accepted", sequoia: sha1 }),
    said: [
      /with too weak a hash: SHA-1; podman built with Sequoia \(as on Fedora 43 and newer\) refuses this; /,
      /; podman built with GnuPG \(as on Debian and RHEL\) or go-crypto \(in pure Go\) accepts it Next: /,
      /Next: Ask the publisher for a new signature with SHA-512, or with SHA-256 by an RSA, Ed25519 or ECDSA P-256 key\./,
      /certain that every host that will run this image has podman built with GnuPG or go-crypto, --openpgp=gnupg,go gives exactly/,
      /; podman built with Sequoia goes on refusing it\.$/,
    ],
    not: /[Dd]ownload/,
  },
  {
    what: "a small key, which only Sequoia refuses",
    verdict: of({ gnupg: "accepted", go: "accepted", sequoia: rsa1024 }),
    said: [
      /too weak or of a kind that is not accepted: RSA of 1024 bits; podman built with Sequoia/,
      /sign with a key that every build accepts \(RSA of 3072 bits or more, Ed25519 or ECDSA P-256\) and with SHA-256 or SHA-512, and put that key into \/etc/,
    ],
  },
  {
    what: "one build asked alone: nobody else's verdict is known",
    verdict: of({ sequoia: sha1 }),
    said: [/with too weak a hash: SHA-1 Next: Ask the publisher for a new signature with SHA-512/],
    not: /podman built|--openpgp/,
  },
  {
    what: "two asked, not three",
    verdict: of({ go: "accepted", sequoia: sha1 }),
    said: [/podman built with go-crypto \(in pure Go\) accepts it/, /--openpgp=go gives/],
    not: /GnuPG/,
  },
  {
    what: "refused by all, each in its own way",
    verdict: of({ gnupg: malformed("a"), go: malformed("b"), sequoia: trailing }),
    said: [/a broken OpenPGP message: a Next: Download the image and its signatures again\./],
    not: /podman built|--openpgp/,
  },
  {
    what: "malformed for one only: it was not damaged on its way",
    verdict: of({ gnupg: "accepted", go: "accepted", sequoia: malformed("a packet of type 12") }),
    said: [
      /a broken OpenPGP message: a packet of type 12; podman built with Sequoia .* refuses this; podman built with GnuPG/,
      /Next: Ask the publisher for a new signature: what `skopeo copy --sign-by` makes .* is accepted by every build\./,
    ],
    not: /Download/,
  },
  {
    what: "go-crypto alone accepts: the end may be missing, which it does not read",
    verdict: of({ gnupg: malformed("not a one-pass packet"), go: "accepted", sequoia: sha1 }),
    said: [
      /a broken OpenPGP message: not a one-pass packet; podman built with GnuPG \(as on Debian and RHEL\) refuses this; /,
      /; podman built with Sequoia \(as on Fedora 43 and newer\) refuses it too: SHA-1; podman built with go-crypto/,
      /Next: Download the signature again, its end may be missing\. If it is whole: Ask the publisher/,
      /--openpgp=go gives .*; podman built with GnuPG or Sequoia goes on refusing it\.$/,
    ],
  },
  {
    what: "two refuse, for the same reason",
    verdict: of({ gnupg: expired, go: expired, sequoia: "accepted" }),
    said: [
      /expired on 2024-03-01T00:00:00Z; podman built with GnuPG \(as on Debian and RHEL\) or go-crypto \(in pure Go\) refuses this; /,
      /Next: Get the publisher's current key,/,
    ],
  },
  {
    what: "revoked for one of them: nobody is told who would accept it all the same",
    verdict: of({ gnupg: revoked, go: "accepted", sequoia: "accepted" }),
    said: [/has been revoked; podman built with GnuPG .* refuses this/, /Next: Do not install the image\./],
    not: /--openpgp/,
  },
  {
    what: "text of the signature's maker stays on its line",
    verdict: of({ gnupg: malformed("a"), go: "accepted", sequoia: malformed("x\nAccepted: \u001b[2J") }),
    said: [/refuses it too: x\\nAccepted: \\u\{1b\}\[2J; podman built with go-crypto/],
  },
  {
    what: "a key file that stops one build",
    verdict: errored(
      { ...keyFile, builds: { refusedBy: ["sequoia"], acceptedBy: ["gnupg", "go"] } },
      notMet(signedBy, keyFile),
    ),
    said: [
      /\/k\.gpg cannot be used: it is cut short; podman built with Sequoia \(as on Fedora 43 and newer\) stops at this, podman built with GnuPG \(as on Debian and RHEL\) or go-crypto \(in pure Go\) does not\./,
      /Next: Replace it by a file with the publisher's current keys, as `gpg --export FINGERPRINT` gives it, which every build can use\./,
      /--openpgp=gnupg,go gives exactly/,
    ],
  },
  {
    what: "a key file that no build can use",
    verdict: errored({ ...keyFile, builds: { refusedBy: ["gnupg", "go", "sequoia"], acceptedBy: [] } }),
    said: [/\/k\.gpg cannot be used: it is cut short\. Next: Put a key or certificate of the kind/],
    not: /podman built|--openpgp/,
  },
  {
    what: "a file of which one build has no key",
    verdict: errored({
      code: "policy.trust.empty",
      source: "/k.gpg",
      builds: { refusedBy: ["gnupg"], acceptedBy: ["go", "sequoia"] },
    }),
    said: [/holds no key that can be used; podman built with GnuPG .* stops at this/, /--openpgp=go,sequoia gives/],
  },
];

describe("where the builds of podman differ", () => {
  for (const { what, verdict, said, not } of rows) {
    it(what, () => {
      const text = explain(verdict).replace(/\s+/g, " ");
      for (const words of said) assert.match(text, words);
      if (not !== undefined) assert.doesNotMatch(text, not);
    });
  }
});
