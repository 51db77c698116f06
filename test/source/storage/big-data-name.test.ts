import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileNameOf } from "../../../src/source/storage/big-data-name.ts";

describe("fileNameOf", () => {
  const rows: readonly { name: string; file: string | undefined }[] = [
    { name: "manifest", file: "manifest" },
    { name: "0.9.z", file: "0.9.z" },
    { name: "...", file: "..." },
    { name: "sha256:0", file: "=c2hhMjU2OjA=" },
    { name: "signature-0", file: "=c2lnbmF0dXJlLTA=" },
    { name: "Manifest", file: "=TWFuaWZlc3Q=" },
    { name: "é", file: "=w6k=" },
    { name: "a/b", file: "=YS9i" },
    { name: "../..", file: "=Li4vLi4=" },
    { name: "aa?", file: undefined },
    { name: "", file: undefined },
    { name: ".", file: undefined },
    { name: "..", file: undefined },
  ];
  for (const { name, file } of rows) it(JSON.stringify(name), () => assert.equal(fileNameOf(name), file));
});
