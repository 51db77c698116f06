/**
 * Keyrings and messages that tell go-crypto 1.5.2 from the other back ends, or that 1.4.1 read in another way, with the
 * verdicts of containers/image v5.42.1. `go-crypto-vectors.jsonl`: one a line, ring and message in base64, and whether each
 * back end of the reference accepted.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../../../src/crypto/openpgp/back-end.ts";
import { loadKeyring } from "../../../src/crypto/openpgp/keyring.ts";
import type { MessageVerdict } from "../../../src/crypto/openpgp/message.ts";
import { untrustedMessageInfo, verifyMessage } from "../../../src/crypto/openpgp/message.ts";
import { untrusted } from "../../../src/result.ts";

interface Vector {
  readonly name: string;
  readonly ring: string;
  readonly message: string;
  readonly goCrypto: boolean;
  readonly gnupg: boolean;
  readonly sequoia: boolean;
}

const vectors = readFileSync(new URL("go-crypto-vectors.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line): Vector => JSON.parse(line));

const nowSeconds = Date.UTC(2026, 10, 26) / 1000;

async function ask(
  { ring, message }: Vector,
  backEnds: readonly OpenPgpBackEnd[],
): Promise<MessageVerdict | undefined> {
  const keyring = await loadKeyring([Buffer.from(ring, "base64")], backEnds);
  if (!keyring.ok) return undefined;
  return verifyMessage({ message: untrusted(Buffer.from(message, "base64")), keyring: keyring.value, nowSeconds });
}

async function accepts(vector: Vector, backEnds: readonly OpenPgpBackEnd[]): Promise<boolean> {
  return (await ask(vector, backEnds))?.ok ?? false;
}

describe("go-crypto", () => {
  for (const vector of vectors) {
    test(vector.name, async () => assert.equal(await accepts(vector, ["go"]), vector.goCrypto));
  }

  for (const vector of vectors) {
    test(`${vector.name}, by Sequoia`, async () => assert.equal(await accepts(vector, ["sequoia"]), vector.sequoia));
  }

  for (const vector of vectors) {
    test(`${vector.name}, by all`, async () => {
      const { goCrypto, gnupg, sequoia } = vector;
      // What GnuPG makes of some of them is not here to be decided; that nobody is overruled is.
      if (await accepts(vector, openPgpBackEnds)) assert.ok(goCrypto && gnupg && sequoia);
    });
  }
});

function vector(name: string): Vector {
  const found = vectors.find((candidate) => candidate.name === name);
  assert.ok(found, name);
  return found;
}

describe("the facts", () => {
  for (const [name, fingerprintDigits] of [
    ["key ed25519", 40],
    ["key ed448v6", 64],
    ["nested, the inner one known", 40],
  ] as const) {
    test(`of ${name}`, async () => {
      const verified = await ask(vector(name), ["go"]);
      assert.ok(verified?.ok);
      const { primaryFingerprint, signingFingerprint, userId, signedAtSeconds } = verified.value;
      assert.match(primaryFingerprint, new RegExp(`^[0-9A-F]{${fingerprintDigits}}$`));
      assert.equal(signingFingerprint, primaryFingerprint);
      assert.match(userId ?? "", /^\w+ <\w+@example\.com>$/);
      assert.equal(signedAtSeconds, 1700000500);
    });
  }

  test("of a message whose last signature counts", async () => {
    const verified = await ask(vector("a second signature over the trailer of the first"), ["go"]);
    assert.ok(verified?.ok);
    assert.equal(verified.value.signedAtSeconds, 1700000600);
  });
});

test("a message claims the key of its last one-pass packet, for whatever type of signature", () => {
  const octets = Buffer.from(vector("nested, the inner one known").message, "base64");
  const typeOfLastOnePass = octets.indexOf(Buffer.of(0xc4, 13, 3, 0, 8), 2) + 3;
  octets[typeOfLastOnePass] = 0x10;
  const info = untrustedMessageInfo(untrusted(octets));
  assert.equal(
    info?.untrustedKeyId,
    octets
      .subarray(typeOfLastOnePass + 3, typeOfLastOnePass + 11)
      .toString("hex")
      .toUpperCase(),
  );
});
