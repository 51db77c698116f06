import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cleanPath } from "../../src/identity/path.ts";
import { testRows } from "./rows.ts";

describe("cleanPath", () => {
  const rows: readonly { path: string; clean: string }[] = [
    { path: "", clean: "." },
    { path: ".", clean: "." },
    { path: "./", clean: "." },
    { path: "a/..", clean: "." },
    { path: "..", clean: ".." },
    { path: "../..", clean: "../.." },
    { path: "a/../..", clean: ".." },
    { path: "a/b/", clean: "a/b" },
    { path: "a//b/./c", clean: "a/b/c" },
    { path: "a/...", clean: "a/..." },
    { path: "/", clean: "/" },
    { path: "//a", clean: "/a" },
    { path: "/..", clean: "/" },
    { path: "/../../a", clean: "/a" },
    { path: "/a/../../b", clean: "/b" },
  ];
  testRows(
    rows,
    (row) => row.path,
    ({ path, clean }) => assert.equal(cleanPath(path), clean),
  );

  test("what is clean stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ".", "..", "/") }), (path) => {
        const clean = cleanPath(path);
        assert.equal(cleanPath(clean), clean);
        assert.equal(clean.startsWith("/"), path.startsWith("/"));
      }),
    );
  });
});
