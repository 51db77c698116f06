import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Certificate } from "../../../src/crypto/x509/certificate.ts";
import { parseCertificate } from "../../../src/crypto/x509/parse-certificate.ts";
import { derTag } from "../../../src/encoding/der.ts";
import { encodeDer, encodeDerInteger, encodeDerOid } from "../../../src/encoding/der-writer.ts";
import { testRows } from "../../identity/rows.ts";
import {
  bitString,
  type CertificateParts,
  certificate,
  certificateDer,
  commonName,
  ecdsaWithSha256,
  element,
  extension,
  isCa,
  sequence,
  subjectAltName,
} from "../../support/certificates.ts";

const derNull = Uint8Array.of(5, 0);
const utc = (text: string): Uint8Array => element(derTag.utcTime, text);
const generalized = (text: string): Uint8Array => element(derTag.generalizedTime, text);

interface Row {
  readonly what: string;
  readonly parts: Partial<CertificateParts>;
  readonly ok: boolean;
  readonly why: string;
}

// Each row was run through Go 1.26's x509.ParseCertificate, as were the generated cases in vectors.jsonl.
const rows: readonly Row[] = [
  { what: "plain", parts: {}, ok: true, why: "version 3 without extensions" },
  { what: "version 1", parts: { version: new Uint8Array() }, ok: true, why: "the default" },
  { what: "version 4", parts: { version: element(0xa0, encodeDerInteger(3n)) }, ok: false, why: "does not exist" },
  { what: "version -1", parts: { version: element(0xa0, element(2, "\xff")) }, ok: false, why: "negative" },
  {
    what: "version 2^63 - 1",
    parts: { version: element(0xa0, encodeDerInteger(2n ** 63n - 1n)) },
    ok: true,
    why: "Go's int overflows when it adds one, and what is negative passes for old",
  },
  { what: "serial 0", parts: { serial: encodeDerInteger(0n) }, ok: true, why: "RFC 5280 forbids it, Go does not" },
  { what: "serial -1", parts: { serial: element(2, "\xff") }, ok: false, why: "negative" },
  { what: "serial not minimal", parts: { serial: element(2, "\0\x01") }, ok: false, why: "not DER" },
  { what: "serial of 40 bytes", parts: { serial: element(2, "\x7f".repeat(40)) }, ok: true, why: "any length" },
  {
    what: "algorithms differ",
    parts: { innerAlgorithm: sequence(encodeDerOid("1.2.3")) },
    ok: false,
    why: "both count",
  },
  {
    what: "algorithm with parameters twice",
    parts: {
      innerAlgorithm: sequence(encodeDerOid("1.2.840.10045.4.3.2"), derNull),
      outerAlgorithm: sequence(encodeDerOid("1.2.840.10045.4.3.2"), derNull),
    },
    ok: true,
    why: "parameters of ECDSA are not looked at",
  },
  { what: "empty subject", parts: { subject: sequence() }, ok: true, why: "the SAN may be enough" },
  { what: "underscore in PrintableString", parts: { subject: name(element(0x13, "a_b")) }, ok: false, why: "X.680" },
  {
    what: "asterisk in PrintableString",
    parts: { subject: name(element(0x13, "*.a")) },
    ok: true,
    why: "Go allows it",
  },
  { what: "invalid UTF-8", parts: { subject: name(element(0x0c, "\xff")) }, ok: false, why: "in a name" },
  { what: "GeneralString", parts: { subject: name(element(0x1b, "a")) }, ok: false, why: "not in names" },
  { what: "number as a name", parts: { subject: name(encodeDerInteger(1n)) }, ok: false, why: "not a string" },
  {
    what: "key with trailing field",
    parts: { spki: sequence(...spkiParts(), derNull) },
    ok: true,
    why: "not looked at",
  },
  {
    what: "key of an unknown kind",
    parts: { spki: sequence(sequence(encodeDerOid("1.2.3")), bitString(Uint8Array.of(1))) },
    ok: true,
    why: "it can only verify nothing",
  },
  {
    what: "X25519 key",
    parts: { spki: sequence(sequence(encodeDerOid("1.3.101.110")), bitString(Uint8Array.of(1))) },
    ok: true,
    why: "certificates do not know it, so that its length is not looked at",
  },
  {
    what: "Ed25519 key too short",
    parts: { spki: sequence(sequence(encodeDerOid("1.3.101.112")), bitString(Uint8Array.of(1))) },
    ok: false,
    why: "a known kind must be well-formed",
  },
  { what: "unique IDs", parts: { uniqueIds: Buffer.of(0x81, 1, 0, 0x82, 1, 0) }, ok: true, why: "passed over" },
  {
    what: "unique IDs the wrong way round",
    parts: { uniqueIds: Buffer.of(0x82, 1, 0, 0x81, 1, 0) },
    ok: true,
    why: "what follows is not looked at",
  },
  { what: "data after the extensions", parts: { extensions: [isCa], tail: derNull }, ok: true, why: "not looked at" },
  { what: "an extension twice", parts: { extensions: [isCa, isCa] }, ok: false, why: "RFC 5280, section 4.2" },
  {
    what: "an extension twice in version 1",
    parts: { version: new Uint8Array(), extensions: [isCa, isCa] },
    ok: true,
    why: "extensions of old versions are not looked at",
  },
  {
    what: "critical as 1",
    parts: { extensions: [rawExtension(Uint8Array.of(1, 1, 1))] },
    ok: false,
    why: "BER's TRUE",
  },
  {
    what: "critical false",
    parts: { extensions: [rawExtension(Uint8Array.of(1, 1, 0))] },
    ok: true,
    why: "not DER, but taken",
  },
  {
    what: "unknown critical extension",
    parts: { extensions: [extension("1.2.3", derNull, { isCritical: true })] },
    ok: true,
    why: "fatal only when verifying",
  },
  {
    what: "path length -1",
    parts: { extensions: [basic(Uint8Array.of(1, 1, 0xff), element(2, "\xff"))] },
    ok: false,
    why: "negative",
  },
  {
    what: "path length without CA",
    parts: { extensions: [basic(encodeDerInteger(0n))] },
    ok: true,
    why: "Go takes it",
  },
  {
    what: "basic constraints as BER",
    parts: { extensions: [basic(Uint8Array.of(1, 1, 1))] },
    ok: false,
    why: "TRUE is 0xff",
  },
  {
    what: "key usage with a set unused bit",
    parts: { extensions: [extension("2.5.29.15", element(3, "\x01\x01"))] },
    ok: false,
    why: "not DER",
  },
  {
    what: "empty key usage",
    parts: { extensions: [extension("2.5.29.15", element(3, "\0"))] },
    ok: true,
    why: "as if it said nothing",
  },
  {
    what: "SKI critical",
    parts: { extensions: [extension("2.5.29.14", element(4, "a"), { isCritical: true })] },
    ok: false,
    why: "must not be",
  },
  {
    what: "AKI critical",
    parts: { extensions: [extension("2.5.29.35", sequence(), { isCritical: true })] },
    ok: false,
    why: "must not be",
  },
  { what: "AKI empty", parts: { extensions: [extension("2.5.29.35", sequence())] }, ok: true, why: "no identifier" },
  {
    what: "AIA critical",
    parts: { extensions: [extension("1.3.6.1.5.5.7.1.1", sequence(), { isCritical: true })] },
    ok: false,
    why: "must not be",
  },
  {
    what: "AIA malformed",
    parts: { extensions: [extension("1.3.6.1.5.5.7.1.1", sequence(derNull))] },
    ok: false,
    why: "though nothing uses it",
  },
  {
    what: "CRL points malformed",
    parts: { extensions: [extension("2.5.29.31", sequence(derNull))] },
    ok: false,
    why: "though nothing uses them",
  },
  {
    what: "CRL point relative",
    parts: { extensions: [extension("2.5.29.31", sequence(sequence(element(0xa0, element(0xa1, "")))))] },
    ok: false,
    why: "Go reads full names only",
  },
  {
    what: "policy twice",
    parts: { extensions: [policies("1.2.3", "1.2.3")] },
    ok: false,
    why: "RFC 5280, section 4.2.1.4",
  },
  { what: "policies", parts: { extensions: [policies("1.2.3", "1.2.4")] }, ok: true, why: "two of them" },
  {
    what: "EKU not an OID",
    parts: { extensions: [extension("2.5.29.37", sequence(derNull))] },
    ok: false,
    why: "malformed",
  },
  {
    what: "email not ASCII",
    parts: { extensions: [subjectAltName(element(0x81, "é@b.c"))] },
    ok: false,
    why: "IA5String",
  },
  {
    what: "email malformed",
    parts: { extensions: [subjectAltName(element(0x81, "@@"))] },
    ok: true,
    why: "matters under constraints only",
  },
  {
    what: "DNS name malformed",
    parts: { extensions: [subjectAltName(element(0x82, "a..b c"))] },
    ok: true,
    why: "matters under constraints only",
  },
  {
    what: "DNS name not ASCII",
    parts: { extensions: [subjectAltName(element(0x82, "b\xfccher.de"))] },
    ok: false,
    why: "IA5String",
  },
  { what: "IP of 5 bytes", parts: { extensions: [subjectAltName(element(0x87, "12345"))] }, ok: false, why: "4 or 16" },
];

function name(value: Uint8Array): Uint8Array {
  return sequence(encodeDer(derTag.set, [sequence(encodeDerOid("2.5.4.3"), value)]));
}

function basic(...fields: readonly Uint8Array[]): Uint8Array {
  return extension("2.5.29.19", sequence(...fields));
}

function policies(...oids: readonly string[]): Uint8Array {
  return extension("2.5.29.32", sequence(...oids.map((oid) => sequence(encodeDerOid(oid)))));
}

function rawExtension(critical: Uint8Array): Uint8Array {
  return sequence(encodeDerOid("1.2.3"), critical, element(derTag.octetString, ""));
}

function spkiParts(): readonly Uint8Array[] {
  const point = certificate().publicKey.spki.subarray(-65);
  return [sequence(encodeDerOid("1.2.840.10045.2.1"), encodeDerOid("1.2.840.10045.3.1.7")), bitString(point)];
}

describe("parseCertificate", () => {
  testRows(
    rows,
    (row) => row.what,
    ({ parts, ok }) => {
      const parsed = parseCertificate(certificateDer(parts));
      assert.equal(parsed.ok, ok, parsed.ok ? "" : parsed.problem.detail);
      if (!parsed.ok) assert.equal(parsed.problem.code, "signature.certificate.malformed");
    },
  );

  test("data after the certificate is refused, data after its signature is not looked at", () => {
    const der = certificateDer();
    assert.equal(parseCertificate(Buffer.concat([der, Uint8Array.of(0)])).ok, false);
    const signed = certificate().rawTbs;
    assert.equal(parseCertificate(sequence(signed, ecdsaWithSha256, bitString(Uint8Array.of(1)), derNull)).ok, true);
  });

  test("what people see: names most specific first, with what could be misread escaped", () => {
    const attribute = (oid: string, value: string): Uint8Array => {
      return encodeDer(derTag.set, [sequence(encodeDerOid(oid), element(0x0c, value))]);
    };
    const subject = sequence(attribute("2.5.4.6", "DE"), attribute("2.5.4.10", 'A, "B"'), attribute("1.2.3", "x"));
    const { subjectText, issuerText, serialHex } = certificate({ subject, serial: encodeDerInteger(0xabcn) });
    assert.equal(subjectText, '1.2.3=x,O=A\\, \\"B\\",C=DE');
    assert.equal(issuerText, "CN=root");
    assert.equal(serialHex, "0abc");
  });

  test("whatever byte changes, nothing is thrown", () => {
    const der = certificateDer({ extensions: [isCa, subjectAltName(element(0x86, "https://a@b.example:80/%41#c"))] });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, length) => {
        const changed = Buffer.from(der.subarray(0, at + length));
        changed[at] = byte;
        const parsed = parseCertificate(changed);
        assert.ok(parsed.ok || parsed.problem.code === "signature.certificate.malformed");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("validity", () => {
  const noon = Date.UTC(2024, 4, 5, 12) / 1000;
  const rows: readonly { readonly what: string; readonly time: Uint8Array; readonly seconds: number | undefined }[] = [
    { what: "UTCTime", time: utc("240505120000Z"), seconds: noon },
    { what: "UTCTime without seconds", time: utc("2405051200Z"), seconds: noon },
    { what: "UTCTime with an offset", time: utc("240505133000+0130"), seconds: noon },
    { what: "UTCTime, offset of 24:59", time: utc("240505000000-2459"), seconds: noon - 43200 + 89940 },
    { what: "UTCTime, offset zero", time: utc("240505120000+0000"), seconds: undefined },
    { what: "UTCTime, offset of 25 hours", time: utc("240505120000+2500"), seconds: undefined },
    { what: "UTCTime 50 is 1950", time: utc("500101000000Z"), seconds: Date.UTC(1950, 0) / 1000 },
    { what: "UTCTime 49 is 2049", time: utc("490101000000Z"), seconds: Date.UTC(2049, 0) / 1000 },
    { what: "UTCTime in lower case", time: utc("240505120000z"), seconds: undefined },
    { what: "UTCTime without zone", time: utc("240505120000"), seconds: undefined },
    { what: "UTCTime with a fraction", time: utc("240505120000.5Z"), seconds: undefined },
    { what: "February 29th", time: utc("240229120000Z"), seconds: Date.UTC(2024, 1, 29, 12) / 1000 },
    { what: "February 29th in another year", time: utc("230229120000Z"), seconds: undefined },
    { what: "month 13", time: utc("241301120000Z"), seconds: undefined },
    { what: "hour 24", time: utc("240505240000Z"), seconds: undefined },
    { what: "second 60", time: utc("240505120060Z"), seconds: undefined },
    { what: "GeneralizedTime", time: generalized("20240505120000Z"), seconds: noon },
    { what: "GeneralizedTime with an offset", time: generalized("20240505110000-0100"), seconds: noon },
    { what: "GeneralizedTime without seconds", time: generalized("202405051200Z"), seconds: undefined },
    { what: "GeneralizedTime with a fraction", time: generalized("20240505120000.5Z"), seconds: undefined },
    { what: "year 0", time: generalized("00000101000000Z"), seconds: -62167219200 },
    { what: "year 9999", time: generalized("99991231235959Z"), seconds: 253402300799 },
    { what: "1900 was no leap year", time: generalized("19000229000000Z"), seconds: undefined },
    { what: "a text", time: element(0x0c, "240505120000Z"), seconds: undefined },
  ];
  testRows(
    rows,
    (row) => row.what,
    ({ time, seconds }) => {
      const parsed = parseCertificate(certificateDer({ notBefore: time }));
      assert.equal(parsed.ok ? parsed.value.notBeforeSeconds : undefined, seconds);
    },
  );
});

describe("hosts of URIs in a SAN", () => {
  const rows: readonly { readonly uri: string; readonly host: string | undefined; readonly why: string }[] = [
    { uri: "https://a.example/x?y#z", host: "a.example", why: "plain" },
    { uri: "https://u:p@a.example:80/", host: "a.example:80", why: "user and port" },
    { uri: "https://u@v@a.example/", host: "a.example", why: "the last @ counts" },
    { uri: "mailto:a@b", host: "", why: "opaque" },
    { uri: "/path", host: "", why: "relative" },
    { uri: "//a.example/x", host: "a.example", why: "without scheme" },
    { uri: "///x", host: "", why: "three slashes without scheme" },
    { uri: "https:///x", host: "", why: "an empty host" },
    { uri: "", host: "", why: "empty" },
    { uri: "*", host: "", why: "Go's own exception" },
    { uri: "https://[::1]:80/", host: "[::1]:80", why: "IPv6" },
    { uri: "https://[fe80::1%25eth0]/", host: "[fe80::1%eth0]", why: "a zone" },
    { uri: "https://[1.2.3.4]/", host: undefined, why: "IPv4 in brackets" },
    { uri: "https://[::1/", host: undefined, why: "the bracket is open" },
    { uri: "https://[::1]x/", host: undefined, why: "no port behind it" },
    { uri: "https://a:b/", host: undefined, why: "the port is no number" },
    { uri: "https://a:1:2/", host: undefined, why: "two colons in https" },
    { uri: "ftp://a:1:2/", host: "a:1:2", why: "elsewhere the last colon counts" },
    { uri: "https://a%41/", host: undefined, why: "an escaped ASCII letter" },
    { uri: "https://a%zz/", host: undefined, why: "a broken escape in the host" },
    { uri: "https://a/%zz", host: undefined, why: "a broken escape in the path" },
    { uri: "https://a/#%zz", host: undefined, why: "a broken escape in the fragment" },
    { uri: "https://a/?%zz", host: "a", why: "the query is not looked at" },
    { uri: "https://a b/", host: undefined, why: "a blank" },
    { uri: "https://a/\x01", host: undefined, why: "a control character" },
    { uri: "https://a/#\x01", host: "a", why: "not in the fragment" },
    { uri: "a:b", host: "", why: "a scheme" },
    { uri: "1a:b", host: undefined, why: "not a scheme, but a colon in the first segment" },
    { uri: "a/b:c", host: "", why: "a colon in the second" },
    { uri: ":a", host: undefined, why: "an empty scheme" },
    { uri: "https://a.example./", host: undefined, why: "a dot at the end" },
    { uri: "https://a..b/", host: undefined, why: "an empty label" },
    { uri: "https://a_b/", host: "a_b", why: "an underscore" },
  ];
  testRows(
    rows,
    (row) => row.uri,
    ({ uri, host }) => {
      const parsed = parseCertificate(certificateDer({ extensions: [subjectAltName(element(0x86, uri))] }));
      assert.equal(parsed.ok ? parsed.value.uriHosts[0] : undefined, host);
    },
  );
});

test("hostile sizes: four megabytes of names and numbers take no time to speak of", () => {
  const startedAt = performance.now();
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: 100_000 }, (_, i) => make(i));
  const unhandled: Certificate = certificate({
    subject: encodeDer(
      derTag.sequence,
      many((i) => commonName(`${i}`).subarray(2)),
    ),
    serial: encodeDerInteger(2n ** 1_000_000n),
    extensions: [
      extension(
        "2.5.29.17",
        encodeDer(
          derTag.sequence,
          many((i) => element(0x86, `https://${i}:1/`)),
        ),
      ),
      extension(
        "2.5.29.37",
        encodeDer(
          derTag.sequence,
          many((i) => encodeDerOid(`1.2.${i}`)),
        ),
      ),
    ],
  });
  assert.equal(unhandled.uriHosts.length, 100_000);
  assert.ok(performance.now() - startedAt < 20_000);
});
