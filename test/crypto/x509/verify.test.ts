import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cost, WorkBudget } from "../../../src/crypto/budget.ts";
import type { Certificate, CertificateCode } from "../../../src/crypto/x509/certificate.ts";
import { parseCertificate } from "../../../src/crypto/x509/parse-certificate.ts";
import { CertPool } from "../../../src/crypto/x509/pool.ts";
import { verifyChain } from "../../../src/crypto/x509/verify.ts";
import { encodeDerInteger, encodeDerOid } from "../../../src/encoding/der-writer.ts";
import { maxImageWork } from "../../../src/limits.ts";
import { testRows } from "../../identity/rows.ts";
import {
  bitString,
  type CertificateParts,
  certificate,
  certificateDer,
  commonName,
  element,
  extension,
  isCa,
  newKey,
  noonSeconds,
  root,
  sequence,
  subjectAltName,
} from "../../support/certificates.ts";

const malformed: CertificateCode = "signature.certificate.malformed";
const expired: CertificateCode = "signature.certificate.expired";
const untrusted: CertificateCode = "signature.certificate.untrusted";
const constraint: CertificateCode = "signature.certificate.constraint";

const otherKey = newKey();
const utc = (text: string): Uint8Array => element(0x17, text);
const yesterday = { notBefore: utc("240101000000Z"), notAfter: utc("240504120000Z") };
const eku = (...oids: readonly string[]): Uint8Array => extension("2.5.29.37", sequence(...oids.map(encodeDerOid)));
const codeSigning = "1.3.6.1.5.5.7.3.3";
const serverAuth = "1.3.6.1.5.5.7.3.1";
const anyUsage = "2.5.29.37.0";
const keyUsage = (bits: number): Uint8Array => extension("2.5.29.15", element(3, Uint8Array.of(0, bits)));
const pathLength = (length: bigint): Uint8Array => {
  return extension("2.5.29.19", sequence(Uint8Array.of(1, 1, 0xff), encodeDerInteger(length)));
};
const keyId = (id: string): Uint8Array => extension("2.5.29.14", element(4, id));
const authorityId = (id: string): Uint8Array => extension("2.5.29.35", sequence(element(0x80, id)));
const unknownCritical = extension("1.2.3", Uint8Array.of(5, 0), { isCritical: true });
const otherName = element(0xa0, encodeDerOid("1.2.3"));
const onlyOtherName = extension("2.5.29.17", sequence(otherName), { isCritical: true });
const notCa = extension("2.5.29.19", sequence());

/** A CA that "root" signed. */
function intermediate(changes: Partial<CertificateParts> = {}): Certificate {
  return certificate({ subject: commonName("intermediate"), extensions: [isCa], ...changes });
}

function leafOf(issuer: string, changes: Partial<CertificateParts> = {}): Certificate {
  return certificate({ issuer: commonName(issuer), ...changes });
}

interface Row {
  readonly what: string;
  readonly leaf?: Certificate;
  readonly intermediates?: readonly Certificate[];
  readonly roots?: readonly Certificate[];
  readonly atSeconds?: number;
  readonly ignoreUnhandledCriticalSan?: boolean;
  readonly code: CertificateCode | "verified";
  readonly why: string;
}

const leaf = leafOf("root");
const below = leafOf("intermediate");
const badSignature = (changes: Partial<CertificateParts> = {}): Certificate => {
  const { rawTbs } = certificate(changes);
  const algorithm = sequence(encodeDerOid("1.2.840.10045.4.3.2"));
  const parsed = parseCertificate(sequence(rawTbs, algorithm, bitString(Uint8Array.of(1))));
  assert.ok(parsed.ok);
  return parsed.value;
};
const sha1 = sequence(encodeDerOid("1.2.840.10045.4.1"));

const rows: readonly Row[] = [
  { what: "root and leaf", code: "verified", why: "the least" },
  { what: "no roots", roots: [], code: untrusted, why: "nothing is trusted" },
  { what: "root, intermediate, leaf", leaf: below, intermediates: [intermediate()], code: "verified", why: "usual" },
  { what: "intermediate missing", leaf: below, code: untrusted, why: "no way to the root" },
  {
    what: "intermediates in any order",
    leaf: leafOf("b"),
    intermediates: [
      intermediate({ subject: commonName("b"), issuer: commonName("a") }),
      intermediate({ subject: commonName("a") }),
    ],
    code: "verified",
    why: "names decide",
  },
  { what: "unrelated intermediates", intermediates: [intermediate()], code: "verified", why: "not needed" },
  { what: "leaf in the roots", leaf: below, roots: [below], code: "verified", why: "an anchor of its own" },
  {
    what: "leaf in the roots, bad signature",
    leaf: badSignature(),
    roots: [badSignature()],
    code: "verified",
    why: "anchors are not checked",
  },
  {
    what: "leaf in the roots, expired",
    leaf: leafOf("root", yesterday),
    roots: [leafOf("root", yesterday)],
    code: expired,
    why: "but their dates are",
  },
  {
    what: "intermediate in the roots",
    leaf: below,
    roots: [intermediate()],
    code: "verified",
    why: "no root needed above",
  },
  {
    what: "root by another key",
    roots: [root({ spki: otherKey.spki })],
    code: untrusted,
    why: "the name alone is not enough",
  },
  {
    what: "root's own signature",
    roots: [badSignature({ subject: commonName("root"), extensions: [isCa] })],
    code: "verified",
    why: "does not matter",
  },
  { what: "leaf signed by another", leaf: leafOf("root", { signer: otherKey }), code: untrusted, why: "the signature" },
  { what: "leaf of another issuer", leaf: leafOf("Root"), code: untrusted, why: "names are compared by their bytes" },
  {
    what: "leaf signed with SHA-1",
    leaf: leafOf("root", { innerAlgorithm: sha1, outerAlgorithm: sha1 }),
    code: untrusted,
    why: "refused since Go 1.18",
  },
  {
    what: "second root fits",
    roots: [root({ spki: otherKey.spki }), root()],
    code: "verified",
    why: "every candidate is tried",
  },
  {
    what: "key identifiers differ",
    leaf: leafOf("root", { extensions: [authorityId("a")] }),
    roots: [root({ extensions: [isCa, keyId("b")] })],
    code: "verified",
    why: "they only order the candidates",
  },

  { what: "leaf expired", leaf: leafOf("root", yesterday), code: expired, why: "yesterday" },
  { what: "at the first second", atSeconds: Date.UTC(2024, 0) / 1000, code: "verified", why: "included" },
  { what: "before the first second", atSeconds: Date.UTC(2024, 0) / 1000 - 0.001, code: expired, why: "excluded" },
  { what: "at the last second", atSeconds: Date.UTC(2025, 0) / 1000, code: "verified", why: "included" },
  {
    what: "after the last second",
    atSeconds: Date.UTC(2025, 0) / 1000 + 0.001,
    code: expired,
    why: "the present has fractions",
  },
  { what: "root expired", roots: [root(yesterday)], code: expired, why: "anchors have dates" },
  {
    what: "intermediate expired",
    leaf: below,
    intermediates: [intermediate(yesterday)],
    code: expired,
    why: "all at the same time",
  },
  {
    what: "one of two intermediates expired",
    leaf: below,
    intermediates: [intermediate(yesterday), intermediate()],
    code: "verified",
    why: "the other is good",
  },

  {
    what: "root without basic constraints",
    roots: [root({ extensions: [] })],
    code: constraint,
    why: "version 3 needs them",
  },
  {
    what: "root of version 1",
    roots: [root({ version: new Uint8Array(), extensions: [] })],
    code: "verified",
    why: "it has no extensions",
  },
  {
    what: "intermediate of version 1",
    leaf: below,
    intermediates: [intermediate({ version: new Uint8Array(), extensions: [] })],
    code: constraint,
    why: "only roots may",
  },
  {
    what: "intermediate that is no CA",
    leaf: below,
    intermediates: [intermediate({ extensions: [notCa] })],
    code: constraint,
    why: "CA is false",
  },
  { what: "leaf that is a CA", leaf: leafOf("root", { extensions: [isCa] }), code: "verified", why: "does not matter" },
  {
    what: "CA without certSign",
    roots: [root({ extensions: [isCa, keyUsage(0x80)] })],
    code: constraint,
    why: "another key usage",
  },
  {
    what: "CA with certSign",
    roots: [root({ extensions: [isCa, keyUsage(0x04)] })],
    code: "verified",
    why: "the right one",
  },
  {
    what: "CA with an empty key usage",
    roots: [root({ extensions: [isCa, keyUsage(0)] })],
    code: "verified",
    why: "says nothing",
  },
  {
    what: "leaf's key usage",
    leaf: leafOf("root", { extensions: [keyUsage(0x20)] }),
    code: "verified",
    why: "does not matter",
  },
  {
    what: "path length 0, leaf below",
    roots: [root({ extensions: [pathLength(0n)] })],
    code: "verified",
    why: "no CA between",
  },
  {
    what: "path length 0, CA below",
    leaf: below,
    intermediates: [intermediate()],
    roots: [root({ extensions: [pathLength(0n)] })],
    code: constraint,
    why: "one CA too many",
  },
  {
    what: "path length 1, CA below",
    leaf: below,
    intermediates: [intermediate()],
    roots: [root({ extensions: [pathLength(1n)] })],
    code: "verified",
    why: "as many as allowed",
  },
  {
    what: "unknown critical extension in leaf",
    leaf: leafOf("root", { extensions: [unknownCritical] }),
    code: constraint,
    why: "in every certificate",
  },
  {
    what: "unknown critical extension in root",
    roots: [root({ extensions: [isCa, unknownCritical] })],
    code: constraint,
    why: "in every certificate",
  },
  {
    what: "critical SAN of unknown kinds",
    leaf: leafOf("root", { extensions: [onlyOtherName] }),
    code: constraint,
    why: "nobody has looked at it",
  },
  {
    what: "critical SAN of unknown kinds, ignored",
    leaf: leafOf("root", { extensions: [onlyOtherName] }),
    ignoreUnhandledCriticalSan: true,
    code: "verified",
    why: "Fulcio's caller does",
  },
  {
    what: "critical SAN of unknown kinds in root, ignored",
    roots: [root({ extensions: [isCa, onlyOtherName] })],
    ignoreUnhandledCriticalSan: true,
    code: constraint,
    why: "only the leaf's",
  },

  {
    what: "leaf for code signing",
    leaf: leafOf("root", { extensions: [eku(codeSigning)] }),
    code: "verified",
    why: "asked for",
  },
  {
    what: "leaf for any usage",
    leaf: leafOf("root", { extensions: [eku(serverAuth, anyUsage)] }),
    code: "verified",
    why: "any",
  },
  {
    what: "leaf for servers",
    leaf: leafOf("root", { extensions: [eku(serverAuth)] }),
    code: constraint,
    why: "another usage",
  },
  {
    what: "root for servers",
    roots: [root({ extensions: [isCa, eku(serverAuth)] })],
    code: constraint,
    why: "usages nest",
  },
  {
    what: "leaf for code signing below a CA for servers",
    leaf: leafOf("intermediate", { extensions: [eku(codeSigning)] }),
    intermediates: [intermediate({ extensions: [isCa, eku(serverAuth)] })],
    code: constraint,
    why: "usages nest",
  },
  {
    what: "empty list of usages",
    leaf: leafOf("root", { extensions: [eku()] }),
    code: "verified",
    why: "as if absent",
  },
];

function verdictOf(row: Row): CertificateCode | "verified" {
  const verified = verifyChain({
    budget: new WorkBudget(maxImageWork),
    leaf: row.leaf ?? leaf,
    intermediates: row.intermediates ?? [],
    roots: new CertPool(row.roots ?? [root()]),
    atSeconds: row.atSeconds ?? noonSeconds,
    ignoreUnhandledCriticalSan: row.ignoreUnhandledCriticalSan ?? false,
  });
  return verified.ok ? "verified" : verified.problem.code;
}

describe("verifyChain", () => {
  testRows(
    rows,
    (row) => row.what,
    (row) => assert.equal(verdictOf(row), row.code, row.why),
  );

  test("what is checked is paid for, and nothing is verified when the budget is spent", () => {
    const question = {
      leaf: below,
      intermediates: [intermediate()],
      roots: new CertPool([root()]),
      atSeconds: noonSeconds,
      ignoreUnhandledCriticalSan: false,
    };
    for (const [checks, ok] of [
      [0.9, false],
      [1.9, false],
      [2.5, true],
    ] as const) {
      const budget = new WorkBudget(checks * cost.curve);
      assert.equal(verifyChain({ ...question, budget }).ok, ok);
      assert.equal(budget.isSpent, !ok);
      const again = verifyChain({ ...question, budget });
      assert.equal(again.ok ? undefined : again.problem.code, "signature.certificate.untrusted");
    }
  });

  test("the chain goes from the leaf to the root", () => {
    const [middle, anchor] = [intermediate(), root()];
    const verified = verifyChain({
      budget: new WorkBudget(maxImageWork),
      leaf: below,
      intermediates: [middle],
      roots: new CertPool([anchor]),
      atSeconds: noonSeconds,
      ignoreUnhandledCriticalSan: false,
    });
    assert.deepEqual(verified.ok && verified.value.certificates, [below, middle, anchor]);
  });

  test("a problem names the certificate at fault", () => {
    const verified = verifyChain({
      budget: new WorkBudget(maxImageWork),
      leaf: below,
      intermediates: [intermediate(yesterday)],
      roots: new CertPool([root()]),
      atSeconds: noonSeconds,
      ignoreUnhandledCriticalSan: false,
    });
    assert.deepEqual(verified.ok || verified.problem.untrustedSubject, "CN=intermediate");
  });

  test("no bit of a signed certificate can change", () => {
    const der = certificateDer({ issuer: commonName("root"), extensions: [subjectAltName(element(0x81, "a@b.c"))] });
    let parsedOnes = 0;
    for (let bit = 0; bit < der.length * 8; bit++) {
      const changed = Buffer.from(der);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parsed = parseCertificate(changed);
      if (!parsed.ok) continue;
      parsedOnes += 1;
      assert.notEqual(verdictOf({ what: "", why: "", leaf: parsed.value, code: malformed }), "verified", `bit ${bit}`);
    }
    assert.ok(parsedOnes > 100);
  });

  test("a loop of cross-signed CAs comes to an end", () => {
    const [a, b] = [commonName("a"), commonName("b")];
    const intermediates = [
      intermediate({ subject: a, issuer: b }),
      intermediate({ subject: b, issuer: a }),
      intermediate({ subject: a, issuer: a }),
    ];
    assert.equal(verdictOf({ what: "", why: "", leaf: leafOf("a"), intermediates, code: untrusted }), untrusted);
  });

  test("at most 100 signatures are checked, and chains found until then count", () => {
    const decoy = (i: number): Certificate =>
      intermediate({ spki: otherKey.spki, serial: encodeDerInteger(BigInt(i)) });
    const decoys = (count: number): Certificate[] => Array.from({ length: count }, (_, i) => decoy(i + 2));
    // A decoy each, then the right one, then its root.
    const rows = [
      { decoys: 98, verdict: "verified" },
      { decoys: 99, verdict: untrusted },
    ] as const;
    for (const { decoys: count, verdict } of rows) {
      const intermediates = [...decoys(count), intermediate()];
      assert.equal(verdictOf({ what: "", why: "", leaf: below, intermediates, code: verdict }), verdict, `${count}`);
    }
  });
});

describe("name constraints", () => {
  const dns = (name: string): Uint8Array => element(0x82, name);
  const email = (address: string): Uint8Array => element(0x81, address);
  const uri = (text: string): Uint8Array => element(0x86, text);
  const ip = (...bytes: readonly number[]): Uint8Array => element(0x87, Uint8Array.from(bytes));
  const permit = (...bases: readonly Uint8Array[]): Uint8Array => constraints(0xa0, bases);
  const exclude = (...bases: readonly Uint8Array[]): Uint8Array => constraints(0xa1, bases);
  function constraints(tag: number, bases: readonly Uint8Array[]): Uint8Array {
    return element(tag, Buffer.concat(bases.map((base) => sequence(base))));
  }
  const directory = element(0xa4, commonName("x"));
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

  interface ConstraintRow {
    readonly what: string;
    readonly of: readonly Uint8Array[];
    readonly names: readonly Uint8Array[];
    readonly ok: boolean;
  }
  const rows: readonly ConstraintRow[] = [
    { what: "permitted domain itself", of: [permit(dns("a.b"))], names: [dns("A.B")], ok: true },
    { what: "below a permitted domain", of: [permit(dns("a.b"))], names: [dns("x.a.b")], ok: true },
    { what: "beside a permitted domain", of: [permit(dns("a.b"))], names: [dns("xa.b")], ok: false },
    { what: "one name of two outside", of: [permit(dns("a.b"))], names: [dns("a.b"), dns("c.d")], ok: false },
    { what: "leading dot: below", of: [permit(dns(".a.b"))], names: [dns("x.a.b")], ok: true },
    { what: "leading dot: not itself", of: [permit(dns(".a.b"))], names: [dns("a.b")], ok: false },
    { what: "another kind than permitted", of: [permit(dns("a.b"))], names: [email("u@c.d")], ok: true },
    { what: "no names at all", of: [permit(dns("a.b"))], names: [], ok: true },
    { what: "excluded domain", of: [exclude(dns("a.b"))], names: [dns("x.a.b")], ok: false },
    { what: "beside an excluded domain", of: [exclude(dns("a.b"))], names: [dns("xa.b")], ok: true },
    { what: "excluded in permitted", of: [permit(dns("b")), exclude(dns("a.b"))], names: [dns("x.a.b")], ok: false },
    { what: "a wildcard that covers an excluded name", of: [exclude(dns("a.b"))], names: [dns("*.b")], ok: false },
    { what: "a wildcard beside", of: [exclude(dns("a.b"))], names: [dns("*.c.b")], ok: true },
    { what: "empty constraint permits all", of: [permit(dns(""))], names: [dns("a.b")], ok: true },
    { what: "empty constraint excludes all", of: [exclude(dns(""))], names: [dns("a.b")], ok: false },
    { what: "a name that is no domain", of: [permit(email("a.b"))], names: [dns("a..b")], ok: false },
    { what: "email domain", of: [permit(email("a.b"))], names: [email("u@A.b")], ok: true },
    { what: "email of another domain", of: [permit(email("a.b"))], names: [email("u@c.b")], ok: false },
    { what: "whole address", of: [permit(email("u@a.b"))], names: [email("u@A.B")], ok: true },
    {
      what: "whole address, another letter case before the @",
      of: [permit(email("u@a.b"))],
      names: [email("U@a.b")],
      ok: false,
    },
    { what: "whole address in quotes", of: [exclude(email("u@a.b"))], names: [email('"u"@a.b')], ok: false },
    {
      what: "quotes are not part of the address, an @ in them is",
      of: [exclude(email('"a@b"@c'))],
      names: [email("a@b@c")],
      ok: true,
    },
    { what: "an address that cannot be parsed", of: [permit(dns("a.b"))], names: [email("u")], ok: false },
    { what: "URI host", of: [permit(uri("a.b"))], names: [uri("https://u@A.b:80/x")], ok: true },
    { what: "URI host outside", of: [permit(uri("a.b"))], names: [uri("https://c.b/")], ok: false },
    { what: "URI without host", of: [permit(dns("a.b"))], names: [uri("urn:x")], ok: false },
    { what: "URI with an address", of: [permit(dns("a.b"))], names: [uri("https://1.2.3.4/")], ok: false },
    { what: "URI with an address in brackets", of: [permit(dns("a.b"))], names: [uri("https://[::1]/")], ok: false },
    { what: "address in range", of: [permit(ip(10, 0, 0, 0, 255, 0, 0, 0))], names: [ip(10, 1, 2, 3)], ok: true },
    { what: "address out of range", of: [permit(ip(10, 0, 0, 0, 255, 0, 0, 0))], names: [ip(11, 1, 2, 3)], ok: false },
    { what: "excluded address", of: [exclude(ip(10, 1, 0, 0, 255, 255, 0, 0))], names: [ip(10, 1, 2, 3)], ok: false },
    {
      what: "ranges in ranges",
      of: [permit(ip(10, 0, 0, 0, 255, 0, 0, 0), ip(10, 1, 0, 0, 255, 255, 0, 0))],
      names: [ip(10, 2, 0, 1)],
      ok: true,
    },
    {
      what: "IPv6 under a permitted IPv4 range",
      of: [permit(ip(10, 0, 0, 0, 255, 0, 0, 0))],
      names: [ip(...mapped, 10, 1, 2, 3)],
      ok: false,
    },
    { what: "the widest range", of: [exclude(ip(0, 0, 0, 0, 0, 0, 0, 0))], names: [ip(1, 2, 3, 4)], ok: false },
    { what: "directory name, not critical", of: [permit(directory)], names: [dns("a.b")], ok: true },
  ];
  testRows(
    rows,
    (row) => row.what,
    ({ of, names, ok }) => {
      const constrained = root({ extensions: [isCa, extension("2.5.29.30", sequence(...of))] });
      const named = leafOf("root", { extensions: names.length === 0 ? [] : [subjectAltName(...names)] });
      const row: Row = { what: "", why: "", leaf: named, roots: [constrained], code: constraint };
      assert.equal(verdictOf(row), ok ? "verified" : constraint);
    },
  );

  test("a directory name in a critical extension is not understood", () => {
    const critical = extension("2.5.29.30", sequence(permit(directory)), { isCritical: true });
    const row: Row = { what: "", why: "", roots: [root({ extensions: [isCa, critical] })], code: constraint };
    assert.equal(verdictOf(row), constraint);
  });

  test("constraints bind the certificates below, not their own; and the intermediates too", () => {
    const narrow = extension("2.5.29.30", sequence(permit(dns("a.b"))));
    const named = subjectAltName(dns("c.d"));
    const own = root({ extensions: [isCa, narrow, named] });
    assert.equal(verdictOf({ what: "", why: "", roots: [own], code: "verified" }), "verified");
    const middle = intermediate({ extensions: [isCa, named] });
    const roots = [root({ extensions: [isCa, narrow] })];
    const row: Row = { what: "", why: "", leaf: below, intermediates: [middle], roots, code: constraint };
    assert.equal(verdictOf(row), constraint);
  });

  const broken: readonly { readonly what: string; readonly value: Uint8Array }[] = [
    { what: "nothing in it", value: sequence() },
    { what: "empty lists", value: sequence(permit(), exclude()) },
    { what: "something behind it", value: Buffer.concat([sequence(permit(dns("a"))), Uint8Array.of(5, 0)]) },
    { what: "something inside", value: sequence(permit(dns("a")), Uint8Array.of(5, 0)) },
    { what: "domain with a dot at the end", value: sequence(permit(dns("a."))) },
    { what: "domain with an empty label", value: sequence(permit(dns("a..b"))) },
    { what: "domain with a blank", value: sequence(permit(dns("a b"))) },
    { what: "domain that is not ASCII", value: sequence(permit(dns("\xfc.de"))) },
    { what: "bad address", value: sequence(permit(email("u@@"), email("@"))) },
    { what: "URI constraint that is an address", value: sequence(permit(uri("1.2.3.4"))) },
    { what: "mask with a hole", value: sequence(permit(ip(10, 0, 0, 0, 255, 0, 255, 0))) },
    { what: "address without mask", value: sequence(permit(ip(10, 0, 0, 0))) },
  ];
  testRows(
    broken,
    (row) => row.what,
    ({ value }) => {
      const parsed = parseCertificate(certificateDer({ extensions: [isCa, extension("2.5.29.30", value)] }));
      assert.equal(parsed.ok || parsed.problem.code, malformed);
    },
  );
});

describe("certificate policies", () => {
  const anyPolicy = "2.5.29.32.0";
  const policies = (...oids: readonly string[]): Uint8Array =>
    extension("2.5.29.32", sequence(...oids.map((oid) => sequence(encodeDerOid(oid)))));
  const requireExplicit = (after: number): Uint8Array =>
    extension("2.5.29.36", sequence(element(0x80, Uint8Array.of(after))));
  const mapping = (from: string, to: string): Uint8Array =>
    extension("2.5.29.33", sequence(sequence(encodeDerOid(from), encodeDerOid(to))));
  const inhibitAny = extension("2.5.29.54", encodeDerInteger(0n));

  interface PolicyRow {
    readonly what: string;
    readonly ca: readonly Uint8Array[];
    readonly leaf: readonly Uint8Array[];
    readonly ok: boolean;
  }
  const rows: readonly PolicyRow[] = [
    { what: "none", ca: [], leaf: [], ok: true },
    { what: "different ones, none demanded", ca: [policies("1.2.3")], leaf: [policies("1.2.4")], ok: true },
    { what: "demanded and the same", ca: [policies("1.2.3"), requireExplicit(0)], leaf: [policies("1.2.3")], ok: true },
    {
      what: "demanded and different",
      ca: [policies("1.2.3"), requireExplicit(0)],
      leaf: [policies("1.2.4")],
      ok: false,
    },
    { what: "demanded and absent", ca: [policies("1.2.3"), requireExplicit(0)], leaf: [], ok: false },
    { what: "demanded of a later certificate", ca: [policies("1.2.3"), requireExplicit(2)], leaf: [], ok: true },
    { what: "anyPolicy of the CA", ca: [policies(anyPolicy), requireExplicit(0)], leaf: [policies("1.2.3")], ok: true },
    {
      what: "anyPolicy of the leaf",
      ca: [policies("1.2.3"), requireExplicit(0)],
      leaf: [policies(anyPolicy)],
      ok: true,
    },
    {
      what: "anyPolicy of the leaf, inhibited",
      ca: [policies("1.2.3"), requireExplicit(0), inhibitAny],
      leaf: [policies(anyPolicy)],
      ok: false,
    },
    {
      what: "mapped",
      ca: [policies("1.2.3"), requireExplicit(0), mapping("1.2.3", "1.2.4")],
      leaf: [policies("1.2.4")],
      ok: true,
    },
    {
      what: "mapped away",
      ca: [policies("1.2.3"), requireExplicit(0), mapping("1.2.3", "1.2.4")],
      leaf: [policies("1.2.3")],
      ok: false,
    },
    { what: "mapped from anyPolicy", ca: [policies("1.2.3"), mapping(anyPolicy, "1.2.4")], leaf: [], ok: false },
    { what: "demanded by the leaf", ca: [policies("1.2.3")], leaf: [policies("1.2.4"), requireExplicit(0)], ok: false },
  ];
  testRows(
    rows,
    (row) => row.what,
    ({ ca, leaf: ofLeaf, ok }) => {
      const row: Row = {
        what: "",
        why: "",
        leaf: leafOf("intermediate", { extensions: ofLeaf }),
        intermediates: [intermediate({ extensions: [isCa, ...ca] })],
        code: constraint,
      };
      assert.equal(verdictOf(row), ok ? "verified" : constraint);
    },
  );
});
