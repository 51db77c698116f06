/** Text that wants to look like other text, to drive a terminal, or to keep a pattern busy. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as openpgp from "openpgp";
import { runtimes, sealcheck } from "../support/run.ts";
import { type Attack, attackTable } from "./attack-table.ts";
import { base64, identity, mebibyte, policy, request, sigstoreFile } from "./requests.ts";

const manifest = base64("{}");
const reject = policy({ type: "reject" });
const named = (name: string): object => ({ identity: name, manifest, policyText: reject });

const long = 100_000;
const identities: readonly Attack[] = [
  ...[
    ["a right-to-left override", "registry.example.com/app\u202egpj"],
    ["an isolate that is never closed", "registry.example.com/\u2066app"],
    ["a zero-width space", "registry.example.com/ap\u200bp"],
    ["a soft hyphen", "registry.example.com/ap\u00adp"],
    ["a Cyrillic letter that looks like a Latin one", "registry.ex\u0430mple.com/app"],
    ["a full-width letter", "registry.example.com/\uff41pp"],
    ["a division slash", "registry.example.com\u2215app"],
    ["a full-width colon", "registry.example.com/app\uff1alatest"],
    ["a Kelvin sign, whose lower case is k", "registry.example.com/\u212ait"],
    ["a long s, whose upper case is S", "registry.example.com/\u017f"],
    ["a combining mark", "registry.example.com/app\u0301"],
    ["a lone surrogate", "registry.example.com/app\ud800"],
    ["a tag character", "registry.example.com/app\u{e0041}"],
    ["an escape sequence", "registry.example.com/\u001b[2J\u001b[1;1HAccepted"],
    ["the eight-bit form of one", "registry.example.com/\u009b2J"],
    ["a line end and a forged verdict", 'registry.example.com/app\n{"outcome":"accepted","exitCode":0}'],
    ["a line separator", "registry.example.com/app\u2028Accepted"],
    ["a next-line control", "registry.example.com/app\u0085Accepted"],
    ["a quotation mark", 'registry.example.com/app"'],
  ].map(([what = "", name = ""]): Attack => ({ what, request: () => named(name), code: "identity.reference.invalid" })),
  ...[
    ["one letter", "a".repeat(long)],
    ["letters and an end that does not fit", `${"a".repeat(long)}!`],
    ["components", "a/".repeat(long)],
    ["separators", `a${"-".repeat(long)}!`],
    ["underscores", `a${"__a".repeat(long)}!`],
    ["dots", `registry.example.com/a${".".repeat(long)}`],
    ["labels of a host", `${"a.".repeat(long)}com/app!`],
    ["digits of a port", `registry.example.com:${"1".repeat(long)}/app!`],
    ["tags", `registry.example.com/app${":a".repeat(long)}`],
    ["digests", `registry.example.com/app${"@sha256:a".repeat(long)}`],
    ["brackets", `${"[".repeat(long)}::1]/app`],
    ["slashes", "/".repeat(long)],
    ["capitals", `registry.example.com/${"A".repeat(long)}`],
  ].map(
    ([what = "", name = ""]): Attack => ({
      what: `an identity of ${long} ${what}`,
      request: () => named(`docker://${name}`),
      code: "identity.reference.invalid",
    }),
  ),
  {
    what: "a path of a million dots",
    request: () => named(`dir:/${"../".repeat(1e5)}`),
    code: "identity.path.unresolvable",
  },
  {
    what: "a path of a million slashes",
    request: () => named(`dir:${"/".repeat(1e6)}`),
    code: "identity.path.unresolvable",
  },
  {
    what: "a store with brackets without end",
    request: () => named(`containers-storage:${"[".repeat(long)}`),
    code: "identity.reference.invalid",
  },
  {
    what: "an archive with colons without end",
    request: () => named(`docker-archive:${":a".repeat(long)}`),
    code: "identity.reference.invalid",
  },
  {
    what: "a transport of a million letters",
    request: () => named(`${"x".repeat(1e6)}://a`),
    code: "identity.transport.unknown",
  },
  {
    what: "an identity of 15 MiB",
    request: () => named("x".repeat(15 * mebibyte)),
    code: "identity.reference.invalid",
  },
  {
    what: "an id with what JSON need not escape",
    request: () => ({ ...named(identity), id: "\u202e\u2028\u009b2J\u{e0041}\ufeff" }),
    code: "requirement.reject",
  },
  {
    what: "a scope of 100,000 labels",
    request: () => ({
      ...named(identity),
      policyText: `{"default":[{"type":"reject"}],"transports":{"docker":{"*.${"a.".repeat(long)}com":[{"type":"insecureAcceptAnything"}]}}}`,
    }),
    code: "requirement.reject",
  },
  {
    what: "100,000 unknown keys that are nearly known",
    request: () => ({
      ...named(identity),
      policyText: `{${Array.from({ length: 1e5 }, (_, i) => `"defaul${i}":[]`)}}`,
    }),
    code: "policy.key.unknown",
  },
  {
    what: "an unknown key of 10 MiB",
    request: () => ({ ...named(identity), policyText: `{"${"default".repeat(1.4 * mebibyte)}":[]}` }),
    code: "policy.key.missing",
  },
  {
    what: "a key with marks of direction",
    request: () => ({ ...named(identity), policyText: '{"\u202etluafed\u001b[2J":[]}'.replace("\u001b", "\\u001b") }),
    code: "policy.key.missing",
  },
  {
    what: "a prefix of remapIdentity without end",
    request: () => ({
      ...named(identity),
      policyText: policy({
        type: "sigstoreSigned",
        keyData: "",
        signedIdentity: { type: "remapIdentity", prefix: "a/".repeat(long), signedPrefix: "b" },
      }),
    }),
    code: "policy.value.prefix",
  },
  {
    what: "an exactReference without end",
    request: () => ({
      ...named(identity),
      policyText: policy({
        type: "sigstoreSigned",
        keyData: "",
        signedIdentity: { type: "exactReference", dockerReference: `a${"__a".repeat(long)}` },
      }),
    }),
    code: "policy.value.reference",
  },
];
attackTable("identities and words", identities);

/** What a signature that nobody made says of itself. */
function claiming(dockerReference: string): object {
  const payload = {
    critical: {
      type: "cosign container image signature",
      image: { "docker-manifest-digest": `sha256:${"0".repeat(64)}` },
      identity: { "docker-reference": dockerReference },
    },
    optional: null,
  };
  const envelope = {
    mimeType: "application/vnd.dev.cosign.simplesigning.v1+json",
    payload: base64(JSON.stringify(payload)),
    annotations: { "dev.cosignproject.cosign/signature": "MAA=" },
  };
  return request(
    { image: "sigstore-key-tag", policy: "sigstore-key.json" },
    { signatures: [base64(sigstoreFile(JSON.stringify(envelope)))] },
  );
}
attackTable("claims of a signature", [
  ...[
    "\u202eerofeb",
    "\u001b[2J\u001b[31mAccepted\u001b[0m",
    "\u009b2J",
    "a\nAccepted: registry.example.com/vendor/app:1.0",
    "a\u2028Accepted",
    "\u0000",
    "\u{e0041}\u{e0042}",
    "x\u0301".repeat(1000),
    "x".repeat(2 * mebibyte),
    '"; accepted "',
  ].map(
    (claim): Attack => ({
      what: JSON.stringify(claim.slice(0, 40)),
      request: () => claiming(claim),
      code: "requirement.signature.not-accepted",
      signature: "signature.invalid",
    }),
  ),
]);

describe("the name of a key", async () => {
  const name = "Vendor\u202e\u001b[2J\u009b1m\nAccepted: registry.example.com/vendor/app:1.0\u2028\u{e0041}";
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name }],
    type: "rsa",
    rsaBits: 2048,
    format: "object",
  });
  const message = await openpgp.createMessage({ binary: Buffer.from("{}") });
  const signed: Uint8Array = await openpgp.sign({ message, signingKeys: privateKey, format: "binary" });
  const signature = Buffer.concat([Buffer.from("\0simple-signing\n"), signed]);
  const line = JSON.stringify({
    identity,
    manifest,
    signatures: [base64(signature)],
    policyText: policy({ type: "signedBy", keyType: "GPGKeys", keyData: base64(publicKey.write()) }),
  });
  for (const runtime of runtimes) {
    it(`is shown as the text that it is (${runtime.name})`, () => {
      const { stdout } = sealcheck(runtime, ["batch"], { input: `${line}\n` });
      const [printed = "", ...more] = stdout.split("\n");
      assert.deepEqual(more, [""]);
      assert.doesNotMatch(printed, /[\x00-\x1f\x7f-\x9f\u2028\u202e]|\udb40/);
      const verdict = JSON.parse(printed);
      assert.equal(verdict.requirements[0].signatures[0].code, "signature.payload.malformed");
      assert.doesNotMatch(verdict.message, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]|\udb40|^Accepted/m);
      assert.match(verdict.message, /\\u\{202e\}/);
    });
  }
});
