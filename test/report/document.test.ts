import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BackEndOpinion } from "../../src/crypto/openpgp/back-end.ts";
import { parsePolicy } from "../../src/policy/parse-policy.ts";
import { verdictDocument } from "../../src/report/document.ts";
import type { Verdict } from "../../src/verdict/verdict.ts";
import { isDocumentedVerdict, isVerdict, publishedSchema } from "../support/verdict-schema.ts";
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
} from "../words/verdicts.ts";

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
    it(name, () => {
      const document = printed(verdict, "a request");
      assert.ok(isVerdict(document), JSON.stringify(isVerdict.errors));
      assert.ok(
        isDocumentedVerdict(document),
        `a field is not described: ${JSON.stringify(isDocumentedVerdict.errors)}`,
      );
    });
  }

  it("the schema refuses what is no verdict", () => {
    const good = printed(accepted(met(signedBy, goodSignature("signature-1", signers.openpgp))));
    assert.ok(isVerdict(good));
    for (const change of [
      { outcome: "rejected" },
      { exitCode: 1 },
      { code: "requirement.reject" },
      { manifest: null },
      { requirements: [] },
      { version: 2 },
    ]) {
      assert.ok(!isVerdict({ ...Object(good), ...change }), JSON.stringify(change));
    }
  });

  it("the schema knows what the back ends said, and refuses what cannot be", () => {
    const opinions = (problem: BackEndOpinion["problem"]): readonly BackEndOpinion[] => [
      { backEnd: "gnupg", problem: undefined },
      { backEnd: "sequoia", problem },
    ];
    const weak = { code: "signature.openpgp.malformed", detail: "" } as const;
    const good = { ...goodSignature("signature-1", signers.openpgp), opinions: opinions(undefined) };
    const bad = { ...badSignature("signature-1", weak), opinions: opinions(weak) };
    for (const verdict of [accepted(met(signedBy, good)), refused(signedBy, bad)]) {
      const document = printed(verdict);
      assert.ok(isDocumentedVerdict(document), JSON.stringify(isDocumentedVerdict.errors));
    }
    // Accepted, and one of them refuses.
    assert.ok(!isVerdict(printed(accepted(met(signedBy, { ...good, opinions: opinions(weak) })))));
    const text = JSON.stringify(printed(refused(signedBy, bad)));
    for (const [from, to] of [
      ['{"name":"gnupg","accepted":true}', '{"name":"gpgme","accepted":true}'],
      ['{"name":"gnupg","accepted":true}', '{"name":"gnupg","accepted":false}'],
      ['{"name":"gnupg","accepted":true}', '{"name":"gnupg","accepted":true,"code":"signature.invalid"}'],
      ['{"name":"gnupg","accepted":true}', '{"name":"gnupg"}'],
    ] as const) {
      assert.ok(text.includes(from));
      assert.ok(!isVerdict(JSON.parse(text.replace(from, to))), to);
    }
  });

  it("the schema allows fields that a later release may add, anywhere; ours are all described in it", () => {
    const verdict = accepted(met(fulcio, goodSignature("signature-1", signers.certificate)));
    const documents = [printed(verdict), printed(invalidPolicy())];
    let places = 0;
    for (const document of documents) {
      for (const changed of withOneMoreField(document)) {
        places += 1;
        assert.ok(isVerdict(changed), JSON.stringify(changed));
        assert.ok(!isDocumentedVerdict(changed), JSON.stringify(changed));
      }
    }
    // The verdict, its manifest, policy, requirement, signature, signer and claims; that of the policy, and its problems.
    assert.equal(places, 7 + 4);
    assert.ok(!JSON.stringify(publishedSchema).includes("additionalProperties"));
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

/** The document with a new field in one of its objects, for each of them. */
function* withOneMoreField(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { ...value, surprise: 1 };
  for (const [key, member] of Object.entries(value)) {
    for (const changed of withOneMoreField(member)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

function invalidPolicy(): Verdict {
  const parsed = parsePolicy(Buffer.from('{\n  "default": [{"type": "reject", "x": 1}],\n  "y": {}\n}'), {});
  assert.ok(!parsed.ok);
  const [first] = parsed.problem;
  assert.ok(first);
  return errored({ code: first.code, problems: parsed.problem });
}

it("an invalid policy lists each problem with its place", () => {
  const document = verdictDocument(invalidPolicy());
  assert.deepEqual(
    document.problems?.map(({ code, line, column, path }) => ({ code, line, column, path })),
    [
      { code: "policy.key.unknown", line: 2, column: 34, path: ["default", 0, "x"] },
      { code: "policy.key.unknown", line: 3, column: 3, path: ["y"] },
    ],
  );
  assert.ok(isDocumentedVerdict(document), JSON.stringify(isDocumentedVerdict.errors));
});
