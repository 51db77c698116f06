import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { referenceText } from "../../src/identity/docker-reference.ts";
import { type Identity, parseIdentity } from "../../src/identity/identity.ts";
import { testRows } from "./rows.ts";
import { forbiddenPaths, hex64, hex96, hex128, imaginaryPaths } from "./samples.ts";

function parsed(text: string): Identity {
  const identity = parseIdentity(text, imaginaryPaths);
  assert.ok(identity.ok, JSON.stringify(identity));
  return identity.value;
}

interface AcceptedRow {
  readonly text: string;
  /** What follows the transport's name in the normalized form; as written if it is the same. */
  readonly normalized?: string;
  readonly docker: string | undefined;
  readonly policyIdentity: string;
  readonly why: string;
}

describe("parseIdentity accepts", () => {
  const store = "[overlay@/var/lib/containers/storage]";
  const fullStore = "[overlay@/var/lib/containers/storage+/run/containers/storage]";
  const rows: readonly AcceptedRow[] = [
    ...[
      { text: "docker://a.b/x:t", full: "a.b/x:t", why: "a tag" },
      { text: "docker://a.b/x", full: "a.b/x:latest", why: "no tag means latest" },
      { text: "docker://busybox", full: "docker.io/library/busybox:latest", why: "a short name" },
      { text: `docker://a.b/x@sha256:${hex64}`, full: `a.b/x@sha256:${hex64}`, why: "a digest, no tag added" },
      { text: `docker://a.b/x@sha384:${hex96}`, full: `a.b/x@sha384:${hex96}`, why: "parses, though it never matches" },
      {
        text: `docker://a.b/x@sha512:${hex128}`,
        full: `a.b/x@sha512:${hex128}`,
        why: "parses, though it never matches",
      },
      { text: "docker://Index.docker.io/x:t", full: "Index.docker.io/x:t", why: "another host than docker.io" },
      { text: "docker://DOCKER.IO/x:t", full: "DOCKER.IO/x:t", why: "another host than docker.io" },
      { text: "docker://ho_st.com/x:t", full: "ho_st.com/x:t", why: "hosts may have an underscore" },
      { text: "docker://host:99999/x:t", full: "host:99999/x:t", why: "ports have no range" },
      { text: `docker://${hex64}:t`, full: `docker.io/library/${hex64}:t`, why: "64 hex digits with a tag" },
      { text: "docker://oci:5000/x:t", full: "oci:5000/x:t", why: "a host named as a transport" },
    ].map(({ text, full, why }) => ({ text, normalized: `docker://${full}`, docker: full, policyIdentity: full, why })),
    {
      text: "docker://a.b/x@@unknown-digest@@",
      docker: "a.b/x",
      policyIdentity: "a.b/x",
      why: "neither tag nor digest, and the scope is the bare name",
    },
    { text: "atomic:a.b/x/y:t", docker: "a.b/x/y:t", policyIdentity: "a.b/x/y:t", why: "namespace and stream" },
    {
      text: "atomic:x/y:t",
      normalized: "atomic:docker.io/x/y:t",
      docker: "docker.io/x/y:t",
      policyIdentity: "docker.io/x/y:t",
      why: "the host is implied",
    },
    {
      text: "atomic:ho_st/y:t",
      normalized: "atomic:docker.io/ho_st/y:t",
      docker: "docker.io/ho_st/y:t",
      policyIdentity: "docker.io/ho_st/y:t",
      why: "no host without a dot",
    },
    {
      text: "atomic:ho_st.com/y:t",
      docker: "ho_st.com/y:t",
      policyIdentity: "ho_st.com/y:t",
      why: "a host with an underscore counts as the namespace",
    },
    { text: "docker-daemon:a.b/x:t", docker: "a.b/x:t", policyIdentity: "a.b/x:t", why: "a name" },
    {
      text: `docker-daemon:a.b/x@sha256:${hex64}`,
      docker: `a.b/x@sha256:${hex64}`,
      policyIdentity: `a.b/x@sha256:${hex64}`,
      why: "a name with a digest",
    },
    { text: `docker-daemon:sha256:${hex64}`, docker: undefined, policyIdentity: "", why: "an image ID has no name" },
    { text: "docker-archive:/a.tar", docker: undefined, policyIdentity: "", why: "the only image" },
    {
      text: "docker-archive:/a.tar:busybox",
      normalized: "docker-archive:/a.tar:docker.io/library/busybox:latest",
      docker: "docker.io/library/busybox:latest",
      policyIdentity: "",
      why: "a name, but no scope",
    },
    {
      text: "docker-archive::@+07",
      normalized: "docker-archive::@7",
      docker: undefined,
      policyIdentity: "",
      why: "an index",
    },
    {
      text: "docker-archive:a:@9223372036854775807",
      docker: undefined,
      policyIdentity: "",
      why: "the largest index",
    },
    {
      text: "docker-archive:a:@-0",
      normalized: "docker-archive:a:@0",
      docker: undefined,
      policyIdentity: "",
      why: "minus 0 is 0",
    },
    { text: "dir:/a/./b//c/", docker: undefined, policyIdentity: "/a/b/c", why: "the scope is the resolved path" },
    { text: "dir:a:b", docker: undefined, policyIdentity: "/here/a:b", why: "colons are fine" },
    { text: "dir:", docker: undefined, policyIdentity: "/here", why: "the working directory" },
    { text: "dir:/", docker: undefined, policyIdentity: "/", why: "the root" },
    { text: "sif:/a/b.sif", docker: undefined, policyIdentity: "/a/b.sif", why: "a path" },
    { text: "oci:/a", normalized: "oci:/a:", docker: undefined, policyIdentity: "/a", why: "the only image" },
    { text: "oci:/a:n/m:1--2@3+4_5", docker: undefined, policyIdentity: "/a", why: "all separators of image names" },
    { text: "oci:/a:@007", normalized: "oci:/a:@7", docker: undefined, policyIdentity: "/a", why: "an index" },
    { text: "oci-archive:/a.tar:x", docker: undefined, policyIdentity: "/a.tar", why: "an image name" },
    { text: "tarball:/a:-:/b", docker: undefined, policyIdentity: "", why: "several files, and the standard input" },
    {
      text: "containers-storage:busybox",
      normalized: `containers-storage:${fullStore}docker.io/library/busybox:latest`,
      docker: "docker.io/library/busybox:latest",
      policyIdentity: `${store}docker.io/library/busybox:latest`,
      why: "the store of root",
    },
    {
      text: "containers-storage:[+]x:1",
      normalized: `containers-storage:${fullStore}docker.io/library/x:1`,
      docker: "docker.io/library/x:1",
      policyIdentity: `${store}docker.io/library/x:1`,
      why: "a store that says nothing is the default",
    },
    {
      text: `containers-storage:[overlay2@/s/../t//+/r/:a=b,c=]x:t@sha256:${hex64}@${hex64}`,
      normalized: `containers-storage:[overlay@/t+/r:a=b,c=]docker.io/library/x:t@sha256:${hex64}@${hex64}`,
      docker: `docker.io/library/x:t@sha256:${hex64}`,
      policyIdentity: `[overlay@/t]docker.io/library/x:t@sha256:${hex64}@${hex64}`,
      why: "everything at once",
    },
    {
      text: `containers-storage:[vfs@/s]@${hex64}`,
      normalized: `containers-storage:[vfs@/s+/run/containers/storage]@${hex64}`,
      docker: undefined,
      policyIdentity: `[vfs@/s]@${hex64}`,
      why: "an ID without a name",
    },
    {
      text: "containers-storage:[/s][ignored]x",
      normalized: "containers-storage:[overlay@/s+/run/containers/storage]docker.io/library/x:latest",
      docker: "docker.io/library/x:latest",
      policyIdentity: "[overlay@/s]docker.io/library/x:latest",
      why: "a second store is skipped",
    },
    {
      text: "containers-storage:[overlay@+/r]x",
      normalized: "containers-storage:[overlay@/var/lib/containers/storage+/r]docker.io/library/x:latest",
      docker: "docker.io/library/x:latest",
      policyIdentity: `${store}docker.io/library/x:latest`,
      why: "only the run root is given",
    },
  ];
  testRows(
    rows,
    (row) => row.text,
    (row) => {
      const identity = parsed(row.text);
      assert.equal(identity.text, row.normalized ?? row.text);
      assert.equal(identity.dockerReference && referenceText(identity.dockerReference), row.docker);
      assert.equal(identity.policyIdentity, row.policyIdentity);
      assert.deepEqual(parsed(identity.text), identity, "the normalized form parses to the same identity");
    },
  );
});

describe("parseIdentity reads as docker://", () => {
  const rows: readonly { text: string; expected: string; why: string }[] = [
    { text: "a.b/vendor/app:1.0", expected: "a.b/vendor/app:1.0", why: "a slash before the colon" },
    { text: "a.b/vendor/app", expected: "a.b/vendor/app:latest", why: "no colon" },
    { text: "busybox", expected: "docker.io/library/busybox:latest", why: "no colon" },
    { text: "dir", expected: "docker.io/library/dir:latest", why: "no colon, so no transport" },
    { text: "dir/x:t", expected: "docker.io/dir/x:t", why: "dir/x is no transport" },
    {
      text: `busybox@sha256:${hex64}`,
      expected: `docker.io/library/busybox@sha256:${hex64}`,
      why: "an @ before the colon",
    },
    { text: "a.b:5000/x", expected: "a.b:5000/x:latest", why: "a dot before the colon" },
    { text: "localhost:5000/x:t", expected: "localhost:5000/x:t", why: "a port" },
    { text: "a.b/x@@unknown-digest@@", expected: "a.b/x@@unknown-digest@@", why: "the docker transport's own suffix" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, expected }) => {
      const identity = parseIdentity(text, forbiddenPaths);
      assert.ok(identity.ok);
      assert.equal(identity.value.transport, "docker");
      assert.equal(identity.value.text, `docker://${expected}`);
    },
  );
});

interface RefusedRow {
  readonly text: string;
  readonly code: string;
  /** For `identity.reference.invalid`. */
  readonly flaw?: string;
  readonly why: string;
}

describe("parseIdentity refuses", () => {
  const unknown = "identity.transport.unknown";
  const invalid = "identity.reference.invalid";
  const unresolvable = "identity.path.unresolvable";
  const rows: readonly RefusedRow[] = [
    { text: "", code: "identity.empty", why: "empty" },
    { text: "nosuchtransport:foo", code: unknown, why: "no transport" },
    { text: "busybox:1.36", code: unknown, why: "could be a transport; skopeo refuses it" },
    { text: "Docker://busybox", code: unknown, why: "names of transports are lower-case" },
    { text: "DIR:/a", code: unknown, why: "names of transports are lower-case" },
    { text: " docker://busybox", code: unknown, why: "no blanks" },
    { text: "http://busybox", code: unknown, why: "a scheme is no transport" },
    { text: ":busybox", code: unknown, why: "an empty transport" },
    { text: ":5000/x", code: unknown, why: "a port without a host" },
    { text: "localhost:5000", code: unknown, why: "no path behind the number" },
    { text: "__proto__:x", code: unknown, why: "names come from a map, not an object" },
    { text: "constructor:x", code: unknown, why: "names come from a map, not an object" },
    { text: "a.b://x", code: invalid, flaw: "domain", why: "bare, but no reference" },
    { text: "docker:a.b/x:1", code: invalid, flaw: "slashes-missing", why: "no //" },
    { text: "docker:", code: invalid, flaw: "slashes-missing", why: "nothing" },
    { text: "docker:///x", code: invalid, flaw: "component", why: "an empty host" },
    { text: "docker://", code: invalid, flaw: "empty", why: "nothing behind //" },
    { text: "docker://@@unknown-digest@@", code: invalid, flaw: "empty", why: "nothing before the suffix" },
    { text: `docker://${hex64}`, code: invalid, flaw: "identifier", why: "an image ID" },
    { text: "docker://LOCALHOST/x", code: invalid, flaw: "upper-case", why: "only localhost is a host without a dot" },
    { text: "docker://Registry/x", code: invalid, flaw: "upper-case", why: "no host without a dot" },
    { text: "docker://a.b/Vendor/App:1.0", code: invalid, flaw: "upper-case", why: "upper case" },
    { text: "docker://[::1]/x", code: invalid, flaw: "domain", why: "IPv6 hosts are not in the grammar" },
    { text: "docker://[::1]:5000/x", code: invalid, flaw: "domain", why: "nor with a port" },
    { text: `docker://a.b/x:t@sha256:${hex64}`, code: invalid, flaw: "tag-and-digest", why: "a tag and a digest" },
    { text: `docker://a.b/x@sha1:${hex64.slice(24)}`, code: invalid, flaw: "digest-algorithm", why: "SHA-1" },
    { text: `docker://a.b/x@md5:${hex64.slice(32)}`, code: invalid, flaw: "digest-algorithm", why: "MD5" },
    { text: `docker://a.b/x@sha256:${hex64.toUpperCase()}`, code: invalid, flaw: "digest", why: "upper-case hex" },
    { text: "docker://a.b/x@sha256:1234", code: invalid, flaw: "digest", why: "too short" },
    { text: "docker://a.b/x:1.0:2", code: invalid, flaw: "tag-character", why: "two tags" },
    {
      text: "docker://a.b/x:t@@unknown-digest@@",
      code: invalid,
      flaw: "unknown-digest-with-tag-or-digest",
      why: "a tag",
    },
    {
      text: `docker://a.b/x@sha256:${hex64}@@unknown-digest@@`,
      code: invalid,
      flaw: "unknown-digest-with-tag-or-digest",
      why: "a digest",
    },
    { text: "atomic:a.b/x/y", code: invalid, flaw: "tag-missing", why: "no default tag" },
    { text: `atomic:a.b/x/y@sha256:${hex64}`, code: invalid, flaw: "tag-missing", why: "a digest is no tag" },
    { text: "atomic:a.b/x:t", code: invalid, flaw: "openshift-shape", why: "no stream" },
    { text: "atomic:a.b/x/y/z:t", code: invalid, flaw: "openshift-shape", why: "too deep" },
    { text: "atomic:ho_st.com/x/y:t", code: invalid, flaw: "openshift-shape", why: "such a host counts as a part" },
    { text: `atomic:a.b/x/y:t@sha256:${hex64}`, code: invalid, flaw: "tag-and-digest", why: "the reference panics" },
    { text: "atomic:", code: invalid, flaw: "empty", why: "nothing" },
    { text: "docker-daemon:a.b/x", code: invalid, flaw: "tag-missing", why: "no default tag" },
    { text: `docker-daemon:a.b/x:t@sha256:${hex64}`, code: invalid, flaw: "tag-and-digest", why: "a tag and a digest" },
    { text: "docker-daemon:sha256:abc", code: invalid, flaw: "repository-reserved", why: "a short ID" },
    { text: `docker-daemon:sha512:${hex128}`, code: invalid, flaw: "digest-algorithm-unsupported", why: "no such IDs" },
    { text: `docker-daemon:${hex64}`, code: invalid, flaw: "identifier", why: "no algorithm" },
    { text: "docker-archive:", code: invalid, flaw: "empty", why: "nothing" },
    { text: "docker-archive:/a:", code: invalid, flaw: "empty", why: "an empty name" },
    { text: "docker-archive:/a:X", code: invalid, flaw: "upper-case", why: "an invalid name" },
    { text: `docker-archive:/a:x@sha256:${hex64}`, code: invalid, flaw: "digest-unsupported", why: "a digest" },
    {
      text: `docker-archive:/a:x:t@sha256:${hex64}`,
      code: invalid,
      flaw: "digest-unsupported",
      why: "a tag and a digest",
    },
    ...["", "x", "-1", "+", "1_0", "0x1", " 1", "1.0", "9223372036854775808", "-9223372036854775808"].flatMap(
      (index) => [
        { text: `docker-archive:/a:@${index}`, code: invalid, flaw: "source-index", why: "not a number from 0 on" },
        { text: `oci:/a:@${index}`, code: invalid, flaw: "source-index", why: "not a number from 0 on" },
      ],
    ),
    ...["-a", "a-", "a---b", "a-_b", "a//b", "a b", "é", ":", "/"].map((name) => ({
      text: `oci:/a:${name}`,
      code: invalid,
      flaw: "image-name",
      why: "not an image name",
    })),
    { text: "oci-archive:/a:@0", code: invalid, flaw: "image-name", why: "archives have no index" },
    { text: "dir:/missing/x", code: unresolvable, why: "the parent must exist" },
    { text: "sif:/missing/x", code: unresolvable, why: "the parent must exist" },
    { text: "oci:/missing/x:i", code: unresolvable, why: "the parent must exist" },
    { text: "oci-archive:/missing/x", code: unresolvable, why: "the parent must exist" },
    { text: "tarball:/missing", code: unresolvable, why: "the file must exist" },
    { text: "tarball:/a:/missing", code: unresolvable, why: "all files must exist" },
    { text: "tarball:", code: unresolvable, why: "no file" },
    { text: "ostree:x", code: invalid, flaw: "transport-removed", why: "the reference only has the name" },
    { text: "containers-storage:", code: invalid, flaw: "empty", why: "nothing" },
    { text: "containers-storage:[/s]", code: invalid, flaw: "empty", why: "nothing but a store" },
    { text: "containers-storage:[/s", code: invalid, flaw: "store-unclosed", why: "no ]" },
    { text: "containers-storage:[/s][x", code: invalid, flaw: "store-unclosed", why: "no second ]" },
    { text: "containers-storage:[]x", code: invalid, flaw: "store-empty", why: "an empty store" },
    { text: "containers-storage:[vfs@]x", code: invalid, flaw: "store-empty", why: "only a driver" },
    { text: "containers-storage:[vfs@+]x", code: invalid, flaw: "store-empty", why: "only a driver" },
    { text: "containers-storage:[@/s]x", code: invalid, flaw: "store-empty", why: "no driver before the @" },
    { text: "containers-storage:[:a=b]x", code: invalid, flaw: "store-empty", why: "only options" },
    { text: "containers-storage:[s]x", code: invalid, flaw: "store-relative", why: "a relative graph root" },
    { text: "containers-storage:[/s+r]x", code: invalid, flaw: "store-relative", why: "a relative run root" },
    { text: "containers-storage:[aufs@/s]x", code: invalid, flaw: "store-driver", why: "no such driver any more" },
    { text: "containers-storage:[vfs@/s:]x", code: invalid, flaw: "store-option", why: "an empty option" },
    { text: "containers-storage:[vfs@/s:a=b,c]x", code: invalid, flaw: "store-option", why: "an option without value" },
    { text: "containers-storage:x@", code: invalid, flaw: "image-id", why: "an empty ID" },
    { text: "containers-storage:x@abcdef", code: invalid, flaw: "image-id", why: "an abbreviated ID" },
    { text: `containers-storage:x@${hex64.toUpperCase()}`, code: invalid, flaw: "image-id", why: "upper-case hex" },
    { text: `containers-storage:${hex64}`, code: invalid, flaw: "identifier", why: "an ID needs an @" },
    { text: `containers-storage:@sha256:${hex64}`, code: invalid, flaw: "component", why: "a digest needs a name" },
    { text: "containers-storage:X", code: invalid, flaw: "upper-case", why: "an invalid name" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, code, flaw }) => {
      const identity = parseIdentity(text, imaginaryPaths);
      assert.ok(!identity.ok);
      assert.equal(identity.problem.code, code);
      assert.equal(identity.problem.code === invalid ? identity.problem.flaw.flaw : undefined, flaw);
    },
  );

  test("an unknown transport is told with the known ones", () => {
    assert.deepEqual(parseIdentity("nosuchtransport:foo", forbiddenPaths), {
      ok: false,
      problem: {
        code: unknown,
        transport: "nosuchtransport",
        text: "nosuchtransport:foo",
        known: [
          "atomic",
          "containers-storage",
          "dir",
          "docker",
          "docker-archive",
          "docker-daemon",
          "oci",
          "oci-archive",
          "ostree",
          "sif",
          "tarball",
        ],
      },
    });
  });
});

describe("identities in general", () => {
  test("names are parsed without a look at the file system", () => {
    const texts = [
      "docker://x",
      "atomic:x/y:t",
      "docker-daemon:x:t",
      "docker-archive:/a:x",
      "containers-storage:x",
      "ostree:x",
    ];
    for (const text of texts) parseIdentity(text, forbiddenPaths);
  });

  const unit = fc.constantFrom(
    ..."aA0.-_:/@[]+%* \u0000é",
    "//",
    "@@unknown-digest@@",
    `sha256:${hex64}`,
    hex64,
    "/missing/",
  );
  const transport = fc.constantFrom(
    "",
    "docker://",
    "atomic:",
    "containers-storage:",
    "containers-storage:[vfs@/s]",
    "dir:",
    "docker-archive:",
    "docker-daemon:",
    "oci:",
    "oci-archive:",
    "ostree:",
    "sif:",
    "tarball:",
  );
  test("parsing never throws, and what it accepts parses to itself again", () => {
    fc.assert(
      fc.property(transport, fc.string({ unit, maxLength: 20 }), (prefix, rest) => {
        const identity = parseIdentity(prefix + rest, imaginaryPaths);
        if (identity.ok) assert.deepEqual(parseIdentity(identity.value.text, imaginaryPaths), identity);
      }),
      { numRuns: 5000 },
    );
  });

  for (const character of ["a", "-", "/", ":", "@", "0", "[", "1"]) {
    test(`a mebibyte of ${character} takes linear time`, { timeout: 20_000 }, () => {
      const long = character.repeat(2 ** 20);
      for (const prefix of [
        "",
        "docker://",
        "atomic:",
        "containers-storage:",
        "containers-storage:[/s",
        "docker-archive:/a:@",
        "docker-daemon:",
        "oci:/missing/x:a",
        "oci:/a:@",
        "tarball:/missing",
      ]) {
        parseIdentity(prefix + long, imaginaryPaths);
      }
    });
  }
});
