import assert from "node:assert/strict";
import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { checkByNodeCrypto } from "../../src/crypto/ecdsa-check.ts";
import { type PublicKey, parsePublicKeyPem, usableForBlobs, verifyBlob } from "../../src/crypto/public-key.ts";
import { encodeDerInteger, encodeDerOid } from "../../src/encoding/der-writer.ts";
import { testRows } from "../identity/rows.ts";
import { bitString, element, pem, sequence } from "../support/certificates.ts";

const verifies = (key: PublicKey, message: Uint8Array, signature: Uint8Array) =>
  verifyBlob(key, { message, signature }, checkByNodeCrypto);

const message = Buffer.from("payload");
const other = Buffer.from("another payload");

function parse(spki: Uint8Array): PublicKey {
  const key = parsePublicKeyPem(Buffer.from(pem("PUBLIC KEY", spki)));
  assert.ok(key.ok, key.ok ? "" : key.problem.detail);
  return key.value;
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const p256Spki = spkiOf(p256.publicKey);
const p256Point = p256Spki.subarray(-65);
const rsaPkcs1 = rsa.publicKey.export({ type: "pkcs1", format: "der" });

const ecAlgorithm = (curve: string): Uint8Array => sequence(encodeDerOid("1.2.840.10045.2.1"), encodeDerOid(curve));
const derNull = Uint8Array.of(5, 0);
const rsaAlgorithm = sequence(encodeDerOid("1.2.840.113549.1.1.1"), derNull);
const p256Oid = "1.2.840.10045.3.1.7";

/** An RSA key whose numbers need not make sense. */
function rsaSpki(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return sequence(rsaAlgorithm, bitString(sequence(modulus, exponent)));
}

function edwards(oid: string, key: Uint8Array, parameters: Uint8Array = new Uint8Array()): Uint8Array {
  return sequence(sequence(encodeDerOid(oid), parameters), bitString(key));
}

describe("parsePublicKeyPem", () => {
  interface Row {
    readonly what: string;
    readonly pem: string;
    readonly kind: PublicKey["kind"] | undefined;
    readonly why: string;
  }
  const key = (what: string, spki: Uint8Array, kind: Row["kind"], why: string): Row => {
    return { what, pem: pem("PUBLIC KEY", spki), kind, why };
  };
  const compressed = Buffer.concat([Uint8Array.of(2), p256Point.subarray(1, 33)]);
  const hybrid = Buffer.concat([Uint8Array.of(6), p256Point.subarray(1)]);
  const offCurve = Buffer.from(p256Point);
  offCurve[64] = (offCurve[64] ?? 0) ^ 1;
  const seven = encodeDerInteger(7n);
  const rows: readonly Row[] = [
    key("P-256", p256Spki, "ecdsa", "the usual one"),
    key("RSA-1024", spkiOf(rsa.publicKey), "rsa", "Go's default still takes 1024 bits"),
    key("Ed25519", spkiOf(ed25519.publicKey), "ed25519", "pure"),
    { what: "PKCS #1", pem: pem("RSA PUBLIC KEY", rsaPkcs1), kind: "rsa", why: "the other type of block" },
    { what: "PKCS #1 as PUBLIC KEY", pem: pem("PUBLIC KEY", rsaPkcs1), kind: undefined, why: "types are not mixed" },
    { what: "PKIX as RSA", pem: pem("RSA PUBLIC KEY", p256Spki), kind: undefined, why: "types are not mixed" },
    { what: "certificate type", pem: pem("CERTIFICATE", p256Spki), kind: undefined, why: "not a key's type" },
    { what: "no PEM", pem: p256Spki.toString("base64"), kind: undefined, why: "DER alone is not read" },
    { what: "empty", pem: "", kind: undefined, why: "nothing" },
    {
      what: "two blocks",
      pem: pem("PUBLIC KEY", p256Spki) + pem("X", derNull),
      kind: "ecdsa",
      why: "the first block only",
    },
    { what: "second block", pem: pem("X", derNull) + pem("PUBLIC KEY", p256Spki), kind: undefined, why: "first only" },
    key("trailing data", Buffer.concat([p256Spki, derNull]), undefined, "after the key"),
    key("compressed point", sequence(ecAlgorithm(p256Oid), bitString(compressed)), undefined, "uncompressed only"),
    key("hybrid point", sequence(ecAlgorithm(p256Oid), bitString(hybrid)), undefined, "uncompressed only"),
    key("off the curve", sequence(ecAlgorithm(p256Oid), bitString(offCurve)), undefined, "one bit of y"),
    key("infinity", sequence(ecAlgorithm(p256Oid), bitString(Uint8Array.of(0))), undefined, "no point"),
    key("wrong curve", sequence(ecAlgorithm("1.3.132.0.34"), bitString(p256Point)), undefined, "P-384 by name"),
    key("secp256k1", sequence(ecAlgorithm("1.3.132.0.10"), bitString(p256Point)), undefined, "not one of Go's curves"),
    key("no curve", sequence(sequence(encodeDerOid("1.2.840.10045.2.1")), bitString(p256Point)), undefined, "absent"),
    key(
      "extra field",
      sequence(ecAlgorithm(p256Oid), bitString(p256Point), derNull),
      "ecdsa",
      "encoding/asn1 ignores it",
    ),
    key(
      "RSA without NULL",
      sequence(sequence(encodeDerOid("1.2.840.113549.1.1.1")), bitString(rsaPkcs1)),
      undefined,
      "RFC 3279",
    ),
    key(
      "RSA-PSS OID",
      sequence(sequence(encodeDerOid("1.2.840.113549.1.1.10")), bitString(rsaPkcs1)),
      undefined,
      "not known",
    ),
    key("RSA of 7 and 3", rsaSpki(seven, encodeDerInteger(3n)), "rsa", "sizes are looked at when verifying"),
    key("RSA exponent 2^63 - 1", rsaSpki(seven, encodeDerInteger(2n ** 63n - 1n)), "rsa", "the greatest int"),
    key("RSA exponent 2^63", rsaSpki(seven, encodeDerInteger(2n ** 63n)), undefined, "too large for an int"),
    key("RSA exponent 0", rsaSpki(seven, encodeDerInteger(0n)), undefined, "not positive"),
    key("RSA modulus negative", rsaSpki(element(2, "\x85"), encodeDerInteger(3n)), undefined, "not positive"),
    key("RSA modulus not minimal", rsaSpki(element(2, "\0\x07"), encodeDerInteger(3n)), undefined, "not DER"),
    {
      what: "PKCS #1 exponent 2^31",
      pem: pem("RSA PUBLIC KEY", sequence(seven, encodeDerInteger(2n ** 31n))),
      kind: undefined,
      why: "only PKCS #1 has this limit when parsing",
    },
    key("Ed25519 with parameters", edwards("1.3.101.112", new Uint8Array(32), derNull), undefined, "RFC 8410"),
    key("Ed25519 of 31 bytes", edwards("1.3.101.112", new Uint8Array(31)), undefined, "too short"),
    key("X25519", edwards("1.3.101.110", new Uint8Array(32)), "unsupported", "parses, and verifies nothing"),
    key("Ed448", edwards("1.3.101.113", new Uint8Array(57)), undefined, "not known"),
    key(
      "DSA",
      sequence(sequence(encodeDerOid("1.2.840.10040.4.1"), sequence(seven, seven, seven)), bitString(seven)),
      "unsupported",
      "parses, and verifies nothing",
    ),
    key(
      "DSA without g",
      sequence(sequence(encodeDerOid("1.2.840.10040.4.1"), sequence(seven, seven)), bitString(seven)),
      undefined,
      "malformed",
    ),
  ];
  testRows(
    rows,
    (row) => row.what,
    (row) => {
      const parsed = parsePublicKeyPem(Buffer.from(row.pem));
      assert.equal(parsed.ok ? parsed.value.kind : undefined, row.kind);
      if (!parsed.ok) assert.equal(parsed.problem.code, "policy.trust.invalid");
      if (parsed.ok) assert.equal(usableForBlobs(parsed.value), row.kind !== "unsupported");
    },
  );

  test("the SPKI is the canonical one, however the key came", () => {
    const fromPkcs1 = parsePublicKeyPem(Buffer.from(pem("RSA PUBLIC KEY", rsaPkcs1)));
    assert.deepEqual(fromPkcs1.ok && Buffer.from(fromPkcs1.value.spki), spkiOf(rsa.publicKey));
    const withExtraField = parse(sequence(ecAlgorithm(p256Oid), bitString(p256Point), derNull));
    assert.deepEqual(Buffer.from(withExtraField.spki), p256Spki);
  });

  test("keys of every kind come back as they were written", () => {
    for (const namedCurve of ["secp224r1", "prime256v1", "secp384r1", "secp521r1"]) {
      const spki = spkiOf(generateKeyPairSync("ec", { namedCurve }).publicKey);
      assert.deepEqual(Buffer.from(parse(spki).spki), spki);
    }
    for (const { publicKey } of [rsa, ed25519]) {
      assert.deepEqual(Buffer.from(parse(spkiOf(publicKey)).spki), spkiOf(publicKey));
    }
  });

  test("any change of a key's bytes gives another key or none, and never throws", () => {
    fc.assert(
      fc.property(fc.nat(p256Spki.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(p256Spki);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const parsed = parsePublicKeyPem(Buffer.from(pem("PUBLIC KEY", changed)));
        assert.ok(!parsed.ok || !p256Spki.equals(parsed.value.spki));
      }),
    );
  });
});

describe("verifyBlob, ECDSA", () => {
  for (const [namedCurve, size] of [
    ["secp224r1", 28],
    ["prime256v1", 32],
    ["secp384r1", 48],
    ["secp521r1", 66],
  ] as const) {
    test(`${namedCurve} with SHA-256, as ASN.1 and as halves`, async () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
      const key = parse(spkiOf(publicKey));
      const asn1 = sign("sha256", message, privateKey);
      const halves = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
      assert.equal(halves.length, 2 * size);
      assert.equal(await verifies(key, message, asn1), true);
      assert.equal(await verifies(key, message, halves), true);
      assert.equal(await verifies(key, other, asn1), false);
      assert.equal(await verifies(key, other, halves), false);
      assert.equal(await verifies(key, message, sign("sha512", message, privateKey)), false);
    });
  }

  const key = parse(p256Spki);
  const halves = sign("sha256", message, { key: p256.privateKey, dsaEncoding: "ieee-p1363" });
  const r = BigInt(`0x${halves.toString("hex", 0, 32)}`);
  const s = BigInt(`0x${halves.toString("hex", 32)}`);
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const integer = encodeDerInteger;
  const zero = Uint8Array.of(0);
  const padded = Buffer.concat([zero, halves.subarray(0, 32), zero, halves.subarray(32)]);
  const rows: readonly { readonly what: string; readonly signature: Uint8Array; readonly ok: boolean }[] = [
    { what: "r and s", signature: sequence(integer(r), integer(s)), ok: true },
    { what: "the other s: a high one is fine", signature: sequence(integer(r), integer(order - s)), ok: true },
    { what: "r + n", signature: sequence(integer(r + order), integer(s)), ok: false },
    { what: "r = 0", signature: sequence(integer(0n), integer(s)), ok: false },
    { what: "s = 0", signature: sequence(integer(r), integer(0n)), ok: false },
    { what: "s = n", signature: sequence(integer(r), integer(order)), ok: false },
    { what: "data after the SEQUENCE", signature: Buffer.concat([sequence(integer(r), integer(s)), zero]), ok: false },
    { what: "data inside of the SEQUENCE", signature: sequence(integer(r), integer(s), derNull), ok: false },
    {
      what: "a long length",
      signature: Buffer.from([0x30, 0x81, ...sequence(integer(r), integer(s)).subarray(1)]),
      ok: false,
    },
    { what: "a SET", signature: element(0x31, Buffer.concat([integer(r), integer(s)])), ok: false },
    { what: "halves", signature: halves, ok: true },
    { what: "halves with a leading zero each", signature: padded, ok: true },
    {
      what: "halves of 67 bytes",
      signature: Buffer.concat([Buffer.alloc(35), halves.subarray(0, 32), Buffer.alloc(35), halves.subarray(32)]),
      ok: false,
    },
    { what: "halves, one byte more", signature: Buffer.concat([halves, zero]), ok: false },
    { what: "halves of zeros", signature: Buffer.alloc(64), ok: false },
    { what: "empty", signature: Buffer.alloc(0), ok: false },
  ];
  testRows(
    rows,
    (row) => row.what,
    async ({ signature, ok }) => assert.equal(await verifies(key, message, signature), ok),
  );

  test("no single bit of a signature can change", async () => {
    const signature = sequence(integer(r), integer(s));
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const changed = Buffer.from(signature);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await verifies(key, message, changed), false, `bit ${bit}`);
    }
  });
});

describe("verifyBlob, RSA", () => {
  const key = parse(spkiOf(rsa.publicKey));
  const good = sign("sha256", message, rsa.privateKey);
  const pss = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  const modulus = BigInt(
    `0x${Buffer.from(rsa.publicKey.export({ format: "jwk" }).n ?? "", "base64url").toString("hex")}`,
  );
  const plusModulus = Buffer.from(
    (BigInt(`0x${good.toString("hex")}`) + modulus).toString(16).padStart(258, "0"),
    "hex",
  );
  const rows: readonly { readonly what: string; readonly signature: Uint8Array; readonly ok: boolean }[] = [
    { what: "PKCS #1 v1.5 with SHA-256", signature: good, ok: true },
    { what: "with SHA-512", signature: sign("sha512", message, rsa.privateKey), ok: false },
    { what: "PSS", signature: sign("sha256", message, pss), ok: false },
    { what: "a leading zero", signature: Buffer.concat([Uint8Array.of(0), good]), ok: false },
    { what: "a byte short", signature: good.subarray(1), ok: false },
    { what: "plus the modulus", signature: plusModulus, ok: false },
    { what: "empty", signature: Buffer.alloc(0), ok: false },
  ];
  testRows(
    rows,
    (row) => row.what,
    async ({ signature, ok }) => assert.equal(await verifies(key, message, signature), ok),
  );

  test("keys that Go refuses to verify with: even, small, huge, with odd exponents", async () => {
    const signed = async (modulusOfKey: bigint, exponent: bigint): Promise<boolean> => {
      const size = Math.ceil(modulusOfKey.toString(2).length / 8);
      const spki = rsaSpki(encodeDerInteger(modulusOfKey), encodeDerInteger(exponent));
      return verifies(parse(spki), message, Buffer.alloc(size, 1));
    };
    for (const exponent of [1n, 2n, 3n, 4n, 65537n, 2n ** 31n + 1n])
      assert.equal(await signed(modulus, exponent), false);
    for (const strange of [7n, 2n ** 1022n + 1n, modulus - 1n, 2n ** 16384n + 1n, 2n ** 40000n + 1n]) {
      assert.equal(await signed(strange, 65537n), false);
    }
  });

  test("exponent 1: the padded digest itself would be a signature", async () => {
    const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");
    const hash = Buffer.from("239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5", "hex");
    const padding = Buffer.alloc(128 - 3 - digestInfo.length - hash.length, 0xff);
    const encoded = Buffer.concat([Uint8Array.of(0, 1), padding, Uint8Array.of(0), digestInfo, hash]);
    const weak = parse(rsaSpki(encodeDerInteger(modulus), encodeDerInteger(1n)));
    assert.equal(await verifies(weak, message, encoded), false);
  });
});

describe("verifyBlob, Ed25519", () => {
  const key = parse(spkiOf(ed25519.publicKey));
  const good = sign(null, message, ed25519.privateKey);
  const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(good.subarray(32)).reverse().toString("hex")}`);
  const bigger = Buffer.from((s + groupOrder).toString(16).padStart(64, "0"), "hex").reverse();

  test("on the message itself, not on its digest", async () => {
    assert.equal(await verifies(key, message, good), true);
    assert.equal(await verifies(key, other, good), false);
  });

  test("s must be below the group order: there is one signature, not two", async () => {
    assert.equal(await verifies(key, message, Buffer.concat([good.subarray(0, 32), bigger])), false);
  });

  test("of 64 bytes exactly", async () => {
    for (const wrong of [good.subarray(1), Buffer.concat([good, Uint8Array.of(0)]), Buffer.alloc(0)]) {
      assert.equal(await verifies(key, message, wrong), false);
    }
  });

  test("a key that is no point of the curve verifies nothing", async () => {
    const noPoint = Buffer.concat([Uint8Array.of(2), Buffer.alloc(31)]);
    assert.equal(await verifies(parse(edwards("1.3.101.112", noPoint)), message, good), false);
  });
});

test("verifyBlob with a key of another kind verifies nothing", async () => {
  const x25519 = parse(edwards("1.3.101.110", new Uint8Array(32)));
  assert.equal(await verifies(x25519, message, sign(null, message, ed25519.privateKey)), false);
  assert.equal(await verifies(parse(p256Spki), message, sign(null, message, ed25519.privateKey)), false);
});
