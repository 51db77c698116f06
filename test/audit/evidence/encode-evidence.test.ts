import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { noEvidence } from "../../../src/audit/evidence/collect.ts";
import { decodeEvidence, encodeEvidence } from "../../../src/audit/evidence/encode-evidence.ts";
import {
  type BlobEvidence,
  type Evidence,
  type Finding,
  type ManifestEvidence,
  StoreFailed,
} from "../../../src/audit/evidence/evidence.ts";
import { isComplete } from "../../../src/audit/evidence/is-complete.ts";
import type { Digest } from "../../../src/encoding/digest.ts";
import type { SignatureOrigin } from "../../../src/image/image.ts";
import type { ImageProblem } from "../../../src/image/problem.ts";

const text = fc.string({ unit: "binary", maxLength: 12 });
const count = fc.oneof(
  fc.nat(),
  fc.double({ noDefaultInfinity: true, noNaN: true }).filter((n) => !Object.is(n, -0)),
);
const texts = fc.array(text, { maxLength: 3 });
const hex = (length: number) =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((all) => all.join(""));
const digest: fc.Arbitrary<Digest> = fc.oneof(
  hex(64).map((value) => ({ algorithm: "sha256", hex: value }) as const),
  hex(96).map((value) => ({ algorithm: "sha384", hex: value }) as const),
  hex(128).map((value) => ({ algorithm: "sha512", hex: value }) as const),
);

/** Each kind that there is; the compiler sees that no code is left out. */
type Kinds = { readonly [C in ImageProblem["code"]]: readonly (readonly [fields: object, optional?: object])[] };

const access = { mirrors: fc.constant([]) };
const registryCode = { registryCode: text, ...access };
const config = [
  [
    { path: text, reason: text },
    { line: fc.nat(), column: fc.nat() },
  ],
] as const;
const kinds: Kinds = {
  "source.unreachable": [[{ from: text, reason: text }, access]],
  "source.timeout": [
    [{ from: text, phase: fc.constantFrom("connect", "answer", "body", "image"), seconds: count }, access],
  ],
  "source.tls": [[{ from: text, reason: text }, access]],
  "source.unauthorized": [
    [{ from: text, status: fc.nat(), hasCredentials: fc.boolean(), untrustedMessage: text }, registryCode],
  ],
  "source.not-found": [[{ from: text, wanted: text, untrustedMessage: text }, registryCode]],
  "source.throttled": [[{ from: text, attempts: fc.nat() }, access]],
  "source.refused": [[{ from: text, status: fc.nat(), untrustedMessage: text }, registryCode]],
  "source.malformed": [[{ from: text, detail: text }, access]],
  "source.blocked": [[{ from: text }, access]],
  "config.registries.invalid": config,
  "config.location.invalid": config,
  "config.registries-d.invalid": config,
  "config.credentials.invalid": config,
  "config.certificates.invalid": config,
  "image.source.unreadable": [[{ path: text, reason: text }, { isForSignatures: fc.boolean() }]],
  "image.source.malformed": [
    [{ name: text, detail: text }],
    [{ name: text, found: fc.constantFrom(undefined, "dir", "oci", "oci-archive", "docker-archive") }],
  ],
  "image.source.not-found": [[{ wanted: text, untrustedNames: texts }]],
  "image.source.ambiguous": [
    [
      { count: fc.nat(), untrustedNames: texts },
      { wanted: text, hasAttachments: fc.boolean() },
    ],
  ],
  "image.source.changed": [[{ path: text }, { missing: text }]],
  "image.archive.malformed": [[{ detail: text }], [{ compression: fc.constantFrom("bzip2", "xz") }]],
  "image.archive.member": [[{ untrustedName: text, flaw: fc.constantFrom("path", "encoding", "link", "too-large") }]],
  "image.archive.too-large": [[{ maxBytes: fc.nat() }]],
  "image.version.unsupported": [[{ untrustedVersion: text }]],
  "image.manifest.missing": [[{ path: text }, { layout: fc.constant("oci") }]],
  "image.manifest.too-large": [[{ maxBytes: fc.nat() }], [{ maxValues: fc.nat() }], [{ maxImages: fc.nat() }]],
  "image.manifest.malformed": [[{ detail: text }]],
  "image.manifest.ambiguous": [[{ flaw: fc.constantFrom("other-kind", "not-covered"), untrustedKey: text }]],
  "image.manifest.digest-mismatch": [[{ expected: digest, actual: digest }]],
  "image.instance.missing": [[{ digest, platform: text }]],
  "image.platform.missing": [[{ wanted: text, untrustedPlatforms: texts }]],
  "image.blob.missing": [[{ missing: texts }]],
  "image.blob.corrupt": [[{ corrupt: texts, missing: texts }]],
  "image.file.unreadable": [[{ name: text, reason: text }]],
  "image.file.symlink": [[{ name: text }]],
  "image.file.special": [[{ name: text }]],
  "image.signature.too-large": [[{ name: text }, { maxBytes: fc.nat(), maxValues: fc.nat() }]],
  "image.signature.too-many": [[{ maxCount: fc.nat() }]],
  "image.signature.empty": [[{ name: text }]],
  "image.signature.format": [
    [{ name: text, detail: text }, { mistaken: fc.constantFrom("armour", "bundle", "web-page", "json") }],
  ],
  "image.signature.malformed": [[{ name: text, detail: text }]],
};

const plainProblems = Object.entries(kinds).map(([code, variants]) => ({
  code,
  of: fc.oneof(
    ...variants.map(
      ([fields, optional = {}]) =>
        fc.record({ code: fc.constant(code), ...fields, ...optional } as Record<string, fc.Arbitrary<unknown>>, {
          requiredKeys: ["code", ...Object.keys(fields)] as never,
        }) as unknown as fc.Arbitrary<ImageProblem>,
    ),
  ),
}));
const failures = plainProblems.filter(({ code }) => /^(source|config)\./.test(code)).map(({ of }) => of);
const mirrored = fc.tuple(
  fc.oneof(...failures),
  fc.array(fc.record({ location: text, failure: fc.oneof(...failures) }), { maxLength: 3 }),
);
const problem: fc.Arbitrary<ImageProblem> = fc.oneof(
  ...plainProblems.map(({ of }) => of),
  mirrored.map(([primary, mirrors]): ImageProblem => {
    if (primary.code.startsWith("config.")) return primary;
    const failuresOf = mirrors.map(({ location, failure }) => {
      const { mirrors: _, ...own } = failure as ImageProblem & { mirrors?: unknown };
      return { location, failure: own };
    });
    return { ...primary, mirrors: failuresOf } as ImageProblem;
  }),
);

const key = hex(64);
const finding = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<Finding<T>> =>
  fc.oneof(fc.record({ found: of }), fc.record({ problem }));
const manifest = {
  manifest: finding(key),
  untrustedMediaType: text,
  signatures: finding(fc.array(key, { maxLength: 3 })),
};
const ofManifest = fc.record(manifest, { requiredKeys: ["manifest"] }) as fc.Arbitrary<ManifestEvidence>;
const origin: fc.Arbitrary<SignatureOrigin> = fc.oneof(
  fc.record({
    kind: fc.constant("registry" as const),
    repository: text,
    lookaside: fc.option(text, { nil: undefined }),
    useAttachments: fc.boolean(),
  }),
  fc.record(
    { kind: fc.constant("files" as const), path: text, hasAttachments: fc.boolean() },
    { requiredKeys: ["kind", "path"] },
  ),
  fc.record(
    { kind: fc.constant("attachment" as const), path: text, isEmpty: fc.boolean() },
    { requiredKeys: ["kind", "path"] },
  ),
  fc.record({ kind: fc.constantFrom("directory" as const, "storage" as const), path: text }),
  fc.record({ kind: fc.constant("none" as const) }),
) as fc.Arbitrary<SignatureOrigin>;
const blob: fc.Arbitrary<BlobEvidence> = fc.record({
  digest,
  sizeBytes: fc.option(count, { nil: undefined }),
  untrustedUrls: texts,
  finding: finding(fc.constantFrom("right" as const, "missing" as const, "corrupt" as const)),
});
const image = fc.record(
  {
    ...manifest,
    ...{ version: fc.constant(1 as const), kind: fc.constant("image" as const), transport: text },
    opened: fc.record({ name: text, servedBy: text, digest }),
    signaturesFrom: origin,
    signaturesFoundIn: origin,
    unreadSignature: fc.record({ name: text, missing: text }),
    instances: fc
      .uniqueArray(fc.tuple(hex(64), ofManifest), { selector: ([name]) => name, maxLength: 3 })
      .map((pairs) => new Map(pairs.map(([name, each]) => [`sha256:${name}`, each]))),
    blobs: fc.record({ mode: fc.constantFrom("head", "all"), list: fc.array(blob, { maxLength: 3 }) }),
  },
  { requiredKeys: ["version", "kind", "transport", "manifest", "signaturesFrom", "instances"] },
) as fc.Arbitrary<Evidence>;
const evidence: fc.Arbitrary<Evidence> = fc.oneof(
  image,
  fc.tuple(text, problem).map(([transport, of]) => noEvidence(transport, of)),
);

describe("evidence that was written is read again", () => {
  for (const { code, of } of plainProblems) {
    it(`with a problem ${code}`, () => {
      fc.assert(
        fc.property(of, (each) => {
          const before = noEvidence("docker", each);
          assert.deepStrictEqual(decodeEvidence(encodeEvidence(before)), structuredClone(before));
        }),
        { numRuns: 30 },
      );
    });
  }

  it("of any kind; and the same evidence is the same bytes", () => {
    fc.assert(
      fc.property(evidence, (before) => {
        const bytes = encodeEvidence(before);
        const after = decodeEvidence(bytes);
        // A copy has the usual prototype.
        assert.deepStrictEqual(after, structuredClone(before));
        assert.deepStrictEqual(Buffer.from(encodeEvidence(after)), Buffer.from(bytes));
      }),
      { numRuns: 400 },
    );
  });
});

const whole = {
  version: 1,
  kind: "image",
  transport: "docker",
  manifest: { found: "0".repeat(64) },
  signaturesFrom: { kind: "none" },
  instances: [],
};
const asEvidence = (changes: object) => Buffer.from(JSON.stringify({ ...whole, ...changes }));

describe("what is not evidence of this version is refused", () => {
  it("but for what it is changed from", () => {
    assert.deepEqual(decodeEvidence(asEvidence({})), { ...whole, instances: new Map() });
  });

  const name = `sha256:${"0".repeat(64)}`;
  const instance = [name, { manifest: whole.manifest }];
  const blobs = (...list: readonly unknown[]) => ({ blobs: { mode: "head", list } });
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ["nothing", Buffer.from("")],
    ["no JSON", Buffer.from("{")],
    ["no UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["no object", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["another version", asEvidence({ version: 2 })],
    ["no version", asEvidence({ version: undefined })],
    ["another kind", asEvidence({ kind: "verdict" })],
    ["a field more", asEvidence({ outcome: "accepted" })],
    ["a prototype", Buffer.from(`{"__proto__":{},${JSON.stringify(whole).slice(1)}`)],
    ["no manifest", asEvidence({ manifest: undefined })],
    [
      "both found and not",
      asEvidence({ manifest: { found: "0".repeat(64), problem: { code: "source.blocked", from: "" } } }),
    ],
    ["a key that is a path", asEvidence({ manifest: { found: `${"../".repeat(21)}x` } })],
    ["a key in capitals", asEvidence({ manifest: { found: "A".repeat(64) } })],
    ["a signature that is none", asEvidence({ signatures: { found: [1] } })],
    ["too many signatures", asEvidence({ signatures: { found: Array(1001).fill("0".repeat(64)) } })],
    ["an unknown place of signatures", asEvidence({ signaturesFrom: { kind: "elsewhere" } })],
    ["an instance twice", asEvidence({ instances: [instance, instance] })],
    ["an instance without a digest", asEvidence({ instances: [["amd64", instance[1]]] })],
    ["an instance in three parts", asEvidence({ instances: [[...instance, 1]] })],
    [
      "too many instances",
      asEvidence({
        instances: Array.from({ length: 201 }, (_, at) => [`sha256:${`${at}`.padStart(64, "0")}`, instance[1]]),
      }),
    ],
    ["an unknown way to look at blobs", asEvidence({ blobs: { mode: "present", list: [] } })],
    ["an unknown finding", asEvidence(blobs([name, 1, [], "accepted"]))],
    ["a blob without a digest", asEvidence(blobs(["x", 1, [], "right"]))],
    ["a size that is a text", asEvidence(blobs([name, "1", [], "right"]))],
    ["a blob in three parts", asEvidence(blobs([name, 1, "right"]))],
    ["a problem with an unknown code", asEvidence({ manifest: { problem: { code: "accepted" } } })],
    ["a problem with an inherited code", asEvidence({ manifest: { problem: { code: "constructor" } } })],
    ["a problem that lacks a field", asEvidence({ manifest: { problem: { code: "source.tls", from: "a" } } })],
    [
      "a problem with a field more",
      asEvidence({ manifest: { problem: { code: "source.blocked", from: "a", reason: "" } } }),
    ],
    [
      "mirrors of a mirror",
      asEvidence({
        manifest: {
          problem: {
            code: "source.blocked",
            from: "a",
            mirrors: [{ location: "b", failure: { code: "source.blocked", from: "b", mirrors: [] } }],
          },
        },
      }),
    ],
  ];
  for (const [what, bytes] of rows) {
    it(what, () => {
      assert.throws(() => decodeEvidence(bytes), StoreFailed);
    });
  }
});

describe("what was only not to be had at that time is told from what there is", () => {
  const from = "a.example.com";
  const refused = (status: number): ImageProblem => ({ code: "source.refused", from, status, untrustedMessage: "" });
  const gone: ImageProblem = { code: "source.not-found", from, wanted: "b", untrustedMessage: "" };
  const rows: readonly (readonly [string, ImageProblem, boolean])[] = [
    ["no connection", { code: "source.unreachable", from, reason: "reset" }, false],
    ["no answer", { code: "source.timeout", from, phase: "answer", seconds: 1 }, false],
    ["asked too often", { code: "source.throttled", from, attempts: 5 }, false],
    ["500", refused(500), false],
    ["418", refused(418), true],
    ["not there", gone, true],
    [
      "not there, and a mirror does not answer",
      { ...gone, mirrors: [{ location: "m", failure: { code: "source.unreachable", from, reason: "" } }] },
      false,
    ],
    ["forbidden", { code: "source.unauthorized", from, status: 403, hasCredentials: true, untrustedMessage: "" }, true],
    ["blocked", { code: "source.blocked", from }, true],
    ["a file that is wrong", { code: "config.registries.invalid", path: "x", reason: "" }, true],
    ["a storage that was written to", { code: "image.source.changed", path: "x" }, false],
  ];
  const whole = {
    version: 1,
    kind: "image",
    transport: "docker",
    manifest: { found: "" },
    signaturesFrom: { kind: "none" },
  } as const;
  const blob = { digest: { algorithm: "sha256", hex: "" }, sizeBytes: 1, untrustedUrls: [] } as const;
  for (const [what, of, wanted] of rows) {
    it(what, () => {
      const instance = { manifest: { found: "" } };
      const places: readonly Evidence[] = [
        noEvidence("docker", of),
        { ...whole, manifest: { problem: of }, instances: new Map() },
        { ...whole, signatures: { problem: of }, instances: new Map() },
        { ...whole, instances: new Map([["x", { manifest: { problem: of } }]]) },
        { ...whole, instances: new Map([["x", { ...instance, signatures: { problem: of } }]]) },
        { ...whole, instances: new Map(), blobs: { mode: "head", list: [{ ...blob, finding: { problem: of } }] } },
      ];
      assert.deepEqual(
        places.map(isComplete),
        places.map(() => wanted),
      );
    });
  }
});
