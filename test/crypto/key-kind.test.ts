import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyKindOf } from "../../src/crypto/key-kind.ts";
import { keyFiles } from "../support/key-files.ts";

describe("keyKindOf tells", () => {
  for (const { name, kind, bytes } of keyFiles) it(`${kind}: ${name}`, () => assert.equal(keyKindOf(bytes), kind));

  it("something of any octets", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => typeof keyKindOf(octets) === "string"));
    for (const { bytes } of keyFiles) {
      fc.assert(
        fc.property(fc.nat(bytes.length), fc.nat(255), (at, octet) => {
          const changed = Buffer.from(bytes);
          changed[at] = octet;
          return typeof keyKindOf(changed) === "string" && typeof keyKindOf(changed.subarray(0, at)) === "string";
        }),
        { numRuns: 20 },
      );
    }
  });

  const floods = ["-", "-----BEGIN ", "A", " ", "A ", "x ssh-rsa ", "a: b\n", "\n", "\u0000", "<", "[", "\u00990"];
  for (const piece of [...floods, `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${"a: b\n".repeat(9)}`]) {
    it(`a flood of ${JSON.stringify(piece.slice(0, 20))} in bounded time`, () => {
      const octets = Buffer.from(`${piece.repeat(Math.ceil(2_000_000 / piece.length))}!`, "latin1");
      const started = performance.now();
      keyKindOf(octets);
      assert.ok(performance.now() - started < 1000);
    });
  }
});
