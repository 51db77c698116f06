import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReferenceFlaw } from "../../src/identity/transport.ts";
import type { ErrorProblem, RejectedVerdict, Verdict } from "../../src/judge/verdict.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { parseSignatureBlob } from "../../src/signature/blob.ts";
import { commandProblemText } from "../../src/text/command-words.ts";
import { explain } from "../../src/text/explain.ts";
import { flawText } from "../../src/text/policy-words.ts";
import {
  badSignature,
  errored,
  goodSignature,
  hex,
  met,
  notMet,
  refused,
  rejected,
  signedBy,
  signers,
} from "./verdicts.ts";

/* What people are told to do. Wrong advice here can talk somebody out of a check: each row says what it must not do. */

const unknownKey = badSignature("signature-1", { code: "signature.key.unknown", untrustedKeyId: "199E2F91FD431D51" });
const otherName = badSignature("signature-1", { code: "signature.identity.mismatch", signedReference: "x/y:1" });
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
const asPath = (verdict: RejectedVerdict): RejectedVerdict => ({ ...verdict, identity: pathOnly });
const unknownKind = (verdict: RejectedVerdict): RejectedVerdict => ({
  ...verdict,
  manifest: { ...verdict.manifest, mediaType: "", sizeBytes: 300 },
});
const byArguments = (verdict: RejectedVerdict): RejectedVerdict => ({
  ...verdict,
  policy: { path: undefined, scope: { kind: "arguments" } },
});

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
    said: /given another image than you asked for.* Only if you know .* mirror/,
    not: /instead of/,
  },
  {
    what: "another name, on a command line that has no policy",
    verdict: byArguments(refused(signedBy, otherName)),
    said: /given another image than you asked for/,
    not: /policy allow/,
  },
  { what: "a path has no such name", verdict: asPath(refused(signedBy, otherName)), said: /asked a registry for/ },
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
    verdict: errored({ code: "image.manifest.missing", path: "/i" }),
    said: /skopeo copy oci:PATH dir:DIR/,
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
    verdict: errored({ code: "usage.request.malformed", detail: "is a directory", isInput: true }),
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

  for (const armour of ["-----BEGIN PGP MESSAGE-----\n", "-----BEGIN PGP SIGNED MESSAGE-----\n"]) {
    it(armour.trim(), () => {
      const blob = parseSignatureBlob(Buffer.from(armour), "signature-1");
      assert.ok(!blob.ok && blob.problem.code === "image.signature.format");
      assert.match(explain(errored(blob.problem)).replace(/\s+/g, " "), /ASCII armour.*gpg --dearmor/);
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
