import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isReferenceDomain, isReferenceName, startsWithReferenceDomain } from "../../src/identity/docker-grammar.ts";
import {
  type DockerReferenceProblem,
  isNameOnly,
  parseNamed,
  parseNormalizedNamed,
  referenceText,
  withDefaultTag,
} from "../../src/identity/docker-reference.ts";
import { testRows } from "./rows.ts";
import { hex64, hex96, hex128 } from "./samples.ts";

describe("parseNormalizedNamed accepts", () => {
  const rows: readonly { text: string; expected: string; why: string }[] = [
    { text: "busybox", expected: "docker.io/library/busybox", why: "a short name; no tag is added" },
    { text: "busybox:1.36", expected: "docker.io/library/busybox:1.36", why: "a short name with a tag" },
    { text: "docker.io/busybox", expected: "docker.io/library/busybox", why: "library is implied" },
    { text: "docker.io/library/busybox", expected: "docker.io/library/busybox", why: "written in full" },
    { text: "index.docker.io/busybox", expected: "docker.io/library/busybox", why: "the old name of docker.io" },
    { text: "index.docker.io/vendor/app", expected: "docker.io/vendor/app", why: "also without library" },
    { text: "Index.docker.io/busybox", expected: "Index.docker.io/busybox", why: "hosts are case-sensitive" },
    { text: "DOCKER.IO/busybox", expected: "DOCKER.IO/busybox", why: "another host than docker.io" },
    { text: "docker.io:443/busybox", expected: "docker.io:443/busybox", why: "with a port it is another host" },
    { text: "vendor/app", expected: "docker.io/vendor/app", why: "vendor is no host: no dot, no colon" },
    { text: "localhost/app", expected: "localhost/app", why: "localhost is a host without a dot" },
    { text: "localhost:5000/app", expected: "localhost:5000/app", why: "a port" },
    { text: "localhost:5000", expected: "docker.io/library/localhost:5000", why: "without a slash it is a tag" },
    { text: "host:99999/x", expected: "host:99999/x", why: "ports have no range" },
    { text: "ho_st.com/x", expected: "ho_st.com/x", why: "no domain, but a path component" },
    { text: "127.0.0.1/x", expected: "127.0.0.1/x", why: "an IPv4 address" },
    { text: "h.example.com/a.b/c_d/e__f/g---h", expected: "h.example.com/a.b/c_d/e__f/g---h", why: "all separators" },
    { text: `${hex64}:tag`, expected: `docker.io/library/${hex64}:tag`, why: "with a tag it is a name" },
    { text: hex64.slice(1), expected: `docker.io/library/${hex64.slice(1)}`, why: "63 digits are a name" },
    { text: "a.b/x:_A-b.c", expected: "a.b/x:_A-b.c", why: "a tag may have upper case, and begin with an underscore" },
    { text: `a.b/x:${"t".repeat(128)}`, expected: `a.b/x:${"t".repeat(128)}`, why: "the longest tag" },
    { text: `a.b/${"x".repeat(251)}`, expected: `a.b/${"x".repeat(251)}`, why: "the longest name" },
    { text: `a.b/x@sha256:${hex64}`, expected: `a.b/x@sha256:${hex64}`, why: "a digest" },
    { text: `a.b/x@sha384:${hex96}`, expected: `a.b/x@sha384:${hex96}`, why: "go-digest knows SHA-384" },
    { text: `a.b/x@sha512:${hex128}`, expected: `a.b/x@sha512:${hex128}`, why: "go-digest knows SHA-512" },
    {
      text: `a.b/x:t@sha256:${hex64}`,
      expected: `a.b/x:t@sha256:${hex64}`,
      why: "tag and digest: the grammar allows it",
    },
    { text: "docker.io/localhost/x", expected: "docker.io/localhost/x", why: "not the host localhost" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, expected }) => {
      const parsed = parseNormalizedNamed(text);
      assert.ok(parsed.ok);
      assert.equal(referenceText(parsed.value), expected);
    },
  );

  test("a host with an underscore belongs to the path", () => {
    const parsed = parseNormalizedNamed("ho_st.com/x");
    assert.deepEqual(parsed, { ok: true, value: { domain: "", path: "ho_st.com/x", name: "ho_st.com/x" } });
  });
});

describe("parseNormalizedNamed refuses", () => {
  const rows: readonly { text: string; problem: DockerReferenceProblem }[] = [
    { text: "", problem: { flaw: "empty" } },
    { text: hex64, problem: { flaw: "identifier" } },
    { text: "Busybox", problem: { flaw: "upper-case", component: "Busybox" } },
    { text: "LOCALHOST/x", problem: { flaw: "upper-case", component: "LOCALHOST" } },
    { text: "Registry/x", problem: { flaw: "upper-case", component: "Registry" } },
    { text: "a.b/Vendor/app", problem: { flaw: "upper-case", component: "Vendor" } },
    { text: "a.b/org.example.Hello:latest", problem: { flaw: "upper-case", component: "org.example.Hello" } },
    { text: "[::1]/x", problem: { flaw: "domain", domain: "[::1]" } },
    { text: "[fe80::1]:80/x", problem: { flaw: "domain", domain: "[fe80::1]:80" } },
    { text: "-a.b/x", problem: { flaw: "domain", domain: "-a.b" } },
    { text: "a-.b/x", problem: { flaw: "domain", domain: "a-.b" } },
    { text: "a.-b/x", problem: { flaw: "domain", domain: "a.-b" } },
    { text: "a..b/x", problem: { flaw: "domain", domain: "a..b" } },
    { text: "host:/x", problem: { flaw: "domain", domain: "host:" } },
    { text: "host:80a/x", problem: { flaw: "domain", domain: "host:80a" } },
    { text: "*.example.com/x", problem: { flaw: "domain", domain: "*.example.com" } },
    { text: "./x", problem: { flaw: "domain", domain: "." } },
    { text: "é.b/x", problem: { flaw: "domain", domain: "é.b" } },
    { text: "/x", problem: { flaw: "component", component: "" } },
    { text: "a.b/", problem: { flaw: "component", component: "" } },
    { text: "a.b//x", problem: { flaw: "component", component: "" } },
    { text: "a.b/x/", problem: { flaw: "component", component: "" } },
    { text: "x ", problem: { flaw: "component", component: "x " } },
    { text: "x\n", problem: { flaw: "component", component: "x\n" } },
    { text: "x\u0000", problem: { flaw: "component", component: "x\u0000" } },
    { text: "é", problem: { flaw: "component", component: "é" } },
    { text: "É", problem: { flaw: "component", component: "É" } },
    { text: "a___b", problem: { flaw: "component", component: "a___b" } },
    { text: "a._b", problem: { flaw: "component", component: "a._b" } },
    { text: "a-_b", problem: { flaw: "component", component: "a-_b" } },
    { text: "a..b", problem: { flaw: "component", component: "a..b" } },
    { text: "a-", problem: { flaw: "component", component: "a-" } },
    { text: "_a", problem: { flaw: "component", component: "_a" } },
    { text: ":tag", problem: { flaw: "component", component: "" } },
    { text: `a.b/${"x".repeat(252)}`, problem: { flaw: "name-length", length: 256, limit: 255 } },
    { text: "x".repeat(238), problem: { flaw: "name-length", length: 256, limit: 255 } },
    { text: "x:", problem: { flaw: "tag-empty" } },
    { text: "a.b/x:1.0:2", problem: { flaw: "tag-character", tag: "1.0:2", character: ":" } },
    { text: "x:-t", problem: { flaw: "tag-character", tag: "-t", character: "-" } },
    { text: "x:.t", problem: { flaw: "tag-character", tag: ".t", character: "." } },
    { text: "x:a😀", problem: { flaw: "tag-character", tag: "a😀", character: "😀" } },
    { text: `x:${"t".repeat(129)}`, problem: { flaw: "tag-length", length: 129, limit: 128 } },
    { text: "x@", problem: { flaw: "digest", digest: "" } },
    { text: "x@sha256", problem: { flaw: "digest", digest: "sha256" } },
    { text: "x@sha256:1234", problem: { flaw: "digest", digest: "sha256:1234" } },
    { text: `x@sha256:${hex64.toUpperCase()}`, problem: { flaw: "digest", digest: `sha256:${hex64.toUpperCase()}` } },
    { text: `x@sha256:${hex64}0`, problem: { flaw: "digest", digest: `sha256:${hex64}0` } },
    {
      text: `x@sha256:${hex64}@sha256:${hex64}`,
      problem: { flaw: "digest", digest: `sha256:${hex64}@sha256:${hex64}` },
    },
    { text: `x@SHA256:${hex64}`, problem: { flaw: "digest-algorithm", algorithm: "SHA256" } },
    { text: `x@sha1:${hex64.slice(24)}`, problem: { flaw: "digest-algorithm", algorithm: "sha1" } },
    { text: `x@md5:${hex64.slice(32)}`, problem: { flaw: "digest-algorithm", algorithm: "md5" } },
    { text: `x@sha256+b64:${hex64}`, problem: { flaw: "digest-algorithm", algorithm: "sha256+b64" } },
    { text: `x@${hex64}`, problem: { flaw: "digest", digest: hex64 } },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, problem }) => assert.deepEqual(parseNormalizedNamed(text), { ok: false, problem }),
  );
});

describe("parseNamed wants the normalized form", () => {
  const rows: readonly { text: string; canonical: string | undefined }[] = [
    { text: "docker.io/library/busybox", canonical: undefined },
    { text: `a.b/x:t@sha256:${hex64}`, canonical: undefined },
    { text: "busybox", canonical: "docker.io/library/busybox" },
    { text: "docker.io/x", canonical: "docker.io/library/x" },
    { text: "index.docker.io/v/x", canonical: "docker.io/v/x" },
    { text: "v/x:t", canonical: "docker.io/v/x:t" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, canonical }) => {
      const parsed = parseNamed(text);
      if (canonical === undefined) assert.ok(parsed.ok);
      else assert.deepEqual(parsed, { ok: false, problem: { flaw: "not-canonical", canonical } });
    },
  );

  test("what is no reference at all keeps its own problem", () => {
    assert.deepEqual(parseNamed("a.b/X"), { ok: false, problem: { flaw: "upper-case", component: "X" } });
  });
});

describe("the patterns of remapIdentity", () => {
  const rows: readonly { text: string; domain: boolean; name: boolean; prefix: boolean }[] = [
    { text: "", domain: false, name: false, prefix: false },
    { text: "a.b", domain: true, name: true, prefix: false },
    { text: "a.b:80", domain: true, name: false, prefix: false },
    { text: "a.b:", domain: false, name: false, prefix: false },
    { text: "A-1.B", domain: true, name: false, prefix: false },
    { text: "A.B/x", domain: false, name: true, prefix: true },
    { text: "a.b:80/x/y", domain: false, name: true, prefix: true },
    { text: "a.b:80/X", domain: false, name: false, prefix: true },
    { text: "a.b/", domain: false, name: false, prefix: true },
    { text: "short", domain: true, name: true, prefix: false },
    { text: "ns/short", domain: false, name: true, prefix: true },
    { text: "ho_st.com", domain: false, name: true, prefix: false },
    { text: "ho_st.com/x", domain: false, name: true, prefix: false },
    { text: "/x", domain: false, name: false, prefix: false },
    { text: "a.b\n", domain: false, name: false, prefix: false },
    { text: "[::1]/x", domain: false, name: false, prefix: false },
    { text: "*.b", domain: false, name: false, prefix: false },
    { text: "-a", domain: false, name: false, prefix: false },
    { text: "a-", domain: false, name: false, prefix: false },
    { text: "a--b", domain: true, name: true, prefix: false },
    { text: "a.", domain: false, name: false, prefix: false },
    { text: `a.b/${"x".repeat(300)}`, domain: false, name: true, prefix: true },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, ...expected }) => {
      const found = {
        domain: isReferenceDomain(text),
        name: isReferenceName(text),
        prefix: startsWithReferenceDomain(text),
      };
      assert.deepEqual(found, expected);
    },
  );
});

describe("docker references in general", () => {
  test("a default tag is only for what has neither tag nor digest", () => {
    for (const text of ["a.b/x", "a.b/x:t", `a.b/x@sha256:${hex64}`]) {
      const parsed = parseNormalizedNamed(text);
      assert.ok(parsed.ok);
      const expected = text === "a.b/x" ? "a.b/x:latest" : text;
      assert.equal(referenceText(withDefaultTag(parsed.value)), expected);
      assert.equal(isNameOnly(parsed.value), text === "a.b/x");
    }
  });

  const letters = fc.constantFrom(..."aA0.-_:/@[]%* \u0000é", "localhost", "docker.io", `sha256:${hex64}`);
  test("parsing never throws, and what it accepts parses to itself again", () => {
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 30 }), (text) => {
        const parsed = parseNormalizedNamed(text);
        if (parsed.ok) assert.deepEqual(parseNamed(referenceText(parsed.value)), parsed);
      }),
      { numRuns: 5000 },
    );
  });

  const mebibyte = 2 ** 20;
  for (const character of ["a", "A", "-", "_", ".", "/", ":", "@", "0", "é"]) {
    test(`a mebibyte of ${character} takes linear time`, { timeout: 10_000 }, () => {
      for (const text of [
        character.repeat(mebibyte),
        `a.b/${character.repeat(mebibyte)}!`,
        `a${character}`.repeat(mebibyte),
      ]) {
        parseNormalizedNamed(text);
        isReferenceDomain(text);
        isReferenceName(text);
        startsWithReferenceDomain(text);
      }
    });
  }
});
