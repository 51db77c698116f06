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
    [pretty({}, { formatLength: 1.9, formatTail: "" }), sha256("{"), "a fraction is cut off"],
    ['{"schemaVersion":1,"signatures":[]}', sha256(""), "no signature, no length"],
    ['{"schemaVersion":1,"Signatures":[]}', broken, "found by one rule, missed by the other"],
    ['{"schemaVersion":1,"signatures":null,"Signatures":[]}', sha256(""), "both"],
  ];
  for (const [text, expected, why] of rows) {
    it(why, () => assert.equal(comparable(text), expected));
  }
  it("two signatures must agree", () => {
    const one = (formatTail: string) => ({ protected: encode({ formatLength: 1, formatTail }) });
    const text = (tails: string[]) => `{"schemaVersion":1,"signatures":${JSON.stringify(tails.map(one))}}`;
    assert.equal(comparable(text(["YQ", "YQ"])), sha256("{a"));
    assert.equal(comparable(text(["YQ", "Yg"])), broken);
  });
  it("a manifest without comparable digest still says what its bytes are", () => {
    const text = pretty({ protected: "!" });
    assert.equal(digestText(read(text).facts.digest), sha256(text));
  });
});

it("readManifest never throws", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void readManifest(bytes)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(JSON.stringify({ schemaVersion: 1, signatures: value }))));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(pretty({ header: { jwk: value } }))));
  fc.assert(fc.property(fc.jsonValue(), (value) => void read(pretty({}, value))));
});
