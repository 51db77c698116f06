import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { digestText } from "../../src/encoding/digest.ts";
import { readManifest } from "../../src/image/manifest.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const read = (text: string) => readManifest(Buffer.from(text));

/** The digest compared with signatures, or the code that there is none. */
function comparable(text: string): string {
  const { comparableDigest } = read(text);
  return comparableDigest.ok ? digestText(comparableDigest.value) : comparableDigest.problem.code;
}

const oci = "application/vnd.oci.image.manifest.v1+json";
const index = "application/vnd.oci.image.index.v1+json";
const schema1 = "application/vnd.docker.distribution.manifest.v1+json";
const signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";

describe("readManifest: the media type is guessed as the reference does", () => {
  const rows: [text: string, mediaType: string, why: string][] = [
    ["", "", "empty"],
    ["not JSON", "", "garbage"],
    ["null", "", "null"],
    ["[]", "", "a list"],
    ["{}", "", "nothing to go by"],
    [`{"mediaType":"${oci}"}`, oci, "a known type"],
    [`{"MEDIATYPE":"${schema2}"}`, schema2, "in any letter case"],
    [`{"mediaType":"${oci}","schemaVersion":1,"signatures":[]}`, oci, "counts before schemaVersion"],
    [`{"mediaType":"${oci}","schemaVersion":"2"}`, "", "one wrong type spoils it"],
    ['{"mediaType":"x/y","schemaVersion":1}', schema1, "an unknown type does not"],
    ['{"schemaVersion":1}', schema1, "schema 1"],
    ['{"schemaVersion":1.0}', "", "a fraction is no integer"],
    ['{"schemaVersion":1e0}', "", "nor is an exponent"],
    ['{"schemaVersion":1,"signatures":null}', schema1, "null signatures are none"],
    ['{"schemaVersion":1,"signatures":[]}', signed, "an empty list is some"],
    ['{"schemaVersion":1,"Signatures":0}', signed, "whatever they are"],
    ['{"schemaVersion":1,"signatures":1e999}', "", "but for a number beyond float64"],
    ['{"schemaVersion":2}', oci, "schema 2 without more"],
    ['{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json"}}', oci, "an OCI config"],
    [
      '{"schemaVersion":2,"config":{"mediaType":"application/vnd.docker.container.image.v1+json"}}',
      schema2,
      "a Docker config",
    ],
    ['{"schemaVersion":2,"manifests":[{}]}', index, "a list of manifests"],
    ['{"schemaVersion":2,"config":{"mediaType":1}}', "", "a config of the wrong type"],
    ['{"schemaVersion":3}', "", "another version"],
  ];
  for (const [text, mediaType, why] of rows) {
    it(`${text.slice(0, 80)}: ${why}`, () => assert.equal(read(text).facts.mediaType, mediaType));
  }
});

describe("readManifest: the digest is that of exactly the bytes", () => {
  for (const text of [
    "",
    "garbage",
    "{}",
    `{"mediaType":"${oci}"}`,
    `{"mediaType":"${oci}"}\n`,
    '{"schemaVersion":1}',
  ]) {
    it(JSON.stringify(text), () => {
      assert.equal(comparable(text), sha256(text));
      assert.equal(read(text).facts.sizeBytes, text.length);
    });
  }
});

describe("readManifest: what holds too much is not looked at", () => {
  const numbers = (count: number) => `[${Array(count - 1).fill("0")}]`;
  it("250,000 values", () => assert.equal(comparable(numbers(250_000)), sha256(numbers(250_000))));
  it("one more", () => {
    const { comparableDigest, excess } = read(numbers(250_001));
    assert.equal(excess?.code, "image.manifest.too-large");
    assert.deepEqual(comparableDigest, { ok: false, problem: excess });
  });
  it("also where a syntax error follows", () => {
    assert.equal(comparable(`${numbers(250_001)}x`), "image.manifest.too-large");
  });
});

const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = publicKey.export({ format: "jwk" });
const rsaJwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A signed schema 1 manifest (the JWS is not checked by the reference either, so it is left out). */
function pretty(
  block: unknown = {},
  header: unknown = { formatLength: body.length - 2, formatTail: encodeText("\n}") },
) {
  const signature = { header: { jwk, alg: "ES256" }, signature: "x", protected: encode(header), ...(block as object) };
  return `${body.slice(0, -2)},\n   "signatures": [${JSON.stringify(signature)}]\n}`;
}
const encodeText = (text: string) => Buffer.from(text).toString("base64url");
const body = '{\n   "schemaVersion": 1,\n   "name": "x"\n}';

/** The fingerprint of libtrust: base32 of 240 bits of SHA-256, in groups of four. */
function fingerprint(): string {
  const bits = [
    ...createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest(),
  ]
    .slice(0, 30)
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  const letters = bits.replaceAll(/.{5}/g, (five) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(Number.parseInt(five, 2)),
  );
  return letters.replaceAll(/.{4}(?=.)/g, "$&:");
}

describe("readManifest: schema 1 is digested without its signatures", () => {
  const stripped = sha256(body);
  const broken = "image.manifest.malformed";
  const tail = encodeText("\n}");
  const rows: [text: string, expected: string, why: string][] = [
    [pretty(), stripped, "as libtrust writes it"],
    [pretty({ header: { alg: "ES256" } }), stripped, "a key may be missing"],
    [pretty({ header: { jwk: rsaJwk } }), stripped, "an RSA key"],
    [pretty({ header: { jwk: { ...jwk, kid: fingerprint() } } }), stripped, "a key ID that is the key's"],
    [pretty({ header: { jwk: { ...jwk, kid: "AAAA" } } }), broken, "a key ID that is not"],
    [pretty({ header: { jwk: { ...jwk, kid: 1 } } }), broken, "a key ID that is no text"],
    [pretty({ header: { jwk: { ...jwk, x: "AA" } } }), broken, "a short coordinate"],
    [pretty({ header: { jwk: { ...jwk, crv: "P-192" } } }), broken, "an unknown curve"],
    [pretty({ header: { jwk: { ...jwk, y: jwk.x } } }), stripped, "a point off the curve, without key ID"],
    [pretty({ header: { jwk: { ...jwk, y: jwk.x, kid: "" } } }), stripped, "such a key has the empty key ID"],
    [pretty({ header: { jwk: { ...rsaJwk, d: "AA" } } }), broken, "a private exponent"],
    [pretty({ header: { jwk: { kty: "oct" } } }), broken, "an unknown kind of key"],
    [pretty({ header: { jwk: null } }), broken, "a null key"],
    [pretty({ header: { alg: 1 } }), broken, "a wrong type that does not matter"],
    [pretty({ header: { x5c: [1] } }), broken, "another one"],
    [pretty({ signature: 1 }), broken, "another one still"],
    [pretty({ signature: "anything" }), stripped, "the signature is not checked"],
    [pretty({ protected: "!" }), broken, "no base64"],
    [pretty({ protected: "" }), broken, "no header"],
    [pretty({}, { formatTail: tail }), broken, "no length"],
    [pretty({}, { formatLength: "1", formatTail: tail }), broken, "a length that is no number"],
    [pretty({}, { formatLength: body.length - 2 }), broken, "no tail"],
    [pretty({}, { formatLength: 1e6, formatTail: tail }), broken, "beyond the end"],
    [pretty({}, { formatLength: -1, formatTail: tail }), broken, "negative: the reference panics"],
    [pretty({}, { formatLength: body.length - 1.1, formatTail: tail }), stripped, "a fraction is cut off"],
    [pretty({}, { formatLength: 0, formatTail: encodeText(body) }), stripped, "all of it in the tail"],
    ['{"schemaVersion":1,"signatures":[]}', broken, "no signature, so no payload"],
    ['{"schemaVersion":1,"Signatures":[]}', broken, "found by one rule, missed by the other"],
    ['{"schemaVersion":1,"signatures":null,"Signatures":[]}', broken, "both"],
    [pretty().replace('"signatures"', '"Signatures"'), broken, "another letter case"],
    [`${pretty()}\n \t`, stripped, "blanks behind it"],
  ];
  for (const [text, expected, why] of rows) {
    it(why, () => assert.equal(comparable(text), expected));
  }
  it("there may be a hundred signatures, and no more", () => {
    const several = (count: number) =>
      pretty().replace(/("signatures": \[)(.*)(\])/, (_, begin, block, end) => begin + Array(count).fill(block) + end);
    assert.equal(comparable(several(100)), stripped);
    assert.equal(comparable(several(101)), broken);
  });
  it("two signatures must agree", () => {
    const both = (one: string, other: string) =>
      pretty().replace(/("signatures": \[)(.*)(\])/, (_, begin, block, end) => {
        const protectedBy = (formatTail: string) =>
          block.replace(
            /"protected":"[^"]*"/,
            `"protected":"${encode({ formatLength: body.length - 2, formatTail })}"`,
          );
        return `${begin}${protectedBy(one)},${protectedBy(other)}${end}`;
      });
    assert.equal(comparable(both(tail, tail)), stripped);
    assert.equal(comparable(both(tail, encodeText("}"))), broken);
  });
  it("a manifest without comparable digest still says what its bytes are", () => {
    const text = pretty({ protected: "!" });
    assert.equal(digestText(read(text).facts.digest), sha256(text));
  });
});

/**
 * A body whose signatures cover `payload`, as whoever makes one up writes it: no key is needed, as nobody checks the JWS.
 *
 * @param members what stands behind the payload's part of the body, before or behind the signatures
 */
function enveloped(payload: string, members: { readonly before?: string; readonly behind?: string }): string {
  const formatLength = payload.length - 1;
  const signatures = JSON.stringify([{ protected: encode({ formatLength, formatTail: encodeText("}") }) }]);
  const list = [members.before, `"signatures":${signatures}`, members.behind].filter((part) => part !== undefined);
  return `${payload.slice(0, -1)},${list.join(",")}}`;
}

/** What each member of the payload may be said to be again. */
const told =
  '{"schemaVersion":1,"name":"vendor/app","tag":"1.0","architecture":"amd64","fsLayers":[{"blobSum":"sha256:aa"}],' +
  '"history":[{"v1Compatibility":"{}"}],"n":1,"z":0,"big":9007199254740992,"o":{"a":{"b":[1,null,true]}},"e":[],"x":null}';

describe("readManifest: the body of a signed schema 1 manifest says what its digest covers, and nothing else", () => {
  const ambiguous = "image.manifest.ambiguous";
  const broken = "image.manifest.malformed";
  const same = sha256(told);
  const rows: [member: string, expected: string, why: string][] = [
    ['"fsLayers":[{"blobSum":"sha256:ee"}]', ambiguous, "other layers"],
    ['"fsLayers":[]', ambiguous, "no layers"],
    ['"fsLayers":[{"blobSum":"sha256:aa"},{"blobSum":"sha256:ee"}]', ambiguous, "one layer more"],
    ['"fsLayers":[{"blobSum":"sha256:aa"}]', same, "the same layers"],
    ['"fsLayers":[{"blobSum":"sha256:ee","blobSum":"sha256:aa"}]', same, "the last of two equal keys, deeper down"],
    ['"fsLayers":[{"blobSum":"sha256:aa","blobSum":"sha256:ee"}]', ambiguous, "which may differ"],
    ['"fsLayers":[{"BlobSum":"sha256:aa"}]', ambiguous, "another letter case, deeper down"],
    ['"fsLayers":[{"blobSum":"sha256:aa","x":null}]', ambiguous, "null more, deeper down"],
    ['"fsLayers":null', ambiguous, "null for a list"],
    ['"FSLAYERS":[{"blobSum":"sha256:aa"}]', ambiguous, "another letter case, the same value"],
    ['"fs\\u004cayers":[{"blob\\u0053um":"sha256:\\u0061a"}]', same, "escapes"],
    ['"fſLayers":[]', ambiguous, "a letter that folds into another"],
    ['"history":null', ambiguous, "null for another list"],
    ['"tag":"other"', ambiguous, "another tag"],
    ['"tag":"1.0"', same, "the same tag"],
    ['"tag":1.0', ambiguous, "the tag as a number"],
    ['"tag":"other","tag":"1.0"', same, "the last of two counts"],
    ['"tag":"1.0","tag":"other"', ambiguous, "the last of two counts here too"],
    ['"architecture":"am\\u0064\\u0036\\u0034"', same, "an escaped text"],
    ['"schemaVersion":1', same, "the same version"],
    ['"x":null', same, "the same null"],
    ['"y":null', ambiguous, "a null that the payload has not"],
    ['"x":0', ambiguous, "a number for null"],
    ['"x":false', ambiguous, "false for null"],
    ['"x":""', ambiguous, "the empty text for null"],
    ['"x":{}', ambiguous, "an object for null"],
    ['"":0', ambiguous, "the empty key"],
    ['"__proto__":{}', ambiguous, "the name of a prototype"],
    ['"constructor":{}', ambiguous, "what every object has"],
    ['"e":[]', same, "the same empty list"],
    ['"e":{}', ambiguous, "an empty object for an empty list"],
    ['"e":[null]', ambiguous, "a list of null"],
    ['"o":{"a":{"b":[1,null,true]}}', same, "the same object"],
    ['"o":{"a":{"b":[1.0,null,true]}}', same, "a number spelled in another way"],
    ['"o":{"a":{"b":[1,null,false]}}', ambiguous, "false for true"],
    ['"o":{"a":{"b":[null,1,true]}}', ambiguous, "another order"],
    ['"o":{"a":{}},"o":{"a":{"b":[1,null,true]}}', same, "objects of two equal keys do not merge"],
    ['"o":{"a":{"b":[1,null,true]}},"o":{}', ambiguous, "nor here"],
    ['"n":1e0', same, "an exponent"],
    ['"n":1.0000000000000000000001', same, "what float64 cannot tell apart"],
    ['"n":1.0000000000000003', ambiguous, "what it can"],
    ['"n":"1"', ambiguous, "a number as text"],
    ['"n":true', ambiguous, "a number as true"],
    ['"z":-0', same, "minus zero"],
    ['"z":1e-400', same, "below the smallest float64"],
    ['"z":1e400', broken, "beyond the largest"],
    ['"z":1e400,"z":0', broken, "also where a later one counts"],
    ['"big":9007199254740993', same, "an integer that is rounded to the same"],
    ['"big":9007199254740994', ambiguous, "one that is not"],
    ['"signature":[]', ambiguous, "a name that is nearly theirs"],
    ['"config":{}', ambiguous, "a field of other kinds"],
    ['"config":null', ambiguous, "null is none, but no member of the payload"],
  ];
  for (const [member, expected, why] of rows) {
    it(`${member} before the signatures: ${why}`, () =>
      assert.equal(comparable(enveloped(told, { before: member })), expected));
    it(`${member} behind them: ${why}`, () => assert.equal(comparable(enveloped(told, { behind: member })), expected));
  }

  const others: [text: string, expected: string, why: string][] = [
    [enveloped(told, {}), same, "nothing behind the payload"],
    [enveloped(told, { before: '"signatures":null' }), same, "null signatures before the real ones"],
    [enveloped(told, { before: '"signatures":[]' }), same, "an empty list of them"],
    [
      enveloped(told, { before: '"signatures":{"x":1e400}' }),
      sha256(enveloped(told, { before: '"signatures":{"x":1e400}' })),
      "with a number that is too large: no kind at all",
    ],
    [
      enveloped(told, { before: '"Signatures":null' }),
      ambiguous,
      "in another letter case they are a member like any other",
    ],
    [
      enveloped(told, { behind: '"Signatures":null' }),
      sha256(enveloped(told, { behind: '"Signatures":null' })),
      "but they make it unsigned, too, behind the real ones",
    ],
    [enveloped(told, { behind: '"Signatures":[]' }), ambiguous, "or not"],
    [enveloped(told, { behind: '"signatures":[]' }), broken, "an empty list in the place of the real ones"],
    [
      enveloped(told, { behind: '"signatures":null' }),
      sha256(enveloped(told, { behind: '"signatures":null' })),
      "null in their place: unsigned",
    ],
    [
      enveloped(told, { before: '"schemaVersion":2' }),
      sha256(enveloped(told, { before: '"schemaVersion":2' })),
      "another version: not schema 1",
    ],
    [
      enveloped(told, { before: '"schemaVersion":1e0' }),
      sha256(enveloped(told, { before: '"schemaVersion":1e0' })),
      "a version that is no integer: no kind at all",
    ],
    [
      enveloped(`{"signatures":null,${told.slice(1)}`, {}),
      ambiguous,
      "signatures in the payload are not left out there",
    ],
    [
      enveloped(`{"Config":null,${told.slice(1)}`, {}),
      sha256(`{"Config":null,${told.slice(1)}`),
      "a null field of another kind in the payload",
    ],
    [
      enveloped(`{"config":{},"CONFIG":null,${told.slice(1)}`, {}),
      sha256(`{"config":{},"CONFIG":null,${told.slice(1)}`),
      "where the last one counts",
    ],
    [enveloped(`{"config":null,"CONFIG":{},${told.slice(1)}`, {}), ambiguous, "here too"],
  ];
  for (const [text, expected, why] of others) it(why, () => assert.equal(comparable(text), expected));

  it("invalid UTF-8 counts as U+FFFD, one for each byte", () => {
    const latin = (text: string) => readManifest(Buffer.from(text, "latin1")).comparableDigest;
    const payload = '{"schemaVersion":1,"t":"\xff\xfe"}';
    const ok = latin(enveloped(payload, { before: '"t":"\\ufffd\\ud800"' }));
    assert.equal(ok.ok && ok.value.hex, createHash("sha256").update(payload, "latin1").digest("hex"));
    assert.equal(latin(enveloped(payload, { before: '"t":"\\ufffd"' })).ok, false);
  });
  it("a payload that ends within a character is read as what it is", () => {
    const text = '{"schemaVersion":1,"t":"\u00e9';
    const payload = Buffer.concat([Buffer.from(text).subarray(0, -1), Buffer.from('"}')]);
    const header = { formatLength: payload.length - 2, formatTail: encodeText('"}') };
    const manifest = `${text}","t":"\ufffd","signatures":${JSON.stringify([{ protected: encode(header) }])}}`;
    assert.equal(comparable(manifest), `sha256:${createHash("sha256").update(payload).digest("hex")}`);
  });
  it("says which member it is", () => {
    const { comparableDigest } = read(enveloped(told, { before: '"tag":"1.0","name":"other"' }));
    const problem = { code: ambiguous, flaw: "not-covered", untrustedKey: "name" };
    assert.deepEqual(comparableDigest, { ok: false, problem });
  });
  it("depth costs no stack", () => {
    const deep = `{"schemaVersion":1,"d":${"[".repeat(9999)}${"]".repeat(9999)}}`;
    assert.equal(comparable(enveloped(deep, { before: `"d":${"[ ".repeat(9999)}${"]".repeat(9999)}` })), sha256(deep));
    assert.equal(comparable(enveloped(deep, { before: `"d":${"[ ".repeat(9998)}${"]".repeat(9998)}` })), ambiguous);
  });
});

describe("readManifest: a made-up envelope does not pass for what is in it", () => {
  const foreign =
    '"schemaVersion":1,"mediaType":"","fsLayers":[{"blobSum":"sha256:ee"}],"history":[{"v1Compatibility":"{}"}]';
  const inner: [what: string, manifest: string][] = [
    ["an OCI manifest", `{"schemaVersion":2,"mediaType":"${oci}","config":{"size":2},"layers":[]}`],
    ["an OCI manifest without media type", '{"schemaVersion":2,"config":{"size":2},"layers":[]}'],
    ["an OCI index", `{"schemaVersion":2,"mediaType":"${index}","manifests":[]}`],
    ["a schema 2 manifest", `{"schemaVersion":2,"mediaType":"${schema2}","config":{"size":2},"layers":[]}`],
    ["a schema 1 manifest without signatures", '{"schemaVersion":1,"name":"x","fsLayers":[],"history":[]}'],
    ["an artifact", `{"schemaVersion":2,"mediaType":"${oci}","subject":{}}`],
    ["no known kind", '{"a":1}'],
  ];
  for (const [what, manifest] of inner) {
    it(`around ${what}`, () =>
      assert.equal(comparable(enveloped(manifest, { before: foreign })), "image.manifest.ambiguous"));
    it(`around ${what}, all of it in the tail`, () => {
      const header = { formatLength: 0, formatTail: encodeText(manifest) };
      const text = `{${foreign},"signatures":${JSON.stringify([{ protected: encode(header) }])}}`;
      assert.equal(comparable(text), "image.manifest.ambiguous");
    });
  }
  for (const field of ["config", "layers", "manifests"]) {
    const inKinds = [
      field,
      field.toUpperCase(),
      `${field.charAt(0).toUpperCase()}${field.slice(1)}`,
      field.replace("s", "ſ"),
    ];
    for (const name of new Set(inKinds)) {
      for (const value of ["{}", "[]", '""', "0", "false"]) {
        it(`"${name}":${value}, though signed and body agree`, () => {
          const text = enveloped(`{"schemaVersion":1,"${name}":${value},"fsLayers":[],"history":[]}`, {});
          const { comparableDigest } = read(text);
          const problem = { code: "image.manifest.ambiguous", flaw: "other-kind", untrustedKey: field };
          assert.deepEqual(comparableDigest, { ok: false, problem });
        });
      }
    }
  }
});

it("readManifest never throws", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void readManifest(bytes)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(JSON.stringify({ schemaVersion: 1, signatures: value }))));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(pretty({ header: { jwk: value } }))));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(pretty({}, value))));
});
