import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Verdict } from "../../src/judge/verdict.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { verdictDocument } from "../../src/text/document.ts";
import {
  accepted,
  badSignature,
  errored,
  fulcio,
  goodSignature,
  hex,
  met,
  notMet,
  refused,
  rejected,
  signedBy,
  signers,
} from "./verdicts.ts";

const schema: object = JSON.parse(readFileSync(new URL("../../docs/verdict.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(
  schema,
);

/** As printed: `undefined` and anything else that JSON does not have would be lost on the way. */
function printed(verdict: Verdict, id?: string): unknown {
  const text = JSON.stringify(verdictDocument(verdict, id === undefined ? {} : { id }));
  assert.doesNotMatch(text, /\n/);
  return JSON.parse(text);
}

const noKeyFile = { code: "policy.trust.unreadable", source: "/k", reason: "no such file or directory" } as const;
const verdicts: Readonly<Record<string, Verdict>> = {
  accepted: accepted(
    met({ type: "insecureAcceptAnything" }),
    met(signedBy, goodSignature("signature-1", signers.openpgp)),
    met(signedBy, goodSignature("signature-1", { ...signers.openpgp, userId: undefined })),
    met(fulcio, goodSignature("signature-2", signers.certificate)),
    met(
      fulcio,
      goodSignature("signature-2", { ...signers.certificate, oidcIssuer: undefined, loggedAtSeconds: -1e15 }),
    ),
    met(fulcio, goodSignature("signature-2", signers.key)),
  ),
  rejected: refused(
    signedBy,
    badSignature("signature-1", { code: "signature.key.unknown", untrustedKeyId: "199E2F91FD431D51" }),
    badSignature("signature-2", { code: "signature.digest.mismatch", signedDigest: `sha256:${hex}` }, signers.openpgp),
  ),
  "rejected before any requirement": rejected({
    code: "requirement.identity.digest-mismatch",
    expected: { algorithm: "sha512", hex: hex + hex },
    actual: { algorithm: "sha256", hex },
    isInstance: false,
  }),
  "error in a requirement": errored(noKeyFile, notMet(signedBy, noKeyFile)),
  "error before the policy": errored({ code: "policy.missing", searched: ["/etc/containers/policy.json"] }),
};

describe("the JSON document is as the published schema says", () => {
  for (const [name, verdict] of Object.entries(verdicts)) {
    it(name, () => assert.ok(validate(printed(verdict, "a request")), JSON.stringify(validate.errors)));
  }

  it("the schema refuses what is no verdict", () => {
    const good = printed(accepted(met(signedBy, goodSignature("signature-1", signers.openpgp))));
    assert.ok(validate(good));
    for (const change of [
      { outcome: "rejected" },
      { exitCode: 1 },
      { code: "requirement.reject" },
      { surprise: 1 },
      { manifest: null },
      { requirements: [] },
      { version: 2 },
    ]) {
      assert.ok(!validate({ ...Object(good), ...change }), JSON.stringify(change));
    }
  });
});

describe("verdictDocument", () => {
  it("names, order and values of the fields", () => {
    const verdict = accepted(met(fulcio, goodSignature("signature-1", signers.certificate)));
    const document = { ...verdictDocument(verdict, { id: "7" }), message: "", reason: "" };
    const [requirement] = document.requirements;
    const [signature] = requirement?.signatures ?? [];
    assert.deepEqual(Object.entries({ ...document, requirements: [] }), [
      ["version", 1],
      ["id", "7"],
      ["outcome", "accepted"],
      ["code", "accepted"],
      ["exitCode", 0],
      ["message", ""],
      ["reason", ""],
      ["identity", "docker://registry.redhat.io/rhel9/firefox:latest"],
      ["manifest", { digest: `sha256:${hex}`, mediaType: "application/vnd.oci.image.manifest.v1+json", size: 406 }],
      ["policy", { path: "/etc/containers/policy.json", transport: "docker", scope: "registry.redhat.io" }],
      ["requirements", []],
    ]);
    assert.deepEqual(Object.keys(requirement ?? {}), ["type", "satisfied", "code", "message", "signatures"]);
    assert.deepEqual(signature, {
      name: "signature-1",
      format: "sigstore",
      accepted: true,
      code: "signature.accepted",
      message: signature?.message,
      signer: {
        kind: "certificate",
        subject: "CN=builder",
        issuer: "CN=Test Fulcio,O=example",
        emails: ["builder@vendor.example.com"],
        oidcIssuer: "https://oauth.example.com/auth",
        certificateSha256: hex,
        loggedAt: "2024-02-01T12:01:00Z",
      },
      claimed: {},
    });
  });

  it("what is not known: null, empty or absent", () => {
    const document = verdictDocument(errored({ code: "policy.missing", searched: [] }));
    assert.deepEqual(
      { ...document, message: "", reason: "", policy: { ...document.policy, path: null } },
      {
        version: 1,
        outcome: "error",
        code: "policy.missing",
        exitCode: 3,
        message: "",
        reason: "",
        identity: null,
        manifest: null,
        policy: { path: null, transport: "", scope: "" },
        requirements: [],
      },
    );
  });

  it("foreign text is kept as it is: JSON escapes it", () => {
    const userId = 'a\n\u{1b}"\u{202e}';
    const verdict = accepted(met(signedBy, goodSignature("signature-1", { ...signers.openpgp, userId })));
    const signer = verdictDocument(verdict).requirements[0]?.signatures[0]?.signer;
    assert.ok(signer?.kind === "openpgp");
    assert.equal(signer.userId, userId);
  });
});

it("an invalid policy lists each problem with its place", () => {
  const parsed = parsePolicy(Buffer.from('{\n  "default": [{"type": "reject", "x": 1}],\n  "y": {}\n}'), {});
  assert.ok(!parsed.ok);
  const [first] = parsed.problem;
  assert.ok(first);
  const document = verdictDocument(errored({ code: first.code, problems: parsed.problem }));
  assert.deepEqual(
    document.problems?.map(({ code, line, column, path }) => ({ code, line, column, path })),
    [
      { code: "policy.key.unknown", line: 2, column: 34, path: ["default", 0, "x"] },
      { code: "policy.key.unknown", line: 3, column: 3, path: ["y"] },
    ],
  );
  assert.equal(validate(document), true, JSON.stringify(validate.errors));
});
