/** Both ways to check a signature give the same answer; on Bun a process begins with one and goes on with the other. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, test } from "node:test";
import { bigIntOf, type CurveName, curves } from "../../src/crypto/curves.ts";
import {
  checkByNodeCrypto,
  checkByWebCrypto,
  checkForOneImage,
  verifyEcdsaNumbers,
} from "../../src/crypto/ecdsa-check.ts";
import { type EcdsaPublicKey, parsePublicKeyPem } from "../../src/crypto/public-key.ts";

const message = Buffer.from("a message");

/** A new key, and its signature of the message. */
function signedBy(curve: CurveName): { readonly key: EcdsaPublicKey; readonly r: bigint; readonly s: bigint } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: curve === "P-224" ? "secp224r1" : curve,
  });
  const key = parsePublicKeyPem(Buffer.from(publicKey.export({ type: "spki", format: "pem" })));
  assert.ok(key.ok && key.value.kind === "ecdsa");
  const halves = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const { size } = curves[curve];
  return { key: key.value, r: bigIntOf(halves.subarray(0, size)), s: bigIntOf(halves.subarray(size)) };
}

describe("node:crypto and Web Cryptography agree", () => {
  for (const curve of Object.keys(curves) as CurveName[]) {
    const { key, r, s } = signedBy(curve);
    const { order } = curves[curve];
    const rows: readonly { what: string; r: bigint; s: bigint; text?: Uint8Array; good: boolean }[] = [
      { what: "a good one", r, s, good: true },
      { what: "the other s", r, s: order - s, good: true },
      { what: "another message", r, s, text: Buffer.from("another"), good: false },
      { what: "no message", r, s, text: new Uint8Array(), good: false },
      { what: "r and s the other way round", r: s, s: r, good: false },
      { what: "small numbers, with zeros before them", r: 1n, s: 1n, good: false },
      { what: "the greatest numbers", r: order - 1n, s: order - 1n, good: false },
      { what: "another r", r: r ^ 1n, s, good: false },
      { what: "s = 0", r, s: 0n, good: false },
      { what: "s = n", r, s: order, good: false },
      { what: "r + n", r: r + order, s, good: false },
    ];
    for (const { what, good, text = message, ...numbers } of rows) {
      test(`${curve}: ${what}`, async () => {
        for (const check of [checkByNodeCrypto, ...(curve === "P-224" ? [] : [checkByWebCrypto]), checkForOneImage]) {
          assert.equal(await verifyEcdsaNumbers(key, { message: text, ...numbers }, check), good);
        }
      });
    }
  }
});

describe("the order of each curve is near to its prime, as Hasse says", () => {
  for (const [name, { prime, order }] of Object.entries(curves)) {
    test(name, () => {
      const away = order - prime - 1n;
      assert.ok(away * away <= 4n * prime);
    });
  }
});
