import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSource } from "../../src/source/source-name.ts";

describe("parseSource", () => {
  const rows: readonly { source: string; expected: string; why: string }[] = [
    { source: "./download", expected: "./download", why: "a path" },
    { source: "dir:/var/x", expected: "/var/x", why: "with its transport" },
    { source: "dir:///var/x", expected: "///var/x", why: "slashes are the path's" },
    { source: "dir:docker://x", expected: "docker://x", why: "dir: always means a path" },
    { source: "a:b", expected: "a:b", why: "a is no transport, so this is a path" },
    { source: "./oci:x", expected: "./oci:x", why: "what precedes the colon is not the name of a transport" },
    { source: "DIR:x", expected: "DIR:x", why: "letter case" },
    { source: "dir", expected: "dir", why: "without a colon" },
    { source: "-", expected: "-", why: "a name like any other" },
    {
      source: "docker://registry.example.com/x",
      expected: "usage.source.registry",
      why: "may change after it was verified",
    },
    { source: "docker:x", expected: "usage.source.registry", why: "also if it is misspelt" },
    { source: "oci:x", expected: "usage.source.unsupported", why: "another transport" },
    { source: "oci-archive:x.tar", expected: "usage.source.unsupported", why: "another transport" },
    { source: "containers-storage:x", expected: "usage.source.unsupported", why: "another transport" },
    { source: "docker-daemon:x:1", expected: "usage.source.unsupported", why: "another transport" },
  ];
  for (const { source, expected, why } of rows) {
    it(`${source}: ${why}`, () => {
      const path = parseSource(source);
      assert.equal(path.ok ? path.value : path.problem.code, expected);
    });
  }
});
