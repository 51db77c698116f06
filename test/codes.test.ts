import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { codes } from "../src/codes.ts";

/** Tests that make verdicts: those of words and documents put codes together by hand. */
const texts = globSync("test/**/*.test.ts")
  .filter((path) => !path.startsWith("test/words/") && path !== "test/codes.test.ts")
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

describe("every published code is made by a test", () => {
  for (const code of Object.keys(codes)) {
    it(code, () => assert.match(texts, new RegExp(`(?<![a-z.-])${code.replaceAll(".", "[.]")}(?![a-z.-])`)));
  }
});
