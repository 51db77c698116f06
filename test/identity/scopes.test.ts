import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseIdentity } from "../../src/identity/identity.ts";
import { candidateScopes } from "../../src/identity/scopes.ts";
import type { ScopeFlaw } from "../../src/identity/transport.ts";
import { transportNamed, transportNames } from "../../src/identity/transports.ts";
import { testRows } from "./rows.ts";
import { hex64, hex128, imaginaryPaths } from "./samples.ts";

describe("scopes to look up for", () => {
  const rows: readonly { text: string; scopes: readonly string[] }[] = [
    {
      text: "docker://a.b.example.com/x/y:t",
      scopes: [
        "a.b.example.com/x/y:t",
        "a.b.example.com/x/y",
        "a.b.example.com/x",
        "a.b.example.com",
        "*.b.example.com",
        "*.example.com",
        "*.com",
        "",
      ],
    },
    {
      text: "docker://a.example.com:5000/x:t",
      scopes: ["a.example.com:5000/x:t", "a.example.com:5000/x", "a.example.com:5000", "*.example.com", "*.com", ""],
    },
    {
      text: `docker://busybox@sha256:${hex64}`,
      scopes: [
        `docker.io/library/busybox@sha256:${hex64}`,
        "docker.io/library/busybox",
        "docker.io/library",
        "docker.io",
        "*.io",
        "",
      ],
    },
    { text: "docker://localhost/x", scopes: ["localhost/x:latest", "localhost/x", "localhost", ""] },
    {
      text: "docker://localhost:5000/x",
      scopes: ["localhost:5000/x:latest", "localhost:5000/x", "localhost:5000", ""],
    },
    {
      text: "docker://127.0.0.1/x",
      scopes: ["127.0.0.1/x:latest", "127.0.0.1/x", "127.0.0.1", "*.0.0.1", "*.0.1", "*.1", ""],
    },
    { text: "docker://ho_st.com/x:t", scopes: ["ho_st.com/x:t", "ho_st.com/x", "ho_st.com", "*.com", ""] },
    { text: "docker://a.b/x@@unknown-digest@@", scopes: ["a.b/x", "a.b", "*.b", ""] },
    { text: "atomic:a.b/x/y:t", scopes: ["a.b/x/y:t", "a.b/x/y", "a.b/x", "a.b", "*.b", ""] },
    { text: "docker-daemon:a.b/x:t", scopes: ["a.b/x:t", "a.b/x", "a.b", "*.b", ""] },
    { text: `docker-daemon:sha256:${hex64}`, scopes: [""] },
    { text: "docker-archive:/a:x", scopes: [""] },
    { text: "tarball:/a", scopes: [""] },
    { text: "dir:/a/b/c", scopes: ["/a/b/c", "/a/b", "/a", ""] },
    { text: "dir:/", scopes: ["/", ""] },
    { text: "sif:/a/b.sif", scopes: ["/a/b.sif", "/a", ""] },
    { text: "oci:/a/b:image", scopes: ["/a/b", "/a", ""] },
    { text: "oci-archive:/a/b.tar:image", scopes: ["/a/b.tar", "/a", ""] },
    {
      text: `containers-storage:[vfs@/s]a.b/x:t@sha256:${hex64}@${hex64}`,
      scopes: [
        `[vfs@/s]a.b/x:t@sha256:${hex64}@${hex64}`,
        `[vfs@/s]a.b/x:t@sha256:${hex64}`,
        "[vfs@/s]a.b/x:t",
        "[vfs@/s]a.b/x",
        "[vfs@/s]a.b",
        "[vfs@/s]",
        "[/s]",
        "",
      ],
    },
    {
      text: "containers-storage:[vfs@/s]a.b:80/x:t",
      scopes: ["[vfs@/s]a.b:80/x:t", "[vfs@/s]a.b:80/x", "[vfs@/s]a.b:80", "[vfs@/s]", "[/s]", ""],
    },
    { text: `containers-storage:[vfs@/s]@${hex64}`, scopes: [`[vfs@/s]@${hex64}`, "[vfs@/s]", "[/s]", ""] },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, scopes }) => {
      const identity = parseIdentity(text, imaginaryPaths);
      assert.ok(identity.ok);
      assert.deepEqual(candidateScopes(identity.value), scopes);
    },
  );
});

describe("a scope in policy.json for", () => {
  const pathRows: readonly { scope: string; flaw: ScopeFlaw | undefined }[] = [
    { scope: "/a", flaw: undefined },
    { scope: "/a/b.c:d", flaw: undefined },
    { scope: "/...", flaw: undefined },
    { scope: "a", flaw: { flaw: "path-relative" } },
    { scope: "*.example.com", flaw: { flaw: "path-relative" } },
    { scope: "/", flaw: { flaw: "path-root" } },
    { scope: "//", flaw: { flaw: "path-unclean", clean: "/" } },
    { scope: "/a/", flaw: { flaw: "path-unclean", clean: "/a" } },
    { scope: "/a//b", flaw: { flaw: "path-unclean", clean: "/a/b" } },
    { scope: "/a/./b", flaw: { flaw: "path-unclean", clean: "/a/b" } },
    { scope: "/a/../b", flaw: { flaw: "path-unclean", clean: "/b" } },
    { scope: "/..", flaw: { flaw: "path-unclean", clean: "/" } },
  ];
  const shape: ScopeFlaw = { flaw: "openshift-shape" };
  const notIds = (text: string): ScopeFlaw => ({ flaw: "digest-or-id", text });
  const rows: readonly { transport: string; scope: string; flaw: ScopeFlaw | undefined }[] = [
    ...["dir", "oci", "oci-archive", "sif"].flatMap((transport) => pathRows.map((row) => ({ transport, ...row }))),
    ...["docker", "ostree"].flatMap((transport) =>
      ["a.b/x:t", "/a/../b", "[", "\u0000", `sha256:${hex64}`].map((scope) => ({ transport, scope, flaw: undefined })),
    ),
    ...["docker-archive", "tarball"].flatMap((transport) =>
      ["a.b/x", "/a"].map((scope) => ({ transport, scope, flaw: { flaw: "scopes-unsupported" } as const })),
    ),
    { transport: "docker-daemon", scope: "a.b/x", flaw: undefined },
    { transport: "docker-daemon", scope: "sha256:abc", flaw: undefined },
    { transport: "docker-daemon", scope: `sha256:${hex64}`, flaw: { flaw: "digest-as-scope" } },
    { transport: "docker-daemon", scope: `sha512:${hex128}`, flaw: { flaw: "digest-as-scope" } },
    { transport: "atomic", scope: "h", flaw: undefined },
    { transport: "atomic", scope: "h:80:80", flaw: undefined },
    { transport: "atomic", scope: "h/n", flaw: undefined },
    { transport: "atomic", scope: "h/n/s", flaw: undefined },
    { transport: "atomic", scope: "h/n/s:t", flaw: undefined },
    { transport: "atomic", scope: "//:", flaw: undefined },
    { transport: "atomic", scope: "h/n:t", flaw: shape },
    { transport: "atomic", scope: "h/n:t/s", flaw: shape },
    { transport: "atomic", scope: "h/n/s:t:u", flaw: shape },
    { transport: "atomic", scope: "h/n/s/t", flaw: shape },
    { transport: "atomic", scope: "h/n/s/", flaw: shape },
    { transport: "containers-storage", scope: "[/s]", flaw: undefined },
    { transport: "containers-storage", scope: "[vfs@/s]", flaw: undefined },
    { transport: "containers-storage", scope: "[vfs@/s]ANY thing:", flaw: undefined },
    { transport: "containers-storage", scope: `[/s]x@${hex64}`, flaw: undefined },
    { transport: "containers-storage", scope: `[/s]x@sha512:${hex128}`, flaw: undefined },
    { transport: "containers-storage", scope: `[/s]x@sha256:${hex64}@${hex64}`, flaw: undefined },
    { transport: "containers-storage", scope: `[/s]@${hex64}`, flaw: undefined },
    { transport: "containers-storage", scope: "x", flaw: { flaw: "store-missing" } },
    { transport: "containers-storage", scope: "[/s", flaw: { flaw: "store-unclosed" } },
    { transport: "containers-storage", scope: "[]", flaw: { flaw: "store-empty" } },
    { transport: "containers-storage", scope: "[vfs@]", flaw: { flaw: "store-empty" } },
    { transport: "containers-storage", scope: "[@/s]", flaw: { flaw: "store-empty" } },
    { transport: "containers-storage", scope: "[s]", flaw: { flaw: "store-relative", path: "s" } },
    { transport: "containers-storage", scope: "[vfs@s]", flaw: { flaw: "store-relative", path: "s" } },
    { transport: "containers-storage", scope: "[/s]x@", flaw: notIds("") },
    { transport: "containers-storage", scope: "[/s]x@abc", flaw: notIds("abc") },
    { transport: "containers-storage", scope: `[/s]x@${hex64}@${hex64}`, flaw: notIds(hex64) },
    { transport: "containers-storage", scope: `[/s]x@sha256:${hex64}@x`, flaw: notIds("x") },
    { transport: "containers-storage", scope: `[/s]x@sha256:${hex64}@${hex64}@`, flaw: notIds(`${hex64}@`) },
  ];
  testRows(
    rows,
    (row) => `${row.transport}: ${row.scope}`,
    ({ transport, scope, flaw }) => assert.deepEqual(transportNamed(transport)?.validateScope(scope), flaw),
  );

  test("an unknown transport is nobody's business", () => {
    for (const name of ["nosuch", "", "Docker", "__proto__"]) assert.equal(transportNamed(name), undefined);
  });

  test("any text at all never throws", () => {
    const unit = fc.constantFrom(..."aA0.-_:/@[]*", "\u0000", hex64, `sha256:${hex64}`);
    fc.assert(
      fc.property(fc.constantFrom(...transportNames), fc.string({ unit }), (name, scope) => {
        transportNamed(name)?.validateScope(scope);
      }),
    );
  });

  test("a mebibyte of one character takes linear time", { timeout: 20_000 }, () => {
    for (const name of transportNames) {
      for (const character of ["/", "@", ":", "a", "."]) {
        for (const start of ["", "/", "[/s]"]) transportNamed(name)?.validateScope(start + character.repeat(2 ** 20));
      }
    }
  });

  test("whatever an identity is looked up under may be in a policy", () => {
    const texts = [
      "docker://a.b:80/x:t",
      "atomic:a.b/x/y:t",
      "docker-daemon:a.b/x:t",
      "dir:/a/b",
      "oci:/a/b:i",
      "sif:/a",
      "containers-storage:x",
    ];
    for (const text of texts) {
      const identity = parseIdentity(text, imaginaryPaths);
      assert.ok(identity.ok);
      const transport = transportNamed(identity.value.transport);
      for (const scope of candidateScopes(identity.value)) {
        if (scope !== "") assert.equal(transport?.validateScope(scope), undefined, scope);
      }
    }
  });
});
