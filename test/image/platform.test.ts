import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePlatform, platformText, wantedPlatforms } from "../../src/image/platform.ts";

describe("parsePlatform", () => {
  const rows: readonly (readonly [text: string, platform: string | undefined])[] = [
    ["linux/amd64", "linux/amd64"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["Linux/ARM64/V8", "linux/arm64/v8"],
    ["linux/x86_64", "linux/amd64"],
    ["linux/x86-64", "linux/amd64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/i386", "linux/386"],
    ["macos/arm64", "darwin/arm64"],
    ["wasi/wasm", "wasi/wasm"],
    ["", undefined],
    ["linux", undefined],
    ["amd64", undefined],
    ["/", undefined],
    ["linux/", undefined],
    ["/amd64", undefined],
    ["linux/amd64/", undefined],
    ["linux/arm/v7/x", undefined],
    ["linux/arm/v7/x/y", undefined],
    [" linux/amd64", undefined],
    ["linux/amd64\n", undefined],
    ["linux/amd64,linux/arm64", undefined],
    ["linux(10.0)/amd64", undefined],
    ["linux/\u212a", undefined],
  ];
  for (const [text, expected] of rows) {
    it(JSON.stringify(text), () => {
      const platform = parsePlatform(text);
      assert.equal(platform && platformText(platform), expected);
    });
  }
});

describe("wantedPlatforms: the best first", () => {
  const rows: readonly (readonly [wanted: string, variants: readonly string[]])[] = [
    ["linux/amd64", [""]],
    ["linux/amd64/v2", ["v2", ""]],
    ["linux/arm", ["", "v8", "v7", "v6", "v5"]],
    ["linux/arm/v8", ["v8", "v7", "v6", "v5", ""]],
    ["linux/arm/v6", ["v6", "v5", ""]],
    ["linux/arm/v5", ["v5", ""]],
    ["linux/arm/v4", ["v4", ""]],
    ["linux/arm64", ["", "v8"]],
    ["linux/arm64/v8", ["v8", ""]],
    ["linux/arm64/v9", ["v9", ""]],
  ];
  for (const [wanted, variants] of rows) {
    it(wanted, () => {
      const platform = parsePlatform(wanted);
      assert.ok(platform !== undefined);
      assert.deepEqual(
        wantedPlatforms(platform),
        variants.map((variant) => ({ ...platform, variant })),
      );
    });
  }
});
