import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReferenceFlaw } from "../../src/identity/transport.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import type { Requirement } from "../../src/policy/policy.ts";
import { explain } from "../../src/report/explain.ts";
import type { ErrorProblem, RejectedVerdict, RejectionProblem, Verdict } from "../../src/verdict/verdict.ts";
import { commandProblemText } from "../../src/words/command-words.ts";
import { flawText } from "../../src/words/policy-words.ts";
import {
  badSignature,
  errored,
  forAnotherName,
  fulcio,
  goodSignature,
  hex,
  met,
  notMet,
  refused,
  rejected,
  signedBy,
  signers,
} from "../words/verdicts.ts";

/* What people are told to do. Wrong advice here can talk somebody out of a check: each row says what it must not do. */

const unknownKey = badSignature("signature-1", { code: "signature.key.unknown", untrustedKeyId: "199E2F91FD431D51" });
const otherName = badSignature("signature-1", forAnotherName("x/y:1"));
const otherManifest = badSignature("signature-1", { code: "signature.digest.mismatch", signedDigest: "sha256:0" });
const notAccepted = { code: "requirement.signature.not-accepted", count: 1 } as const;
const missing = { code: "requirement.signature.missing", others: 1 } as const;
const release = met(signedBy, goodSignature("signature-1", signers.openpgp));

const pathOnly = {
  transport: "dir",
  text: "dir:/i",
  dockerReference: undefined,
  policyIdentity: "/i",
  policyNamespaces: [],
};
const nameless = badSignature("signature-1", {
  code: "signature.identity.mismatch",
  signedReference: "x/y:1",
  mismatch: { wanted: { kind: "none" }, cause: { kind: "nameless-image" }, remap: undefined, remedy: undefined },
});
const asPath = (verdict: RejectedVerdict): RejectedVerdict => ({ ...verdict, identity: pathOnly });
const unknownKind = (verdict: RejectedVerdict): RejectedVerdict => ({
  ...verdict,
  manifest: { ...verdict.manifest, mediaType: "", sizeBytes: 300 },
});
const byArguments = (verdict: RejectedVerdict): RejectedVerdict => ({
  ...verdict,
  policy: { path: undefined, scope: { kind: "arguments" } },
});

const twoKeys: Requirement = {
  type: "signedBy",
  keyType: "GPGKeys",
  keys: { kind: "paths", field: "keyPaths", paths: ["/a.gpg", "/b.gpg"] },
  signedIdentity: { type: "matchRepoDigestOrExact" },
};
const trust = (source: string): Verdict => errored({ code: "policy.trust.unreadable", source, reason: "no such file" });
const transport = (name: string, text: string): ErrorProblem => ({
  code: "identity.transport.unknown",
  transport: name,
  text,
  known: ["docker"],
});
const reference = (text: string, flaw: ReferenceFlaw): ErrorProblem => ({
  code: "identity.reference.invalid",
  transport: "docker",
  reference: text,
  flaw,
});

const none = { code: "requirement.signature.missing", others: 0 } as const;
const indexMissing = (present: number, signed: number): RejectionProblem => ({
  ...none,
  instances: { listed: 3, found: { present, signed } },
});
const otherDigest = {
  code: "requirement.identity.digest-mismatch",
  expected: { algorithm: "sha256", hex: "0".repeat(64) },
  actual: { algorithm: "sha256", hex },
  isInstance: false,
} as const;
const asIndex = (verdict: RejectedVerdict): RejectedVerdict => ({
  ...verdict,
  manifest: { ...verdict.manifest, mediaType: "application/vnd.oci.image.index.v1+json" },
});
const forUri = (required: string, requiresUri: boolean) =>
  badSignature("signature-1", {
    code: "signature.certificate.email",
    found: [],
    uris: ["https://github.com/o/r/w@refs/heads/main"],
    required,
    requiresUri,
  });
const noFile = { code: "policy.trust.unreadable", source: "/b", reason: "no such file" } as const;
const severalKeys: Requirement = {
  type: "signedBy",
  keyType: "GPGKeys",
  keys: { kind: "paths", field: "keyPaths", paths: ["/a", "/b"] },
  signedIdentity: { type: "matchRepoDigestOrExact" },
};

const rows: readonly { what: string; verdict: Verdict; said: RegExp; not?: RegExp }[] = [
  {
    what: "another key",
    verdict: refused(signedBy, unknownKey),
    said: /it claims to be by 199E .*Ask the publisher for the fingerprint .* Only if .* add it to \/etc/,
    not: /the key that made this signature/,
  },
  {
    what: "the second of two signers is missing, and the first one's signature is there",
    verdict: rejected(notAccepted, release, notMet(signedBy, notAccepted, unknownKey)),
    said: /Another signature is required besides/,
    not: /[Aa]dd/,
  },
  {
    what: "the second of two signers made none of the kind",
    verdict: rejected(missing, release, notMet(signedBy, missing)),
    said: /Another signature is required besides/,
    not: /have the policy ask/,
  },
  {
    what: "another name",
    verdict: refused(signedBy, otherName),
    said: /but for x\/y:1, not for registry.*given another image than you asked for/,
    not: /mirror|signedIdentity/,
  },
  {
    what: "another name, on a command line that has no policy",
    verdict: byArguments(refused(signedBy, otherName)),
    said: /given another image than you asked for/,
    not: /policy allow/,
  },
  { what: "a path has no such name", verdict: asPath(refused(signedBy, nameless)), said: /asked a registry for/ },
  {
    what: "another manifest",
    verdict: refused(signedBy, otherManifest),
    said: new RegExp(`this one, sha256:${hex} \\(406 bytes\\), is not the manifest that was signed`),
  },
  {
    what: "an error page",
    verdict: unknownKind(refused(signedBy, otherManifest)),
    said: /\(300 bytes\), is not a manifest of a known kind/,
  },
  {
    what: "a key path with ~",
    verdict: trust("~/release.gpg"),
    said: /absolute path in the policy: ~ is not expanded/,
  },
  { what: "a relative key path", verdict: trust("release.gpg"), said: /directory that the program was started in/ },
  {
    what: "a missing key file among several",
    verdict: errored(
      { code: "policy.trust.unreadable", source: "/b.gpg", reason: "no such file" },
      notMet(twoKeys, { code: "policy.trust.unreadable", source: "/b.gpg", reason: "no such file" }),
    ),
    said: /Put the file where .* One that cannot be used stops the requirement, even beside good ones\./,
  },
  {
    what: "the only key file is missing",
    verdict: errored(
      { code: "policy.trust.unreadable", source: "/b.gpg", reason: "no such file" },
      notMet(signedBy, { code: "policy.trust.unreadable", source: "/b.gpg", reason: "no such file" }),
    ),
    said: /Put the file where/,
    not: /good ones/,
  },
  { what: "https://", verdict: errored(transport("https", "https://x/y")), said: /docker:\/\/ instead of https:\/\// },
  { what: "a blank before", verdict: errored(transport(" docker", " docker://x/y")), said: /Remove the blank/ },
  {
    what: "a line end after",
    verdict: errored(reference("//x/y\n", { flaw: "component", component: "y\n" })),
    said: /Remove the blank or line end/,
  },
  {
    what: "docker:x/y",
    verdict: errored(reference("x/y", { flaw: "slashes-missing" })),
    said: /Write docker:\/\/ in front/,
  },
  {
    what: "an OCI layout",
    verdict: errored({ code: "image.manifest.missing", path: "/i", layout: "oci" }),
    said: /This is an OCI layout: write oci: in front of its path/,
  },
  {
    what: "an index without signatures, whose images have some",
    verdict: rejected(indexMissing(2, 1), notMet(signedBy, indexMissing(2, 1))),
    said: /The index of this multi-architecture image has no signature; of the 2 images in it \(instances\) that are here, 1 has one\..*--platform=host/,
    not: /download it again/,
  },
  {
    what: "an index without signatures, and none of its images has one",
    verdict: rejected(indexMissing(2, 0), notMet(signedBy, indexMissing(2, 0))),
    said: /of the 2 images .* none has one\..*download it again with its signatures/,
  },
  {
    what: "an index alone",
    verdict: rejected(indexMissing(0, 0), notMet(signedBy, indexMissing(0, 0))),
    said: /has no signature; the 3 images that it lists are not in this directory/,
  },
  {
    what: "an index of which nobody can tell what is beside it",
    verdict: rejected({ ...none, instances: { listed: 2, found: undefined } }),
    said: /The index of this multi-architecture image has no signature\. /,
  },
  {
    what: "the digest of an image in the index that is there",
    verdict: rejected({ ...otherDigest, isInstance: true }),
    said: /an index of several images, of which that is one\..*with --platform, or give the digest of the index, sha256:592a/,
    not: /download it again by/,
  },
  {
    what: "another digest than that of an image",
    verdict: rejected(otherDigest),
    said: /may be that of a multi-architecture index.*`skopeo inspect --raw docker:\/\/registry.redhat.io\/rhel9\/firefox@sha256:0+` lists sha256:592a/,
  },
  {
    what: "another digest than that of an index",
    verdict: asIndex(rejected(otherDigest)),
    said: /This is the index of a multi-architecture image, and does not list that digest/,
  },
  {
    what: "two requirements that look like a choice of keys",
    verdict: { ...refused(signedBy, unknownKey), unjudged: [signedBy] },
    said: /several requirements, and all must be met: 1\. NOT met: .* 2\. not looked at: .*each of the requirements must be met.*keyPaths/,
  },
  {
    what: "a requirement of another kind comes after",
    verdict: { ...refused(signedBy, unknownKey), unjudged: [fulcio] },
    said: /2\. not looked at/,
    not: /keyPaths/,
  },
  {
    what: "no signature of sigstore",
    verdict: rejected(none, notMet(fulcio, none)),
    said: /bundles that cosign 3 makes never come along/,
  },
  {
    what: "an attachment that is a bundle",
    verdict: refused(
      fulcio,
      badSignature("signature-1", {
        code: "signature.mime-type.other",
        untrustedMimeType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      }),
    ),
    said: /bundles that cosign 3 makes never come along/,
  },
  {
    what: "a certificate for a URI",
    verdict: refused(fulcio, forUri("builder@vendor.example.com", false)),
    said: /is for the URI https:\/\/github.com\/o\/r\/w@refs\/heads\/main and has no email address.*for a URI, .*never matches/,
    not: /who signs this image/,
  },
  {
    what: "a policy that asks for a URI as an email address",
    verdict: refused(fulcio, forUri("https://github.com/o/r/w@refs/heads/main", true)),
    said: /for a URI, .*never matches/,
  },
  {
    what: "a detached OpenPGP signature",
    verdict: refused(
      signedBy,
      badSignature("signature-1", { code: "signature.openpgp.malformed", detail: "x", form: "detached" }),
    ),
    said: /a detached OpenPGP signature, without what was signed.*gpg --sign/,
    not: /[Dd]ownload/,
  },
  {
    what: "an OpenPGP message in the old form",
    verdict: refused(
      signedBy,
      badSignature("signature-1", { code: "signature.openpgp.not-signed", detail: "x", form: "signature-first" }),
    ),
    said: /in the old form, with the signature before the content/,
    not: /that is not signed/,
  },
  {
    what: "a bundle that standalone-verify was given",
    verdict: refused(
      signedBy,
      badSignature("signature-1", { code: "signature.openpgp.malformed", detail: "x", mistaken: "bundle" }),
    ),
    said: /no OpenPGP message, but a sigstore bundle/,
    not: /[Dd]ownload the image/,
  },
  {
    what: "one of several key files",
    verdict: errored(noFile, notMet(severalKeys, noFile)),
    said: /One that cannot be used stops the requirement, even beside good ones/,
  },
  {
    what: "the only key file",
    verdict: errored(noFile, notMet(signedBy, noFile)),
    said: /Put the file where/,
    not: /stops the requirement/,
  },
  {
    what: "an archive as the source",
    verdict: errored({ code: "usage.source.unsupported", source: "oci-archive:x.tar", transport: "oci-archive" }),
    said: /no place for signatures/,
    not: /skopeo copy oci-archive/,
  },
  {
    what: "a daemon as the source",
    verdict: errored({ code: "usage.source.unsupported", source: "docker-daemon:x:1", transport: "docker-daemon" }),
    said: /no place for signatures/,
    not: /skopeo copy docker-daemon/,
  },
  {
    what: "a path as the identity",
    verdict: errored(reference("//./image", { flaw: "component", component: "." })),
    said: /"\.\/image" is a path, and not the name of an image\. Next: Give the name that the image has in its registry/,
  },
  {
    what: "docker:// where a name alone is wanted",
    verdict: errored(reference("docker://x/y", { flaw: "domain", domain: "docker:" })),
    said: /as it begins with docker:\/\/\. Next: Leave out docker:\/\/:/,
  },
  {
    what: "two slashes in a row",
    verdict: errored(reference("//x//y", { flaw: "component", component: "" })),
    said: /nothing before, between or behind its slashes\./,
  },
  { what: "a huge manifest", verdict: errored({ code: "image.manifest.too-large", maxBytes: 4 }), said: /Next: Check/ },
  {
    what: "a schema 1 manifest with more in it than its digest covers",
    verdict: errored({ code: "image.manifest.ambiguous", flaw: "not-covered", untrustedKey: "fsLayers" }),
    said: /other content than its digest covers: "fsLayers" differs.*Next: Do not use this manifest/,
  },
  {
    what: "a manifest of two kinds",
    verdict: errored({ code: "image.manifest.ambiguous", flaw: "other-kind", untrustedKey: "config" }),
    said: /has "config" as only other kinds of manifest have.*Next: Do not use this manifest/,
  },
  {
    what: "a manifest of very many values",
    verdict: errored({ code: "image.manifest.too-large", maxValues: 4 }),
    said: /holds more than 4 values, nested ones included\. Next: Check that this is the manifest/,
  },
  {
    what: "a broken version file",
    verdict: errored({ code: "image.version.unsupported", untrustedVersion: "1.1" }),
    said: /known are "Directory Transport Version: 1\.1" with a line end/,
  },
  {
    what: "a request that is none",
    verdict: errored({ code: "usage.request.malformed", detail: "it is blank" }),
    said: /not a request: it is blank\. Next: Write a JSON object on one line, such as \{"identity"/,
  },
  {
    what: "standard input is a directory",
    verdict: errored({ code: "usage.request.malformed", detail: "is a directory", form: "input" }),
    said: /Standard input cannot be read, and may have more requests: is a directory/,
    not: /This line/,
  },
];

describe("what to do next", () => {
  for (const { what, verdict, said, not } of rows) {
    it(what, () => {
      const text = explain(verdict).replace(/\s+/g, " ");
      assert.match(text, said);
      if (not !== undefined) assert.doesNotMatch(text.slice(text.indexOf("Next: ")), not);
    });
  }
});

describe("what is wrong with a policy's text", () => {
  const texts: readonly { text: string | Buffer; said: RegExp }[] = [
    { text: '{"default": [{"type": "reject"},]}', said: /not "]"; remove the comma before it$/ },
    { text: '{"default": [{"type": "reject",}]}', said: /not "}"; remove the comma before it$/ },
    { text: '{"default": [{"type": "reject"}]\n"transports": {}}', said: /; is a comma missing before it\?$/ },
    { text: '{"default": [{"type": "reject"}', said: /not the end of the file$/ },
    { text: '\ufeff{"default": []}', said: /byte order mark; save it without/ },
    { text: Buffer.from('\ufeff{"default": []}', "utf16le"), said: /UTF-16; save it as UTF-8/ },
    { text: Buffer.from('{"default": []}', "utf16le"), said: /NUL byte here, as UTF-16/ },
    {
      text: '{"default": [{"type": "reject"}], "transports": {"oci": {"registry.example.com/a": []}}}',
      said: /it must be an absolute path; scopes for images from a registry belong into docker$/,
    },
    {
      text: '{"default": [{"type": "reject"}], "transports": {"oci": {"images": []}}}',
      said: /it must be an absolute path$/,
    },
    {
      text: '{"default": [{"type": "signedBy", "keyType": "GPGKey", "keyPath": "/k"}]}',
      said: /did you mean "GPGKeys"\? Known here: "GPGKeys"\.$/,
    },
  ];
  for (const { text, said } of texts) {
    it(JSON.stringify(Buffer.from(text).toString("latin1")), () => {
      const parsed = parsePolicy(Buffer.from(text), {});
      assert.ok(!parsed.ok && parsed.problem[0] !== undefined);
      assert.match(flawText(parsed.problem[0]), said);
    });
  }
});

it("-identity=REF is told of two dashes", () => {
  assert.match(
    commandProblemText({ code: "usage.option.unknown", option: "-i", nearest: undefined }),
    /no option "-i" here; options of more than one letter begin with two dashes\.$/,
  );
});

it("an input without requests", () => {
  assert.match(commandProblemText({ code: "usage.input.empty" }), /nothing was judged\. .*--allow-empty/);
});
