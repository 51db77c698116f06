import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Asn1Reader, asn1Tag, unmarshalAsn1String } from "../../src/encoding/asn1.ts";
import { DerReader, decodeBitString, decodeInteger, decodeOid, derTag, rightAligned } from "../../src/encoding/der.ts";
import { encodeDer, encodeDerInteger, encodeDerOid } from "../../src/encoding/der-writer.ts";
import { testRows } from "../identity/rows.ts";

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
const hexOf = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString("hex");

describe("DerReader and Asn1Reader: the content of an OCTET STRING or SEQUENCE", () => {
  interface Row {
    readonly hex: string;
    /** cryptobyte, which reads certificates. */
    readonly der: string | undefined;
    /** encoding/asn1, which reads keys in PEM. */
    readonly asn1: string | undefined;
    readonly why: string;
  }
  const long = "aa".repeat(128);
  const rows: readonly Row[] = [
    { hex: "3000", der: "", asn1: "", why: "empty" },
    { hex: "3002 0500", der: "0500", asn1: "0500", why: "short length" },
    { hex: "3002 0500 ff", der: "0500", asn1: "0500", why: "what follows is left for later" },
    { hex: "3003 0500", der: undefined, asn1: undefined, why: "truncated" },
    { hex: "30", der: undefined, asn1: undefined, why: "no length" },
    { hex: "", der: undefined, asn1: undefined, why: "nothing" },
    { hex: `308180 ${long}`, der: long, asn1: long, why: "long length, shortest form" },
    { hex: `3081 02 0500`, der: undefined, asn1: undefined, why: "long form of a short length" },
    { hex: `30820080 ${long}`, der: undefined, asn1: undefined, why: "leading zero in the length" },
    { hex: "3080 0000", der: undefined, asn1: undefined, why: "indefinite length is BER" },
    { hex: "30 85 0000000000", der: undefined, asn1: undefined, why: "five bytes of length" },
    { hex: "30 84 ffffffff", der: undefined, asn1: undefined, why: "four gigabytes" },
    { hex: "30 82 01", der: undefined, asn1: undefined, why: "the length is truncated" },
    { hex: "1000", der: undefined, asn1: undefined, why: "SEQUENCE must be constructed" },
    { hex: "3f10 00", der: undefined, asn1: undefined, why: "a high tag for a small number" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, der, asn1 }) => {
      assert.equal(hexOf(new DerReader(bytesOf(hex)).read(derTag.sequence)), der);
      assert.equal(hexOf(new Asn1Reader(bytesOf(hex)).read(asn1Tag.sequence)), asn1);
    },
  );

  test("only encoding/asn1 reads tags above 30", () => {
    const element = bytesOf("bf 8101 02 0500");
    assert.equal(new DerReader(element).readAny(), undefined);
    assert.equal(hexOf(new Asn1Reader(element).readRaw()), "bf8101020500");
  });
});

describe("decodeInteger", () => {
  const rows: readonly { readonly hex: string; readonly value: bigint | undefined; readonly why: string }[] = [
    { hex: "00", value: 0n, why: "zero" },
    { hex: "7f", value: 127n, why: "one byte" },
    { hex: "80", value: -128n, why: "negative" },
    { hex: "0080", value: 128n, why: "the zero is needed for the sign" },
    { hex: "ff7f", value: -129n, why: "the ones are needed for the sign" },
    { hex: "", value: undefined, why: "no bytes" },
    { hex: "007f", value: undefined, why: "a zero too many" },
    { hex: "ff80", value: undefined, why: "ones too many" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, value }) => assert.equal(decodeInteger(bytesOf(hex)), value),
  );

  test("comes back as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), (value) => {
        assert.equal(new DerReader(encodeDerInteger(value)).readInteger(), value);
      }),
    );
  });
});

describe("decodeOid", () => {
  const rows: readonly { readonly hex: string; readonly oid: string | undefined; readonly why: string }[] = [
    { hex: "2a864886f70d", oid: "1.2.840.113549", why: "several bytes a component" },
    { hex: "00", oid: "0.0", why: "the least" },
    { hex: "4f", oid: "1.39", why: "the last below 2" },
    { hex: "50", oid: "2.0", why: "the first of 2" },
    { hex: "8837", oid: "2.999", why: "below 2 anything goes" },
    { hex: "0187ffffff7f", oid: "0.1.2147483647", why: "the greatest component" },
    { hex: "018880808000", oid: undefined, why: "2^31" },
    { hex: "", oid: undefined, why: "no components" },
    { hex: "8001", oid: undefined, why: "not minimal" },
    { hex: "0181", oid: undefined, why: "truncated" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, oid }) => {
      assert.equal(decodeOid(bytesOf(hex)), oid);
      if (oid !== undefined) assert.equal(hexOf(encodeDerOid(oid)?.subarray(2)), hex);
    },
  );
});

describe("decodeBitString", () => {
  const rows: readonly { readonly hex: string; readonly aligned: string | undefined; readonly why: string }[] = [
    { hex: "00", aligned: "", why: "no bits" },
    { hex: "00abcd", aligned: "abcd", why: "whole bytes" },
    { hex: "04abc0", aligned: "0abc", why: "unused bits come to the front" },
    { hex: "04abc1", aligned: undefined, why: "an unused bit is set" },
    { hex: "0800", aligned: undefined, why: "eight unused bits" },
    { hex: "01", aligned: undefined, why: "unused bits of no byte" },
    { hex: "", aligned: undefined, why: "no count" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, aligned }) => {
      const bits = decodeBitString(bytesOf(hex));
      assert.equal(hexOf(bits && rightAligned(bits)), aligned);
    },
  );
});

describe("unmarshalAsn1String", () => {
  const rows: readonly { readonly hex: string; readonly text: string | undefined; readonly why: string }[] = [
    { hex: "0c 02 c3a9", text: "é", why: "UTF8String" },
    { hex: "0c 04 efbbbf61", text: "\ufeffa", why: "a byte order mark is a character" },
    { hex: "0c 02 c328", text: undefined, why: "invalid UTF-8" },
    { hex: "0c 03 eda080", text: undefined, why: "a surrogate in UTF-8" },
    { hex: "13 03 2a2641", text: "*&A", why: "PrintableString, with two letters that Go allows" },
    { hex: "13 01 5f", text: undefined, why: "an underscore in PrintableString" },
    { hex: "16 01 7f", text: "\x7f", why: "IA5String" },
    { hex: "16 01 80", text: undefined, why: "IA5String is ASCII" },
    { hex: "14 01 e9", text: "é", why: "T61String is taken for Latin-1" },
    { hex: "1b 01 e9", text: "é", why: "GeneralString too" },
    { hex: "12 02 3120", text: "1 ", why: "NumericString" },
    { hex: "12 01 41", text: undefined, why: "a letter in NumericString" },
    { hex: "1e 04 00e92028", text: "é\u2028", why: "BMPString" },
    { hex: "1e 04 00410000", text: "A", why: "a terminator in BMPString" },
    { hex: "1e 02 d800", text: undefined, why: "a surrogate in BMPString" },
    { hex: "1e 01 00", text: undefined, why: "half a character" },
    { hex: "0c 00", text: "", why: "empty" },
    { hex: "0c 81 01 41", text: undefined, why: "the length is not minimal" },
    { hex: "0c 01 41 00", text: undefined, why: "something behind it" },
    { hex: "0c 02 41", text: undefined, why: "truncated" },
    { hex: "2c 01 41", text: undefined, why: "constructed" },
    { hex: "8c 01 41", text: undefined, why: "of another class" },
    { hex: "1f 0c 01 41", text: undefined, why: "a high tag for a small number" },
    { hex: "04 01 41", text: undefined, why: "an OCTET STRING is no string" },
    { hex: "1c 04 00000041", text: undefined, why: "UniversalString is not read" },
    { hex: "", text: undefined, why: "nothing" },
  ];
  testRows(
    rows,
    (row) => row.hex,
    ({ hex, text }) => assert.equal(unmarshalAsn1String(bytesOf(hex)), text),
  );
});

test("any bytes: the readers never throw, and agree on what both can read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const der = new DerReader(bytes).readAny();
      const asn1 = new Asn1Reader(bytes).readRaw();
      if (der !== undefined) assert.equal(hexOf(asn1), hexOf(der.full));
      if (der !== undefined) assert.equal(hexOf(encodeDer(der.tag, [der.content])), hexOf(der.full));
    }),
  );
});
